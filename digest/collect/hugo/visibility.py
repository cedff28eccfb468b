"""Decides whether Hugo shows a page: drafts, `published`, and the options of `build`."""

from __future__ import annotations

from collections.abc import Mapping

from digest.collect.headers import go_yaml
from digest.models import Finding, Level

_YES = {"yes", "y", "on"}
"""True to Hugo before 0.152, whose YAML was older, and mere text since."""


def withheld(data: Mapping[str, object], *, drafts: bool) -> str:
    """Return why a page is not shown, or nothing; `drafts` tells that the site builds them.

    `draft: yes` counts as a draft although newer versions of Hugo would show it: its author meant one.
    """
    if is_draft(data) and not drafts:
        return "draft" if "draft" in data else "published: false"
    if _truth(data.get("headless")):
        return "headless: true"
    build = data.get("build", data.get("_build"))
    if not isinstance(build, Mapping):
        return ""
    for key in ("render", "list"):
        said = build.get(key, True)
        if said is False or (isinstance(said, str) and said.lower() in {"never", "local", "link", "false"}):
            return f"{key}: {go_yaml.to_s(said)}"
    return ""


def is_draft(data: Mapping[str, object]) -> bool:
    """Tell whether the author calls the page a draft; `published: false` does so where `draft` is not written."""
    if "draft" in data:
        said = data["draft"]
        return bool(_truth(said)) or (isinstance(said, str) and said.lower() in _YES)
    return _truth(data.get("published")) is False


def doubt(data: Mapping[str, object], file: str, line: int) -> tuple[Finding, ...]:
    """Say that what stands after `draft` is read in two ways, or in none."""
    said = data.get("draft")
    if not isinstance(said, str) or not said or _truth(said) is not None:
        return ()
    meaning = (
        "counts as a draft here, but new versions of Hugo show it" if said.lower() in _YES else "is no draft to Hugo"
    )
    return (
        Finding(
            Level.WARNING,
            "post.draft",
            f"A post with “draft: {said[:40]}” {meaning}.",
            file,
            line,
            "Write true or false.",
        ),
    )


def _truth(said: object) -> bool | None:
    """Return what Go's `ParseBool` makes of a value; None when nothing."""
    match said:
        case bool():
            return said
        case int() | float():
            return said != 0
        case str() if said in {"1", "t", "T", "TRUE", "true", "True"}:
            return True
        case str() if said in {"0", "f", "F", "FALSE", "false", "False"}:
            return False
        case _:
            return None
