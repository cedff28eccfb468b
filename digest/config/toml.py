"""Reading one TOML file into a pydantic model, with the line of every mistake."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from digest.errors import ConfigError
from digest.toml_lines import Location, line_of

Line = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*$")]
"""Text of one line: a line break in a name or subject would be a header of its own."""


class Strict(BaseModel):
    """A table that knows all of its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Open(BaseModel):
    """A table whose further keys are the options of the adapter that it names."""

    model_config = ConfigDict(extra="allow", frozen=True, str_strip_whitespace=True)


Model = TypeVar("Model", bound=BaseModel)


def read_toml(file: Path, model: type[Model]) -> Model:
    """Read `file` as `model`; raise `ConfigError` that lists every mistake, each with its line."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(
            "this file is missing", file=file, fix="run `digest init DIR`, or name the project with --project DIR"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        fix = "save it as UTF-8" if isinstance(error, UnicodeDecodeError) else ""
        raise ConfigError(f"this file cannot be read: {error}", file=file, fix=fix) from error
    return parse_toml(text, file, model)


def parse_toml(text: str, file: Path, model: type[Model]) -> Model:
    """Read what `file` says, or is to say, as `model`; raise `ConfigError` that names `file`, as `read_toml` does."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+)", str(error))
        raise ConfigError(
            f"this is not TOML: {error}", file=file, line=int(place[1]) if place else None, fix="mend that line"
        ) from error
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise _config_error(file, text, model, error) from error


def _config_error(file: Path, text: str, model: type[BaseModel], error: ValidationError) -> ConfigError:
    mistakes = []
    misspelt = {_meant(model, each["loc"]) for each in error.errors() if each["type"] == "extra_forbidden"}
    for each in error.errors():
        location = each["loc"]
        # A misspelt key is one mistake, not an unknown key and a missing one.
        if each["type"] != "missing" or location not in misspelt:
            mistakes.append((line_of(text, location), *_sentence(model, location, each)))
    mistakes.sort()
    (line, message, fix), *others = mistakes
    for other_line, other_message, other_fix in others:
        message += f"\n{file}:{other_line}: {other_message}" + (f" — {other_fix}" if other_fix else "")
    return ConfigError(message, file=file, line=line, fix=fix)


def _sentence(model: type[BaseModel], location: Location, error: Mapping[str, Any]) -> tuple[str, str]:
    key = ".".join(str(part) for part in location)
    found = error.get("input")
    if error["type"] == "extra_forbidden":
        meant = _meant(model, location)
        known = ", ".join(sorted(_keys_at(model, location[:-1])))
        return f"unknown key '{key}'", f"did you mean '{meant[-1]}'?" if meant else f"known here: {known}"
    if error["type"] == "missing":
        return f"the key '{key}' is missing", "add it; config/README.md says what it means"
    said = str(error["msg"]).removeprefix("Value error, ")
    shown = f" (found {found!r})" if isinstance(found, (str, int, float, bool)) else ""
    about = f"{key}: " if key else ""
    return f"{about}{said[:1].lower()}{said[1:]}{shown}", ""


def _meant(model: type[BaseModel], location: Location) -> Location:
    """Return where an unknown key was probably meant to stand; empty when nothing is like it."""
    near = difflib.get_close_matches(str(location[-1]), _keys_at(model, location[:-1]), n=1)
    return (*location[:-1], near[0]) if near else ()


def _keys_at(model: type[BaseModel], location: Location) -> list[str]:
    """Return the keys that a table at `location` below `model` may have."""
    current: Any = model
    for part in location:
        if isinstance(part, int):
            continue
        fields = getattr(current, "model_fields", {})
        if part not in fields:
            return []
        current = table_type(fields[part].annotation)
    return list(getattr(current, "model_fields", {}))


def table_type(annotation: Any) -> Any:
    """Return the model inside `X`, `X | None` or `tuple[X, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (table_type(each) for each in get_args(annotation))
    return next((each for each in inner if each is not None), None)
