"""Zola's own rules: where content lies, what stands at the top of a page, which address it gets."""
