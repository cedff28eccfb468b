"""Decides what can be known of a Python file of settings without running it: its plain assignments."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

_SIZE = 100_000
"""Characters of a file, beyond which it is not read."""
_LONGEST = 10_000
"""Characters of a text."""
_LENGTH = 2_000
"""Values in a list or mapping, those within counted as often as they are written out."""
_BITS = 600


class UnreadableError(ValueError):
    """A value can only be known by running the file."""


@dataclass(slots=True)
class Settings:
    """Names in capitals and what is assigned to them last."""

    values: dict[str, object] = field(default_factory=dict)
    """None, bool, int, float, str, list (tuples and sets, too) or dict."""
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    """File and line of each assignment, also of those that cannot be read."""
    unread: set[str] = field(default_factory=set)
    """Names whose last assignment cannot be read."""

    def place(self, name: str) -> tuple[str, int]:
        """Return file and line of an assignment; nothing and 0 when there is none."""
        return self.places.get(name, ("", 0))


def read(text: str, file: str, settings: Settings) -> None:
    """Add the assignments of a file to what is known; raise `SyntaxError` when it is no Python.

    Those below `if`, `for`, `with` and the like count as unreadable: only running the file tells whether they
    happen. What the environment would give is not looked up; the default that stands beside it counts.
    """
    if len(text) > _SIZE:
        raise SyntaxError("the file is too long for settings")
    try:
        module = ast.parse(text)
        for statement in module.body:
            _statement(statement, file, settings)
    except (RecursionError, MemoryError, ValueError) as error:
        raise SyntaxError("the file is nested too deeply or holds null bytes") from error


def _statement(statement: ast.stmt, file: str, settings: Settings, *, sure: bool = True) -> None:
    match statement:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                _assign(target, value, file, settings, sure=sure)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            _assign(target, value, file, settings, sure=sure)
        case ast.AugAssign(target=ast.Name(id=name) as target, op=ast.Add(), value=value):
            joined = ast.BinOp(ast.Name(name, ast.Load()), ast.Add(), value)
            _assign(target, ast.copy_location(joined, statement), file, settings, sure=sure)
        case ast.Try(body=body):
            for each in body:
                _statement(each, file, settings, sure=sure)
        case ast.If() | ast.For() | ast.While() | ast.With():
            for inner in ast.walk(statement):
                if isinstance(inner, ast.Assign | ast.AnnAssign | ast.AugAssign):
                    _statement(inner, file, settings, sure=False)
        case _:
            pass


def _assign(target: ast.expr, value: ast.expr, file: str, settings: Settings, *, sure: bool) -> None:
    if isinstance(target, ast.Tuple | ast.List):
        parts = value.elts if isinstance(value, ast.Tuple | ast.List) else []
        if len(parts) == len(target.elts):
            for each, part in zip(target.elts, parts, strict=True):
                _assign(each, part, file, settings, sure=sure)
        return
    while isinstance(target, ast.Subscript):
        target, sure = target.value, False
    if not isinstance(target, ast.Name):
        return
    settings.places[target.id] = (file, target.lineno if hasattr(target, "lineno") else value.lineno)
    settings.unread.add(target.id)
    if sure:
        with suppress(UnreadableError):
            settings.values[target.id] = _bounded(_value(value, settings.values))
            settings.unread.discard(target.id)


def _bounded(value: object) -> object:
    """Return the value; raise `UnreadableError` for one that, written out in full, would fill the memory."""
    waiting, seen = [value], 0
    while waiting:
        each = waiting.pop()
        seen += 1
        if seen > _LENGTH or (isinstance(each, int) and each.bit_length() > _BITS):
            raise UnreadableError
        waiting += each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
    return value


def _value(node: ast.expr, known: Mapping[str, object]) -> object:
    match node:
        case ast.Constant(value=None | bool() | int() | float() | str() as value):
            return value
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            return [_value(part, known) for part in parts]
        case ast.Dict(keys=keys, values=values):
            return {_key(key, known): _value(value, known) for key, value in zip(keys, values, strict=True)}
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _sum(_value(left, known), _value(right, known))
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.JoinedStr(values=parts):
            return _limited("".join(_written(part, known) for part in parts))
        case ast.FormattedValue() | ast.Call():
            return _call(node, known)
        case _:
            raise UnreadableError


def _key(node: ast.expr | None, known: Mapping[str, object]) -> object:
    key = _value(node, known) if node else None
    if isinstance(key, str | int | float):
        return key
    raise UnreadableError


def _sum(left: object, right: object) -> object:
    if isinstance(left, str) and isinstance(right, str):
        return _limited(left + right)
    if isinstance(left, list) and isinstance(right, list) and len(left) + len(right) <= _LENGTH:
        return left + right
    raise UnreadableError


def _written(part: ast.expr, known: Mapping[str, object]) -> str:
    plain = isinstance(part, ast.FormattedValue) and part.conversion == -1 and part.format_spec is None
    value = _value(part.value if plain else part, known)  # type: ignore[attr-defined]  # plain says which it is
    if not isinstance(value, str):
        raise UnreadableError
    return value


def _call(node: ast.expr, known: Mapping[str, object]) -> object:
    """Read the few calls that settings are written with: paths, and what the environment may replace."""
    if not isinstance(node, ast.Call) or node.keywords:
        raise UnreadableError
    name = ast.unparse(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else ""
    if name in {"os.environ.get", "os.getenv", "environ.get", "getenv"} and len(node.args) == 2:
        return _value(node.args[1], known)
    arguments = [_value(argument, known) for argument in node.args]
    texts = [argument for argument in arguments if isinstance(argument, str)]
    if name in {"Path", "pathlib.Path", "PurePath", "os.path.join", "path.join"} and len(texts) == len(arguments) > 0:
        return _limited(posixpath.join(*texts))
    if name in {"str", "os.path.normpath"} and len(texts) == 1:
        return texts[0]
    if name in {"list", "tuple"} and len(arguments) == 1 and isinstance(arguments[0], list):
        return arguments[0]
    raise UnreadableError


def _limited(text: str) -> str:
    if len(text) > _LONGEST:
        raise UnreadableError
    return text


def texts(value: object) -> tuple[str, ...]:
    """Return the texts of a list, or of a single text."""
    if isinstance(value, str):
        return (value,)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, Sequence) else ()
