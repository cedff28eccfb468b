"""A kind and its options become a provider, or one clear sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from digest.errors import ConfigError
from digest.models import Secret
from digest.send.opening import kinds, open_provider
from digest.send.providers.file import Provider as File
from digest.send.providers.sendgrid import Provider as SendGrid
from digest.send.providers.smtp import Provider as Smtp

ROOT = Path("/project")
KEY = {"api_key": "env:SENDGRID_API_KEY"}


def opened(kind: str, options: dict[str, Any] | None = None, **environment: str) -> Any:
    return open_provider(kind, options or {}, environment, root=ROOT, file=ROOT / "config" / "digest.toml")


def refusal(kind: str, options: dict[str, Any] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        opened(kind, options)
    assert str(caught.value).startswith("/project/config/digest.toml: ")
    return str(caught.value)


def test_a_secret_comes_from_the_environment_and_is_named_when_it_is_missing() -> None:
    assert opened("sendgrid", KEY, SENDGRID_API_KEY="sk-1").api_key == Secret("SENDGRID_API_KEY", "sk-1")
    assert opened("sendgrid", KEY).problems() == ["SENDGRID_API_KEY is not set in the environment"]


def test_a_secret_in_a_file_is_an_error_that_does_not_repeat_it() -> None:
    said = refusal("sendgrid", {"api_key": "sk-canary"})
    assert "write env:NAME" in said
    assert "sk-canary" not in said
    assert "sk-canary" not in refusal("smtp", {"host": "x", "password": "sk-canary"})


def test_paths_and_their_defaults_are_below_the_project() -> None:
    assert opened("file") == File(ROOT / "var" / "outbox")
    assert opened("file", {"outbox": "out"}) == File(ROOT / "out")
    assert opened("file", {"outbox": "/elsewhere"}) == File(Path("/elsewhere"))


def test_options_keep_their_defaults_and_their_types() -> None:
    assert opened("smtp", {"host": "mail.example.com", "timeout": 5}) == Smtp("mail.example.com", timeout=5.0)
    assert opened("sendgrid", {**KEY, "sandbox": True}) == SendGrid(Secret("SENDGRID_API_KEY"), sandbox=True)


def test_a_misspelt_kind_gets_the_nearest_one_and_all_that_are_known() -> None:
    said = refusal("sendgird")
    assert "did you mean 'sendgrid'?" in said
    assert all(kind in said for kind in kinds())


@pytest.mark.parametrize(
    "kind",
    [
        "",
        ".file",
        "../file",
        "file.Provider",
        "digest.send",
        "no.such.module:Provider",
        ":",
        "json:dumps",
        "pathlib:Path",
    ],
)
def test_what_is_no_provider_is_an_error(kind: str) -> None:
    assert refusal(kind)


def test_a_misspelt_option_gets_the_nearest_one() -> None:
    assert "did you mean 'api_key'?" in refusal("sendgrid", {"api_kye": "env:X"})


@pytest.mark.parametrize("name", ["repeatable_for", "__class__", "url", "connect"])
def test_only_fields_are_options(name: str) -> None:
    assert f"has no option {name!r}" in refusal("sendgrid", {**KEY, name: True})


def test_a_missing_option_is_named() -> None:
    assert "needs api_key" in refusal("sendgrid")


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        ("smtp", {"host": 5}, "'host' of provider 'smtp' must be a text, not 5"),
        ("smtp", {"host": "x", "port": "587"}, "must be a whole number"),
        ("smtp", {"host": "x", "port": True}, "must be a whole number"),
        ("smtp", {"host": "x", "timeout": "soon"}, "must be a number"),
        ("smtp", {"host": "env:SMTP_HOST"}, "is not a secret"),
        ("smtp", {"host": "x", "security": "startls"}, "did you mean 'starttls'?"),
        ("sendgrid", {**KEY, "sandbox": "yes"}, "must be true or false"),
        ("sendgrid", {"api_key": 5}, "write env:NAME"),
        ("file", {"outbox": 5}, "must be a path"),
    ],
)
def test_a_wrong_type_is_said_in_words(kind: str, options: dict[str, Any], said: str) -> None:
    assert said in refusal(kind, options)


def test_a_provider_of_ones_own_is_named_by_module_and_class() -> None:
    assert opened("digest.send.providers.file:Provider", {"outbox": "x"}) == File(ROOT / "x")


def test_opening_every_provider_loads_no_client() -> None:
    code = (
        "import sys, pathlib; from digest.send.opening import kinds, open_provider\n"
        "options, key = {'smtp': {'host': 'x'}, 'file': {}}, {'api_key': 'env:K'}\n"
        "[open_provider(kind, options.get(kind, key), {}, root=pathlib.Path('.')) for kind in kinds()]\n"
        "print([name for name in ('httpx', 'aiosmtplib') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
