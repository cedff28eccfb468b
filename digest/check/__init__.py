"""Findings about an e-mail before it leaves: one file a check.

A module of this folder exports `check(email) -> Iterator[Finding]`; `check_email` runs them all.
"""

from __future__ import annotations

import importlib
import pkgutil

from digest.models import Email, Finding, Level

_ORDER = {Level.ERROR: 0, Level.WARNING: 1, Level.INFO: 2}


def check_email(email: Email) -> tuple[Finding, ...]:
    """Return what every check of this folder finds, worst first, otherwise in the order of the checks' names."""
    found: list[Finding] = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda each: each.name):
        found.extend(importlib.import_module(f"{__name__}.{module.name}").check(email))
    return tuple(sorted(found, key=lambda finding: _ORDER[finding.level]))
