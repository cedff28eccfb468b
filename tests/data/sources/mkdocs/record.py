"""Record what Material for MkDocs makes of the blog beside this script: python record.py

It installs the real tool into a temporary environment, builds a copy of the blog under several settings, and writes
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
TOOL = "mkdocs-material==9.7.7"
HEAD = "site_name: x\nsite_url: https://mkdocs.example.com/site/\nmarkdown_extensions: [attr_list]\n"
MATERIAL = "theme: material\n"
POSTS = "docs/news/posts"
VARIANTS = {
    "categories, file and date": MATERIAL
    + "plugins:\n  - blog:\n      blog_dir: news\n      post_url_max_categories: 2\n"
    "      post_url_date_format: yyyy-MM-d\n      post_url_format: '{categories}/{file}/{date}'\n",
    "names of months in Japanese": "theme: {name: material, language: ja}\nplugins:\n  blog:\n    blog_dir: news\n"
    "    post_url_date_format: yyyy/MMMM/EEE\n",
    "a named date": "theme: {name: material, language: pt-BR}\nplugins:\n  blog:\n    blog_dir: news\n"
    "    post_url_date_format: medium\n",
    "files instead of folders": MATERIAL
    + "use_directory_urls: false\nplugins:\n  - material/blog:\n      blog_dir: news\n"
    "      post_slugify_separator: _\n",
    "slugs as written": MATERIAL
    + "plugins:\n  - blog:\n      blog_dir: news\n      post_url_format: '{slug}'\n"
    "      post_slugify: !!python/object/apply:pymdownx.slugs.slugify\n"
    "        kwds: {case: none, normalize: NFKD, percent_encode: true}\n",
    "two blogs": MATERIAL
    + "plugins:\n  - blog:\n      blog_dir: news\n      post_dir: '{blog}/posts/2026'\n"
    "  - blog:\n      blog_dir: other\n      post_dir: news/posts/meta\n      authors_file: news/.authors.yml\n",
    "the blog is the site": MATERIAL
    + "docs_dir: docs/news\nplugins:\n  - blog:\n      blog_dir: .\n      draft: true\n",
    "everything is shown": MATERIAL
    + "plugins:\n  - blog:\n      blog_dir: news\n",
}
REFUSED = {
    "no-head": "# No head\n",
    "empty-head": "---\n---\n# Empty\n",
    "open-head": "---\ndate: 2026-01-01\n",
    "no-date": "---\ntitle: x\n---\n",
    "empty-date": "---\ndate:\n---\n",
    "no-seconds": "---\ndate: 2026-01-01 10:00\n---\n# x\n",
    "words": "---\ndate: yesterday\n---\n# x\n",
    "impossible": "---\ndate: 2026-02-30\n---\n# x\n",
    "only-updated": "---\ndate: {updated: 2026-01-01}\n---\n# x\n",
    "draft-word": "---\ndate: 2026-01-01\ndraft: 'yes'\n---\n# x\n",
    "slug-number": "---\ndate: 2026-01-01\nslug: 7\n---\n# x\n",
    "title-number": "---\ndate: 2026-01-01\ntitle: 7\n---\n# x\n",
    "title-null": "---\ndate: 2026-01-01\ntitle:\n---\n# x\n",
    "category-text": "---\ndate: 2026-01-01\ncategories: one\n---\n# x\n",
    "category-number": "---\ndate: 2026-01-01\ncategories: [1]\n---\n# x\n",
    "null-categories": "---\ndate: 2026-01-01\ncategories:\n---\n# x\n",
    "null-authors": "---\ndate: 2026-01-01\nauthors:\n---\n# x\n",
    "null-draft": "---\ndate: 2026-01-01\ndraft:\nslug:\ntags:\n---\n# x\n",
    "a-list": "---\n- date\n---\n# x\n",
    "colon": "---\ndate: 2026-01-01\ntitle: a: b\n---\n# x\n",
    "tag": "---\ndate: 2026-01-01\ntitle: !!python/name:os.system x\n---\n# x\n",
    "blank-first": "\n---\ndate: 2026-01-01\n---\n# x\n",
    "four-dashes": "----\ndate: 2026-01-01\n----\n# x\n",
    "end-of-file": "---\ndate: 2026-01-01\n---",
}
ASK = """
import json, logging, sys
from pathlib import Path
from material.plugins.blog.plugin import BlogPlugin
from mkdocs.commands.build import build
from mkdocs.config import load_config
root = Path(sys.argv[1])
config = load_config(str(root / "mkdocs.yml"), site_dir=str(root / "_site"))
build(config)
rows = []
for plugin in config.plugins.values():
    for post in plugin.blog.posts if isinstance(plugin, BlogPlugin) else ():
        dates = post.config.date
        rows.append({
            "path": Path(post.file.abs_src_path).relative_to(root).as_posix(),
            "url": post.canonical_url,
            "date": dates.created.isoformat(),
            "updated": dates["updated"].isoformat() if "updated" in dates else None,
            "title": post.title,
            "categories": list(post.config.categories),
            "tags": list(post.meta.get("tags") or []),
            "author": ", ".join(author.name for author in post.authors),
            "pinned": post.config.pin,
        })
print("ANSWER" + json.dumps(sorted(rows, key=lambda row: row["path"]), ensure_ascii=False))
"""


def ask(python: Path, folder: Path, settings: str | None) -> list[dict[str, object]] | None:
    """Build a copy of the blog; None when MkDocs refuses it."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(shutil.copytree(folder, Path(place).resolve() / "blog"))
        if settings is not None:
            (copy / "mkdocs.yml").write_text(settings, "utf-8")
        done = subprocess.run([python, "-c", ASK, copy], capture_output=True, text=True, check=False)
        answer = done.stdout.partition("ANSWER")[2]
        if done.returncode:
            print(done.stderr[-600:], file=sys.stderr)
        return json.loads(answer) if done.returncode == 0 else None


def brief(row: dict[str, object]) -> dict[str, object]:
    """Keep what depends on the settings."""
    return {key: row[key] for key in ("path", "url", "date", "categories")}


def main() -> None:
    """Record everything."""
    with tempfile.TemporaryDirectory() as place:
        venv.create(Path(place) / "tool", with_pip=True)
        python = Path(place) / "tool/bin/python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", TOOL], check=True)
        recorded = {
            "tool": TOOL,
            "posts": ask(python, HERE / "blog", None),
            "variants": [
                {"name": name, "settings": HEAD + more, "posts": [brief(row) for row in built or ()]}
                for name, more in VARIANTS.items()
                for built in (ask(python, HERE / "blog", HEAD + more),)
            ],
            "refused": [],
        }
        for name, content in REFUSED.items():
            bare = Path(place) / name
            (bare / POSTS).mkdir(parents=True)
            (bare / POSTS / f"{name}.md").write_text(content, "utf-8")
            (bare / "mkdocs.yml").write_text(HEAD + MATERIAL + "plugins:\n  - blog: {blog_dir: news}\n", "utf-8")
            answer = ask(python, bare, None)
            recorded["refused"].append({"name": name, "content": content, "refused": answer is None})
    lines = json.dumps(recorded, ensure_ascii=False).replace('{"path"', '\n{"path"').replace('{"name"', '\n{"name"')
    (HERE / "recorded.json").write_text(lines + "\n", "utf-8")


if __name__ == "__main__":
    main()
