"""What a person is asked before an issue leaves: what, to how many, by which way, and what keeps it from leaving."""

from __future__ import annotations

from dataclasses import dataclass

from digest.app import Project
from digest.errors import AudienceError, DigestError, IssueStateError, ProviderError
from digest.models import LIST, DeliveryState, Issue, IssueState
from digest.pipeline.reaching import out_of_reach
from digest.send.waves import AT_ONCE, Waves

_OPEN = (DeliveryState.PENDING, DeliveryState.SENDING)
_CAN_LEAVE = {IssueState.APPROVED, IssueState.SENDING, IssueState.PAUSED}


@dataclass(frozen=True, slots=True)
class LastQuestion:
    """All that somebody has to know who lets an issue go."""

    issue: Issue
    readers: int
    """Who would get it now: all of them, or those who still wait."""
    list_name: str
    """Of the list at the provider, which goes to all of it; empty for readers that the digest knows."""
    provider: str
    batch: int
    """Readers of one request: so many may still leave after a stop."""
    waves: Waves
    unusable_lines: int
    """Of the list of readers."""
    refused: DigestError | None
    """Why it cannot leave."""

    @property
    def goes_on(self) -> bool:
        """Whether a part of it has left already."""
        return self.issue.state is not IssueState.APPROVED


def last_question(project: Project, issue: Issue) -> LastQuestion:
    """Return the question about an issue. Raise `DigestError` where the project cannot be used at all."""
    press = project.press(issue.newsletter)
    tally = project.store.outbox.tally(issue)
    refused: DigestError | None = None
    readers, unusable = sum(tally.get(state, 0) for state in _OPEN), 0
    if issue.state not in _CAN_LEAVE:
        because = f" ({issue.reason})" if issue.reason else ""
        refused = IssueStateError(
            f"{issue.name} is {issue.state}{because}, so it cannot be sent", fix="only an approved issue leaves"
        )
    elif problems := press.provider.problems():
        refused = ProviderError("; ".join(problems), fix="see [provider] in config/digest.toml")
    elif issue.state is IssueState.APPROVED:
        try:
            audience = press.read_audience()
            readers, unusable = audience.count, len(audience.problems)
            if reason := out_of_reach(press.newsletter, press.provider):
                refused = AudienceError(reason, file=press.newsletter.file, fix="see `audience` in config/README.md")
            elif not readers:
                refused = AudienceError("there is nobody to send to", file=press.newsletter.audience, fix="add readers")
        except AudienceError as error:
            refused = error
    keeps = press.provider.keeps_list
    return LastQuestion(
        issue,
        readers,
        press.newsletter.audience.removeprefix(LIST) if keeps else "",
        project.operator.provider.kind,
        press.provider.batch_limit * press.concurrency,
        AT_ONCE if keeps else press.waves,
        unusable,
        refused,
    )
