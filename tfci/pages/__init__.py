"""The site: pages for everybody, above the product, so that prices and status can be read from rows."""
