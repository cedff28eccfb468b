"""For each provider that keeps the list the other end of the line.

The contract tests ask `LIST_PEERS` for every kind with `keeps_list`: a new one needs a peer here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from tests.servers.list_peer import ListPeer
from tests.servers.lists_brevo_campaigns import brevo_campaigns
from tests.servers.lists_buttondown import buttondown
from tests.servers.lists_listmonk import listmonk
from tests.servers.lists_mailchimp import mailchimp
from tests.servers.lists_resend_broadcasts import resend_broadcasts
from tests.servers.lists_sendgrid_single_sends import sendgrid_single_sends

LIST_PEERS: Mapping[str, Callable[[Path], AbstractContextManager[ListPeer]]] = {
    "listmonk": listmonk,
    "mailchimp": mailchimp,
    "buttondown": buttondown,
    "brevo_campaigns": brevo_campaigns,
    "resend_broadcasts": resend_broadcasts,
    "sendgrid_single_sends": sendgrid_single_sends,
}
