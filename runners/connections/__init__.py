"""Connections to forges: linking.py makes and ends them, polling.py and webhook_ingest.py read them."""
