"""Hexo's own rules: what lies in `source/_posts`, when a post appeared, which address it gets, what its tags leave."""
