"""The choice: from all posts to sections of picks, with a reason for every post in and out.

    offering > a person's say > sections > stories > ranking, soundness and quotas > the look of the issue

It is pure: the same posts, ledger, overrides and slot give the same selection on any machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from digest.models import (
    Ledger,
    LeftOut,
    Newsletter,
    Origin,
    Out,
    Override,
    Pick,
    Post,
    Section,
    SectionRule,
    Selection,
    Slot,
    Text,
)
from digest.select.candidates import Candidate
from digest.select.choosing import ROOM, Judged, choose, thin_sections
from digest.select.explaining import explained, remedy, retold
from digest.select.grouping import grouped
from digest.select.offering import Offered, offered
from digest.select.overrides import Say
from digest.select.placing import Placing
from digest.select.scoring import Scoring
from digest.select.thinness import widened

_HOW_IT_CAME = {
    Origin.NEW: (),
    Origin.LATE: ("dated before this period, but new on the blog",),
    Origin.AGAIN: ("left over from an earlier period",),
}


def select(
    newsletter: Newsletter,
    slot: Slot,
    posts: Iterable[Post],
    ledger: Ledger = Ledger(),  # noqa: B008 - frozen, and empty: a newsletter that has sent nothing
    overrides: Sequence[Override] = (),
) -> Selection:
    """Choose the posts of one issue."""
    blog = tuple(posts)
    slot = widened(newsletter, slot, ledger)
    say = Say(overrides, newsletter.sections)
    offer = _with_say(offered(newsletter, slot, blog, ledger), slot, say)
    candidates, homeless = _placed(newsletter, offer, say)
    on_offer = [candidate.post for candidate in candidates.values()]
    told, twice = grouped(on_offer, offer.told, blog, say, stories=newsletter.group_stories)
    stories = [
        replace(candidates[each.post.id], others=tuple(candidates[other.id] for other in each.also))
        if each.also
        else candidates[each.post.id]
        for each in told
    ]
    choice = _chosen(newsletter, stories, Scoring(newsletter.ranking, slot))
    return _laid_out(newsletter, slot, choice, (*offer.left_out, *homeless, *twice), say)


def _with_say(offer: Offered, slot: Slot, say: Say) -> Offered:
    """Bring in what a person pinned, and take out what a person excluded. A text is read once at most from here on."""
    posts: list[tuple[Post, Origin]] = []
    left_out: list[LeftOut] = []
    for post, origin in offer.posts:
        if said := say.excluded(post):
            left_out.append(LeftOut(post, Out.EXCLUDED, said))
        else:
            posts.append((post, origin))
    for out in offer.left_out:
        if say.may_return(out):
            is_new = out.post.offered_at.timestamp() >= slot.window.start.timestamp()
            posts.append((out.post, Origin.NEW if is_new else Origin.AGAIN))
        else:
            left_out.append(out)
    kept = tuple((replace(post, text=_read_once(post.text)), origin) for post, origin in posts)
    return replace(offer, posts=kept, left_out=tuple(left_out))


def _read_once(text: Text) -> Text:
    words: list[str] = []

    def read() -> str:
        if not words:
            words.append(text.read())
        return words[0]

    return Text(read)


def _placed(newsletter: Newsletter, offer: Offered, say: Say) -> tuple[dict[str, Candidate], tuple[LeftOut, ...]]:
    """Find the section of each post; what a person pinned goes into the first one when none takes it."""
    placing = Placing(newsletter.sections, newsletter.language)
    rules = {rule.key: rule for rule in newsletter.sections}
    candidates: dict[str, Candidate] = {}
    homeless: list[LeftOut] = []
    for post, origin in offer.posts:
        place, moved = say.place(post), rules.get(say.section(post))
        section, remarks = placing.of(post)
        section = moved or section or (newsletter.sections[0] if place else None)
        if section is None:
            homeless.append(LeftOut(post, Out.NO_SECTION, "; ".join(remarks)))
        else:
            remarks = (*_HOW_IT_CAME[origin], *remarks, *say.remarks(post))
            candidates[post.id] = Candidate(
                post, origin, section, remarks=remarks, place=place, moved=moved is not None
            )
    return candidates, tuple(homeless)


@dataclass(frozen=True, slots=True)
class _Choice:
    judged: Sequence[Judged]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]


def _chosen(newsletter: Newsletter, candidates: Sequence[Candidate], scoring: Scoring) -> _Choice:
    """Choose, and choose again without each section that did not get the posts which it should have."""
    left_out: list[LeftOut] = []
    notes: list[str] = []
    settled: set[str] = set()
    while True:
        choice = choose(newsletter, candidates, scoring)
        left_out += choice.held
        thin = [each for each in thin_sections(choice.judged) if each[0].key not in settled]
        thin = [each for each in thin if each[0].when_thin != "keep"]
        if not thin:
            return _Choice(choice.judged, tuple(left_out), tuple(notes))
        rule, count = thin[0]
        settled.add(rule.key)
        few = f"section '{rule.heading}' has {count} of its {rule.minimum} posts"
        other = next((each for each in newsletter.sections if each.key == rule.when_thin), None)
        notes.append(f"{few}, so they {f'stand in “{other.heading}”' if other else 'are left out'}")
        kept: list[Candidate] = []
        for each in (judged.candidate for judged in choice.judged):
            if each.section.key != rule.key or each.moved or (each.place and other is None):
                kept.append(each)
            elif other:
                kept.append(_moved(each, other, f"here because {few}"))
            else:
                left_out += [LeftOut(post, Out.SECTION_THIN, few) for post in (each.post, *each.also)]
        candidates = kept


def _moved(candidate: Candidate, section: SectionRule, because: str) -> Candidate:
    """Return a story in another section, whichever of its posts tells it."""
    others = tuple(replace(other, section=section) for other in candidate.others)
    return replace(candidate, section=section, others=others, remarks=(*candidate.remarks, because))


def _laid_out(newsletter: Newsletter, slot: Slot, choice: _Choice, left_out: Iterable[LeftOut], say: Say) -> Selection:
    """Put picks below their headings, as readers see them."""
    chosen = [each for each in choice.judged if each.out is None]
    roomless = [each for each in choice.judged if each.out in ROOM]
    why_not = explained(newsletter, choice.judged)
    sections = []
    for rule in newsletter.sections:
        picks = tuple(say.reworded(_pick(each)) for each in chosen if each.candidate.section.key == rule.key)
        if picks:
            sections.append(say.ordered(Section(rule.key, rule.heading, _in_order(picks, rule.order))))
    more = [
        replace(_pick(each), reason=why_not[each.candidate.post.id].reason) for each in roomless[: newsletter.max_more]
    ]
    out = [*left_out, *choice.left_out]
    for each in roomless[newsletter.max_more :]:
        out += [why_not[each.candidate.post.id], *retold(each)]
    out = [each if each.remedy else replace(each, remedy=remedy(each.code)) for each in out]
    out.sort(key=lambda each: (-each.post.published_at.timestamp(), each.post.id))
    selection = Selection(
        slot,
        tuple(sections),
        tuple(out),
        tuple(map(say.reworded, more)),
        _lead(chosen),
        choice.notes,
    )
    return replace(selection, notes=(*choice.notes, *say.without_effect(selection.shown)))


def _lead(chosen: Sequence[Judged]) -> str:
    """Return the id of the pick that opens the issue: what a person pinned, else the best apart from authors' pins.

    An author's pin is for a notice that must be seen, which seldom is the story of the week.
    """

    def merit(judged: Judged) -> tuple[bool, float, int]:
        own = round(judged.score - judged.parts.get("pinned", 0.0), 6)
        return (judged.candidate.place == 0, 0.0 if judged.candidate.place else -own, judged.rank)

    return min(chosen, key=merit).candidate.post.id if chosen else ""


def _pick(judged: Judged) -> Pick:
    candidate = judged.candidate
    return Pick(
        candidate.post,
        judged.score,
        judged.parts,
        judged.reason,
        also=candidate.also,
        origin=candidate.origin,
        rank=judged.rank,
    )


def _in_order(picks: tuple[Pick, ...], order: str) -> tuple[Pick, ...]:
    if order == "score":
        return picks
    newest = order == "newest"
    by_id = sorted(picks, key=lambda pick: pick.post.id)
    return tuple(sorted(by_id, key=lambda pick: pick.post.offered_at.timestamp(), reverse=newest))
