"""Which line of whose file is to blame when a template cannot be rendered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

from jinja2 import TemplateNotFound, TemplateSyntaxError

from digest.errors import TemplateError
from digest.toml_lines import line_of

_UNKNOWN_OFFER = re.compile(r"No (filter|test) named '([^']+)'")


@contextmanager
def blame(folder: Path, file: str | Path, *, key: str = "", offers: tuple[str, ...] = ()) -> Iterator[None]:
    """Turn whatever goes wrong inside into a TemplateError that names a file of `folder` and its line.

    `file` is blamed when no template of the folder was at work; `key` is the setting in it that holds the
    template; `offers` are the filters' names, for suggestions.
    """
    here = (str(file), line_of_setting(key, file))
    try:
        yield
    except TemplateSyntaxError as cause:
        inside = bool(cause.filename) and Path(str(cause.filename)).is_relative_to(folder)
        place = (str(cause.filename), cause.lineno) if inside else here
        message = cause.message or "it cannot be read"
        raise _error(message, place, key, _nearest(message, offers)) from cause
    except UnicodeDecodeError as cause:
        raise _error("it is not UTF-8 text", here, key, "save it as UTF-8") from cause
    except TemplateError as cause:
        if cause.file:
            raise
        raise _error(cause.message, _last_line(cause, folder) or here, key, cause.fix) from cause
    except RecursionError as cause:
        place = _last_line(cause, folder) or here
        raise _error("the template includes or calls itself without end", place, key) from cause
    except TemplateNotFound as cause:
        fix = "templates can include only what is inside the templates folder, by its path from there"
        raise _error(f"there is no template “{cause.name}”", _last_line(cause, folder) or here, key, fix) from cause
    except Exception as cause:  # a template can make Python raise anything
        message, _, fix = str(cause).partition(" — ")
        place = _last_line(cause, folder) or here
        raise _error(message or type(cause).__name__, place, key, fix) from cause


_Place = tuple[str, int | None]


def _error(message: str, place: _Place, key: str, fix: str = "") -> TemplateError:
    file, line = place
    return TemplateError(f"`{key}`: {message}" if key else message, file=file, line=line, fix=fix)


def _last_line(cause: BaseException, folder: Path) -> _Place | None:
    """Find the innermost line of a template that was at work; Jinja2 writes its lines into the trace."""
    found, trace = None, cause.__traceback__
    while trace:
        file = trace.tb_frame.f_code.co_filename
        if Path(file).is_relative_to(folder):
            found = (file, trace.tb_lineno)
        trace = trace.tb_next
    return found


def line_of_setting(key: str, file: str | Path) -> int | None:
    """Find the line of a TOML file that sets `key` (`table.key`); None when there is none to be found."""
    path = Path(file)
    if not key or not str(file) or not path.is_file():
        return None
    return line_of(path.read_text(encoding="utf-8", errors="replace"), tuple(key.split(".", 1)), missing=0) or None


def _nearest(message: str, offers: tuple[str, ...]) -> str:
    unknown = _UNKNOWN_OFFER.search(message)
    near = get_close_matches(unknown[2], offers, n=1, cutoff=0.5) if unknown and unknown[1] == "filter" else []
    return f"did you mean `{near[0]}`?" if near else ""
