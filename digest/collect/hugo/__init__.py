"""What Hugo makes of a site: its settings, sections and cascades, where pages stand, what shortcodes leave behind."""
