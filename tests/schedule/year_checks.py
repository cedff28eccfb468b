"""What must hold of a year that is over: each check yields what is wrong, with newsletter, period and history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from digest.models import DeliveryState, Issue, IssueState
from digest.pipeline.steps import BY_ITSELF
from tests.schedule.year_calendar import Due
from tests.schedule.year_story import told
from tests.schedule.year_world import END, MAX_DELAY, READERS, REVIEW_MINUTES, Setting, Year

_WITH_A_REASON = {
    IssueState.CANCELLED,
    IssueState.SKIPPED,
    IssueState.HELD,
    IssueState.EXPIRED,
    IssueState.NEEDS_REVIEW,
    IssueState.PAUSED,
}
_OVER = {IssueState.SENT, IssueState.SKIPPED, IssueState.EXPIRED}


def issues(year: Year) -> Iterator[Issue]:
    for slug in year.settings:
        yield from year.store.issues.latest(slug, 200)


def expected(year: Year, slug: str) -> dict[str, Due]:
    """Return what was due while the newsletter was configured and known."""
    found = {}
    known_from = year.looks[slug][0][0]
    for setting, end in _spans(year, slug):
        if setting.rule:
            found |= {due.period: due for due in setting.rule.dues(max(setting.since, known_from), end)}
    return found


def _spans(year: Year, slug: str) -> Iterator[tuple[Setting, datetime]]:
    settings = year.settings[slug]
    ends = [*(each.since for each in settings[1:]), END]
    yield from zip(settings, ends, strict=True)


def every_period_has_its_issue(year: Year) -> Iterator[str]:
    """Every due period has one issue, and there is no other that no schedule explains."""
    for slug in year.settings:
        wanted = expected(year, slug)
        there = {issue.period: issue for issue in year.store.issues.latest(slug, 200)}
        for period in wanted.keys() - there.keys():
            yield f"{slug}/{period} was due {wanted[period].at} and there is nothing of it"
        changes = [each for each in year.settings[slug] if each.rule]
        for period in there.keys() - wanted.keys():
            dues = [due for each in changes if each.rule and (due := each.rule.of_period(period))]
            near = [each.since for each in year.settings[slug]] + [END]
            if not any(abs(due.at - moment) < timedelta(days=12) for due in dues for moment in near):
                yield f"nothing was due for {told(year, there[period])}"


def every_issue_has_come_to_a_good_end(year: Year) -> Iterator[str]:
    """An issue is sent, or says why not; what is still open is young and waits for people."""
    for issue in issues(year):
        if issue.state is IssueState.SENT or (issue.state in _WITH_A_REASON and issue.reason):
            continue
        setting = year.setting(issue.newsletter)
        if setting.review != "none" and issue.due_at > END - MAX_DELAY and issue.state in {"frozen", "approved"}:
            continue
        yield f"has no good end: {told(year, issue)}"


def nothing_is_stuck(year: Year) -> Iterator[str]:
    yield from year.stuck


def nobody_has_an_issue_twice(year: Year) -> Iterator[str]:
    for post in year.posts.values():
        for (name, address), count in Counter((each.issue, each.address) for each in post.taken).items():
            if count > 1:
                yield f"{address} has {name} {count} times: {told(year, _issue(year, name))}"


def the_ledger_and_the_provider_agree(year: Year) -> Iterator[str]:
    """Of an issue that left, every reader has it, or is doubtful as told; of any other nobody has it."""
    resolved = {each.issue for each in year.staff.decisions if each.what == "resolve"}
    for issue in issues(year):
        post = year.posts[issue.newsletter]
        has = {each.address for each in post.taken if each.issue == issue.name}
        doubtful = {address for name, address in post.doubtful if name == issue.name}
        tally = year.store.outbox.tally(issue)
        states = {each.recipient.address: each.state for each in year.store.outbox.deliveries(issue)}
        if has and not states:
            yield f"left without its ledger knowing: {told(year, issue)}"
        for address, state in states.items():
            sure = address not in doubtful and issue.name not in resolved
            if sure and state != DeliveryState.UNKNOWN and (state == DeliveryState.ACCEPTED) != (address in has):
                yield f"{address} is {state}, has it: {address in has}: {told(year, issue)}"
            if state == DeliveryState.UNKNOWN and sure and not _died_half_way(year, issue):
                yield f"{address} is unknown, and the answer was clear: {told(year, issue)}"
        if issue.state is IssueState.SENT and not (has == set(READERS) or issue.name in resolved):
            yield f"is sent, and {sorted(set(READERS) - has)} have nothing: {told(year, issue)}"
        if tally.get(DeliveryState.UNKNOWN) and issue.state not in {IssueState.NEEDS_REVIEW, IssueState.PAUSED}:
            yield f"has unknown readers: {told(year, issue)}"


def _died_half_way(year: Year, issue: Issue) -> bool:
    return any("stopped half-way" in each.detail for each in year.store.issues.events(issue))


def nothing_leaves_that_people_did_not_see(year: Year) -> Iterator[str]:
    """With `required` a person approved these bytes; with `window` people were asked, and had their minutes."""
    approved = {(each.issue, each.fingerprint) for each in year.staff.decisions if each.what == "approve"}
    for issue in issues(year):
        begun = year.begun.get(issue.name)
        if begun is None:
            continue
        prints = {each.fingerprint for each in year.posts[issue.newsletter].taken if each.issue == issue.name}
        if len(prints) > 1:
            yield f"readers have different versions: {told(year, issue)}"
        review = begun.setting.review
        if review == "none" or all((issue.name, each) in approved for each in prints or {issue.fingerprint}):
            continue
        asked = [each.at for each in year.store.issues.events(issue) if _asks(each.what, each.detail, issue)]
        if review == "required":
            yield f"left without an approval: {told(year, issue)}"
        elif not any(at + timedelta(minutes=REVIEW_MINUTES) <= begun.at for at in asked):
            yield f"left at {begun.at} before people had their time: {told(year, issue)}"


def _asks(what: str, detail: str, issue: Issue) -> bool:
    return what == "asked" and issue.fingerprint.startswith(detail)


def nothing_leaves_before_its_time_or_too_late(year: Year) -> Iterator[str]:
    """Not before it is due, and more than `max_delay_hours` late only when a person said so."""
    by_people = {each.issue for each in year.staff.decisions if each.what == "approve"}
    for name, begun in year.begun.items():
        period = name.partition("/")[2]
        assert begun.setting.rule
        due = begun.setting.rule.of_period(period)
        issue = _issue(year, name)
        due_at = due.at if due else issue.due_at
        if begun.at < due_at:
            yield f"left at {begun.at}, before {due_at}: {told(year, issue)}"
        if begun.at > due_at + MAX_DELAY and not (name in by_people and issue.approved_by not in BY_ITSELF):
            yield f"left at {begun.at}, too late after {due_at}: {told(year, issue)}"


def no_post_comes_twice(year: Year) -> Iterator[str]:
    for slug in year.settings:
        for post, names in brought(year, slug).items():
            if len(names) > 1:
                yield f"{slug}: {post} is in {names}"


def every_post_comes_when_it_can(year: Year) -> Iterator[str]:
    """An issue has every post that the blog showed when it was made, of its time, and that no issue brought before."""
    for slug in year.settings:
        mine = brought(year, slug)
        first_seen = _history(year, slug)
        for name, begun in sorted(year.begun.items(), key=lambda each: each[1].at):
            issue = _issue(year, name)
            taken = [each for each in year.posts[slug].taken if each.issue == name]
            version = year.versions.get((name, issue.fingerprint))
            rule = begun.setting.rule
            if issue.newsletter != slug or not taken or not version or not rule:
                continue
            due = rule.of_period(issue.period)
            if due is None or due.at != issue.due_at:
                continue  # it was made when the schedule was another
            for entry in year.entries:
                known = entry.post.id in version.seen and entry.post.id not in first_seen
                young = due.cut_off - timedelta(days=28) <= entry.dated_at < due.cut_off
                if (
                    known
                    and young
                    and not mine.get(entry.post.url)
                    and not _left_with_nobody(year, issue, entry.post.id)
                ):
                    yield f"{entry.post.id} of {entry.dated_at} is missing, and in no issue: {told(year, issue)}"


def _left_with_nobody(year: Year, issue: Issue, post: str) -> bool:
    """Tell whether a post was left out because an issue began with it of which the provider, unclear, took nothing."""
    frozen = year.store.issues.frozen(issue)
    assert frozen
    reasons = [each["reason"] for each in frozen.selection["left_out"] if each["id"] == post]
    name = reasons[0].removeprefix("already in ") if reasons else ""
    if name not in year.begun:
        return False
    resolved = any(each.issue == name and each.what == "resolve" for each in year.staff.decisions)
    waits = _issue(year, name).state in {IssueState.NEEDS_REVIEW, IssueState.PAUSED, IssueState.CANCELLED}
    return (resolved or waits) and not any(each.issue == name for each in year.posts[issue.newsletter].taken)


def brought(year: Year, slug: str) -> dict[str, list[str]]:
    """Return the issues whose mail has each post, by its address; as the provider took them."""
    mails = {each.issue: each.text for each in year.posts[slug].taken}
    found: dict[str, list[str]] = {}
    for name, text in mails.items():
        for line in text.splitlines():
            if line.startswith("https://"):
                found.setdefault(line, []).append(name)
    return found


def _history(year: Year, slug: str) -> set[str]:
    """Return the posts of a newsletter's first version that are from before its window: they are never news."""
    first = min((each for (name, _), each in year.versions.items() if name.startswith(f"{slug}/")), key=lambda v: v.at)
    rule = year.settings[slug][0].rule
    assert rule
    earliest = min(rule.dues(year.looks[slug][0][0], END), key=lambda due: due.at)
    begin = rule.latest(earliest.at - timedelta(minutes=1)).cut_off
    return {each.post.id for each in year.entries if each.post.id in first.seen and each.dated_at < begin}


