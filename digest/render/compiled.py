"""When a template is compiled again: when its text changed, and not for every mail."""

from __future__ import annotations

from types import CodeType
from typing import TypeVar

from jinja2 import BytecodeCache, Template
from jinja2.bccache import Bucket

from digest.render.sandbox import Sandbox

_ENOUGH = 512
"""Templates that are remembered: some ten designs, and a day of edits."""

_Kind = TypeVar("_Kind", bound=Sandbox)
_Key = tuple[type, str, str]
"""The kind of sandbox, since each may compile in its own way; the place; the text or its checksum."""


class _Compiled(BytecodeCache):
    """Remembers compiled templates by their place and their text; Jinja2 still reads the file for every mail."""

    def __init__(self) -> None:
        self._codes: dict[_Key, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Hand over what is remembered."""
        bucket.code = self._codes.get(_key(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Remember what was compiled."""
        if bucket.code is not None:
            self.keep(_key(bucket), bucket.code)

    def line(self, sandbox: Sandbox, source: str) -> Template:
        """Return a template that is not in a file."""
        key = (type(sandbox), "", source)
        code = self._codes.get(key)
        if code is None:
            code = sandbox.compile(source)
            self.keep(key, code)
        return Template.from_code(sandbox, code, sandbox.make_globals(None))

    def keep(self, key: _Key, code: CodeType) -> None:
        """Remember, in a room that does not grow for ever."""
        if len(self._codes) >= _ENOUGH:
            self._codes.clear()
        self._codes[key] = code


def _key(bucket: Bucket) -> _Key:
    return type(bucket.environment), bucket.key, bucket.checksum


_COMPILED = _Compiled()
"""Sandboxes of one kind offer the same filters and count in the same way, so they may share what is compiled."""


def remembering(sandbox: _Kind) -> _Kind:
    """Let a sandbox use what others of its kind compiled; they must have been made with the same filters."""
    sandbox.bytecode_cache = _COMPILED
    return sandbox


def template_of_line(sandbox: Sandbox, source: str) -> Template:
    """Return the template of a line that marketing wrote outside of the templates folder."""
    return _COMPILED.line(sandbox, source)
