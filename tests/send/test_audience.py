"""The list of readers: every line is used or explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.errors import AudienceError
from digest.send.audience import normal_form, read_audience


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    file = folder / "audience.csv"
    file.write_bytes(text.encode(encoding))
    return file


def test_readers_keep_the_order_of_the_file(tmp_path: Path) -> None:
    audience = read_audience(write(tmp_path, "address,name\nb@example.com,B\na@example.com,花子\n"))
    assert [(each.address, each.name) for each in audience.recipients] == [
        ("b@example.com", "B"),
        ("a@example.com", "花子"),
    ]
    assert audience.problems == ()


@pytest.mark.parametrize("header", ["email", "Email ", "address", "メールアドレス", "\ufeffemail"])
def test_the_column_is_found_under_its_usual_names(tmp_path: Path, header: str) -> None:
    assert len(read_audience(write(tmp_path, f"{header},name\na@example.com,A\n")).recipients) == 1


def test_an_address_that_stands_twice_is_used_once(tmp_path: Path) -> None:
    audience = read_audience(write(tmp_path, "email\na@example.com\n\nA@EXAMPLE.com \n"))
    assert len(audience.recipients) == 1
    (problem,) = audience.problems
    assert (problem.code, problem.line) == ("audience.twice", 4)


@pytest.mark.parametrize(
    "address",
    ["nobody", "@example.com", "a@", "a b@example.com", "a@example", "a@-x.com", "a..b@example.com", "a@ex ample.com",
     "a@example.com\x00", ".a@example.com", "a@" + "x" * 64 + ".com"],
)  # fmt: skip
def test_a_bad_address_is_a_problem_with_its_line_and_never_stops_the_others(tmp_path: Path, address: str) -> None:
    audience = read_audience(write(tmp_path, f"email,name\n{address},x\ngood@example.com,y\n"))
    assert [each.address for each in audience.recipients] == ["good@example.com"]
    assert [(each.code, each.line) for each in audience.problems] == [("audience.bad-address", 2)]


@pytest.mark.parametrize("rest", ["b@example.com,B\n" * 3, "b@example.com,B\n" * 20_000, 'b@example.com,"B"\n'])
def test_a_missing_quotation_mark_forgets_nobody_silently(tmp_path: Path, rest: str) -> None:
    with pytest.raises(AudienceError) as caught:
        read_audience(write(tmp_path, f'email,name\ngood@example.com,y\na@example.com,"Eve\n{rest}'))
    assert caught.value.line == 3
    assert "quotation mark" in caught.value.fix


def test_a_control_character_in_a_name_is_refused(tmp_path: Path) -> None:
    audience = read_audience(write(tmp_path, "email,name\na@example.com,Eve\x0bBcc\n"))
    assert audience.recipients == ()
    assert "control character" in audience.problems[0].message


def test_an_internationalised_domain_becomes_ascii() -> None:
    assert normal_form(" 花子@例え.jp ") == "花子@xn--r8jz45g.jp"


def test_a_missing_file_says_what_to_make(tmp_path: Path) -> None:
    with pytest.raises(AudienceError, match="missing") as caught:
        read_audience(tmp_path / "none.csv")
    assert "address,name" in caught.value.fix


def test_a_file_without_a_column_for_addresses_says_so(tmp_path: Path) -> None:
    with pytest.raises(AudienceError, match="no column"):
        read_audience(write(tmp_path, "who\na@example.com\n"))


def test_a_file_in_another_encoding_says_so(tmp_path: Path) -> None:
    with pytest.raises(AudienceError, match="cannot be read") as caught:
        read_audience(write(tmp_path, "email,name\na@example.com,花子\n", "shift_jis"))
    assert caught.value.fix == "save it as UTF-8"
