"""Decides how a person's edit of a design is tried, refused or saved, and how what stood there before is kept.

files.py    which files of `templates/` may be edited, and how one is read and replaced
trying.py   an edit on the stress sheet: in a private copy of the templates, within limits
verdict.py  which errors refuse a save: those that the edit brings, and those that break the file itself
saving.py   the one door: nobody's work is overwritten, nothing with errors is written
history.py  the texts that were replaced, the newest fifty of each file
"""

from digest.pipeline.designing.files import DesignFile, DesignText, design_files, encoded, find_file, read_text
from digest.pipeline.designing.history import Former, former_texts
from digest.pipeline.designing.saving import LONGEST, Edit, Outcome, Result, try_edit
from digest.pipeline.designing.trying import WHOLE, AbandonedError, Bench, Trial, mails_of
from digest.pipeline.designing.verdict import Verdict

__all__ = [
    "LONGEST",
    "WHOLE",
    "AbandonedError",
    "Bench",
    "DesignFile",
    "DesignText",
    "Edit",
    "Former",
    "Outcome",
    "Result",
    "Trial",
    "Verdict",
    "design_files",
    "encoded",
    "find_file",
    "former_texts",
    "mails_of",
    "read_text",
    "try_edit",
]
