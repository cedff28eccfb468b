"""What was: every issue as it was sent, what became of its copies, and what was told of them later.

reading.py      what the store knows, put together for a page
plot.py         where bars and lines stand
spreadsheet.py  the copies of an issue as a file that spreadsheets open
back_desk.py    which address shows what
"""
