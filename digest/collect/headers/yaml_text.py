"""Decides what a text in YAML holds, save its plain scalars, about which every generator's parser has its own mind."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from digest.collect.headers import simple_yaml
from digest.collect.problems import whole_characters

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # PyYAML built without libyaml: slower, otherwise the same
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]  # both have the methods used here

_PLAIN = "!plain"
_DEEPEST = 100
_LEVEL = re.compile(r"[\[{]|[-?:](?=\s|\Z)")
"""Without one of these nothing is nested."""
_LARGEST = 100_000
"""Values in one text, each alias counted as what it stands for."""
_MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True, slots=True)
class Parsed:
    """A YAML text as a parser sees it; lines count from 1 within the text."""

    value: object
    """None, bool, int, float, str, date, datetime (naive where no offset is written), list or dict."""
    key_lines: Mapping[str, int]
    """Where each key of the outermost mapping stands, and of the mappings in it, as `outer.inner`."""
    duplicates: tuple[tuple[str, int], ...]
    """Keys written twice in one mapping, with the line of the later one, which wins."""


class PlainScalarError(ValueError):
    """A plain scalar is not allowed where it stands."""


def parse(text: str, plain: Callable[[str], object]) -> Parsed:
    """Read a YAML text; a second document is an error: what stands there would be lost.

    `plain` says what a scalar without quotes means; it may raise `PlainScalarError`. Raise `yaml.YAMLError` with
    the place where the text breaks, also for tags of foreign objects.
    """
    try:
        values, places = simple_yaml.read(text, plain)
    except simple_yaml.NotSimpleError:
        return _parse_fully(text, plain)
    return Parsed(values or None, places, ())


def _parse_fully(text: str, plain: Callable[[str], object]) -> Parsed:
    _check_depth(text)
    loader = _Loader(text, plain)
    try:
        node = loader.get_single_node()
        check_size(node)
        value = loader.construct_document(node) if node is not None else None
    finally:
        loader.dispose()
    lines: dict[str, int] = {}
    if isinstance(node, yaml.MappingNode):
        lines = _lines(loader.root_pairs)
    return Parsed(value, lines, tuple(loader.duplicates))


def _check_depth(text: str) -> None:
    """Raise `yaml.YAMLError` for nesting so deep that libyaml's stack overflows, which ends the whole program."""
    if len(_LEVEL.findall(text)) <= _DEEPEST:
        return
    depth = 0
    for event in yaml.parse(text, _SafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                mark = yaml.Mark("", 0, event.start_mark.line if event.start_mark else 0, 0, None, 0)
                raise yaml.constructor.ConstructorError(None, None, "nested too deeply", mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def check_size(root: yaml.Node | None) -> None:
    """Raise `yaml.YAMLError` for aliases that, written out in full, make a text of a few lines endlessly long."""
    sizes: dict[int, int] = {}

    def size(node: yaml.Node) -> int:
        if isinstance(node, yaml.ScalarNode):
            return 1
        if id(node) not in sizes:
            sizes[id(node)] = 1  # of a node within itself, which the loader refuses
            inner = (each for pair in node.value for each in (pair if isinstance(pair, tuple) else (pair,)))
            sizes[id(node)] = whole = 1 + sum(map(size, inner))
            if whole > _LARGEST:
                raise yaml.constructor.ConstructorError(None, None, "aliases repeat too much", node.start_mark)
        return sizes[id(node)]

    if root is not None:
        size(root)


def _lines(pairs: list[tuple[yaml.Node, yaml.Node]]) -> dict[str, int]:
    lines: dict[str, int] = {}
    for key, value in pairs:
        if isinstance(key, yaml.ScalarNode):
            inner = [each for each, _ in value.value] if isinstance(value, yaml.MappingNode) else []
            scalars = (each for each in inner if isinstance(each, yaml.ScalarNode))
            lines |= {f"{key.value}.{each.value}": each.start_mark.line + 1 for each in scalars}
            lines[key.value] = key.start_mark.line + 1
    return lines


class _Loader(_SafeLoader):
    """PyYAML's composer with another parser's scalars."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own way to declare them
        "<": [(_MERGE, re.compile("<<$"))],
        None: [(_PLAIN, re.compile(""))],
    }

    def construct_scalar(self, node: yaml.ScalarNode | yaml.MappingNode) -> Any:
        """Return the text; refuse the escape of half a surrogate pair, as libyaml does by itself."""
        text = super().construct_scalar(node)
        if isinstance(text, str) and whole_characters(text) != text:
            raise yaml.constructor.ConstructorError(
                None, None, "found invalid Unicode character escape code", node.start_mark
            )
        return text

    def __init__(self, text: str, plain: Callable[[str], object]) -> None:
        super().__init__(text)
        self.plain = plain
        self.duplicates: list[tuple[str, int]] = []
        self.root_pairs: list[tuple[yaml.Node, yaml.Node]] = []


def _plain(loader: _Loader, node: yaml.ScalarNode) -> object:
    try:
        return simple_yaml.scalar(node.value, loader.plain)
    except PlainScalarError as error:
        raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from error


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, object]:
    seen: set[str] = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE:
            if key.value in seen:
                loader.duplicates.append((key.value, key.start_mark.line + 1))
            seen.add(key.value)
    loader.flatten_mapping(node)
    loader.root_pairs = node.value  # the outermost mapping is finished last
    pairs: dict[Any, object] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, Hashable):
            raise yaml.constructor.ConstructorError(
                None, None, "a list or mapping stands as a key", key_node.start_mark
            )
        pairs[key] = loader.construct_object(value_node, deep=True)
    loader.root_pairs = node.value
    return pairs


def _sequence(loader: _Loader, node: yaml.SequenceNode) -> list[object]:
    return [loader.construct_object(child, deep=True) for child in node.value]


_Loader.add_constructor(_PLAIN, _plain)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_constructor("tag:yaml.org,2002:seq", _sequence)
