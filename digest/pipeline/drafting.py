"""How an issue comes about before anybody has decided anything: its posts, its mail, and what is found about it.

Each of the three is a step of its own, so that whoever watches an edit makes again only what it changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from digest.collect.words.excerpt import excerpt
from digest.collect.words.pictures import picture, unusable
from digest.models import Collection, Finding, Level, Pick, Selection, Slot
from digest.pipeline.judging import found_about, typeset
from digest.pipeline.press import Draft, Press
from digest.pipeline.reaching import reach
from digest.pipeline.review_times import cautions
from digest.render import Rendered
from digest.select import select, too_thin, unknown_sections, unused_categories
from digest.tracing import stage


@dataclass(frozen=True, slots=True)
class Chosen:
    """The posts of an issue as readers see them: no template, word or colour changes them."""

    slot: Slot
    number: int
    collection: Collection
    selection: Selection
    pictures_left_out: tuple[Finding, ...]


def draft(press: Press, slot: Slot, now: datetime) -> Draft:
    """Collect, select, render and check the issue of a slot. Writes nothing: this is what the preview shows."""
    chosen = choose(press, slot, now)
    return drafted(press, chosen, sketched(press, chosen))


def choose(press: Press, slot: Slot, now: datetime) -> Chosen:
    """Collect and select the posts of a slot's issue."""
    newsletter, issue = press.newsletter, _name(press, slot)
    with stage("collect", newsletter=newsletter.slug, issue=issue):
        collection = press.read_posts(now)
    with stage("select", newsletter=newsletter.slug, issue=issue):
        ledger = press.store.posts.ledger(newsletter.slug, slot.due_at, except_issue=issue)
        overrides = press.store.overrides.standing(newsletter.slug, slot.period)
        selection = select(newsletter, slot, collection.posts, ledger, overrides)
        number = press.store.issues.next_number(newsletter.slug, slot)
        left_out = tuple(_pictures_left_out(selection))
        return Chosen(slot, number, collection, for_readers(selection, newsletter.excerpt_columns), left_out)


def sketched(press: Press, chosen: Chosen) -> Rendered:
    """Return the mail of chosen posts, which nobody has checked yet. Raise `TemplateError`."""
    issue = (chosen.number, chosen.selection, press.links(chosen.slot))
    with stage("render", newsletter=press.newsletter.slug, issue=_name(press, chosen.slot)):
        return typeset(press.renderer, press.newsletter, *issue, press.root)


def drafted(press: Press, chosen: Chosen, made: Rendered) -> Draft:
    """Return the whole draft: the mail with what is found about it. Raise `TemplateError`."""
    newsletter, slot = press.newsletter, chosen.slot
    issue = (chosen.number, chosen.selection, press.links(slot))
    with stage("check", newsletter=newsletter.slug, issue=_name(press, slot)):
        findings = found_about(press.renderer, newsletter, made, *issue, press.demands, press.root)
    problems = (
        *chosen.pictures_left_out,
        *_of_these_days(chosen.collection, slot),
        *unused_categories(newsletter, chosen.collection.posts),
        *unknown_sections(newsletter, chosen.selection),
        *press.warnings,
        *reach(newsletter, press.provider),
        *cautions(newsletter, slot),
    )
    if reason := too_thin(newsletter, chosen.selection):
        message = f"{reason[0].upper()}{reason[1:]}. A run skips this period."
        problems = (*problems, Finding(Level.WARNING, "issue.too-few-posts", message, file=newsletter.file))
    posts = chosen.collection.shown
    return Draft(slot, chosen.number, posts, chosen.selection, made.email, findings, problems, made.parts, made.compact)


def _name(press: Press, slot: Slot) -> str:
    return f"{press.newsletter.slug}/{slot.period}"


def _of_these_days(collection: Collection, slot: Slot) -> Iterator[Finding]:
    """Yield what is wrong, without what is remarkable about posts of earlier weeks: this issue is not about them."""
    earlier = {post.path for post in collection.posts if post.path and post.offered_at < slot.window.start}
    for problem in collection.problems:
        parts = problem.file.split("/")
        places = {"/".join(parts[start:]) for start in range(len(parts))}
        if not problem.code.startswith("post.") or earlier.isdisjoint(places):
            yield problem


def _pictures_left_out(selection: Selection) -> Iterator[Finding]:
    for pick in selection.picks:
        if why := unusable(pick.post):
            message = f"The picture of “{pick.post.title[:60]}” is not in the mail: {why}."
            fix = "name a JPEG, PNG or GIF at an https address; until then the first such picture of the text is shown"
            yield Finding(Level.WARNING, "post.picture-unusable", message, file=pick.post.path, fix=fix)


def for_readers(selection: Selection, columns: int) -> Selection:
    """Return the selection with what readers see of each pick: its words, at most `columns` wide, and its picture."""

    def seen(pick: Pick) -> Pick:
        return replace(pick, excerpt=excerpt(pick.post, columns), post=replace(pick.post, image=picture(pick.post)))

    sections = (replace(section, picks=tuple(map(seen, section.picks))) for section in selection.sections)
    return replace(selection, sections=tuple(sections))
