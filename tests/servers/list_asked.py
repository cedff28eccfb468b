"""What the tests of all providers that keep the list do alike: an issue to a list, a proof, a request after another."""

from __future__ import annotations

from dataclasses import replace

from digest.models import DeliveryState, Recipient
from digest.send.http_list import HttpList
from digest.send.providers import LIST, Answer, Mailing, Verdict
from tests.servers.list_peer import ListPeer
from tests.servers.mailings import make_mailing


def for_readers(peer: ListPeer, **changes: object) -> Mailing:
    """An issue to the peer's list."""
    return replace(make_mailing(recipients=(Recipient(f"{LIST}{peer.list_name}"),)), **changes)  # type: ignore[arg-type]


def a_proof(peer: ListPeer, **changes: object) -> Mailing:
    people = (Recipient("kay@example.com", token="proof"), Recipient("lee@example.com", token="proof"))
    return replace(for_readers(peer), recipients=people, proof=True, list_name=peer.list_name, **changes)  # type: ignore[arg-type]


async def ask(provider: HttpList, *mailings: Mailing) -> list[Answer]:
    async with provider.connect() as connection:
        return [await connection.send(mailing) for mailing in mailings]


async def drafted(peer: ListPeer, mailing: Mailing) -> Mailing:
    """Make the draft; return the mailing with its id."""
    (answer,) = await ask(peer.provider, mailing)
    assert answer.verdict is Verdict.DRAFTED, answer
    return replace(mailing, draft_id=answer.draft_id)


async def sent(peer: ListPeer, mailing: Mailing) -> Answer:
    (answer,) = await ask(peer.provider, await drafted(peer, mailing))
    return answer


async def looked_up(peer: ListPeer, mailing: Mailing) -> Answer:
    async with peer.provider.connect() as connection:
        found: Answer = await connection.look_up(mailing)  # type: ignore[attr-defined]
        return found


def state(answer: Answer) -> DeliveryState:
    (delivery,) = answer.deliveries
    return delivery.state
