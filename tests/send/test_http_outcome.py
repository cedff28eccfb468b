"""The table from status and headers to what it means, without a network."""

from __future__ import annotations

import pytest

from digest.send.http_outcome import Outcome, outcome_of, retry_after

DATE = "Mon, 19 Jan 2026 00:00:00 GMT"
EPOCH = 1768780800


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        ([202], Outcome.ACCEPTED),
        ([400, 413, 422], Outcome.REJECTED),
        ([429], Outcome.NOT_SENT),
        ([300, 301, 302, 303, 304, 307, 308], Outcome.REFUSED),
        ([401, 402, 403, 404, 405, 406, 410, 411, 415, 418], Outcome.REFUSED),
        ([408, 409, 499], Outcome.AMBIGUOUS),
        ([500, 501, 502, 503, 504, 520, 529, 599], Outcome.AMBIGUOUS),
        ([100, 101, 200, 201, 204, 206, 999], Outcome.AMBIGUOUS),
    ],
)
def test_a_status_means_what_the_table_says(statuses: list[int], outcome: Outcome) -> None:
    assert {outcome_of(status, accepted={202}) for status in statuses} == {outcome}


def test_only_what_a_provider_documents_is_success() -> None:
    assert outcome_of(200, accepted={200, 202}) is Outcome.ACCEPTED
    assert outcome_of(202, accepted={200}) is Outcome.AMBIGUOUS


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": " 7 "}, 7.0),
        ({"retry-after": "999999"}, 3600.0),
        ({"retry-after": "Mon, 19 Jan 2026 00:01:30 GMT", "date": DATE}, 90.0),
        ({"retry-after": "Mon, 19 Jan 2026 09:01:30 +0900", "date": DATE}, 90.0),
        ({"retry-after": "Sun, 18 Jan 2026 23:00:00 GMT", "date": DATE}, 0.0),
        ({"retry-after": "Mon, 19 Jan 2026 00:01:30 GMT"}, None),
        ({"x-ratelimit-reset": str(EPOCH + 12), "date": DATE}, 12.0),
        ({"x-ratelimit-reset": str(EPOCH - 12), "date": DATE}, 0.0),
        ({"x-ratelimit-reset": str(EPOCH + 12)}, None),
        ({"retry-after": "3", "x-ratelimit-reset": str(EPOCH + 12), "date": DATE}, 3.0),
        ({"retry-after": "soon", "x-ratelimit-reset": str(EPOCH + 12), "date": DATE}, 12.0),
        ({"retry-after": "-5", "date": DATE}, None),
        ({"retry-after": "", "x-ratelimit-reset": "tomorrow", "date": "yesterday"}, None),
        ({}, None),
    ],
)
def test_the_wait_is_read_from_any_form_without_a_clock(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds
