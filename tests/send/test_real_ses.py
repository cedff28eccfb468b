"""Amazon's own client agrees with us: signature, request and answers of SendBulkEmail, and the stand-in for SES."""

from __future__ import annotations

import os
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, ParamValidationError
from botocore.session import Session

from digest.models import Mailbox, Secret
from digest.send.providers.ses import Provider
from tests.factories import make_email, make_recipient
from tests.send.asked import NOWHERE, ask
from tests.send.test_ses import ENTRIES, refusal, results
from tests.servers.http import HttpServer
from tests.servers.mailings import make_mailing
from tests.servers.peer import SECRET
from tests.servers.peers_ses import NOW, REGION, answered

KEY_ID = Secret("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
TOKEN = Secret("AWS_SESSION_TOKEN", "temporary/+==")
JAPANESE = make_email(subject="週刊：「{{生成AI}}」 ", reply_to=Mailbox("desk@example.com", "編集部"))


def to(url: str = NOWHERE, **changes: Any) -> Provider:
    options = {"api_key": Secret("AWS_SECRET_ACCESS_KEY", SECRET), "access_key_id": KEY_ID, "region": REGION}
    return Provider(**{**options, "base_url": url, "timeout": 5.0, "clock": lambda: NOW, **changes})


@pytest.fixture(autouse=True)
def _no_account_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)


def amazons(url: str, **keys: str) -> Any:
    """Return Amazon's client; it reads no file of this machine."""
    session = Session()
    for name in ("config_file", "credentials_file"):
        session.set_config_variable(name, "/nonexistent")
    once = Config(retries={"total_max_attempts": 1}, proxies={})
    own = {"aws_access_key_id": KEY_ID.value, "aws_secret_access_key": SECRET, **keys}
    return session.create_client("sesv2", region_name=REGION, endpoint_url=url, config=once, **own)


@pytest.mark.parametrize("options", [{}, {"session_token": TOKEN}, {"configuration_set": "news", "tracking": True}])
@pytest.mark.parametrize(
    "changes",
    [{}, {"email": JAPANESE}, {"recipients": tuple(make_recipient(number) for number in range(1, 51))}],
    ids=["two", "japanese", "fifty"],
)
@pytest.mark.anyio
async def test_what_arrives_has_the_signature_that_amazon_would_make(
    options: dict[str, Any], changes: dict[str, Any]
) -> None:
    with HttpServer(default=answered) as server:
        await ask(to(server.url, **options), 2, **changes)
        (arrived,) = server.requests
        given = arrived.headers["authorization"]
        signed = given.partition("SignedHeaders=")[2].partition(",")[0].split(";")
        request = AWSRequest(
            arrived.method, server.url + arrived.path, {name: arrived.headers[name] for name in signed}, arrived.body
        )
        request.context["timestamp"] = arrived.headers["x-amz-date"]
        judge = SigV4Auth(Credentials(KEY_ID.value, SECRET), "ses", REGION)
        expected = judge.signature(judge.string_to_sign(request, judge.canonical_request(request)), request)
        assert given.endswith(f", Signature={expected}")


@pytest.mark.parametrize("options", [{}, {"configuration_set": "news", "tracking": True}])
@pytest.mark.parametrize("changes", [{}, {"proof": True}, {"email": JAPANESE}], ids=["issue", "proof", "japanese"])
def test_amazons_client_posts_our_request_to_the_same_place_and_our_stand_in_takes_its_signature(
    options: dict[str, Any], changes: dict[str, Any]
) -> None:
    ours = to(**options).describe(make_mailing(2, **changes))
    with HttpServer(default=answered) as server:
        found = amazons(server.url, aws_session_token=TOKEN.value).send_bulk_email(**ours.body)
        (request,) = server.requests
        assert (request.method, request.path) == (ours.method, Provider.path)
        assert request.json == ours.body
        assert [each["Status"] for each in found["BulkEmailEntryResults"]] == ["SUCCESS", "SUCCESS"]
        with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
            amazons(server.url, aws_secret_access_key="another key").send_bulk_email(**ours.body)


def test_amazons_client_would_notice_a_field_that_does_not_exist() -> None:
    body = to().describe(make_mailing(1)).body
    with pytest.raises(ParamValidationError, match="ReplacementHaeders"):
        amazons(NOWHERE).send_bulk_email(**{**body, "BulkEmailEntries": [{"ReplacementHaeders": []}]})


def test_every_status_that_the_service_knows_is_among_those_that_are_tried() -> None:
    known = amazons(NOWHERE).meta.service_model.shape_for("BulkEmailStatus").enum
    tried = {each if isinstance(each, str) else each[0] for entries, *_ in ENTRIES.values() for each in entries}
    assert set(known) <= tried


@pytest.mark.parametrize("entries", [ENTRIES[name][0] for name in ("throttled", "all addresses bad")])
def test_amazons_client_reads_the_answers_that_we_practise_with(entries: list[Any]) -> None:
    body = to().describe(make_mailing(3)).body
    with HttpServer(results(*entries)) as server:
        found = amazons(server.url).send_bulk_email(**body)["BulkEmailEntryResults"]
        assert [each["Status"] for each in found] == [each if isinstance(each, str) else each[0] for each in entries]


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (429, "TooManyRequestsException"),
        (400, "LimitExceededException"),
        (400, "AccountSuspendedException"),
        (400, "SendingPausedException"),
        (400, "MessageRejected"),
        (400, "MailFromDomainNotVerifiedException"),
        (400, "BadRequestException"),
        (404, "NotFoundException"),
    ],
)
def test_the_refusals_that_we_practise_with_are_those_of_the_service(status: int, name: str) -> None:
    body = to().describe(make_mailing(1)).body
    with HttpServer(refusal(status, name, "because")) as server:
        client = amazons(server.url)
        with pytest.raises(getattr(client.exceptions, name), match="because"):
            client.send_bulk_email(**body)
        declared = client.meta.service_model.operation_model("SendBulkEmail").error_shapes
        assert {shape.name: shape.metadata["error"]["httpStatusCode"] for shape in declared}[name] == status
