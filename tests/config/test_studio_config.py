"""`[studio]`: beyond this machine only with users and a known address; no password or hash in the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.config.operator import Operator
from digest.config.studio import StudioConfig
from digest.config.toml import parse_toml
from digest.errors import ConfigError

_FILE = Path("config/digest.toml")
_REST = '[site]\npublic_url = "https://news.example.com"\n[[sources]]\nname = "blog"\n'
_USER = '[[studio.users]]\nname = "花子"\nroles = ["edit", "approve"]\n'


def read(studio: str) -> StudioConfig:
    return parse_toml(_REST + studio, _FILE, Operator).studio


def test_without_the_table_it_is_this_machine_and_nobody_signs_in() -> None:
    usual = read("")
    assert (usual.host, usual.port, usual.users) == ("127.0.0.1", 8025, ())
    assert usual.trusted_proxies == ("127.0.0.1", "::1")


def test_a_team_behind_a_proxy() -> None:
    studio = read('[studio]\nhost = "0.0.0.0"\naddress = "https://Studio.example.com:443/"\n' + _USER)
    assert studio.address == "https://studio.example.com"
    assert studio.users[0].roles == ("edit", "approve")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "studio.example.com", ""])
def test_no_host_that_others_reach_without_users_or_without_an_address(host: str) -> None:
    with pytest.raises(ConfigError, match="without users: whoever came could read and send"):
        read(f'[studio]\nhost = "{host}"\naddress = "https://studio.example.com"\n')
    with pytest.raises(ConfigError, match="say in `address` what their browsers open"):
        read(f'[studio]\nhost = "{host}"\n' + _USER)


@pytest.mark.parametrize(
    "address",
    ["http://studio.example.com", "studio.example.com", "ftp://x", "https://", "https://a@b.example", "https://é.fr"],
)
def test_an_address_is_https_and_nothing_more(address: str) -> None:
    with pytest.raises(ConfigError, match="address"):
        read(f'[studio]\naddress = "{address}"\n')
    with pytest.raises(ConfigError, match="without a path"):
        read('[studio]\naddress = "https://studio.example.com/x"\n')


@pytest.mark.parametrize("key", ["password", "password_hash", "hash"])
def test_a_password_in_the_file_is_refused_and_never_quoted(key: str) -> None:
    with pytest.raises(ConfigError) as told:
        read(f'[[studio.users]]\nname = "花子"\n{key} = "my-secret"\n')
    assert "digest studio-password" in str(told.value)
    assert "my-secret" not in str(told.value)
    assert told.value.line == 5


@pytest.mark.parametrize("name", ["", "a:b", "a\\nb", "\\u202eabc", "x" * 81])
def test_a_name_is_one_line_that_can_be_seen(name: str) -> None:
    with pytest.raises(ConfigError):
        read(f'[[studio.users]]\nname = "{name}"\n')


@pytest.mark.parametrize("proxy", ["*", "proxy.example.com", "0.0.0.0/0", "::/0"])
def test_nobody_and_everybody_is_no_proxy(proxy: str) -> None:
    with pytest.raises(ConfigError, match="trusted_proxies"):
        read(f'[studio]\ntrusted_proxies = ["{proxy}"]\n')


def test_two_users_have_two_names_and_roles_are_known() -> None:
    with pytest.raises(ConfigError, match="two users are called"):
        read(_USER + _USER)
    with pytest.raises(ConfigError, match="edit"):
        read('[[studio.users]]\nname = "x"\nroles = ["admin"]\n')
