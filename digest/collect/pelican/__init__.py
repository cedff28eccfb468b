"""What Pelican makes of its settings and posts."""
