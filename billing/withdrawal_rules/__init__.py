"""What is right for TFT that teams take out, without a row: life.py is a withdrawal's story from top to bottom"""
