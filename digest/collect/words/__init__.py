"""What a reader sees of a post's text: words without markup, excerpts, pictures."""
