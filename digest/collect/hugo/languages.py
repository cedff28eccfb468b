"""Decides which of a Hugo site's languages is read, from which folders, and what it adds to addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from digest.collect.hugo.config_files import Config, merged
from digest.errors import SourceError


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder of content."""

    folder: str
    """Relative to the site's folder."""
    below: str = ""
    """Where its files appear below the content; empty for at the top."""
    language: str = ""
    """The key of the language of files whose names do not say it."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One language's edition of the site."""

    key: str
    """In lower case."""
    keys: tuple[str, ...]
    """Of all languages, those that are turned off included."""
    values: Mapping[str, Any]
    """The site's settings with those of the language over them."""
    mounts: tuple[Mount, ...]
    prefix: str
    """What stands before the path in every address, without slashes; mostly empty."""
    named: bool
    """Whether the settings name the language at all."""


def edition(config: Config, wanted: str) -> Edition:
    """Choose the edition in the language `wanted`, or in the default one.

    A site with one language only has one edition, whatever is wanted. Raise `SourceError` naming the languages when
    the wanted one is not among several.
    """
    values = config.values
    said = values.get("languages")
    configured = (
        {key: value for key, value in said.items() if isinstance(value, dict)} if isinstance(said, dict) else {}
    )
    off = {str(key).lower() for key in _list(values.get("disablelanguages"))}
    off |= {key for key, value in configured.items() if value.get("disabled") is True}
    living = {key: value for key, value in configured.items() if key not in off}
    default = str(values.get("defaultcontentlanguage") or "en").lower()
    if living and default not in living:
        default = min(living, key=lambda key: (_weight(living[key]), key))
    key = wanted.lower() if wanted.lower() in living else default
    if wanted and key != wanted.lower() and len(living) > 1:
        file, line = config.place("languages")
        raise SourceError(
            f"the site has no language “{wanted}”",
            file=config.folder / file,
            line=line or None,
            fix="known: " + ", ".join(sorted(living)),
        )
    own = merged(values, living.get(key, {}))
    several_hosts = len(living) > 1 and any(language.get("baseurl") for language in living.values())
    prefixed = values.get("defaultcontentlanguageinsubdir") is True if key == default else len(living) > 1
    return Edition(
        key=key,
        keys=tuple(sorted({*configured, default})),
        values=own,
        mounts=_mounts(values, living, key, default),
        prefix=key if prefixed and not several_hosts else "",
        named=key in configured or "defaultcontentlanguage" in values,
    )


def _mounts(values: Mapping[str, Any], living: Mapping[str, Any], key: str, default: str) -> tuple[Mount, ...]:
    module = values.get("module")
    found = [
        mount
        for entry in _list(module.get("mounts") if isinstance(module, dict) else None)
        if isinstance(entry, dict) and (mount := _mount(entry, key, default))
    ]
    if found:
        return tuple(found)
    shared = _folder(values.get("contentdir")) or "content"
    owners: dict[str, list[str]] = {}
    for language, own in (living or {default: {}}).items():
        owners.setdefault(_folder(own.get("contentdir")) or shared, []).append(language)
    return tuple(
        Mount(folder, "", languages[0] if len(languages) == 1 else default) for folder, languages in owners.items()
    )


def _mount(entry: Mapping[str, Any], key: str, default: str) -> Mount | None:
    source, target = _folder(entry.get("source")), _folder(entry.get("target"))
    if not source or (target != "content" and not target.startswith("content/")):
        return None
    sites = entry.get("sites")
    matrix = sites.get("matrix") if isinstance(sites, dict) else None
    languages = [str(each).lower() for each in _list(matrix.get("languages") if isinstance(matrix, dict) else None)]
    languages = languages or [str(entry.get("lang") or default).lower()]
    return Mount(source, target.removeprefix("content").strip("/"), key if key in languages else languages[0])


def _folder(said: object) -> str:
    return said.removeprefix("./").strip("/") if isinstance(said, str) else ""


def _list(said: object) -> list[Any]:
    return said if isinstance(said, list) else [] if said is None else [said]


def _weight(language: Mapping[str, Any]) -> int:
    weight = language.get("weight")
    return weight if isinstance(weight, int) and weight else 2**31
