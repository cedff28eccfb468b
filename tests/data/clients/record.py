"""Reduce npm's `caniemail` to what the check of mail clients uses: `python record.py FOLDER`.

FOLDER is the unpacked package: `npm pack caniemail@2.0.2 && tar xf caniemail-2.0.2.tgz` makes it as `package`. Written
is `digest/check/clients/caniemail.json`, one feature a line: of each client only the newest version's word, and only
those notes that a client refers to. Read the difference before you commit it.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parents[3] / "digest" / "check" / "clients" / "caniemail.json"
FEWEST_TESTS = 10
"""Clients with fewer are left out: who asked for them would take silence for support."""
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def main(folder: Path) -> None:
    package = json.loads((folder / "package.json").read_text("utf-8"))
    published = json.loads((folder / "data" / "caniemail.json").read_text("utf-8"))
    platforms = _tested_platforms(published["data"])
    head = {
        "package": package["name"],
        "version": package["version"],
        "licence": (folder / "LICENSE").read_text("utf-8").strip().splitlines(),
        "updated": published["last_update_date"][:10],
        "address": "https://www.caniemail.com/features/{slug}/",
        "families": {family: published["nicenames"]["family"].get(family, family) for family in sorted(platforms)},
        "platforms": dict(sorted(published["nicenames"]["platform"].items())),
        "clients": {family: sorted(of_family) for family, of_family in sorted(platforms.items())},
    }
    features = {feature["slug"]: _reduced(feature, platforms) for feature in published["data"]}
    lines = [f"{_text(name)}: {_text(value)}" for name, value in head.items()]
    rows = ",\n".join(f"{_text(slug)}: {_text(features[slug])}" for slug in sorted(features))
    TARGET.write_text("{\n" + ",\n".join(lines) + ',\n"features": {\n' + rows + "\n}\n}\n", "utf-8")


def _tested_platforms(features: list[dict[str, Any]]) -> dict[str, set[str]]:
    """Return the platforms of each family that were tested for more than a few features."""
    tests = Counter(
        (family, platform)
        for feature in features
        for family, of_family in feature["stats"].items()
        for platform, versions in of_family.items()
        if _newest(versions) != "u"
    )
    platforms: dict[str, set[str]] = {}
    for (family, platform), count in tests.items():
        if count >= FEWEST_TESTS:
            platforms.setdefault(family, set()).add(platform)
    return platforms


def _reduced(feature: dict[str, Any], platforms: dict[str, set[str]]) -> dict[str, Any]:
    notes = {number: _LINK.sub(r"\1", text) for number, text in (feature["notes_by_num"] or {}).items()}
    words: dict[str, list[str]] = {}
    for family in sorted(platforms):
        versions = feature["stats"].get(family, {})
        of_family = {name: _newest(versions.get(name, {}), notes) for name in platforms[family]}
        for word in sorted(set(of_family.values()) - {"y"}):
            names = sorted(name for name, its_word in of_family.items() if its_word == word)
            whole = len(names) == len(platforms[family])
            words.setdefault(word, []).extend([family] if whole else [f"{family}.{name}" for name in names])
    referred = {number for word in words for number in word.split()[1:]}
    year, month, day = feature["last_test_date"].split("-")
    reduced = {
        "title": feature["title"].strip(),
        "tested": f"{year}-{month:0>2}-{day:0>2}",
        "support": {word: " ".join(words[word]) for word in sorted(words)},
        "notes": {number: notes[number] for number in sorted(referred, key=int)},
    }
    return {name: value for name, value in reduced.items() if value}


def _newest(versions: dict[str, str], notes: Collection[str] = ()) -> str:
    """Return the word about the newest version: `y`, `n`, `a 1 6` (partly, see two notes), `u` for nothing known.

    Versions are years, months or numbers; where a client has several kinds, the last one written is the newest.
    """
    if not versions:
        return "u"
    names = list(versions)
    if all(re.fullmatch(r"\d{4}(-\d\d)?", name) for name in names):
        name = max(names)
    elif all(re.fullmatch(r"\d{1,3}(\.\d+)*\.?", name) for name in names):
        name = max(names, key=lambda each: [int(part) for part in each.split(".") if part])
    else:
        name = names[-1]
    word, *numbers = versions[name].replace("#", "").split()
    return (
        " ".join([word, *sorted((each for each in numbers if each in notes), key=int)]) if word in {"a", "n"} else word
    )


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
