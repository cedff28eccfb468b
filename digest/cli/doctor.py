"""`digest doctor`: is everything there that the next run needs?"""

from __future__ import annotations

from digest.app import Project
from digest.cli.options import HERE, AsOfOption, JsonOption, ProjectOption, clock
from digest.cli.output import Report, findings_json, finish


def doctor(project: ProjectOption = HERE, as_of: AsOfOption = None, as_json: JsonOption = False) -> None:
    """Look at configuration, blogs, store and provider, and say what to mend. Sends nothing.

    JSON: a list of {subject, said, findings}.
    """
    from digest.doctor import examine

    report = Report(as_json)
    with Project(project) as opened:
        zone = next((each.schedule.time_zone for each in opened.newsletters.values()), None)
        examined = list(examine(opened, clock(as_of, zone)()))
    report.data(
        [{"subject": each.subject, "said": each.said, "findings": findings_json(each.findings)} for each in examined]
    )
    for each in examined:
        report.line(f"{each.subject}: {each.said}" if each.said else each.subject, "bold")
        report.listed(each.findings)
    finish(*(each.findings for each in examined))
