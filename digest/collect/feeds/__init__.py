"""Decides what a feed says: RSS, Atom or JSON Feed, however carelessly written, over weeks of readings.

parsing.py      which format it is, and what is no feed at all
encodings.py    in which encoding it is written
cut_short.py    what of a feed is kept that breaks off
syndication.py  RSS and Atom
json_feed.py    JSON Feed
items.py        what all of them come to
dates.py        which moment a date means
links.py        which of an item's addresses is the post's
identity.py     by which name a post is known from one reading to the next
html_text.py    how HTML is handed to those who read Markdown
visit.py        how a feed is asked for, and what happens when it does not answer
history.py      which posts a feed has, had and took back
state.py        what is written down until the next reading
posts.py        how an item becomes a post
"""
