"""TFT that teams take out: requests.py is where people ask and stop, stepping.py carries out what life.py says"""
