"""Backups: the store as one archive that either database can be made from again.

shapes    which tables a revision has, and what they hold
values    how a value is written in an archive
placing   a file that is there whole or not at all; what our backups are called
manifest  what an archive says of itself
writing   rows into an archive
snapshot  the store as it is at one moment, while everybody goes on
reading   an archive that is trusted in nothing
loading   rows into a database
doubting  what issues become whose fate a restored store cannot know
restoring all of it in one transaction
"""
