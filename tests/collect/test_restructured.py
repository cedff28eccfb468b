"""A text in reStructuredText gives the same words as docutils shows, and nothing in it is executed."""

from __future__ import annotations

import time

import pytest

from digest.collect.words.markdown_text import blocks
from digest.collect.words.restructured import field_at, heading_at, inline, to_markdown


def _words(text: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in blocks(to_markdown(text))]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A *b* **c** ``d <e>``.", "A b c d <e>."),
        ("See `the docs <https://example.com/a_b>`_, Python_ and `this one`__.", "See the docs, Python and this one."),
        ("By :ref:`the page <page>`, :func:`~a.b` and :abbr:`RSS (Really Simple)`.", "By the page, a.b and RSS."),
        ("A note [1]_, another [#]_ and [CIT2002]_.", "A note , another and ."),
        ("snake_case_name and __init__ and 2 * 3 * 4", "snake_case_name and __init__ and 2 * 3 * 4"),
        ("a < b and <tag> [x](y) #1 ~z", "a < b and <tag> [x](y) #1 ~z"),
        (r"\*not marked\* and re\ ``struct``\ ured", "*not marked* and restructured"),
        ("日本語の\n段落です", "日本語の段落です"),
    ],
)
def test_marks_within_a_paragraph_give_way_to_their_words(text: str, words: str) -> None:
    assert _words(text) == [("paragraph", words)]


def test_code_tables_pictures_comments_and_directives_are_dropped() -> None:
    text = """\
.. _target: https://example.com
.. |name| image:: a.png
.. |it| replace:: the thing

Before::

    code = 1

    more = 2

After |it| |name|.

.. code-block:: python
   :linenos:

   dropped

.. image:: a.png
   :alt: dropped

.. figure:: a.png

   dropped caption

.. raw:: html

   <script>dropped</script>

.. include:: /etc/passwd

.. a comment
   of two lines

.. [1] a footnote

>>> dropped
1

+---+---+
| a | b |
+---+---+

===  ===
 a    b
===  ===
 1    2

 3    4
===  ===

----

:field: dropped
   too

Last.
"""
    assert _words(text) == [
        ("paragraph", "Before:"),
        ("paragraph", "After the thing ."),
        ("paragraph", "Last."),
    ]


def test_headings_lists_notes_and_quotations_keep_their_kind() -> None:
    text = """\
=====
Title
=====

Section
-------

- one
  and more

  second paragraph
- two

#. three

term : classifier
    its definition

.. note:: Take
   care.

.. admonition:: Name

   Inside.

.. class:: wide

Plain.

    A quotation.

| line one
| line two
"""
    assert _words(text) == [
        ("heading", "Title"),
        ("heading", "Section"),
        ("item", "one and more"),
        ("item", "second paragraph"),
        ("item", "two"),
        ("item", "three"),
        ("item", "term its definition"),
        ("quote", "Take care."),
        ("quote", "Inside."),
        ("paragraph", "Plain."),
        ("quote", "A quotation."),
        ("paragraph", "line one line two"),
    ]


def test_the_end_of_a_summary_is_marked() -> None:
    assert "<!-- more -->" in to_markdown("First.\n\n.. PELICAN_END_SUMMARY\n\nSecond.\n")


@pytest.mark.parametrize(
    ("text", "style", "short"),
    [
        ("Title\n=====", "=", False),
        ("=====\nTitle\n=====", "==", False),
        ("Long title\n====", "=", True),
        ("日本語\n====", "=", True),
        ("日本語\n======", "=", False),
    ],
)
def test_a_heading_is_known_by_its_line(text: str, style: str, short: bool) -> None:
    heading = heading_at(text.split("\n"), 0)
    assert heading is not None
    assert (heading.style, heading.short) == (style, short)


@pytest.mark.parametrize("text", ["Long title\n===", " Title\n=====", "Title\n==-==", "-----\n\nText", ""])
def test_what_is_no_heading_is_none(text: str) -> None:
    assert heading_at(text.split("\n"), 0) is None


def test_a_field_ends_where_its_indentation_ends() -> None:
    lines = [":summary: one", "   two", "", "   three", "Text"]
    assert field_at(lines, 0) == ("summary", "one\ntwo\n\nthree", 4)
    assert field_at([":not a field"], 0) is None
    assert field_at([":role:`x` text"], 0) is None


@pytest.mark.parametrize(
    "hostile",
    ["`" * 50_000, "``a " * 20_000, ":" * 50_000, "[" * 50_000, "a." * 30_000, "|a " * 30_000, "<" * 50_000,
     "*" * 50_000, "\\" * 50_000, "- " * 3_000, "a\n b\n" * 10_000, "  " * 2_000 + "x", "=" * 50_000,
     "\n".join(" " * depth + "- x" for depth in range(0, 600, 2))],
)  # fmt: skip
def test_no_text_takes_long(hostile: str) -> None:
    started = time.process_time()
    to_markdown(hostile)
    inline(hostile)
    assert time.process_time() - started < 20
