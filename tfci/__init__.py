"""The site: settings, addresses and processes; everything that is not the product itself."""
