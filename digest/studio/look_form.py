"""What the form of a newsletter's look holds, what a person changed in it, and what its file says then."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from digest.app import newsletter_saying
from digest.errors import TemplateError
from digest.models import Newsletter
from digest.pipeline.designing import Changes, DesignText, SettingsFile, changed_text
from digest.pipeline.designing.files import one_ending
from digest.render.contrasts import Contrast, contrasts
from digest.render.design_form import design_form
from digest.render.words import FORMS, words_for

LINES = ("subject", "preheader", "greeting")
"""What marketing writes itself at the top of the newsletter's file."""
_DESIGN, _WORDS = "design.", "words."
"""How the names of their fields begin."""
BEGAN = "began"
"""The field that says with which values the person began, as a JSON object."""


@dataclass(frozen=True, slots=True)
class PhraseField:
    """A word of the mail that a newsletter may replace."""

    key: str
    usual: str
    """What stands in the mail when the field is empty."""
    wrong: str = ""
    """Why the word cannot be used, in English."""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class LookForm:
    """The form, with the values of a newsletter in it."""

    newsletter: Newsletter
    design: Mapping[str, Any]
    """As `design_form` returns it."""
    words: tuple[PhraseField, ...]
    pairs: tuple[Contrast, ...]

    @property
    def values(self) -> dict[str, str]:
        """What stands in each field, by its name: `subject`, `design.accent`, `words.read_more`."""
        letter = self.newsletter
        values = {name: str(getattr(letter, name)) for name in LINES}
        for group in self.design["groups"]:
            values |= {_DESIGN + token["key"]: written(token["value"]) for token in group["tokens"]}
        return values | {_WORDS + each.key: letter.words.get(each.key, "") for each in self.words}

    def pairs_of(self, token: str) -> tuple[Contrast, ...]:
        """Return the pairs that are told beside a colour; those of the design itself for an empty name."""
        return tuple(each for each in self.pairs if each.token == token)

    def changes(self, fields: Mapping[str, str], began: Mapping[str, str]) -> Changes:
        """Return what a person changed of the values that the form began with."""
        types = {token["key"]: token["type"] for group in self.design["groups"] for token in group["tokens"]}
        changes: dict[tuple[str, ...], object] = {}
        for name, before in self.values.items():
            said = one_ending(fields.get(name, before))
            if said == began.get(name, before):
                continue
            table, _, key = name.rpartition(".")
            if table == "design":
                changes[table, key] = meant(types[key], said)
            elif table == "words":
                changes[table, key] = said or None
            else:
                changes[name,] = said
        return changes


def look_form(root: Path, newsletter: Newsletter) -> LookForm:
    """Return the form for a newsletter of the project in `root`.

    Raise `TemplateError` for a design or a language that cannot be read, not for a value.
    """
    templates = root / "templates"
    design = design_form(templates, newsletter)
    phrases = _phrases(root / "config" / "copy", newsletter)
    return LookForm(newsletter, design, phrases, contrasts(templates, newsletter))


def said_by(file: SettingsFile, now: DesignText, changes: Changes) -> tuple[str, Newsletter]:
    """Return what the file says after the changes, and the newsletter that it makes; raise `ConfigError`."""
    text = changed_text(now.text, changes, file.place)
    return text, newsletter_saying(text, file.path.stem)


def began_with(fields: Mapping[str, str]) -> Mapping[str, str] | None:
    """Return the values that a form began with; None for what no page of ours sends."""
    try:
        began = json.loads(fields.get(BEGAN, ""))
    except (ValueError, RecursionError):
        return None
    right = isinstance(began, dict) and all(isinstance(each, str) for each in began.values())
    return began if right else None


def written(value: object) -> str:
    """Write a value as a field of the form holds it."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.12g}" if isinstance(value, int | float) else str(value)


def meant(kind: str, said: str) -> object:
    """Return the value of a token that a field says; what is none of its type stays a text, and is told as wrong."""
    said = said if kind in {"text", "words"} else said.strip()
    if kind == "switch" and said in {"true", "false"}:
        return said == "true"
    if kind == "number":
        try:
            number = float(said)
            return int(number) if number == int(number) else number
        except (ValueError, OverflowError):
            return said
    return said.lower() if kind == "color" else said


def _phrases(copy: Path, newsletter: Newsletter) -> tuple[PhraseField, ...]:
    usual = words_for(newsletter.language, copy, {}, file=newsletter.file)
    ours = newsletter.words
    keys = [*usual, *(key for key in ours if key not in usual)]
    fields = [PhraseField(key, str(usual.get(key, ""))) for key in keys]
    try:
        words_for(newsletter.language, copy, ours, file=newsletter.file)
    except TemplateError:
        return tuple(_judged(each, copy, newsletter) for each in fields)
    return tuple(fields)


def _judged(field: PhraseField, copy: Path, newsletter: Newsletter) -> PhraseField:
    ours = newsletter.words
    if field.key not in ours:
        return field
    forms = (field.key, *(f"{field.key}_{form}" for form in FORMS))
    try:
        words_for(newsletter.language, copy, {key: ours[key] for key in forms if key in ours}, file=newsletter.file)
    except TemplateError as error:
        return replace(field, wrong=error.message, fix=error.fix)
    return field
