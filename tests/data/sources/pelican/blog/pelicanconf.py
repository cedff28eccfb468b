import os
from pathlib import Path

AUTHOR = "Default Author"
SITENAME = "An awkward blog"
SITEURL = ""
PATH = Path("content")
TIMEZONE = "Europe/Berlin"
DEFAULT_LANG = "en"
PAGE_PATHS = ["pages", "extra"]
ARTICLE_EXCLUDES = ["attic"]
STATIC_PATHS = ["images"]
ARTICLE_URL = "{category}/{date:%Y}/{date:%-m}/{slug}/"
ARTICLE_SAVE_AS = ARTICLE_URL + "index.html"
EXTRA_PATH_METADATA = {
    "images/robots.txt": {"path": "robots.txt"},
    "placed": {"status": "draft", "series": "Placed"},
    "placed/shown.md": {"status": "published"},
}
DEFAULT_METADATA = {"series": "None yet"}
IGNORE_FILES = [".#*", "*.bak.md"]
SOCIAL = (("A", "#"),)
FEED_ALL_ATOM = None
CATEGORY_FEED_ATOM = None
TRANSLATION_FEED_ATOM = None
AUTHOR_FEED_ATOM = None
AUTHOR_FEED_RSS = None
LOG_FILTER = []


def unused():
    raise SystemExit("the settings were run")
