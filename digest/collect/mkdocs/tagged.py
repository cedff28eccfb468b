"""Decides what stands in an `mkdocs.yml`, which may name Python objects and variables that nobody looks up here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from digest.collect.headers.yaml_text import check_size

_ENVIRONMENT = "!ENV"
_LONGEST_NUMBER = 200
"""Signs; what is longer takes the square of its length to read."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A value that only the generator can make, such as `!!python/name:some.function`."""

    tag: str
    """As written out in full: `tag:yaml.org,2002:python/object/apply:pymdownx.slugs.slugify`, `!relative`."""
    value: object
    """What stands behind the tag, as plain texts, lists and mappings."""


def load(text: str) -> tuple[Mapping[str, Any], Mapping[str, int]]:
    """Return the settings and the line of each outermost key.

    `!ENV` gives the default that is written beside the variable, else None: what the machine's own environment holds
    must not get into a letter. Every other tag that PyYAML's safe loader does not know gives an `Unread`. Raise
    `yaml.YAMLError` when it is no YAML, and `ValueError` when it is no mapping or nested too deeply.
    """
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        check_size(node)
        settings = loader.construct_document(node) if node is not None else {}
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    finally:
        loader.dispose()
    if not isinstance(settings, dict):
        raise ValueError("not a list of “key: value” lines")  # noqa: TRY004 - what is wrong is the text, not a type
    keys = [key for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []
    lines = {key.value: key.start_mark.line + 1 for key in keys if isinstance(key, yaml.ScalarNode)}
    return {str(key): value for key, value in settings.items()}, lines


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, which keeps what it does not know instead of refusing it."""


def _environment(loader: _Loader, node: yaml.Node) -> object:
    if isinstance(node, yaml.SequenceNode) and len(node.value) > 1:
        return loader.construct_object(node.value[-1], deep=True)
    return None


def _unread(loader: _Loader, suffix: str, node: yaml.Node) -> Unread:
    if isinstance(node, yaml.MappingNode):
        return Unread(suffix, loader.construct_mapping(node, deep=True))
    if isinstance(node, yaml.SequenceNode):
        return Unread(suffix, loader.construct_sequence(node, deep=True))
    return Unread(suffix, node.value)


def _number(loader: _Loader, node: yaml.ScalarNode) -> object:
    return loader.construct_yaml_int(node) if len(node.value) <= _LONGEST_NUMBER else node.value


_Loader.add_constructor("tag:yaml.org,2002:int", _number)
_Loader.add_constructor(_ENVIRONMENT, _environment)
_Loader.add_multi_constructor("", _unread)
