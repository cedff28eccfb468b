"""Whether a newsletter's readers can be reached through the provider: one of the two has to have their list."""

from __future__ import annotations

from typing import cast

from digest.models import LIST, Finding, Level, Newsletter
from digest.send.providers import ListProvider, Provider


def out_of_reach(newsletter: Newsletter, provider: Provider) -> str:
    """Return why the readers of a newsletter cannot be reached through a provider, for a person; or nothing."""
    kind = type(provider).__module__.rpartition(".")[2]
    at_provider = newsletter.audience.startswith(LIST)
    if at_provider and not provider.keeps_list:
        return f"'{newsletter.audience}' is a list at the provider, and {kind} keeps none"
    if not provider.keeps_list:
        return ""
    if not at_provider:
        return f"{kind} keeps the list of readers itself, so '{newsletter.audience}' would not be used"
    # Whoever has `keeps_list` is one: the contract suite holds it to that.
    if mistake := cast(ListProvider, provider).mistake_in(newsletter.audience.removeprefix(LIST)):
        return f"'{newsletter.audience}' names no list of {kind}: {mistake}"
    return ""


def reach(newsletter: Newsletter, provider: Provider) -> tuple[Finding, ...]:
    """Return that as a finding about the newsletter's file."""
    reason = out_of_reach(newsletter, provider)
    if not reason:
        return ()
    fix = (
        f'write audience = "{LIST}" and the name of the list there'
        if provider.keeps_list
        else 'name a CSV file, or "store", or a provider that keeps lists (config/providers.md)'
    )
    message = f"Nobody can be reached: {reason}."
    return (Finding(Level.ERROR, "audience.out-of-reach", message, file=newsletter.file, fix=fix),)
