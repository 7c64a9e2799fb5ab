"""What an operator has to see to about TFT that come and go: rules.py decides, current.py reads the rows for it"""
