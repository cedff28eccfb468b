"""The stress sheet as a contact sheet: every awkward case of a design as a small picture, with what was found in it.

making.py        the cases are rendered in the background, once for each version of the design
contact_page.py  how they are grouped and named
contact_desk.py  which address shows what
"""
