"""How a selection looks on a terminal: a table of what is in, what is out and why, or the whole story of one post."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.table import Table
from rich.text import Text

from digest.cli.output import Report, counted
from digest.models import Coverage, LeftOut, Out, Override, Pick, Post, Selection

_FAR = (Out.AFTER_WINDOW, Out.HISTORY, Out.COVERED, Out.TOO_OLD)
"""Posts that nobody expects in this issue are counted, not listed."""


def tell(report: Report, selection: Selection, *, everything: bool = False) -> None:
    """Write what is in and why, and what is out and why; with `everything` also posts that nobody expects in."""
    window = selection.slot.window
    span = f"{window.start:%Y-%m-%d %H:%M} to {window.end:%Y-%m-%d %H:%M}"
    report.line(f"{selection.slot.period}: {counted(len(selection.picks), 'post')} chosen, window {span}", "bold")
    for note in selection.notes:
        report.line(f"  note: {note}", "yellow")
    table = _table("Rank", "Score", "Section", "Post", "Why")
    for section in selection.sections:
        for pick in section.picks:
            lead = "lead, " if pick.post.id == selection.lead else ""
            _row(table, pick, f"{lead}{section.heading}")
    for pick in selection.more:
        _row(table, pick, "more (title only)")
    if table.row_count:
        report.table(table)
    _left_out(report, selection, everything=everything)


def tell_why(report: Report, selection: Selection, post: Post) -> dict[str, Any]:
    """Write the whole story of one post, and return it for programs."""
    story = why(selection, post)
    report.line(f"{post.title}", "bold")
    report.line(f"  {post.id}  {post.url}", "dim")
    report.line(f"  {'in' if story['in'] else 'out'}: {story['decided']}")
    report.line(f"  {story['reason']}")
    for name, part in story["parts"].items():
        report.line(f"    {part:+6.2f}  {name.replace('_', ' ')}")
    if story["rank"]:
        report.line(f"    {story['score']:6.2f}  in all: rank {story['rank']} of {story['candidates']}")
    if story["remedy"]:
        report.line(f"  to change it: {story['remedy']}")
    for each in story["also"]:
        report.line(f"  tells the same story: {each['title']} ({each['id']})", "dim")
    return story


def why(selection: Selection, post: Post) -> dict[str, Any]:
    """Return why a post is in or out: `{id, in, decided, coverage, reason, remedy, score, rank, parts, also}`."""
    ranks = [pick.rank for pick in (*selection.picks, *selection.more)] + [out.rank for out in selection.left_out]
    story: dict[str, Any] = {"id": post.id, "title": post.title, "candidates": max(ranks, default=0)}
    for place, picks in (*((section.heading, section.picks) for section in selection.sections), ("", selection.more)):
        for pick in picks:
            if pick.post.id == post.id:
                return story | (_in(f"in section '{place}'", pick) if place else _named_by_title(pick))
            if any(each.id == post.id for each in pick.also):
                said = f"tells the same story as “{pick.post.title}” and is named below it"
                return story | _out("retold", Coverage.SENT, said, "pin it to bring it by itself") | {"in": True}
    out = next((each for each in selection.left_out if each.post.id == post.id), None)
    if out is None:
        return story | _out("unknown", Coverage.OPEN, "no source shows it", "")
    return story | _out(out.code, out.code.coverage, out.reason, out.remedy) | _numbers(out)


def tell_overrides(report: Report, overrides: tuple[Override, ...]) -> None:
    """Write what people have said about the posts of an issue."""
    if overrides:
        report.line("Said by people (undo with --undo NUMBER):", "bold")
    for each in overrides:
        said = f"{each.kind} {each.post_id} {each.value}".rstrip()
        report.line(f"  {each.id}  {said}  ({each.who}, {each.at:%Y-%m-%d})")


def _in(told: str, pick: Pick) -> dict[str, Any]:
    also = [{"id": each.id, "title": each.title} for each in pick.also]
    return {
        "in": True,
        "decided": told,
        "coverage": str(Coverage.SENT),
        "reason": pick.reason,
        "remedy": "",
        **_numbers(pick),
        "also": also,
    }


def _named_by_title(pick: Pick) -> dict[str, Any]:
    return _in("named by its title below the sections", pick) | {"remedy": "pin it to bring it in its section"}


def _out(decided: str, coverage: Coverage, reason: str, remedy: str) -> dict[str, Any]:
    return {
        "in": False,
        "decided": str(decided),
        "coverage": str(coverage),
        "reason": reason,
        "remedy": remedy,
        "score": None,
        "rank": 0,
        "parts": {},
        "also": [],
    }


def _numbers(judged: Pick | LeftOut) -> dict[str, Any]:
    return {"score": judged.score, "rank": judged.rank, "parts": dict(judged.parts)}


def _left_out(report: Report, selection: Selection, *, everything: bool) -> None:
    if not selection.left_out:
        return
    counts = Counter(str(out.code) for out in selection.left_out)
    said = ", ".join(f"{count} {code}" for code, count in sorted(counts.items()))
    report.line(f"Left out: {counted(len(selection.left_out), 'post')} ({said})", "bold")
    table = _table("Rank", "Score", "Decided", "Post", "Why, and what would have changed it")
    listed = [out for out in selection.left_out if everything or out.code not in _FAR]
    for out in sorted(listed, key=lambda each: (each.rank == 0, each.rank)):
        score = f"{out.score:.2f}" if out.score is not None else ""
        text = Text(out.reason)
        text.append(f" — {out.remedy}", "dim")
        table.add_row(str(out.rank or ""), score, Text(str(out.code)), _named(out.post), text)
    if table.row_count:
        report.table(table)


def _row(table: Table, pick: Pick, section: str) -> None:
    text = Text(pick.reason)
    for each in pick.also:
        text.append(f"; also: {each.title}", "dim")
    table.add_row(str(pick.rank), f"{pick.score:.2f}", Text(section), _named(pick.post), text)


def _named(post: Post) -> Text:
    text = Text(post.title)
    text.append(f" ({post.path or post.id})", "dim")
    return text


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in {"Rank", "Score", "Decided"})
    return table
