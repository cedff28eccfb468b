"""Record what Pelican makes of the blog beside this script: python record.py

It installs the real tool into a temporary environment, reads a copy of the blog under several settings, and writes
`recorded.json`. Needs Python with `venv`, and a package index.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).parent
TOOLS = ("pelican[markdown]==4.12.0", "Unidecode==1.4.0", "docutils==0.23")
VARIANTS = {
    "Pelican's own settings": "",
    "slugs from names, in Unicode": "SLUGIFY_SOURCE = 'basename'\nSLUGIFY_USE_UNICODE = True\n",
    "slugs in Unicode, case kept": "SLUGIFY_USE_UNICODE = True\nSLUGIFY_PRESERVE_CASE = True\n",
    "own substitutions": "SLUG_REGEX_SUBSTITUTIONS = [(r'C\\+\\+', 'cpp'), (r'[^\\w\\s-]', ''), (r'\\s+', '_')]\n"
    "CATEGORY_REGEX_SUBSTITUTIONS = [('&', 'and'), (r'\\s+', '.')]\nARTICLE_URL = '{category}/{author}/{slug}'\n",
    "substitutions of old": "SLUG_SUBSTITUTIONS = (('C++', 'cpp'), ('Café', 'bar', True))\n",
    "no categories from folders": "USE_FOLDER_AS_CATEGORY = False\nDEFAULT_CATEGORY = 'general'\n"
    "ARTICLE_URL = '{category}/{slug}.html'\n",
    "metadata from paths": "FILENAME_METADATA = r'(?P<date>\\d{4}-\\d{2}-\\d{2})-(?P<slug>.*)'\n"
    "PATH_METADATA = r'(?P<category>[^/]*)/(?P<series>[^/]*)/.*'\nARTICLE_URL = '{category}/{slug}-{lang}.html'\n",
    "a default date": "DEFAULT_DATE = (2020, 1, 2, 3, 4)\nARTICLE_URL = '{date:%Y}/{date:%b}/{date.day:02d}/{slug}'\n",
    "a folder of articles": "ARTICLE_PATHS = ['news', 'rst/plain.rst']\nARTICLE_URL = '/posts/{path}'\n",
    "another language": "DEFAULT_LANG = 'fr'\nARTICLE_LANG_URL = '{lang}/{slug}.html'\n",
    "no translations": "ARTICLE_TRANSLATION_ID = None\n",
    "the future is a draft": "WITH_FUTURE_DATES = False\n",
    "no web pages": "READERS = {'html': None}\nIGNORE_FILES = ['.*']\n",
    "addresses of old": "CLEAN_URLS = True\n",
    "drafts unless said": "DEFAULT_METADATA = {'status': 'draft'}\n",
}
HEAD = (
    "PATH = 'content'\nSITEURL = 'https://pelican.example.com'\nTIMEZONE = 'Europe/Berlin'\nDEFAULT_LANG = 'en'\n"
    "AUTHOR = 'Default Author'\n"
)
ASK = """
import json, sys
from pathlib import Path
from pelican import Pelican
from pelican.generators import ArticlesGenerator
from pelican.settings import read_settings
root = Path(sys.argv[1])
settings = read_settings(str(root / sys.argv[2]))
settings["OUTPUT_PATH"] = str(root / "_output")
context = dict(settings, generated_content={}, static_links=set(), static_content={}, localsiteurl=settings["SITEURL"])
generator = ArticlesGenerator(context=context, settings=settings, path=settings["PATH"], theme=settings["THEME"],
                              output_path=settings["OUTPUT_PATH"])
generator.generate_context()
rows = []
def add(articles, shown):
    for article in articles:
        if article.date.year == 9999:
            continue
        rows.append({
            "path": Path(article.source_path).relative_to(root).as_posix(),
            "url": settings["SITEURL"] + "/" + article.url.lstrip("/"),
            "date": article.date.isoformat(),
            "updated": article.modified.isoformat() if hasattr(article, "modified") else None,
            "title": article.title,
            "category": article.category.name if hasattr(article, "category") else "",
            "tags": [tag.name for tag in getattr(article, "tags", [])],
            "author": ", ".join(author.name for author in getattr(article, "authors", [])),
            "lang": article.lang,
            "shown": shown,
        })
add(generator.articles, True)
add(generator.translations, False)
add(generator.hidden_articles + generator.hidden_translations, False)
add(generator.drafts + generator.drafts_translations, False)
print("ANSWER" + json.dumps(sorted(rows, key=lambda row: row["path"]), ensure_ascii=False))
"""


def ask(python: Path, settings: str | None) -> list[dict[str, object]]:
    """Read a copy of the blog."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(shutil.copytree(HERE / "blog", Path(place).resolve() / "blog"))
        if settings is not None:
            (copy / "publishconf.py").write_text(settings, "utf-8")
        command = [python, "-c", ASK, copy, "publishconf.py"]
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
        if done.returncode:
            print(done.stderr, file=sys.stderr)
        return json.loads(done.stdout.partition("ANSWER")[2])


def brief(row: dict[str, object]) -> dict[str, object]:
    """Keep what depends on the settings."""
    return {key: row[key] for key in ("path", "url", "date", "category", "shown")}


def main() -> None:
    """Record everything."""
    with tempfile.TemporaryDirectory() as place:
        venv.create(Path(place) / "tool", with_pip=True)
        python = Path(place) / "tool/bin/python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", *TOOLS], check=True)
        recorded = {
            "tools": TOOLS,
            "posts": ask(python, None),
            "variants": [
                {"name": name, "settings": HEAD + more, "posts": [brief(row) for row in ask(python, HEAD + more)]}
                for name, more in VARIANTS.items()
            ],
        }
    lines = json.dumps(recorded, ensure_ascii=False).replace('{"path"', '\n{"path"').replace('{"name"', '\n{"name"')
    (HERE / "recorded.json").write_text(lines + "\n", "utf-8")


if __name__ == "__main__":
    main()
