"""What a page of ours sent back: a form of bounded size, with the token that the page was given for its person."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

LARGEST = 2_000_000
"""Bytes of a form: the longest text of a design, in Japanese, takes nine a character."""
MOST_FIELDS = 20
TOKEN = "form_token"  # noqa: S105 - the name of the field, not what stands in it

_KEPT = "digest.form"


class FormError(Exception):
    """The form is not taken; `status` is the answer's, and `why` one of `pages.refusal`."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


async def read_form(request: Request, token: str, most: int = MOST_FIELDS, largest: int = LARGEST) -> Mapping[str, str]:
    """Return the fields of a form, `most` at most, of `largest` bytes.

    Raise `FormError` for one that is too large, not a form, or not of our page.
    """
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise FormError(415, "form")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > largest:
            raise FormError(413, "large")
    try:
        fields = dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=most))
    except ValueError as error:  # also what is not UTF-8
        raise FormError(400, "form") from error
    if not secrets.compare_digest(fields.get(TOKEN, "").encode(errors="replace"), token.encode()):
        raise FormError(403, "form")
    return fields


def keep_form(request: Request, fields: Mapping[str, str]) -> None:
    """Keep a form that may be heeded, for who takes it."""
    request.scope[_KEPT] = fields


def sent_form(request: Request) -> Mapping[str, str]:
    """Return the form that came with a request: of our page, and sent by somebody who may (`people.rights`)."""
    kept: Mapping[str, str] = request.scope[_KEPT]
    return kept
