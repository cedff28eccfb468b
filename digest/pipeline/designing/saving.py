"""Decides whether a person's text takes the place of a file: nobody's work is overwritten, and no mail is broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial

from digest.errors import ConfigError, DigestError, TemplateError
from digest.models import Finding, Level
from digest.pipeline.designing.committing import Recorded
from digest.pipeline.designing.files import (
    DesignFile,
    DesignText,
    decoded,
    encoded,
    one_ending,
    read_text,
    replace_file,
)
from digest.pipeline.designing.histories import Histories
from digest.pipeline.designing.trying import AbandonedError, Bench, try_text
from digest.pipeline.designing.verdict import Verdict, judge
from digest.pipeline.stress import Found, Report

LONGEST = 200_000
"""Characters of a text; no template may be longer."""


class Outcome(StrEnum):
    """What became of an edit."""

    SAVED = "saved"
    FINE = "fine"
    """Tried only, and nothing would refuse it."""
    REFUSED = "refused"
    CHANGED = "changed"
    """Somebody else saved the file meanwhile: nothing was tried, and nothing written."""
    SAME = "same"
    """The file says just that already."""
    UNWRITTEN = "unwritten"
    """Nothing was wrong with it, but the disk did not take it."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What a person wants a file to say."""

    file: DesignFile
    text: str
    opened: str
    """Fingerprint of the text that the person began with."""
    who: str
    """The person."""
    save: bool = True
    """False to try only."""
    back_to: datetime | None = None
    """When the save was made that is taken back; None for a text of one's own."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an edit, and what the file says now."""

    outcome: Outcome
    now: DesignText
    verdict: Verdict = field(default_factory=Verdict)
    problem: str = ""
    """Why the disk did not take it."""
    recorded: Recorded | None = None
    """What git has of the save; None when the file is in no git repository."""


def try_edit(bench: Bench, edit: Edit, histories: Histories, now: datetime) -> Result:
    """Try an edit, and save it if it is to be saved and nothing refuses it.

    The former text is kept in `histories`. Raise `TemplateError` when the file cannot be read, or is no
    UTF-8 text.
    """
    file = edit.file
    return save_tried(partial(try_text, bench, file), partial(try_text, bench, file, None), edit, histories, now)


def save_tried(
    after: Callable[[bytes], Report],
    before: Callable[[], Report | None],
    edit: Edit,
    histories: Histories,
    now: datetime,
) -> Result:
    """Do as `try_edit` does, trying the bytes of the edit with `after`, and what is on disk with `before`."""
    file, text = edit.file, one_ending(edit.text)
    current = read_text(file)
    if text == current.text and edit.save:
        return Result(Outcome.SAME, current)
    if edit.opened != current.fingerprint:
        return Result(Outcome.CHANGED, current)
    data = encoded(text, current)
    verdict = _verdict(file, partial(after, data), before)
    if verdict.refused:
        return Result(Outcome.REFUSED, current, verdict)
    if not edit.save:
        return Result(Outcome.FINE, current, verdict)
    return _saved(edit, data, current, verdict, histories, now)


def _verdict(file: DesignFile, after: Callable[[], Report], on_disk: Callable[[], Report | None]) -> Verdict:
    def before() -> Report | None:
        try:
            return on_disk()
        except AbandonedError as error:
            if error.reason.file:  # a template without end is on disk: whoever mends it must not be kept from it
                return None
            raise

    try:
        return judge(file, after(), before)
    except AbandonedError as error:
        return Verdict(refusing=(Found(_finding(error.reason), ()),))
    except ConfigError as error:  # of a newsletter's file: nothing can be tried with it
        return Verdict(refusing=(Found(_finding(error), ()),))


def _saved(
    edit: Edit, data: bytes, current: DesignText, verdict: Verdict, histories: Histories, now: datetime
) -> Result:
    file = edit.file
    meanwhile = read_text(file)
    if meanwhile.fingerprint != current.fingerprint:  # the try took a while
        return Result(Outcome.CHANGED, meanwhile, verdict)
    try:
        before = file.path.read_bytes()
        kept = histories.keep(file, before, edit.who, now)
        try:
            replace_file(file.path, data)
        except OSError:
            kept.path.unlink(missing_ok=True)
            raise
    except OSError as error:
        return Result(Outcome.UNWRITTEN, current, verdict, error.strerror or str(error))
    recorded = histories.commit(file, before, data, kept, edit.who, edit.back_to)
    return Result(Outcome.SAVED, decoded(data, file.place), verdict, recorded=recorded)


def _finding(error: DigestError) -> Finding:
    code = "template.broken" if isinstance(error, TemplateError) else "config.broken"
    message = f"{error.message[:1].upper()}{error.message[1:]}."
    return Finding(Level.ERROR, code, message, error.file or "", error.line or 0, error.fix)
