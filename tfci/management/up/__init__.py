"""The whole product on one machine: what `manage.py up` starts, watches and ends."""
