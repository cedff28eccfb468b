"""The harmless question on its way: asked once within ten seconds; what is answered is told without the key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast
from urllib.parse import urlsplit

from digest.send.detail import retell
from digest.send.http_access import HEADERS, open_client, value_of
from digest.send.http_batch import HttpBatch
from digest.send.http_list import HttpList
from digest.send.http_outcome import Reply, request_once
from digest.send.key_checks import SECONDS, KeyCheck, KeyState, built_in
from digest.send.key_checks.calls import QUESTIONS, Question
from digest.send.providers import Answer, Provider
from digest.send.sigv4 import Signer, amazon_date


async def ask(provider: Provider) -> KeyCheck | None:
    """Ask a built-in provider; None where there is nothing to ask, or where its settings lack something."""
    kind = built_in(provider)
    if not kind or provider.problems():
        return None
    if kind == "smtp":
        from digest.send.providers.smtp import Provider as MailServer
        from digest.send.smtp_session import knock

        return await knock(cast(MailServer, provider))
    question = QUESTIONS.get(kind)
    # A sandbox token is nobody's: Postmark's takes mail, and is not documented to do anything else.
    if question is None or not isinstance(provider, HttpBatch | HttpList) or getattr(provider, "sandbox", False):
        return None
    return await _ask(provider, kind, question)


async def _ask(provider: HttpBatch | HttpList, kind: str, question: Question) -> KeyCheck:
    path = question.path(provider)
    asked = f"{question.method} {urlsplit(path).path}"
    url = question.host(provider).rstrip("/") + path
    content = b""
    headers = {**HEADERS, **question.headers}
    if question.keyed and isinstance(provider, HttpBatch):
        content = json.dumps(provider.keyed({}, value_of)).encode()
        headers["Content-Type"] = "application/json"
    headers |= _signed(provider, url) if kind == "ses" else provider.credentials(value_of)
    async with open_client(url, SECONDS) as client:
        reply = await request_once(
            client, url, headers=headers, content=content, deadline=SECONDS, method=question.method
        )
    if isinstance(reply, Answer):
        return KeyCheck(KeyState.UNREACHABLE, retell(reply.detail, *provider.secrets), asked)
    return _understood(provider, question, asked, reply)


def _understood(provider: HttpBatch | HttpList, question: Question, asked: str, reply: Reply) -> KeyCheck:
    judged = question.judge(reply)
    if judged:
        state, warnings = judged.state, judged.warnings
    elif 200 <= reply.status < 300:
        state, warnings = KeyState.VALID, ()
    else:
        # Whatever else it is (a proxy's page, 404, 429, 500), it says nothing about the key.
        state, warnings = question.of_status.get(reply.status, KeyState.UNSURE), ()
    said = provider.retold(reply, provider.said(reply))
    if state is KeyState.VALID:
        said = f"{provider.title} knows the key"
    elif question.needs and state in {KeyState.LIMITED, KeyState.UNSURE}:
        said = f"{said} (to ask this, a key needs {question.needs})"
    return KeyCheck(state, said, asked, _date(reply), warnings)


def _signed(provider: Any, url: str) -> Mapping[str, str]:
    """Return the headers of a signed GET to Amazon."""
    at = provider.clock()
    signer = Signer(provider.access_key_id.value, provider.api_key.value, provider.region, "ses")
    token = {"X-Amz-Security-Token": provider.session_token.value} if provider.session_token else {}
    signed = {"Host": urlsplit(url).netloc, "X-Amz-Date": amazon_date(at), **token}
    return {**signed, "Authorization": signer.authorization(signed, at, signer.signature("GET", url, signed, b"", at))}


def _date(reply: Reply) -> datetime | None:
    try:
        found = parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        return None
    return found if found.tzinfo else None
