"""Decides what a text in YAML means to Python, whose library PyYAML reads the settings and posts of MkDocs."""

from __future__ import annotations

import yaml

from digest.collect.headers import yaml_text
from digest.collect.headers.yaml_text import Parsed

_READER = yaml.SafeLoader("")
"""Only its rules are used, which are the same for every text."""


def parse(text: str) -> Parsed:
    """Read a YAML text as PyYAML's safe loader would; raise `yaml.YAMLError` with the place where it breaks."""
    return yaml_text.parse(text, plain)


def plain(text: str) -> object:
    """Return what a scalar without quotes means to PyYAML; refuse what it would fail on, such as 2026-02-30."""
    tag = _READER.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]  # PyYAML's stubs leave it open
    if tag == "tag:yaml.org,2002:str":
        return text
    construct = _READER.yaml_constructors.get(tag)
    if construct is None:
        raise yaml_text.PlainScalarError(f"the value {text} means nothing that can stand here")
    try:
        value: object = construct(_READER, yaml.ScalarNode(tag, text))
    except (ValueError, OverflowError, LookupError) as error:
        raise yaml_text.PlainScalarError(f"the value {text} is no valid number or date") from error
    return value
