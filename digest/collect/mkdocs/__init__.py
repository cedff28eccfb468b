"""What the blog plugin of Material for MkDocs makes of its settings and posts."""
