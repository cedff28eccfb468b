"""What happens in a simulated year, moment by moment; drawn from the seed of the year."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from digest.models import Issue
from tests.schedule.year_calendar import Rule
from tests.schedule.year_people import Mood
from tests.schedule.year_world import (
    BLOCKED,
    BROKEN,
    CALM_AT_THE_END,
    DAY,
    END,
    FREQUENT,
    HOUR,
    LONGEST_PAUSE,
    MINUTE,
    START,
    Setting,
    Year,
)

LAST_LOOK = timedelta(seconds=30)


def live(year: Year) -> None:
    """Let the year pass."""
    things = _things(year)
    while year.true < END:
        at, thing = things.pop(0) if things else (END, lambda: None)
        _ring_until(year, at)
        thing()
        if not year.off:
            ring(year)


def _things(year: Year) -> list[tuple[datetime, Callable[[], None]]]:
    """Return what happens, in its order; what lasts ends before the next begins, or lasts into it."""
    chance, last = year.chance, END - CALM_AT_THE_END
    found: list[tuple[datetime, Callable[[], None]]] = []

    def add(at: datetime, thing: Callable[[], None]) -> None:
        found.append((min(at, last), thing))

    def spell(at: datetime, lasts: timedelta, what: str, begin: Callable[[], None], end: Callable[[], None]) -> None:
        lasts = min(lasts, last - at)

        def begins() -> None:
            year.trouble(what, lasts)
            begin()

        add(at, begins)
        add(at + lasts, end)

    at = START + 20 * DAY
    while at < last:
        hours = chance.choice([0.2, 1, 5, 20, 60])
        match chance.randrange(9):
            case 0:
                off = timedelta(hours=chance.choice([0.1, 2, 12, 50, 118]))
                spell(at, off, "the machine is off", lambda: _off(year, True), lambda: _off(year, False))
            case 1 | 2:
                moods = [Mood.BUSY, Mood.UNCLEAR, Mood.UNCLEAR, Mood.KEY_REFUSED]
                mood = chance.choice(moods)
                hours = chance.choice([hours, hours, 200])  # longer than a week, so that the next issue is due, too
                spell(
                    at,
                    timedelta(hours=hours),
                    f"the provider is {mood.name}",
                    lambda mood=mood: _mood(year, mood),  # type: ignore[misc]
                    lambda: _mood(year, Mood.WELL),
                )
            case 3:
                lasts = timedelta(hours=hours)
                spell(at, lasts, "the blog is down", lambda: _source(year, True), lambda: _source(year, False))
            case 4:
                skew = chance.choice([-HOUR, DAY])
                lasts = timedelta(hours=chance.choice([1, 6, 30]))
                spell(at, lasts, f"the clock jumps by {skew}", lambda s=skew: _skew(year, s), lambda: _skew(year))  # type: ignore[misc]
            case 5:
                lasts = timedelta(hours=hours)
                trouble = chance.choice([BROKEN, BLOCKED])
                spell(
                    at, lasts, "the template is broken", lambda t=trouble: _template(year, t), lambda: _template(year)
                )  # type: ignore[misc]
            case 6:
                add(at, lambda: _reword(year))
            case 7:
                add(at, lambda: setattr(year, "hosts_up", 2))
                add(at + 15 * DAY, lambda: setattr(year, "hosts_up", 1))
            case _:
                add(at, lambda: _template_edit(year))
        at += timedelta(hours=chance.uniform(20, 260))
    add(START + chance.uniform(60, 110) * DAY, lambda: _move(year, chance.choice([0, 2, 3, 4])))
    add(START + chance.uniform(120, 150) * DAY, lambda: _review(year, "tenth", "window"))
    add(START + chance.uniform(160, 200) * DAY, lambda: _review(year, "tenth", "required"))
    add(START + chance.uniform(130, 170) * DAY, lambda: _review(year, "sunday", "window"))
    add(START + chance.uniform(180, 220) * DAY, lambda: _review(year, "sunday", "none"))
    gone = START + chance.uniform(230, 250) * DAY
    before = chance.choice([4, 12, 24])
    add(gone, lambda: _take_away(year))
    add(gone + before * DAY, lambda: _bring_back(year))
    return sorted(found, key=lambda each: each[0])


def _ring_until(year: Year, until: datetime) -> None:
    """Pass the time up to a true moment: alarms, some of them lost or doubled, and ticks in between."""
    chance = year.chance
    for at, slug in _alarms(year, until):
        year.true = max(at, year.true)
        if chance.random() < 0.3:
            year.staff.come_by(slug)
        if not year.off:
            ring(year, slug)
    year.true = max(until, year.true)


def _alarms(year: Year, until: datetime) -> list[tuple[datetime, str]]:
    chance = year.chance
    found = []
    for slug in year.settings:
        rule = year.setting(slug).rule
        if rule is None or until <= year.true:
            continue
        for due in rule.dues(year.true - 3 * DAY, until + 10 * DAY):
            moments = {due.at, due.at - LAST_LOOK, due.build_at, due.build_at + 7 * HOUR}
            moments |= {due.at + minutes * MINUTE for minutes in (1, 95)}
            moments |= {due.at + chance.uniform(2, 70) * HOUR for _ in range(2)}
            for moment in sorted(moments):  # the order of a set is another in each process
                drawn = chance.random()
                copies = 0 if drawn < 0.2 else 2 if drawn > 0.9 else 1
                found += [(moment - year.skew, slug)] * copies
        ticks = int((until - year.true) / DAY) + 1
        found += [(year.true + chance.random() * (until - year.true), slug) for _ in range(ticks // 4)]
    return sorted(each for each in found if year.true < each[0] < until)


def ring(year: Year, only: str = "") -> None:
    """Let the schedulers that are up look after a newsletter, or all that are configured."""
    chance = year.chance
    for slug in [only] if only else year.newsletters():
        for host in chance.sample(year.hosts[: year.hosts_up], year.hosts_up):
            stormy = year.true < END - CALM_AT_THE_END
            dies_in = chance.randrange(1, 120) if stormy and chance.random() < 0.06 else 0
            meets_in = chance.randrange(1, 120) if stormy and chance.random() < 0.15 else 0
            host.look(slug, dies_in=dies_in, meets_in=meets_in)
            judge_stuck(year, slug)


def told(year: Year, issue: Issue) -> str:
    """Return an issue with its history, for the message of a check."""
    events = year.store.issues.events(issue)
    lines = [f"{each.at:%Y-%m-%d %H:%M:%S} {each.what} · {each.who} · {each.detail}" for each in events]
    return "\n  ".join([f"{issue.name}: {issue.state} {issue.reason}", *lines])


def judge_stuck(year: Year, slug: str) -> None:
    """Note what a look in calm times left on its way although nothing keeps it there any more."""
    if not year.is_calm(slug, year.true - LONGEST_PAUSE, year.true):
        return
    setting, now = year.setting(slug), year.clock()
    assert setting.rule
    latest = setting.rule.latest(now)
    just_decided = {each.issue for each in year.staff.decisions if each.at == now}
    for issue in year.store.issues.latest(slug, 8):
        if issue.name in just_decided:  # while the schedulers were looking
            continue
        always = {"planned", "sending", "settling", "draft"}
        if issue.due_at < latest.at or setting.review == "none":
            always |= {"frozen", "approved"}
        if setting.review != "none" and issue.period == latest.period:
            always |= {"approved"}
        if issue.due_at <= latest.at and str(issue.state) in always:
            seen = f"after a calm look at {now:%Y-%m-%d %H:%M} ({setting.review})"
            year.stuck.append(f"{told(year, issue)}\n  {seen}")


def _off(year: Year, off: bool) -> None:
    year.off = off
    for host in year.hosts:
        host.start_again()


def _mood(year: Year, mood: Mood) -> None:
    for post in year.posts.values():
        post.mood = mood


def _source(year: Year, down: bool) -> None:
    year.source_down = down


def _skew(year: Year, skew: timedelta = timedelta(0)) -> None:
    year.trouble("the clock was set")
    year.skew = skew


def _template(year: Year, trouble: str = "") -> None:
    text = year.template.read_text(encoding="utf-8").replace(BROKEN, "").replace(BLOCKED, "")
    year.template.write_text(text + trouble, encoding="utf-8")


def _template_edit(year: Year) -> None:
    text = year.template.read_text(encoding="utf-8")
    year.template.write_text(f"{year.true:%j} {text}", encoding="utf-8")


def _reword(year: Year) -> None:
    for slug in year.greetings:
        year.greetings[slug] = f"やあ {year.true:%j}"
    year.touch()


def _change(year: Year, slug: str, rule: Rule | None, review: str) -> None:
    year.settings[slug].append(Setting(year.true, rule, review))
    year.touch()


def _move(year: Year, weekday: int) -> None:
    rule = year.setting(FREQUENT).rule
    assert rule
    _change(year, FREQUENT, replace(rule, number=weekday), "window")


def _review(year: Year, slug: str, review: str) -> None:
    _change(year, slug, year.setting(slug).rule, review)


def _take_away(year: Year) -> None:
    _change(year, FREQUENT, None, "")
    for host in year.hosts:
        host.watches.pop(FREQUENT, None)


def _bring_back(year: Year) -> None:
    _change(year, FREQUENT, year.settings[FREQUENT][-2].rule, "window")
