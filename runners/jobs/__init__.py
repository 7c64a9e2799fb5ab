"""Jobs, from what forges report to what people see; ingest.py is where they come in."""
