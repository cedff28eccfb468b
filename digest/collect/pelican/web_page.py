"""Decides what a post says that is written as a whole HTML page: `<title>`, `<meta name=… content=…>` and its body."""

from __future__ import annotations

from html.parser import HTMLParser

from digest.collect.headers.pelican_header import Header
from digest.collect.problems import BrokenPostError


def read(text: str) -> Header:
    """Read a page as Pelican's own reader of HTML does; what stands outside of head and body is lost.

    Raise `BrokenPostError` when it cannot be read.
    """
    reader = _Reader(text)
    try:
        reader.feed(text)
        reader.close()
    except AssertionError as error:  # Python's parser gives up on some broken declarations
        line = reader.getpos()[0]
        raise BrokenPostError(
            "post.html", f"The page is no HTML: {error}.", line=line, fix="Correct the line."
        ) from error
    values = {name: tuple(said) for name, said in reader.values.items()}
    return Header(values, reader.places, (), reader.body())


class _Reader(HTMLParser):
    """Collects the metadata, and where the body begins and ends."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.values: dict[str, list[str]] = {}
        self.places: dict[str, int] = {}
        self._lines = [0]
        for line in text.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self._text = text
        self._inside = ""
        self._title: list[str] | None = None
        self._span = (0, 0)

    def body(self) -> str:
        """Return the HTML of the body."""
        start, end = self._span
        return self._text[start : end or len(self._text)] if start else ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note metadata, and where the body begins."""
        if tag in {"head", "body"} and not self._inside:
            self._inside = tag
            if tag == "body":
                self._span = (self._offset() + len(self.get_starttag_text() or ""), 0)
        elif self._inside == "head" and tag == "title":
            self._title = []
            self.places["title"] = self.getpos()[0]
        elif self._inside == "head" and tag == "meta":
            self._meta(dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        """Note where title and body end."""
        if tag == "title" and self._title is not None:
            self.values["title"] = ["".join(self._title)]
            self._title = None
        elif tag == self._inside:
            if tag == "body":
                self._span = (self._span[0], self._offset())
            self._inside = ""

    def handle_data(self, data: str) -> None:
        """Keep the words of the title."""
        if self._title is not None:
            self._title.append(data)

    def handle_entityref(self, name: str) -> None:
        """Keep an entity of the title as it is written."""
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        """Keep a numbered character of the title as it is written."""
        self.handle_data(f"&#{name};")

    def _meta(self, attributes: dict[str, str | None]) -> None:
        name = (attributes.get("name") or "").lower()
        if not name:
            return
        name = "tags" if name == "keywords" else name
        self.values.setdefault(name, []).append(attributes.get("content") or attributes.get("contents") or "")
        self.places.setdefault(name, self.getpos()[0])

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column
