"""Every sentence that Farmhand stored before reasons became codes, as its columns held it."""
