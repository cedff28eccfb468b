"""What a post is about, as terms: names, versions, numbers, katakana words, pairs of kanji, and plain words.

Retellings share hardly any wording, but they share what their openings name. A body's first line is often the true
headline, because titles are cut off or decorated; so a title's term that the opening never repeats counts little.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from digest.models import Post
from digest.select.stories.bodies import plain, without_appendix

OPENING = 900
"""Characters of the plain body that are read."""
_MARKED_UP = 3 * OPENING
"""Characters of the body as written that surely hold them."""
_LEAD = 150
"""The opening's first characters, a headline and a sentence, whose terms count once more."""
_UNCONFIRMED = 0.3
"""What a title's term counts when neither the summary nor the opening has it."""

_RUN = re.compile(r"[0-9a-z%.\-々\u00c0-\u1fff\u2c00-\u2dff\u30a1-\u30fa\u30fc\u3105-\ufaff]{2,}")
"""What stands between spaces, hiragana and marks; it is taken apart once and remembered."""
_TERM = re.compile(
    r"\d[\d,.]*(?:[兆億万千%倍]|ドル|円|ユーロ|社|人|件)*(?![a-z\d])"
    r"|[a-z0-9]+(?:[.\-][a-z0-9]+)*"
    r"|[ァ-ヴー]{2,}"
    r"|[一-龥々]{2,}"
    r"|[^\W\d_a-zぁ-ヿ一-龥]{2,}"
)
_UNUSUAL = re.compile(r"[\s\S]?[^\x00-\x7f\u3001-\u3098\u309d-\u30fe\u3400-\u9fff]+")
"""Characters that NFKC may change, and the one before them, with which they may become one."""
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9 .\-]*.?")
"""Latin words in a row and the character behind them, which may be a unit."""
_VERSION = re.compile(
    r"(?<![A-Za-z0-9])([A-Za-z]*[A-Z][A-Za-z]*)[ \-]?[vV]?(\d+(?:\.\d+)*)"
    r"(?:[ \-]?(?i:(mini|nano|micro|lite|light|air|flash|turbo|plus|pro|max|ultra|preview)\b))?"
    r"(?![\d,]*\s?(?:[つ年月日割倍%兆億万千人社件個選]|th|st|nd|rd))"
)
_SMALL_LETTERS = re.compile(r"(?<![A-Za-z0-9.\-])[a-z]{2,}(?![A-Za-z0-9])")
_NAME = re.compile(r"[a-z][a-z\-.]*")
_YEAR = re.compile(r"(?:19|20)\d\d")
_MOST = 50
_COUNTS = tuple(1 + math.log(max(count, 1)) for count in range(_MOST + 1))
"""What a term counts that stands in a text so many times."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Terms of one kind by which a headline tells its story from others like it."""

    headline: frozenset[str]
    """Those of the title as far as the text confirms it, and where it is said so those of the lead."""
    all: frozenset[str]

    def __or__(self, other: Marks) -> Marks:
        return Marks(self.headline | other.headline, self.all | other.all)

    def contradict(self, other: Marks) -> bool:
        """Tell whether both headlines have such terms, and neither text knows those of the other's headline."""
        return bool(
            self.headline
            and other.headline
            and self.headline.isdisjoint(other.all)
            and other.headline.isdisjoint(self.all)
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one post and how much each counts in it, before it is known how rare they are."""

    counts: dict[str, float]
    """In the order of the text: the order of a set would differ from run to run."""
    versions: Marks
    """Products with their versions: `gpt 5`. The lead's count as the headline's."""
    figures: Marks
    """Numbers of two digits and more, or with a unit; no years. Those of the lead are often incidental: left out."""
    small: frozenset[str]
    """Latin words that the opening writes in small letters: no names."""


class Reader:
    """Reads the terms of posts, and remembers how runs of letters fall apart."""

    def __init__(self) -> None:
        self._terms = _Remembered(_taken_apart)
        self._versions = _Remembered(_versions)
        self._small = _Remembered(_SMALL_LETTERS.findall)

    def terms(self, post: Post) -> Terms:
        """Return the terms of a post's title, summary and opening; may raise `SourceError`."""
        body = post.body[:_MARKED_UP]
        if len(body) < _MARKED_UP:
            body = without_appendix(body)
        written = in_one_form(plain(body).strip()[:OPENING])
        lead, versions = self._said(written[:_LEAD])
        rest, later_versions = self._said(written[_LEAD:])
        said = Counter(lead)
        said.update(rest)
        headline, title_versions = self._said(in_one_form(post.title[:OPENING]))
        summary, summary_versions = self._said(in_one_form(plain(post.summary[:OPENING])))
        counts = {term: _COUNTS[count] if count < _MOST else _COUNTS[_MOST] for term, count in said.items()}
        for term in set(lead):
            counts[term] += 1
        for term in dict.fromkeys(summary):
            counts[term] = counts.get(term, 0.0) + 1
        confirmed = counts.keys() & headline
        for term in dict.fromkeys(headline):
            counts[term] = counts[term] + 1 if term in confirmed else _UNCONFIRMED
        return Terms(
            counts,
            versions=Marks(
                frozenset([*versions, *confirmed.intersection(title_versions)]),
                frozenset([*versions, *later_versions, *title_versions, *summary_versions]),
            ),
            figures=Marks(frozenset(_figures(confirmed)), frozenset(_figures(counts))),
            small=frozenset(chain.from_iterable(map(self._small.__getitem__, _LATIN.findall(written)))),
        )

    def _said(self, written: str) -> tuple[list[str], list[str]]:
        """Return the terms of a text in NFKC, each as often as it stands there, and the versions among them."""
        versions = list(chain.from_iterable(map(self._versions.__getitem__, _LATIN.findall(written))))
        runs = _RUN.findall(written.casefold())
        return [*chain.from_iterable(map(self._terms.__getitem__, runs)), *versions], versions


def in_one_form(text: str) -> str:
    """Return a text in NFKC; only what may change is looked at, as most of a Japanese text cannot."""
    return text if text.isascii() else _UNUSUAL.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)


