"""What the name service says of a domain; dnspython (the extra `dns`) asks it, the system's resolver by default."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.errors import DigestError

if TYPE_CHECKING:
    from dns.resolver import Resolver

_SECONDS = 4.0
"""For one question, with everybody who is asked for it."""


class UnansweredError(DigestError):
    """Nobody said what there is, nor that there is nothing."""


def is_installed() -> bool:
    """Tell whether the name service can be asked."""
    return importlib.util.find_spec("dns") is not None


@dataclass(frozen=True, slots=True)
class Answers:
    """Asks one resolver."""

    resolver: Resolver

    def texts(self, name: str) -> Sequence[str]:
        """Return the TXT records of a name; none when there are none. Raise `UnansweredError`."""
        import dns.exception
        import dns.resolver

        try:
            found = self.resolver.resolve(name, "TXT", lifetime=_SECONDS, raise_on_no_answer=False, search=False)
        except dns.resolver.NXDOMAIN:
            return ()
        except (dns.exception.DNSException, UnicodeError) as error:
            why = (str(error) or type(error).__name__).splitlines()[0][:200]
            raise UnansweredError(f"nobody says what {name} is: {why}") from error
        # A record is made of pieces of at most 255 octets, which belong together without anything between them.
        return [b"".join(each.strings).decode("utf-8", "replace") for each in found.rrset or ()]


def answers(resolver: Resolver | None) -> Answers:
    """Return who is asked; raise `UnansweredError` for a system without any."""
    import dns.exception
    from dns.resolver import Resolver

    try:
        return Answers(resolver or Resolver())
    except dns.exception.DNSException as error:
        raise UnansweredError("this system names no DNS server") from error
