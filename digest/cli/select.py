"""`digest select`: which posts the issue would bring, and why."""

from __future__ import annotations

from digest.app import Project, bare_source, shipped_newsletter
from digest.cli.collect import GeneratorOption, SourceOption
from digest.cli.options import (
    HERE,
    AsOfOption,
    JsonOption,
    NewsletterOption,
    OptionalIssueArgument,
    ProjectOption,
    asked_for,
    clock,
)
from digest.cli.output import Report, finish
from digest.select import as_json as selection_json
from digest.select import latest_slot, slot_of_period
from digest.select import select as choose


def select(
    issue: OptionalIssueArgument = None,
    project: ProjectOption = HERE,
    newsletter: NewsletterOption = None,
    source: SourceOption = None,
    generator: GeneratorOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Choose the posts of an issue and give a reason for every post in and out. Writes nothing.

    JSON: {period, window, sections: [{key, heading, picks}], more, left_out}.
    """
    report = Report(as_json)
    if source is not None:
        letter = shipped_newsletter()
        now = clock(as_of, letter.schedule.time_zone)()
        schedule = letter.schedule
        slot = slot_of_period(schedule, issue.rpartition("/")[2]) if issue else latest_slot(schedule, now)
        collection = bare_source(source, generator).read(now)
        selection = choose(letter, slot, collection.posts, {})
    else:
        with Project(project) as opened:
            letter, slot, now = asked_for(opened, issue, newsletter, as_of)
            collection = opened.read_posts(now)
            brought = opened.store.issues.covered(letter.slug)
            earlier = {post: name for post, name in brought.items() if name != f"{letter.slug}/{slot.period}"}
            selection = choose(letter, slot, collection.posts, earlier)
    report.data(selection_json(selection))
    report.selection(selection)
    report.findings(collection.problems, "Problems", at_most=10)
    finish(collection.problems)
