"""What a person says about the posts of an issue: in or out, which section and place, other words; and taking it back.

A version that waits is built anew at once, so that nobody approves what ignores what was said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from digest import pipeline
from digest.errors import ConfigError, DigestError
from digest.models import Issue, IssueState, OverrideKind, Post, Selection
from digest.select import select
from digest.studio.acts import Deed, Said
from digest.studio.sayings import places_said, places_to_say

_DIGITS = 9
"""Of a number that any database can look for."""
_LAST = 100
"""The last place that can be said."""


def pin(deed: Deed) -> Said:
    """Bring a post, before all others of its section."""
    return _done(deed, "pinned", _say(deed, OverrideKind.PIN))


def exclude(deed: Deed) -> Said:
    """Leave a post out."""
    return _done(deed, "excluded", _say(deed, OverrideKind.EXCLUDE))


def title(deed: Deed) -> Said:
    """Show another title."""
    return _done(deed, "retitled", _say(deed, OverrideKind.TITLE, deed.field("title")))


def excerpt(deed: Deed) -> Said:
    """Show other words below the title."""
    # A form writes line ends as mail does.
    return _done(deed, "reworded", _say(deed, OverrideKind.EXCERPT, deed.field("excerpt").replace("\r\n", "\n")))


def order(deed: Deed) -> Said:
    """Put a post in a place of its section: `place` counts from 1, `by` from where it is."""
    post, chosen = _post(deed), _chosen(deed)
    for section in chosen.sections:
        ids = [pick.post.id for pick in section.picks]
        if post.id in ids:
            return _done(deed, "ordered", _put(deed, post, ids, _place(deed, ids.index(post.id) + 1)))
    raise ConfigError(f"“{post.title}” is in no section of this issue", fix="pin it first")


def move(deed: Deed) -> Said:
    """Put a post into another section, and in a place of it when one is said."""
    post, chosen = _post(deed), _chosen(deed)
    key, place = deed.field("section"), deed.field("place")
    pipeline.checked(deed.press, OverrideKind.MOVE, key)
    if place:  # before anything is written: both halves hold, or none
        pipeline.checked(deed.press, OverrideKind.ORDER, place)
    _say(deed, OverrideKind.MOVE, key)
    if place:
        ids = [pick.post.id for section in chosen.sections if section.key == key for pick in section.picks]
        _put(deed, post, ids, int(place))
    return _done(deed, "moved", post)


def undo(deed: Deed) -> Said:
    """Take back what was said."""
    number = deed.field("number")
    if not number.isascii() or not number.isdigit() or len(number) > _DIGITS:
        raise ConfigError("that is no number of anything that was said", fix="load the page anew")
    undone = pipeline.take_back(deed.press, deed.slot, int(number), deed.who, deed.now)
    posts = deed.press.read_posts(deed.now).posts
    about = next((post.title for post in posts if post.id == undone.post_id), undone.post_id)
    return _told(deed, "undone", about)


def _say(deed: Deed, kind: OverrideKind, value: str = "") -> Post:
    post = _post(deed)
    pipeline.say(deed.press, deed.slot, post, kind, value, deed.who, deed.now)
    return post


def _put(deed: Deed, post: Post, ids: Sequence[str], place: int) -> Post:
    standing = deed.press.store.overrides.standing(deed.press.newsletter.slug, deed.slot.period)
    posts = {each.id: each for each in deed.press.read_posts(deed.now).posts}
    for post_id, at in places_to_say(ids, places_said(standing), post.id, place):
        pipeline.say(deed.press, deed.slot, posts[post_id], OverrideKind.ORDER, str(min(at, _LAST)), deed.who, deed.now)
    return post


def _place(deed: Deed, now_at: int) -> int:
    """Return the place that a form asks for; raise `ConfigError` for one that makes no sense."""
    by: Callable[[int], int] | None = {"-1": lambda at: max(1, at - 1), "1": lambda at: at + 1}.get(deed.field("by"))
    return by(now_at) if by else int(pipeline.checked(deed.press, OverrideKind.ORDER, deed.field("place")))


def _post(deed: Deed) -> Post:
    """Return the post that a form names; raise `ConfigError` when the blogs show it no more."""
    for post in deed.press.read_posts(deed.now).posts:
        if post.id == deed.field("post"):
            return post
    raise ConfigError(f"there is no post “{deed.field('post')[:80]}” any more", fix="load the page anew")


def _chosen(deed: Deed) -> Selection:
    """Return the choice as it is now: two people may move posts at once."""
    newsletter, slot, store = deed.press.newsletter, deed.slot, deed.press.store
    name = f"{newsletter.slug}/{slot.period}"
    ledger = store.posts.ledger(newsletter.slug, slot.due_at, except_issue=name)
    standing = store.overrides.standing(newsletter.slug, slot.period)
    return select(newsletter, slot, deed.press.read_posts(deed.now).posts, ledger, standing)


def _done(deed: Deed, key: str, post: Post) -> Said:
    return _told(deed, key, post.title)


def _told(deed: Deed, key: str, about: str) -> Said:
    """Build a version that waits anew, and return what is said about all of it."""
    about = about[:80]
    try:
        built = pipeline.built_again(deed.press, deed.slot, deed.now)
    except DigestError as error:
        _keep_back(deed)
        return "said_unbuilt", {"title": about, "why": error.message}
    if built is None:
        return key, {"title": about}
    issue, made = built
    if made.blocked:
        return "said_blocked", {"title": about}
    if issue.state is IssueState.HELD:
        return "said_held", {"title": about}
    return ("said_unchanged" if _stands(deed.issue, issue) else "said_anew"), {"title": about}


def _stands(before: Issue | None, after: Issue) -> bool:
    """Tell whether the very same bytes came out: then an approval stands."""
    return before is not None and (before.fingerprint, before.state) == (after.fingerprint, after.state)


def _keep_back(deed: Deed) -> None:
    """Hold an approved issue whose version ignores what was said since."""
    if deed.issue and deed.issue.state is IssueState.APPROVED:
        reason = "somebody said something about its posts, and it could not be built again"
        pipeline.hold(deed.press.store, deed.issue, deed.who, reason, deed.now)
