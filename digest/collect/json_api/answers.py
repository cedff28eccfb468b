"""Decides which answers are of use, and what the others mean: nobody is there for the moment, or the blog says no."""

from __future__ import annotations

import json

from digest.collect.fetching import Answer, shown
from digest.collect.json_api.values import text_at
from digest.collect.problems import whole_characters
from digest.errors import SourceError

_TELL_LATER = "try again later; if it stays so, tell who runs the blog"


class PassingError(SourceError):
    """The blog does not answer as it should, which may be over later."""


_PASSING = frozenset({408, 425, 429})


class RefusedError(SourceError):
    """The blog answers, and says no."""

    def __init__(self, message: str, *, status: int, code: str, fix: str) -> None:
        super().__init__(message, fix=fix)
        self.status = status
        self.code = code


def value_of(answer: Answer, explain: str) -> object:
    """Return the JSON of an answer; raise `PassingError` or `RefusedError`, whose remedy is `explain`."""
    place = shown(answer.url)
    if answer.status in _PASSING or answer.status >= 500:
        raise PassingError(f"{place} answers with an error of its own (status {answer.status})", fix=_TELL_LATER)
    try:
        value: object = json.loads(answer.body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        if answer.status < 400:
            raise PassingError(f"{place} answers something else than JSON", fix=_TELL_LATER) from error
        value = None
    if not 200 <= answer.status < 300:
        code, said = _reason(value)
        told = f": {said}" if said else ""
        raise RefusedError(
            f"{place} refuses to answer (status {answer.status}){told}", status=answer.status, code=code, fix=explain
        )
    return value


def _reason(value: object) -> tuple[str, str]:
    """Return the code and the words of an error, as WordPress and Ghost write it; on one line, not too long."""
    code = text_at(value, "code") or text_at(value, "errors", 0, "code") or text_at(value, "errors", 0, "type")
    said = text_at(value, "message") or text_at(value, "errors", 0, "message")
    return code, " ".join("".join(filter(lambda c: c.isprintable() or c == " ", whole_characters(said))).split())[:200]
