"""Decides what an issue can look like at its extremes, in the sections of the newsletter that is tried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from digest.models import Newsletter, Pick, Section, Selection, Slot, Window
from digest.pipeline.stress.ordinary import ordinary_pick, retold

NUMBER = 123
"""Of the made-up issues: as wide as numbers will be for years."""
_COUNTS = {"no posts": 0, "one post": 1, "twelve posts": 12, "sixty posts": 60}
_MORE = 8
_ALSO = 2


@dataclass(frozen=True, slots=True)
class Case:
    """One issue to be tried."""

    name: str
    selection: Selection
    number: int = NUMBER


def made_up_slot(zone: ZoneInfo) -> Slot:
    """Return the week that all made-up issues are about, so that a case is the same on every day."""
    end = datetime(2026, 1, 19, tzinfo=zone)
    return Slot("2026-W04", end.replace(hour=8), Window(end - timedelta(days=7), end), end.replace(hour=8))


def made_up_cases(newsletter: Newsletter, samples: Sequence[Pick]) -> Iterator[Case]:
    """Yield the issues that are awkward by number, the full week, and the samples: all in one issue, and one by one."""
    empty = Selection(made_up_slot(newsletter.schedule.time_zone), (), ())
    for name, count in _COUNTS.items():
        yield Case(name, _issue(newsletter, empty, _ordinary(newsletter, empty, count)))
    yield Case("full week", _full_week(newsletter, empty))
    if samples:
        yield Case("all samples", _issue(newsletter, empty, samples))
    for sample in samples:
        yield Case(f"sample {sample.post.path.removesuffix('.md')}", _in_every_role(newsletter, empty, sample))


def _ordinary(newsletter: Newsletter, empty: Selection, count: int) -> list[Pick]:
    start = empty.slot.window.start
    headings = [section.heading for section in newsletter.sections]
    return [
        ordinary_pick(number, start + timedelta(hours=13 * number % 160), (headings[number % len(headings)],))
        for number in range(1, count + 1)
    ]


def _issue(newsletter: Newsletter, empty: Selection, picks: Sequence[Pick]) -> Selection:
    """Deal the picks out to the sections, in their order; the first one opens the issue."""
    each = -(-len(picks) // len(newsletter.sections)) or 1
    dealt = (picks[start : start + each] for start in range(0, len(picks), each))
    sections = tuple(
        Section(rule.key, rule.heading, tuple(some)) for rule, some in zip(newsletter.sections, dealt, strict=False)
    )
    return replace(empty, sections=sections, lead=picks[0].post.id if picks else "")


def _full_week(newsletter: Newsletter, empty: Selection) -> Selection:
    """Return all that there can be: a lead from the middle, other posts of the same stories, titles below."""
    picks = _ordinary(newsletter, empty, 12 + _MORE)
    shown = [_with_also(pick) for pick in picks[:12]]
    more = (_with_also(picks[12]), *picks[13:])
    return replace(_issue(newsletter, empty, shown), more=more, lead=shown[len(shown) // 2].post.id)


def _with_also(pick: Pick) -> Pick:
    return replace(pick, also=tuple(retold(pick.post, f"also={number}") for number in range(1, _ALSO + 1)))


def _in_every_role(newsletter: Newsletter, empty: Selection, sample: Pick) -> Selection:
    """Return an issue in which the sample opens it, is one of its posts, another post's story, and a title below."""
    as_post = replace(sample, post=retold(sample.post, "role=post"))
    host = replace(ordinary_pick(1, sample.post.published_at), also=(retold(sample.post, "role=also"),))
    issue = _issue(newsletter, empty, [sample, as_post, host])
    return replace(issue, more=(replace(sample, post=retold(sample.post, "role=more"), excerpt=""),))
