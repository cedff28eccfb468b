"""Amazon's signature, against the vectors that Amazon publishes for those who write it themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from digest.send.sigv4 import Signer, amazon_date

# Facts of the AWS Signature Version 4 test suite (aws-sig-v4-test-suite), as repeated in the AWS SDK for JavaScript,
# packages/signature-v4/src/suite.fixture.ts: credentials, moment, and the expected signature of each request.
SIGNER = Signer("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1", "service")
AT = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
HOST = {"Host": "example.amazonaws.com", "X-Amz-Date": "20150830T123600Z"}
TOKEN = (
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwth"
    "Ax7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY"
    "9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
)
FORM = "application/x-www-form-urlencoded"
UNRESERVED = "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
VECTORS = {
    "get-vanilla": ("GET", "/", {}, b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    "get-unreserved": ("GET", UNRESERVED, {}, b"", "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
    "get-utf8": ("GET", "/ሴ", {}, b"", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
    "get-header-value-trim": (
        "GET", "/", {"My-Header1": " value1", "My-Header2": ' "a   b   c"'}, b"",
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    ),
    "post-vanilla": ("POST", "/", {}, b"", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    "post-header-key-sort": (
        "POST", "/", {"My-Header1": "value1"}, b"", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
    ),
    "post-header-value-case": (
        "POST", "/", {"My-Header1": "VALUE1"}, b"", "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
    ),
    "post-sts-header-before": (
        "POST", "/", {"X-Amz-Security-Token": TOKEN}, b"",
        "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
    ),
    "post-x-www-form-urlencoded": (
        "POST", "/", {"Content-Type": FORM}, b"Param1=value1",
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ),
    "post-x-www-form-urlencoded-parameters": (
        "POST", "/", {"Content-Type": f"{FORM}; charset=utf8"}, b"Param1=value1",
        "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", VECTORS)
def test_the_signature_is_the_one_that_amazon_publishes(name: str) -> None:
    method, path, headers, content, expected = VECTORS[name]
    found = SIGNER.signature(method, f"https://example.amazonaws.com{path}", {**HOST, **headers}, content, AT)
    assert found == expected


def test_the_header_names_key_day_region_service_and_what_was_signed() -> None:
    assert SIGNER.authorization({**HOST, "Content-Type": FORM}, AT, "5fa0") == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date, Signature=5fa0"
    )


def test_time_is_told_in_utc_wherever_the_clock_stands() -> None:
    tokyo = AT.astimezone(timezone(timedelta(hours=9)))
    assert amazon_date(tokyo) == "20150830T123600Z"
    assert SIGNER.scope(datetime(2015, 8, 31, 8, 0, tzinfo=tokyo.tzinfo)).startswith("20150830/")
