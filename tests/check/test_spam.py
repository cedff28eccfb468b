"""What SpamAssassin prints becomes one finding that says which of its rules the mail meets."""

from __future__ import annotations

import pytest

from digest.check.spam import check_spam, verdict_of
from digest.models import Level

REPORT = """Subject: hello

Content preview:  hello

Content analysis details:   (2.8 points, 5.0 required)

 pts rule name              description
---- ---------------------- --------------------------------------------------
-0.0 NO_RELAYS              Informational: message was not relayed via SMTP
 2.2 MPART_ALT_DIFF         BODY: HTML and text parts are different
 0.6 HTML_IMAGE_RATIO_08    BODY: HTML has a low ratio of text to image
                            area
"""


def of(points: str) -> str:
    return REPORT.replace("2.8", points)


def test_the_report_is_read_with_its_continued_lines() -> None:
    verdict = verdict_of(REPORT)
    assert verdict is not None
    assert verdict.points == 2.8
    assert [(hit.points, hit.rule) for hit in verdict.hits] == [
        (0.0, "NO_RELAYS"),
        (2.2, "MPART_ALT_DIFF"),
        (0.6, "HTML_IMAGE_RATIO_08"),
    ]
    assert verdict.hits[-1].description == "BODY: HTML has a low ratio of text to image area"


@pytest.mark.parametrize(
    ("points", "levels"),
    [("-1.2", []), ("1.9", []), ("2.0", [Level.WARNING]), ("4.9", [Level.WARNING]), ("5.0", [Level.ERROR])],
)
def test_the_points_decide_how_bad_it_is(points: str, levels: list[Level]) -> None:
    assert [each.level for each in check_spam(b"", lambda _: of(points))] == levels


def test_the_heaviest_rule_is_named_first_and_says_what_to_do() -> None:
    (finding,) = check_spam(b"", lambda _: REPORT)
    assert "2.8 of 5 points: 2.2 for BODY: HTML and text parts are different (MPART_ALT_DIFF); 0.6" in finding.message
    assert "NO_RELAYS" not in finding.message
    assert finding.fix == "Make the text part say what the HTML says"


def test_a_report_that_a_mail_quotes_is_not_its_own() -> None:
    quoted = "Content analysis details:   (0.0 points, 5.0 required)\n"
    (finding,) = check_spam(b"", lambda _: quoted + of("6.1"))
    assert finding.level is Level.ERROR


def _late(_: bytes) -> str:
    raise TimeoutError


def _broken(_: bytes) -> str:
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize(
    ("scan", "words"),
    [
        (lambda _: None, "is not installed"),
        (lambda _: "perl: warning: Setting locale failed.", "printed no report"),
        (_late, "did not come to an end"),
        (_broken, "Permission denied"),
    ],
)
def test_what_keeps_it_from_telling_is_told_and_blocks_nothing(scan: object, words: str) -> None:
    (finding,) = check_spam(b"", scan)  # type: ignore[arg-type] # each of them is a scan
    assert finding.level is Level.INFO
    assert finding.code == "mail.spam-unchecked"
    assert words in finding.message
