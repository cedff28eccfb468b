"""How Jekyll reads a site: settings, files, defaults, permalinks, links between posts."""
