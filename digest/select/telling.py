"""A selection as JSON: stable keys that other programs and the store rely on."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from digest.models import LeftOut, Out, Pick, Post, Selection


def as_json(selection: Selection, without: Collection[Out] = ()) -> dict[str, Any]:
    """Return the selection; posts left out for a code in `without` are not listed.

    `{period, window, lead, sections: [{key, heading, picks}], more: [pick], left_out, notes}`, where a pick is
    `{id, path, title, url, score, rank, origin, parts, reason, also: [{id, path, title, url}]}`.
    """
    window = selection.slot.window
    return {
        "period": selection.slot.period,
        "window": {"start": window.start.isoformat(), "end": window.end.isoformat()},
        "lead": selection.lead,
        "sections": [
            {"key": section.key, "heading": section.heading, "picks": [_pick(pick) for pick in section.picks]}
            for section in selection.sections
        ],
        "more": [_pick(pick) for pick in selection.more],
        "left_out": [_left_out(out) for out in selection.left_out if out.code not in without],
        "notes": list(selection.notes),
    }


def _pick(pick: Pick) -> dict[str, Any]:
    return {
        **_post(pick.post),
        "score": pick.score,
        "rank": pick.rank,
        "origin": str(pick.origin),
        "parts": dict(pick.parts),
        "reason": pick.reason,
        "also": [_post(post) for post in pick.also],
    }


def _left_out(out: LeftOut) -> dict[str, Any]:
    return {
        **_post(out.post),
        "code": str(out.code),
        "coverage": str(out.code.coverage),
        "reason": out.reason,
        "remedy": out.remedy,
        "score": out.score,
        "rank": out.rank,
        "parts": dict(out.parts),
    }


def _post(post: Post) -> dict[str, Any]:
    return {"id": post.id, "path": post.path, "title": post.title, "url": post.url}
