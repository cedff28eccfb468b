"""`digest select`: which posts the issue would bring, and why; and a person's say about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

import typer

from digest.app import Project, bare_source, shipped_newsletter
from digest.cli.choice import tell, tell_overrides, tell_why
from digest.cli.collect import GeneratorOption, SourceOption
from digest.cli.decide import ByOption
from digest.cli.options import (
    HERE,
    AsOfOption,
    JsonOption,
    NewsletterOption,
    OptionalIssueArgument,
    ProjectOption,
    asked_for,
    clock,
    whoever,
)
from digest.cli.output import Report, finish
from digest.errors import ConfigError
from digest.models import Collection, Newsletter, OverrideKind, Selection, Slot
from digest.select import as_json as selection_json
from digest.select import example_period, latest_slot, slot_of_period
from digest.select import select as choose
from digest.select.naming import named

_Posts = list[str]
_SAY = "A person's say"
_DIGITS = 9
"""Of a number that any database can look for."""


def _option(flag: str, metavar: str, help_: str) -> object:
    return typer.Option(flag, metavar=metavar, help=help_, rich_help_panel=_SAY)


def select(
    issue: OptionalIssueArgument = None,
    project: ProjectOption = HERE,
    newsletter: NewsletterOption = None,
    source: SourceOption = None,
    generator: GeneratorOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    why: Annotated[str | None, typer.Option("--why", metavar="POST", help="Tell the whole story of one post.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="List also what nobody expects in the issue: old, sent and coming posts.")
    ] = False,
    pin: Annotated[_Posts, _option("--pin", "POST", "Bring the post, first of all.")] = [],  # noqa: B006 - typer copies it
    exclude: Annotated[_Posts, _option("--exclude", "POST", "Leave the post out.")] = [],  # noqa: B006 - likewise
    move: Annotated[_Posts, _option("--move", "POST=SECTION", "Put it into another section.")] = [],  # noqa: B006 - likewise
    order: Annotated[_Posts, _option("--order", "POST=PLACE", "Put it in this place of its section, from 1.")] = [],  # noqa: B006 - likewise
    title: Annotated[_Posts, _option("--title", "POST=WORDS", "Show another title.")] = [],  # noqa: B006 - likewise
    excerpt: Annotated[_Posts, _option("--excerpt", "POST=WORDS", "Show other words below the title.")] = [],  # noqa: B006 - likewise
    undo: Annotated[str | None, _option("--undo", "NUMBER", "Take back what was said: its number, or `last`.")] = None,
    by: ByOption = None,
) -> None:
    """Choose the posts of an issue and give a reason for every post in and out.

    Writes nothing, unless --pin, --exclude, --move, --order, --title, --excerpt or --undo say something about it: that
    is kept with who said it and when, and the issue is built again when a version of it waits.

    JSON: {period, window, lead, sections: [{key, heading, picks}], more, left_out, notes}; with --why
    {id, title, in, decided, coverage, reason, remedy, score, rank, candidates, parts, also}.
    """
    report = Report(as_json)
    said = {
        OverrideKind.PIN: pin,
        OverrideKind.EXCLUDE: exclude,
        OverrideKind.MOVE: move,
        OverrideKind.ORDER: order,
        OverrideKind.TITLE: title,
        OverrideKind.EXCERPT: excerpt,
    }
    if source is not None:
        if undo is not None or any(said.values()):
            raise typer.BadParameter("a bare folder has no issue to say something about; use a project")
        letter = shipped_newsletter()
        now = clock(as_of, letter.schedule.time_zone)()
        slot = _slot(letter, issue) if issue else latest_slot(letter.schedule, now)
        collection = bare_source(source, generator).read(now)
        selection = choose(letter, slot, collection.posts)
    else:
        with Project(project) as opened:
            letter, slot, now = asked_for(opened, issue, newsletter, as_of)
            collection = opened.read_posts(now)
            if undo is not None or any(said.values()):
                _say(report, opened, letter, slot, collection, said, undo, whoever(by), now)
            overrides = opened.store.overrides.standing(letter.slug, slot.period)
            ledger = opened.store.posts.ledger(letter.slug, slot.due_at, except_issue=f"{letter.slug}/{slot.period}")
            selection = choose(letter, slot, collection.posts, ledger, overrides)
            tell_overrides(report, overrides)
    _tell(report, selection, collection, why, everything=everything)
    finish(collection.problems)


def _tell(report: Report, selection: Selection, collection: Collection, why: str | None, *, everything: bool) -> None:
    if why is not None:
        report.data(tell_why(report, selection, named(why, collection.posts)))
        return
    report.data(selection_json(selection))
    tell(report, selection, everything=everything)
    report.findings(collection.problems, "Problems", at_most=10)


def _say(
    report: Report,
    project: Project,
    letter: Newsletter,
    slot: Slot,
    collection: Collection,
    said: Mapping[OverrideKind, Sequence[str]],
    undo: str | None,
    who: str,
    now: datetime,
) -> None:
    """Write down what was said, in the order of the options, and build what waits for an approval again."""
    from digest import pipeline

    press = project.press(letter.slug)
    halves = [(kind, *_split(kind, text)) for kind, texts in said.items() for text in texts]
    wanted = [
        (named(name, collection.posts), kind, pipeline.checked(press, kind, value)) for kind, name, value in halves
    ]
    number = None if undo is None else _number(undo)
    # All of it makes sense: only now is something written down.
    for post, kind, value in wanted:
        made = pipeline.say(press, slot, post, kind, value, who, now)
        report.line(f"{made.id}: {kind} {made.post_id} {made.value}".rstrip())
    if undo is not None:
        undone = pipeline.take_back(press, slot, number, who, now)
        report.line(f"undone: {undone.kind} {undone.post_id} {undone.value}".rstrip())
    if built := pipeline.built_again(press, slot, now):
        report.line(f"{built[0].name} is built again ({built[0].fingerprint[:12]}), and is {built[0].state}")


def _slot(letter: Newsletter, issue: str) -> Slot:
    try:
        return slot_of_period(letter.schedule, issue.rpartition("/")[2])
    except ValueError as error:
        raise ConfigError(str(error), fix=f"name an issue such as {example_period(letter.schedule)}") from error


def _number(undo: str) -> int | None:
    """Return the number of what is to be undone, or None for the newest."""
    if undo == "last":
        return None
    if not undo.isascii() or not undo.isdigit() or len(undo) > _DIGITS:
        raise typer.BadParameter(f"'{undo}' is neither a number nor `last`", param_hint="--undo")
    return int(undo)


def _split(kind: OverrideKind, text: str) -> tuple[str, str]:
    if kind in {OverrideKind.PIN, OverrideKind.EXCLUDE}:
        return text, ""
    # An id may hold an equals sign, and so may words; sections and places do not.
    post, sign, value = text.rpartition("=") if kind in {OverrideKind.MOVE, OverrideKind.ORDER} else text.partition("=")
    if not sign:
        raise typer.BadParameter(f"'{text}' lacks its second half: write POST=…", param_hint=f"--{kind}")
    return post, value
