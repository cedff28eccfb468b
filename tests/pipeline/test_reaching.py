"""A newsletter's readers are on one list, and the provider has to fit to where it is kept."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from digest.models import Level, Newsletter
from digest.pipeline.reaching import out_of_reach, reach
from tests.factories import make_newsletter


@dataclass
class Stand:
    keeps_list: bool

    def mistake_in(self, list_name: str) -> str:
        return "" if list_name.isdecimal() else "it is not a number"


def letter(audience: str) -> Newsletter:
    return make_newsletter(audience=audience, file="config/newsletters/weekly.toml")


@pytest.mark.parametrize(
    ("audience", "keeps_list"), [("config/audience.csv", False), ("store", False), ("list:7", True)]
)
def test_readers_who_can_be_reached(audience: str, keeps_list: bool) -> None:
    assert out_of_reach(letter(audience), Stand(keeps_list)) == ""  # type: ignore[arg-type]  # only what is asked for
    assert reach(letter(audience), Stand(keeps_list)) == ()  # type: ignore[arg-type]  # likewise


@pytest.mark.parametrize(
    ("audience", "keeps_list", "says"),
    [
        ("list:7", False, "'list:7' is a list at the provider"),
        ("store", True, "keeps the list of readers itself, so 'store' would not be used"),
        ("config/audience.csv", True, "keeps the list of readers itself"),
        ("list:abc", True, "it is not a number"),
    ],
)
def test_readers_who_cannot_be_reached_are_told_before_anything_is_sent(
    audience: str, keeps_list: bool, says: str
) -> None:
    (finding,) = reach(letter(audience), Stand(keeps_list))  # type: ignore[arg-type]  # only what is asked for
    assert says in finding.message
    assert finding.level is Level.ERROR
    assert finding.file
    assert finding.fix
