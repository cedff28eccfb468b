"""Findings about an e-mail before it leaves: one file a check.

A module of this folder that exports `check(email, demands) -> Iterator[Finding]` is a check; `check_email` runs them
all. The others hold what checks share: `document`, `css`, `painting` and `colors` read a mail, `inboxes` knows where
inboxes cut. `reachable` and `spam` ask the world outside; they are run when somebody wants them, by whoever can ask.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache

from digest.check import size
from digest.check.demands import Demands
from digest.models import Email, Finding, Level

__all__ = ["Check", "Demands", "check_email"]

Check = Callable[[Email, Demands], Iterator[Finding]]

READ_AT_MOST = 500_000
"""Characters of a mail, five times what Gmail shows. A larger one is weighed, and nothing else."""

_NOTHING_TOLD = Demands()
_ORDER = {Level.ERROR: 0, Level.WARNING: 1, Level.INFO: 2}


def check_email(email: Email, demands: Demands = _NOTHING_TOLD) -> tuple[Finding, ...]:
    """Return what every check of this folder finds, worst first, otherwise in the order of the checks' names."""
    too_large = len(email.html) > READ_AT_MOST or len(email.text) > READ_AT_MOST
    checks = (size.check,) if too_large else tuple(_checks().values())
    found = [finding for check in checks for finding in check(email, demands)]
    return tuple(sorted(found, key=lambda finding: _ORDER[finding.level]))


@cache
def _checks() -> dict[str, Check]:
    """Return the checks by the names of their modules, sorted."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = {name: importlib.import_module(f"{__name__}.{name}") for name in names}
    return {name: module.check for name, module in modules.items() if hasattr(module, "check")}
