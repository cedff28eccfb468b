"""Braces of posts: rendered by a template language, a mail is what it was before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.models import READER_TOKEN
from digest.send.curly import in_curly
from tests.servers.handlebars import rendered

LITERAL = {"{": "{{open}}", "}": "{{close}}", "\\": "{{slash}}"}
VALUES = {"open": "{", "close": "}", "slash": "\\", "reader": "a%2Bb"}

MAILS = [
    "nothing at all",
    "@media (x){a{b:c}} {single} } {",
    "{{ user.name }} and {{{ raw }}} and {% if %} {{#each}}",
    f"{{{READER_TOKEN}}} {{{{{READER_TOKEN}}}}} {{{{{READER_TOKEN}",
    f"\\{READER_TOKEN} \\{{{{x}}}} \\\\{{{{ C:\\dir\\{{a}}",
    f"{READER_TOKEN}{READER_TOKEN}",
    "{{}} }}{{ }}}",
]


@pytest.mark.parametrize("mail", MAILS)
@pytest.mark.parametrize("token", ["{{reader}}", "{{{reader}}}"])
def test_a_rendered_template_is_the_mail_with_the_readers_token(mail: str, token: str) -> None:
    template = in_curly(mail, token, LITERAL)
    assert rendered(template, VALUES, backslash_escapes=True) == mail.replace(READER_TOKEN, "a%2Bb")


@given(st.lists(st.sampled_from(["{", "}", "\\", "a", READER_TOKEN])).map("".join))
def test_no_row_of_braces_backslashes_and_tokens_is_another_mail_afterwards(mail: str) -> None:
    template = in_curly(mail, "{{reader}}", LITERAL)
    assert rendered(template, VALUES, backslash_escapes=True) == mail.replace(READER_TOKEN, "a%2Bb")


def test_a_style_sheet_keeps_its_single_braces() -> None:
    assert in_curly("a{b:c} d{e:f}", "{{reader}}", LITERAL) == "a{b:c} d{e:f}"
