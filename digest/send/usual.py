"""Which readers are written on the wire just as they are, told at a glance: nearly all are, and batches hold many."""

from __future__ import annotations

import re
from collections.abc import Sequence

from digest.models import Recipient

_PATTERN = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]++@[A-Za-z0-9-]{1,63}+(?:\.[A-Za-z0-9-]{1,63}+)*+"
_ADDRESS = re.compile(_PATTERN)
_ADDRESSES = re.compile(rf"(?:{_PATTERN}\n)*+")


def is_usual(reader: Recipient) -> bool:
    """Tell whether the reader can be written to, and the address stays as it is on the wire.

    Others may still be fine: `digest.send.mime.unsendable` and `digest.send.headers.wire_address` look closely.
    """
    return reader.name.isprintable() and _ADDRESS.fullmatch(reader.address) is not None


def are_usual(readers: Sequence[Recipient]) -> bool:
    """Tell whether all readers are usual, ten times as fast as one by one."""
    lines = "\n".join([reader.address for reader in readers]) + "\n"
    return (
        lines.count("\n") == len(readers)  # or an address holds one
        and _ADDRESSES.fullmatch(lines) is not None
        and "".join([reader.name for reader in readers]).isprintable()
    )
