"""A selection as JSON: stable keys that other programs and the store rely on."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from digest.models import LeftOut, Pick, Selection


def as_json(selection: Selection, without: Collection[str] = ()) -> dict[str, Any]:
    """Return `{period, window, sections, more, left_out}`; posts left out for a code in `without` are not listed."""
    window = selection.slot.window
    return {
        "period": selection.slot.period,
        "window": {"start": window.start.isoformat(), "end": window.end.isoformat()},
        "sections": [
            {"key": section.key, "heading": section.heading, "picks": [_pick(pick) for pick in section.picks]}
            for section in selection.sections
        ],
        "more": [],
        "left_out": [_left_out(out) for out in selection.left_out if out.code not in without],
    }


def _pick(pick: Pick) -> dict[str, Any]:
    return {
        "id": pick.post.id,
        "path": pick.post.path,
        "title": pick.post.title,
        "url": pick.post.url,
        "score": pick.score,
        "parts": dict(pick.parts),
        "reason": pick.reason,
        "also": [],
    }


def _left_out(out: LeftOut) -> dict[str, Any]:
    return {
        "id": out.post.id,
        "path": out.post.path,
        "title": out.post.title,
        "code": out.code,
        "reason": out.reason,
        "score": out.score,
    }
