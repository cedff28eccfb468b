"""Whether the dark form of the mail reaches every program that has one: the reader's system, and Outlook's own way."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from digest.check.css import Rule, rules, value_of
from digest.check.demands import Demands
from digest.check.document import parsed
from digest.check.painting import OUTLOOK_BACKGROUND, OUTLOOK_TEXT
from digest.check.spots import at, in_styles
from digest.models import Email, Finding, Level

_KINDS = {"color": OUTLOOK_TEXT, "background-color": OUTLOOK_BACKGROUND, "background": OUTLOOK_BACKGROUND}
_SHOWN = 3


_DARK = in_styles("prefers-color-scheme: dark")


def check(email: Email, _: Demands) -> Iterator[Finding]:
    """Compare the two ways, look whether the rules can win, and whether the page is painted below the body."""
    root = parsed(email.html)
    everything = [rule for block in root.iter("style") for rule in rules(block.text or "")]
    dark = [rule for rule in everything if "prefers-color-scheme" in rule.query and "dark" in rule.query]
    if dark:
        yield from _compared(_colors(dark, ""), _outlook(everything))
        weak = [
            (rule, each) for rule in dark for each in rule.declarations if each.name in _KINDS and not each.important
        ]
        if weak:
            rule, each = weak[0]
            name, spot = ", ".join(rule.selectors)[:40], in_styles(f"{each.name}: {each.value}")
            message = f"The dark colour of “{name}” has no !important, so that the light one in the tags stays."
            fix = "Write “ !important” after it in dark.css"
            yield Finding(Level.ERROR, "mail.dark-weak", message, fix=fix, spot=spot)
    yield from _about_the_page(root)


def _compared(system: dict[str, str], outlook: dict[str, str]) -> Iterator[Finding]:
    lacking = sorted(set(system) - set(outlook))
    differing = sorted(name for name in set(system) & set(outlook) if system[name] != outlook[name])
    if lacking:
        message = (
            f"Outlook's dark mode is not told {len(lacking)} colours that others are told: "
            f"{', '.join(lacking[:_SHOWN])}; it makes up its own."
        )
        fix = f"Repeat them in dark.css behind {OUTLOOK_TEXT} (text) and {OUTLOOK_BACKGROUND} (background)"
        yield Finding(Level.WARNING, "mail.dark-outlook", message, fix=fix, spot=_DARK)
    if differing:
        message = f"Outlook's dark mode is told another colour than the rest: {', '.join(differing[:_SHOWN])}."
        fix = "Write the same colour twice in dark.css"
        yield Finding(Level.WARNING, "mail.dark-differs", message, fix=fix, spot=_DARK)


def _outlook(everything: list[Rule]) -> dict[str, str]:
    return {
        **_colors(everything, OUTLOOK_TEXT, {"color"}),
        **_colors(everything, OUTLOOK_BACKGROUND, {"background", "background-color"}),
    }


def _colors(found: list[Rule], mark: str, kinds: set[str] | None = None) -> dict[str, str]:
    """Return “selector property” -> colour, in lower case."""
    return {
        f"{selector.removeprefix(mark).strip()} {'color' if each.name == 'color' else 'background'}": each.value.lower()
        for rule in found
        for selector in rule.selectors
        if selector.startswith(mark)
        for each in rule.declarations
        if each.name in (kinds or _KINDS)
    }


def _about_the_page(root: etree._Element) -> Iterator[Finding]:
    """Ask for the body's background on a cell or table as well: Yahoo takes it from the body."""
    body = root.find("body")
    wanted = _background(body) if body is not None else ""
    if body is None or not wanted:
        return
    if not any(_background(element) == wanted for element in body.iter("td", "table", "div")):
        message = f"The background {wanted} stands on <body> alone; Yahoo would show the mail on white."
        fix = "Give it to the outermost table as well"
        yield Finding(Level.WARNING, "mail.body-background", message, fix=fix, spot=at(body))


def _background(element: etree._Element) -> str:
    style = str(element.get("style") or "")
    found = value_of(style, "background-color") or value_of(style, "background") or str(element.get("bgcolor") or "")
    return found.lower()
