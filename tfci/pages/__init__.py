"""The site: pages for everybody, above all rooms, so that prices and status can be read from rows."""