class _Remembered(dict[str, tuple[str, ...]]):
    """What a function finds in a text, found once."""

    def __init__(self, find: Callable[[str], Iterable[str]]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, text: str) -> tuple[str, ...]:
        found = self[text] = tuple(self._find(text))
        return found


def labels(text: str) -> tuple[str, ...]:
    """Return the terms of a text as its author writes them: whole words, not pairs of kanji."""
    written = in_one_form(text)
    folded = written.casefold()
    as_written = written if len(written) == len(folded) else folded
    words = [as_written[found.start() : found.end()] for found in _TERM.finditer(folded)]
    versions = [as_written[found.start() : found.end()] for found in _VERSION.finditer(written)]
    return tuple(dict.fromkeys(word for word in [*versions, *words] if len(word) > 1))


def pieces(label: str) -> tuple[str, ...]:
    """Return the terms of which a label is made."""
    return tuple(_versions(label)) or tuple(_taken_apart(label.casefold())) or (label.casefold(),)


def is_name(term: str) -> bool:
    """Tell whether a term is one Latin word without a version, as names of companies and product families are."""
    return _NAME.fullmatch(term) is not None


def _taken_apart(run: str) -> Iterator[str]:
    for found in _TERM.findall(run):
        first = found[0]
        if "一" <= first <= "龥":
            yield from (found[at : at + 2] for at in range(len(found) - 1))
        elif first.isdigit():
            if len(number := found.rstrip(".,")) > 1:
                yield number
        elif len(found) > 1:
            plural = first.isascii() and len(found) > 3 and found[-1] == "s" and found[-2] != "s"
            yield found[:-1] if plural else found


def _figures(terms: Iterable[str]) -> list[str]:
    return [term for term in terms if term < ":" and not _YEAR.fullmatch(term)]


def _versions(written: str) -> Iterator[str]:
    """Yield names with their versions in one form: `GPT-5`, `GPT 5` and `GPT5.0` are one term."""
    for name, number, kind in _VERSION.findall(written):
        while number.endswith(".0"):
            number = number[:-2]
        yield f"{name} {number} {kind}".casefold().rstrip()
