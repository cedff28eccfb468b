"""The composition root: configuration in, wired parts out. The only room that knows every concrete adapter.

project  a folder with its configuration, and all parts of it
readers  who gets a newsletter, and who before the others
backups  the store as one file, and back again
places   where in the project a problem of a blog is
settings what a newsletter would be if its file said something else
shipped  what is still as it was shipped, and what works without a project
"""

from __future__ import annotations

from digest.app.project import NEWSLETTERS, OPERATOR_FILE, Project
from digest.app.settings import newsletter_saying
from digest.app.shipped import bare_source, shipped_newsletter

__all__ = ["NEWSLETTERS", "OPERATOR_FILE", "Project", "bare_source", "newsletter_saying", "shipped_newsletter"]
