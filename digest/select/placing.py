"""Decides which section takes a post: the one its author asks for, else the first that fits it.

Sections are asked in the order of the newsletter's file. Of those that go by categories, the one that takes an earlier
category of the post comes first, since the first category is the primary one. `*` takes what is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from digest.models import Post, SectionRule
from digest.select.offering import source_of
from digest.select.vocabulary import EVERYTHING_ELSE, fold, nearest


class Placing:
    """The sections of one newsletter, by the words that lead to them."""

    def __init__(self, sections: Sequence[SectionRule], language: str = "") -> None:
        self._sections = [_Fitting(section, language) for section in sections]
        self._by_key = {fold(section.key): section for section in sections}
        self._names = [name for section in sections for name in section.categories if name != EVERYTHING_ELSE]
        self._meant: dict[str, str] = {}

    def of(self, post: Post) -> tuple[SectionRule | None, tuple[str, ...]]:
        """Return the section, and what a person should know about the way there; None when none takes the post."""
        asked: tuple[str, ...] = ()
        if post.section:
            if section := self._by_key.get(fold(post.section)):
                return section, ("its author asks for this section",)
            asked = (f"there is no section '{post.section}', which its author asks for{self._guess(post.section)}",)
        if section := self._fitting(post):
            return section, asked
        rest = next((each.section for each in self._sections if each.takes_the_rest(post)), None)
        return rest, (*asked, *self._astray(post, told_anyway=rest is None))

    def _fitting(self, post: Post) -> SectionRule | None:
        found: tuple[int, SectionRule] | None = None
        for each in self._sections:
            place = each.place(post)
            if place is None:
                continue
            if found is None:
                if not each.by_category:
                    return each.section
                found = (place, each.section)
            elif each.by_category and place < found[0]:
                found = (place, each.section)
        return found[1] if found else None

    def _guess(self, key: str) -> str:
        near = nearest(key, [section.key for section in self._by_key.values()])
        return f" (did you mean '{near}'?)" if near else ""

    def _astray(self, post: Post, *, told_anyway: bool) -> tuple[str, ...]:
        """Say that no section takes the categories; of a post that the rest takes, only when a name looks misspelt."""
        near = next((f"did you mean '{name}'?" for each in post.categories if (name := self._nearest(each))), "")
        if not near and not told_anyway:
            return ()
        said = f"no section takes {', '.join(post.categories) or 'a post without a category'}"
        return (f"{said} ({near})" if near else said,)

    def _nearest(self, category: str) -> str:
        if category not in self._meant:
            self._meant[category] = nearest(category, self._names)
        return self._meant[category]


class _Fitting:
    """What a section asks of a post."""

    def __init__(self, section: SectionRule, language: str) -> None:
        self.section = section
        self.by_category = bool(section.categories)
        self._language = language
        self._categories = _folded(section.categories)
        self._tags, self._authors = _folded(section.tags), _folded(section.authors)
        self._sources, self._languages = _folded(section.sources), _folded(section.languages)

    def place(self, post: Post) -> int | None:
        """Return which category of the post, from 0, led here, 0 without any; None when the section does not fit."""
        if not self._takes_all_but_category(post):
            return None
        if not self.by_category:
            return 0
        return next((place for place, name in enumerate(post.categories) if fold(name) in self._categories), None)

    def takes_the_rest(self, post: Post) -> bool:
        """Tell whether the section takes what no other does."""
        return EVERYTHING_ELSE in self._categories and self._takes_all_but_category(post)

    def _takes_all_but_category(self, post: Post) -> bool:
        return (
            (not self._tags or not self._tags.isdisjoint(map(fold, post.tags)))
            and (not self._authors or not self._authors.isdisjoint(map(fold, [post.author, *post.author.split(", ")])))
            and (not self._sources or fold(source_of(post.id)) in self._sources)
            and (not self._languages or self._speaks(fold(post.language or self._language)))
        )

    def _speaks(self, language: str) -> bool:
        return any(language == each or language.startswith(f"{each}-") for each in self._languages)


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(map(fold, names))
