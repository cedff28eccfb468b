"""A weekly digest of a blog: collect > select > render > check > freeze > approve > send.

The road of a post from file to inbox is told on one page in `digest.pipeline`; the nouns are in
`digest.models`; which concrete parts are used is decided in `digest.app` and nowhere else.
"""

__version__ = "0.1.0"