def every_end_is_reported_once(year: Year) -> Iterator[str]:
    for issue in issues(year):
        if issue.state not in _OVER or issue.due_at > END - timedelta(days=1):
            continue
        folder = year.folder / "reports" / issue.newsletter
        ending = f"-{issue.newsletter}-{issue.period}-{issue.state}.md"
        count = len(list(folder.glob(f"*{ending}")))
        reported = [each.detail for each in year.store.issues.events(issue) if each.what == "reported"]
        findings = sum(each.startswith("link.local") for each in reported[1:])  # a broken template is news of its own
        too_often = count > 1 + findings
        if too_often or (count == 0 and issue.name not in year.unheard):
            yield f"was reported {count} times: {told(year, issue)}"


def _issue(year: Year, name: str) -> Issue:
    found = year.store.issues.find(*name.split("/"))
    assert found
    return found


CHECKS = (
    every_period_has_its_issue,
    every_issue_has_come_to_a_good_end,
    nothing_is_stuck,
    nobody_has_an_issue_twice,
    the_ledger_and_the_provider_agree,
    nothing_leaves_that_people_did_not_see,
    nothing_leaves_before_its_time_or_too_late,
    no_post_comes_twice,
    every_post_comes_when_it_can,
    every_end_is_reported_once,
)
