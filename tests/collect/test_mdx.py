"""Of an MDX text its words are left: no imports, no components, no expressions, and code as it was."""

from __future__ import annotations

import time

import pytest

from digest.collect.words.markdown_text import plain_text
from digest.collect.words.mdx import to_markdown


@pytest.mark.parametrize(
    ("mdx", "words"),
    [
        ("import A from './a.js';\n\nWords.", "Words."),
        ("import './a.css'\nimport {\n  B,\n\n  C,\n} from 'b'\n\nWords.", "Words."),
        ("export const x = () => {\n  return 1;\n\n};\n\nWords.", "Words."),
        ("Words.\n\nexport default ({children}) => <b>{children}</b>", "Words."),
        ("Words.\nimport duties rise.", "Words. import duties rise."),
        ("export taxes fall.", "export taxes fall."),
        ('A <Mark color="red">marked</Mark> word.', "A marked word."),
        ("A <Mark on={() => { return '}' }} {...rest}>marked</Mark> word.", "A marked word."),
        ('<Tabs>\n  <Tab.Item label="a">\n\n      Deep inside.\n\n  </Tab.Item>\n</Tabs>', "Deep inside."),
        ("<>\n  Of a fragment.\n</>", "Of a fragment."),
        ("<Picture src={x} />\n\nWords.", "Words."),
        ("<div className=\"a\" style={{color: 'red'}}>\n  Boxed.\n</div>", "Boxed."),
        ("Hello {name}, welcome.", "Hello , welcome."),
        ("One{' '}two {\"three\"} {`four`}.", "One two three four."),
        ("Words{/* a remark with a } in it */}.", "Words."),
        (r"A \{brace\} and \<sign.", "A {brace} and <sign."),
        ("A brace { that never closes.", "A brace { that never closes."),
        ("1 < 2 and a <3 you", "1 < 2 and a <3 you"),
        ("Call `f({a: <b/>})` now.", "Call f({a: <b/>}) now."),
        ("A ``tick ` {x}`` here.", "A tick ` {x} here."),
        (":::tip[Title]\n\nInside.\n\n:::", "Inside."),
        ("- one {x}\n  - two\n\n      still two", "one two still two"),
    ],
)
def test_only_words_are_left(mdx: str, words: str) -> None:
    assert " ".join(plain_text(to_markdown(mdx)).split()) == " ".join(words.split())
    assert to_markdown(mdx.replace("\n", "\r\n")) == to_markdown(mdx)


@pytest.mark.parametrize(
    "code",
    [
        "```jsx\nimport A from 'a';\n\n<A b={c} />\n:::note\n    {x}\n```",
        "~~~\n```\n<A>{x}</A>\n~~~",
        "````md\n```js\nexport const a = {};\n```\n````",
    ],
)
def test_fenced_code_stays_as_it_is(code: str) -> None:
    assert to_markdown(code) == code
    assert to_markdown(f"<A>\n\n{code}\n\n</A>").strip() == code


@pytest.mark.parametrize("marker", ["truncate", "more", "excerpt"])
def test_a_marker_stays_a_marker(marker: str) -> None:
    assert f"<!-- {marker} -->" in to_markdown(f"One.\n\n{{/* {marker} */}}\n\nTwo.")
    assert "<!-- truncate -->" in to_markdown("One.\n\n<!-- truncate -->\n\nTwo.")


def test_a_picture_keeps_the_address_that_is_written_out() -> None:
    assert to_markdown('<img src="/a.png" alt={x} width="600" />') == '<img src="/a.png" width="600"/>'


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "<a ",
        "<",
        "`",
        "` `` ",
        "```\n",
        "<A {",
        "export const {\n",
        '"',
        "{'",
        "{/*",
        "\\",
        "<A b='",
        "`a",
        ":::\n",
        "}",
    ],
)
def test_no_text_takes_long(text: str) -> None:
    started = time.process_time()
    to_markdown(text * (100_000 // len(text)))
    assert time.process_time() - started < 20


def test_a_tag_with_endless_attributes_is_read_once() -> None:
    started = time.process_time()
    to_markdown("<A" + " b" * 50_000 + " <B" + " c" * 50_000)
    assert time.process_time() - started < 20
