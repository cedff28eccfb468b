"""Decides which section takes a post: the one its author asks for, else that of its first category that any takes."""

from __future__ import annotations

from digest.models import Post, SectionRule
from digest.select.vocabulary import EVERYTHING_ELSE, fold, nearest


class Placing:
    """The sections of one newsletter, by the words that lead to them."""

    def __init__(self, sections: tuple[SectionRule, ...]) -> None:
        self._by_key = {fold(section.key): section for section in sections}
        self._by_category = {fold(name): section for section in reversed(sections) for name in section.categories}
        self._names = [name for section in sections for name in section.categories if name != EVERYTHING_ELSE]

    def of(self, post: Post) -> tuple[SectionRule | None, tuple[str, ...]]:
        """Return the section, and what a person should know about the way there; None when none takes the post."""
        asked: tuple[str, ...] = ()
        if post.section:
            if section := self._by_key.get(fold(post.section)):
                return section, ("its author asks for this section",)
            asked = (f"there is no section '{post.section}', which its author asks for{self._guess(post.section)}",)
        for category in post.categories:
            if section := self._by_category.get(fold(category)):
                return section, asked
        rest = self._by_category.get(EVERYTHING_ELSE)
        return rest, (*asked, *self._astray(post, told_anyway=rest is None))

    def _guess(self, key: str) -> str:
        near = nearest(key, [section.key for section in self._by_key.values()])
        return f" (did you mean '{near}'?)" if near else ""

    def _astray(self, post: Post, *, told_anyway: bool) -> tuple[str, ...]:
        """Say that no section takes the categories; of a post that the rest takes, only when a name looks misspelt."""
        near = next((f"did you mean '{name}'?" for each in post.categories if (name := nearest(each, self._names))), "")
        if not near and not told_anyway:
            return ()
        said = f"no section takes {', '.join(post.categories) or 'a post without a category'}"
        return (f"{said} ({near})" if near else said,)
