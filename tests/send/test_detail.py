"""What a provider says may be repeated, except for what nobody should read."""

from __future__ import annotations

from digest.models import Secret
from digest.send.detail import retell


def test_a_secret_becomes_the_name_of_its_variable() -> None:
    assert retell("bad key sk-123", Secret("KEY", "sk-123"), None, Secret("EMPTY")) == "bad key env:KEY"


def test_addresses_are_shortened_whatever_stands_around_them() -> None:
    said = retell('<taro@example.com>, "jiro"@x.jp, 花子@例え.jp:mailto:a@b.c')
    assert "taro" not in said
    assert "花子" not in said
    assert "t…@example.com" in said


def test_an_answer_of_many_lines_becomes_one_line_of_readable_length() -> None:
    said = retell("550 no\r\n\tway " + "x" * 1000)
    assert said.startswith("550 no way x")
    assert len(said) == 300
