"""`digest doctor`: is everything there that the next run needs?"""

from __future__ import annotations

from typing import Annotated

import typer

from digest.app import Project
from digest.cli.options import HERE, AsOfOption, JsonOption, ProjectOption, clock
from digest.cli.output import Report, findings_json, finish


def doctor(
    project: ProjectOption = HERE,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask nobody outside: neither provider, nor DNS, nor blogs at an address.")
    ] = False,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at configuration, designs, blogs, store, provider and domain, and say what to mend. Sends nothing.

    Also at disk, clock and who looks after it; half a minute at most, whoever does not answer.
    JSON: a list of {subject, said, findings}.
    """
    from digest.doctor import examine

    report = Report(as_json)
    with Project(project) as opened:
        zone = next((each.schedule.time_zone for each in opened.newsletters.values()), None)
        examined = examine(opened, clock(as_of, zone)(), offline=offline)
    report.data(
        [{"subject": each.subject, "said": each.said, "findings": findings_json(each.findings)} for each in examined]
    )
    for each in examined:
        report.line(f"{each.subject}: {each.said}" if each.said else each.subject, "bold")
        report.listed(each.findings)
    finish(*(each.findings for each in examined))
