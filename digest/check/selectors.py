"""Which rules of a style block meet which tag: types, classes, ids and attributes, one inside of the other."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from digest.check.css import Declaration, Rule
from digest.check.document import Tag

_SIMPLE = re.compile(r"(\*|[a-zA-Z][\w-]*)?((?:[.#][\w-]+|\[[\w:-]+(?:[~|^$*]?=[^\]]*)?\])*)")
_MARK = re.compile(r"([.#])([\w-]+)|\[([\w:-]+)(?:[~|^$*]?=[^\]]*)?\]")
_FURTHEST = 8
"""Selectors that name more tags than that are nobody's."""


@dataclass(frozen=True, slots=True)
class Compound:
    """What a selector asks of one tag."""

    tag: str
    ids: frozenset[str]
    classes: frozenset[str]
    attributes: frozenset[str]

    @property
    def names(self) -> frozenset[str]:
        """All that it asks for, as `names_in` writes it."""
        ids, classes, attributes = (
            {f"#{each}" for each in self.ids},
            {f".{each}" for each in self.classes},
            {f"[{each}]" for each in self.attributes},
        )
        return frozenset(ids | classes | attributes | ({self.tag} if self.tag else set()))

    def meets(self, element: etree._Element) -> bool:
        """Tell whether a tag is meant."""
        return (
            (not self.tag or element.tag == self.tag)
            and (not self.ids or element.get("id") in self.ids)
            and (not self.classes or self.classes.issubset(str(element.get("class") or "").split()))
            and all(element.get(name) is not None for name in self.attributes)
        )


@dataclass(frozen=True, slots=True)
class Selector:
    """A chain of compounds, from the outermost to the tag itself."""

    chain: tuple[Compound, ...]

    @property
    def weight(self) -> tuple[int, int, int]:
        """What decides between two rules: ids, classes and attributes, types."""
        return (
            sum(len(each.ids) for each in self.chain),
            sum(len(each.classes) + len(each.attributes) for each in self.chain),
            sum(bool(each.tag) for each in self.chain),
        )

    @property
    def by_names(self) -> bool:
        """Whether type, id and classes of a tag alone tell if it is meant."""
        return len(self.chain) == 1 and not self.chain[0].attributes

    def meets(self, element: etree._Element) -> bool:
        """Tell whether the last compound meets the tag, and the others meet tags around it, in their order."""
        if not self.chain[-1].meets(element):
            return False
        waiting = list(self.chain[:-1])
        for ancestor in element.iterancestors() if waiting else ():
            if waiting[-1].meets(ancestor):
                waiting.pop()
                if not waiting:
                    break
        return not waiting


@lru_cache(maxsize=4096)
def selector_of(text: str) -> Selector | None:
    """Read a selector; None for one with pseudo-classes or other combinators than “inside of”."""
    parts = text.split()
    if not 0 < len(parts) <= _FURTHEST:
        return None
    chain = []
    for part in parts:
        found = _SIMPLE.fullmatch(part)
        if not found:
            return None
        marks = _MARK.findall(found[2])
        chain.append(
            Compound(
                "" if found[1] in {None, "*"} else found[1].lower(),
                frozenset(name for mark, name, _ in marks if mark == "#"),
                frozenset(name for mark, name, _ in marks if mark == "."),
                frozenset(name.lower() for _, _, name in marks if name),
            )
        )
    return Selector(tuple(chain))


class Sheet:
    """The rules that are in force together, asked tag by tag."""

    def __init__(self, rules: Iterable[Rule], names: frozenset[str]) -> None:
        """Take the rules that can meet a tag of a mail in which there are only such `names` (of `names_in`)."""
        self._by_key: dict[str, list[tuple[tuple[int, int, int], int, Selector, Rule]]] = defaultdict(list)
        self._known: dict[tuple[str, str, str], tuple[Declaration, ...]] = {}
        for place, (selector, rule) in enumerate(_meant(rules, names)):
            self._by_key[_key(selector.chain[-1])].append((selector.weight, place, selector, rule))

    def declarations(self, tag: Tag) -> tuple[tuple[Declaration, ...], bool]:
        """Return what the rules declare for a tag, what counts most last; `important` is not weighed.

        And whether every other tag of that name, id and classes gets the same.
        """
        names = tag.name, tag.id, tag.classes
        known = self._known.get(names)
        if known is not None:
            return known, True
        keys = [f".{name}" for name in tag.classes.split()]
        keys += [f"#{tag.id}", tag.name, ""]
        offered = [each for key in dict.fromkeys(keys) for each in self._by_key.get(key, ())]
        meant = sorted((each for each in offered if each[2].meets(tag.element)), key=lambda each: each[:2])
        found = tuple(declaration for *_, rule in meant for declaration in rule.declarations)
        settled = all(selector.by_names for _, _, selector, _ in offered)
        if settled:
            self._known[names] = found
        return found, settled


def _meant(rules: Iterable[Rule], names: frozenset[str]) -> Iterator[tuple[Selector, Rule]]:
    for rule in rules:
        for selector in map(selector_of, rule.selectors):
            if selector and all(compound.names <= names for compound in selector.chain):
                yield selector, rule


def _key(compound: Compound) -> str:
    """Return something that a tag must have to be met: the place where its rules are kept."""
    if compound.classes:
        return "." + min(compound.classes)
    if compound.ids:
        return "#" + min(compound.ids)
    return compound.tag
