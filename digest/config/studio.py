"""`[studio]`: where the studio listens, and who of a team may do what in it."""

from __future__ import annotations

import ipaddress
import unicodedata
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from digest.config.toml import Strict

_NAME = r"^[^\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069:]{1,80}$"
"""No colon: it ends the name in the file of passwords. No sign that turns a line round or is not seen."""


class UserConfig(Strict):
    """`[[studio.users]]`: one person; the hash of the password lies in a file of its own."""

    name: Annotated[str, Field(pattern=_NAME)]
    roles: tuple[Literal["edit", "approve"], ...] = ()
    """Writing and sending are separate rights; without any, one can only look."""

    @model_validator(mode="before")
    @classmethod
    def _no_password(cls, table: Any) -> Any:
        # Raised here, without the value: what a message quotes is what a person wrote.
        if isinstance(table, dict) and {"password", "password_hash", "hash"} & table.keys():
            raise ValueError("a password or its hash may not stand here; take it out, and use `digest studio-password`")
        return table

    @field_validator("name")
    @classmethod
    def _one_form(cls, name: str) -> str:
        return unicodedata.normalize("NFC", name)


class StudioConfig(Strict):
    """The table."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8025
    address: str = ""
    """What browsers of the team open, such as `https://studio.example.com`; no other Host and Origin is answered."""
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    """Whose `X-Forwarded-For` is believed: the proxy's addresses or networks."""
    idle_minutes: Annotated[int, Field(ge=1, le=1440)] = 120
    """A session ends so long after its last request."""
    session_hours: Annotated[int, Field(ge=1, le=168)] = 12
    """A session ends so long after its beginning."""
    users: tuple[UserConfig, ...] = ()

    @field_validator("address")
    @classmethod
    def _origin(cls, address: str) -> str:
        if not address:
            return ""
        parts = urlsplit(address)
        plain = bool(parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc)
        if not address.isascii():
            raise ValueError("must be written as browsers send it: a name in other letters begins with xn--")
        if parts.scheme not in {"https", "http"} or not parts.hostname or plain:
            raise ValueError("must be an address without a path, such as https://studio.example.com")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise ValueError("must begin with https://: passwords would pass the network for all to read")
        usual = {"https": ":443", "http": ":80"}[parts.scheme]  # browsers leave it out
        return f"{parts.scheme}://{parts.netloc.lower().removesuffix(usual)}"

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        for each in proxies:
            try:
                network = ipaddress.ip_network(each)
            except ValueError as error:
                raise ValueError(f"'{each}' is neither an address nor a network such as 10.0.0.0/24") from error
            if not network.prefixlen:
                raise ValueError(f"'{each}' is everybody, who could then claim any network")
        return proxies

    @field_validator("users")
    @classmethod
    def _different(cls, users: tuple[UserConfig, ...]) -> tuple[UserConfig, ...]:
        names = [user.name.casefold() for user in users]
        for user in users:
            if names.count(user.name.casefold()) > 1:
                raise ValueError(f"two users are called '{user.name}'")
        return users

    @model_validator(mode="after")
    def _reachable(self) -> StudioConfig:
        if is_loopback(self.host):
            return self
        if not self.users:
            raise ValueError(
                f"the studio cannot listen on {self.host}, which others can reach, without users: whoever came could "
                "read and send; name them in [[studio.users]], or listen on 127.0.0.1"
            )
        if not self.address:
            raise ValueError(
                f"the studio listens on {self.host}, which others can reach: say in `address` what their browsers "
                "open, such as https://studio.example.com; it answers to no other name"
            )
        return self


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a host."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
