"""Decides how a person's edit of a design is tried, refused or saved, and how what stood there before is kept.

files.py    which files of `templates/` may be edited, and how one is read and replaced
trying.py   an edit on the stress sheet: in a private copy of the templates, within limits
verdict.py  which errors refuse a save: those that the edit brings, and those that break the file itself
saving.py   the one door: nobody's work is overwritten, nothing with errors is written
settings.py the same for the file of a newsletter: single values change, all else stays as it was written
histories.py what was there before: in git where the file is in git, else with the studio itself
    history.py     the texts that the studio keeps, the newest fifty of each file
    repository.py  how git is asked, so that nothing of the repository is run
    committing.py  a save as a commit of that one file, or the reason why there is none
    summing_up.py  what the message of the commit says
"""

from digest.pipeline.designing.committing import Recorded
from digest.pipeline.designing.files import DesignFile, DesignText, design_files, encoded, find_file, read_text
from digest.pipeline.designing.histories import Earlier, Histories, text_after
from digest.pipeline.designing.history import Former, former_texts
from digest.pipeline.designing.repository import Repository
from digest.pipeline.designing.saving import LONGEST, Edit, Outcome, Result, try_edit
from digest.pipeline.designing.settings import Changes, SettingsFile, changed_text, settings_file, try_settings
from digest.pipeline.designing.trying import WHOLE, AbandonedError, Bench, Trial, mails_of
from digest.pipeline.designing.verdict import Verdict

__all__ = [
    "LONGEST",
    "WHOLE",
    "AbandonedError",
    "Bench",
    "Changes",
    "DesignFile",
    "DesignText",
    "Earlier",
    "Edit",
    "Former",
    "Histories",
    "Outcome",
    "Recorded",
    "Repository",
    "Result",
    "SettingsFile",
    "Trial",
    "Verdict",
    "changed_text",
    "design_files",
    "encoded",
    "find_file",
    "former_texts",
    "mails_of",
    "read_text",
    "settings_file",
    "text_after",
    "try_edit",
    "try_settings",
]
