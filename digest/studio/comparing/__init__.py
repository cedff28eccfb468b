"""Two versions of an issue side by side and one over the other: words, posts, bytes, blocks and pixels.

blocks.py        which blocks of a mail differ, and in what
pairs.py         which two versions are compared
compare_desk.py  which address shows it
stored_parts.py  where the bytes of a stored mail are, told by that mail alone
"""
