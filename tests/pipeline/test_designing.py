"""An edit of a design takes the place of a file only when it makes no mail worse; what it replaces is kept."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.errors import TemplateError
from digest.models import Finding, Level, Newsletter
from digest.pipeline.designing import (
    AbandonedError,
    Bench,
    DesignFile,
    Edit,
    Histories,
    Outcome,
    Result,
    Trial,
    design_files,
    encoded,
    find_file,
    former_texts,
    mails_of,
    read_text,
    try_edit,
)
from digest.pipeline.designing.files import replace_file
from digest.pipeline.designing.history import KEPT, keep
from digest.pipeline.designing.trying import try_text
from digest.pipeline.designing.verdict import judge
from digest.pipeline.stress import Report, Tried, samples_for
from digest.render import bounded
from tests.render.issues import COPY, LINKS, TEMPLATES, newsletter
from tests.render.test_bounded import NO_COUNTERS

NOW = datetime(2026, 1, 19, tzinfo=UTC)
ENDLESS = "{% for i in range(10 ** 12) %}{% endfor %}"


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TEMPLATES, tmp_path / "project/templates"))


@pytest.fixture
def history(tmp_path: Path) -> Path:
    return tmp_path / "history"


def trial(letter: Newsletter | None = None) -> Trial:
    """A newsletter with one awkward post: as few mails as there can be."""
    picks, _ = samples_for(newsletter(), TEMPLATES / "_samples")
    return Trial(letter or newsletter(), picks[:1], lambda _: LINKS)


def bench(templates: Path, **changes: object) -> Bench:
    return Bench(templates, COPY, (trial(),), "css-inline", **changes)  # type: ignore[arg-type] - a test's own names


def file_of(templates: Path, name: str) -> DesignFile:
    found = find_file(templates, "weekly", name)
    assert found is not None
    return found


def edited(templates: Path, history: Path, name: str, change: Callable[[str], str], **more: object) -> Result:
    file = file_of(templates, name)
    now = read_text(file)
    edit = Edit(file, change(now.text), now.fingerprint, **{"who": "花子", **more})  # type: ignore[arg-type] - likewise
    return try_edit(bench(templates), edit, Histories(history), NOW)


def broken(text: str) -> str:
    assert "{{ masthead() }}" in text
    return text.replace("{{ masthead() }}", "{{ masthead( }}")


def append(word: str) -> Callable[[str], str]:
    return lambda text: f"{text}{word}\n"


def places(result: Result) -> list[str]:
    return [found.finding.place for found in result.verdict.refusing]


# ---------------------------------------------------------------- which files


def test_the_files_of_a_design_come_first_and_the_shared_ones_after(templates: Path) -> None:
    files = design_files(templates, "weekly")
    assert [each.name for each in files if not each.shared][:2] == ["email.html", "email.txt"]
    assert {each.name for each in files if each.shared} == {each.name for each in (templates / "_macros").iterdir()}
    assert design_files(templates, "_macros") == design_files(templates, "..") == design_files(templates, "") == ()


@pytest.mark.parametrize("name", ["README.md", "../weekly/email.html", "_macros/../weekly/email.html", "", ".", "/"])
def test_no_other_name_is_found(templates: Path, name: str) -> None:
    assert find_file(templates, "weekly", name) is None


def test_nothing_behind_a_symbolic_link_is_found(templates: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.css"
    outside.write_text("a{}", encoding="utf-8")
    (templates / "weekly/dark.css").unlink()
    (templates / "weekly/dark.css").symlink_to(outside)
    (templates / "_macros/linked.html").symlink_to(templates / "weekly/email.html")
    (templates / "other").symlink_to(templates / "weekly", target_is_directory=True)
    assert find_file(templates, "weekly", "dark.css") is None
    assert find_file(templates, "weekly", "_macros/linked.html") is None
    assert design_files(templates, "other") == ()


@pytest.mark.parametrize("data", [b"a\nb\n", b"a\r\nb\r\n", b"\xef\xbb\xbfa\nb", b"", "日本語\n".encode()])
def test_a_text_goes_to_the_browser_and_back_without_a_byte_of_difference(templates: Path, data: bytes) -> None:
    file = file_of(templates, "style.css")
    file.path.write_bytes(data)
    now = read_text(file)
    assert encoded(now.text.replace("\n", "\r\n"), now) == data


def test_a_file_that_cannot_be_replaced_is_as_it_was(templates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = templates / "weekly/style.css"
    before = file.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace_file(file, b"new")
    assert file.read_bytes() == before
    assert sorted(path.name for path in file.parent.iterdir()) == sorted(
        path.name for path in (TEMPLATES / "weekly").iterdir()
    )


# ---------------------------------------------------------------- the door


def test_what_is_fine_is_saved_and_what_it_replaces_is_kept(templates: Path, history: Path) -> None:
    before = (templates / "weekly/style.css").read_bytes()
    result = edited(templates, history, "style.css", append("/* neu */"), who="花子 さん")
    assert result.outcome is Outcome.SAVED
    assert result.verdict.mails == mails_of([trial()])
    assert (templates / "weekly/style.css").read_bytes() == before + b"/* neu */\n"
    (kept,) = former_texts(history, file_of(templates, "style.css"))
    assert (kept.path.read_bytes(), kept.saved_at, kept.who) == (before, NOW, "花子-さん")
    assert result.now == read_text(file_of(templates, "style.css"))


def test_a_try_saves_nothing(templates: Path, history: Path) -> None:
    before = (templates / "weekly/style.css").read_bytes()
    assert edited(templates, history, "style.css", append("/* neu */"), save=False).outcome is Outcome.FINE
    assert (templates / "weekly/style.css").read_bytes() == before
    assert not history.exists()


def test_a_mistake_is_refused_with_its_line_and_nothing_is_written(templates: Path, history: Path) -> None:
    file = templates / "weekly/email.html"
    before = file.read_bytes()
    line = file.read_text(encoding="utf-8").split("{{ masthead() }}")[0].count("\n") + 1
    result = edited(templates, history, "email.html", broken)
    assert result.outcome is Outcome.REFUSED
    assert places(result) == [f"templates/weekly/email.html:{line}"]
    assert file.read_bytes() == before
    assert not history.exists()


def test_an_edit_of_a_macro_is_refused_for_what_it_does_to_a_design(templates: Path, history: Path) -> None:
    result = edited(templates, history, "_macros/masthead.html", lambda text: text.replace("masthead(", "kopf("))
    assert result.outcome is Outcome.REFUSED
    assert not history.exists()


def test_an_error_of_another_file_that_was_there_before_refuses_nothing(templates: Path, history: Path) -> None:
    file = templates / "weekly/email.txt"
    file.write_text("{{ nobody_knows }}", encoding="utf-8")
    result = edited(templates, history, "style.css", append("/* neu */"))
    assert result.outcome is Outcome.SAVED
    assert [found.finding.place for found in result.verdict.standing] == ["templates/weekly/email.txt:1"]


def test_of_two_broken_files_one_after_the_other_can_be_mended(templates: Path, history: Path) -> None:
    good = (templates / "weekly/email.html").read_text(encoding="utf-8")
    text = (templates / "weekly/email.txt").read_text(encoding="utf-8")
    (templates / "weekly/email.html").write_text(broken(good), encoding="utf-8")
    (templates / "weekly/email.txt").write_text("{{ nobody_knows }}", encoding="utf-8")
    assert edited(templates, history, "email.html", append("{# neu #}")).outcome is Outcome.REFUSED
    assert edited(templates, history, "email.html", lambda _: good).outcome is Outcome.SAVED
    assert edited(templates, history, "email.txt", lambda _: text).outcome is Outcome.SAVED


def test_a_finding_that_was_there_before_refuses_nothing_and_one_more_does(templates: Path, history: Path) -> None:
    first, second = "http://localhost/eins", "http://localhost/zwei"
    row = '{{{{ masthead() }}}}<tr><td><a href="{}">見る</a></td></tr>'
    file = templates / "weekly/email.html"
    plain = file.read_text(encoding="utf-8")
    once = plain.replace("{{ masthead() }}", row.format(first))
    assert edited(templates, history, "email.html", lambda _: once).outcome is Outcome.REFUSED
    file.write_text(once, encoding="utf-8")
    moved = edited(templates, history, "email.html", lambda text: "{# eine Zeile mehr #}\n" + text)
    assert moved.outcome is Outcome.SAVED
    assert "templates/weekly/email.html" in [found.finding.file for found in moved.verdict.standing]
    twice = edited(
        templates, history, "email.html", lambda text: text.replace(first, f'{first}">a</a> <a href="{second}')
    )
    assert twice.outcome is Outcome.REFUSED
    assert edited(templates, history, "email.html", lambda _: plain).outcome is Outcome.SAVED


def test_somebody_elses_save_is_never_overwritten(templates: Path, history: Path) -> None:
    file = file_of(templates, "style.css")
    mine = read_text(file)
    file.path.write_text(mine.text + "/* theirs */\n", encoding="utf-8")
    edit = Edit(file, mine.text + "/* mine */\n", mine.fingerprint, "花子")
    result = try_edit(bench(templates), edit, Histories(history), NOW)
    assert (result.outcome, result.now.text) == (Outcome.CHANGED, mine.text + "/* theirs */\n")
    assert file.path.read_text(encoding="utf-8").endswith("/* theirs */\n")


def test_nor_one_that_came_while_the_edit_was_tried(templates: Path, history: Path) -> None:
    file = file_of(templates, "style.css")
    mine = read_text(file)

    def meanwhile() -> None:
        file.path.write_text(mine.text + "/* theirs */\n", encoding="utf-8")

    edit = Edit(file, mine.text + "/* mine */\n", mine.fingerprint, "花子")
    assert try_edit(bench(templates, tell=meanwhile), edit, Histories(history), NOW).outcome is Outcome.CHANGED
    assert file.path.read_text(encoding="utf-8").endswith("/* theirs */\n")
    assert not history.exists()


def test_a_disk_that_takes_nothing_is_told(templates: Path, history: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("digest.pipeline.designing.saving.replace_file", full)
    result = edited(templates, history, "style.css", append("/* neu */"))
    assert (result.outcome, result.problem) == (Outcome.UNWRITTEN, "No space left on device")
    assert former_texts(history, file_of(templates, "style.css")) == ()


# ---------------------------------------------------------------- within limits


def test_a_template_without_end_is_stopped_at_its_first_mail(
    templates: Path, history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "_PROGRAM", NO_COUNTERS)
    told: list[object] = []
    file = file_of(templates, "email.html")
    now = read_text(file)
    limited = bench(templates, seconds_a_mail=3, tell=lambda: told.append(1))
    result = try_edit(limited, Edit(file, now.text + ENDLESS, now.fingerprint, "花子"), Histories(history), NOW)
    assert result.outcome is Outcome.REFUSED
    (found,) = result.verdict.refusing
    assert "takes more than 3 seconds" in found.finding.message
    assert found.finding.place == f"templates/weekly/email.html:{now.text.count(chr(10)) + 1}"
    assert len(told) == 1


def test_a_template_without_end_on_disk_can_be_mended_though_another_file_is_broken(
    templates: Path, history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "_PROGRAM", NO_COUNTERS)
    file = file_of(templates, "email.html")
    good = read_text(file).text
    file.path.write_text(good + ENDLESS, encoding="utf-8")
    (templates / "weekly/email.txt").write_text("{{ nobody_knows }}", encoding="utf-8")
    limited = bench(templates, seconds_a_mail=3)
    result = try_edit(limited, Edit(file, good, read_text(file).fingerprint, "花子"), Histories(history), NOW)
    assert result.outcome is Outcome.SAVED
    assert [found.finding.place for found in result.verdict.standing] == ["templates/weekly/email.txt:1"]


def test_a_try_ends_when_its_time_is_up(templates: Path, history: Path) -> None:
    file = file_of(templates, "style.css")
    now = read_text(file)
    result = try_edit(
        bench(templates, seconds=0), Edit(file, now.text + "/* */", now.fingerprint, "花子"), Histories(history), NOW
    )
    assert result.outcome is Outcome.REFUSED
    assert "takes more than 0 seconds" in result.verdict.refusing[0].finding.message


def test_a_try_ends_when_it_is_told_to(templates: Path, history: Path) -> None:
    def stop() -> None:
        raise AbandonedError(TemplateError("the studio was stopped meanwhile"))

    file = file_of(templates, "style.css")
    now = read_text(file)
    edit = Edit(file, now.text + "/* */", now.fingerprint, "花子")
    assert try_edit(bench(templates, tell=stop), edit, Histories(history), NOW).outcome is Outcome.REFUSED


def test_a_try_reads_nothing_from_outside_and_leaves_nothing_behind(
    templates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret.html"
    secret.write_text("geheim", encoding="utf-8")
    (templates / "_macros/out.html").symlink_to(secret)
    (templates / "weekly/round").symlink_to(templates, target_is_directory=True)
    (templates / "weekly/inside.html").symlink_to(templates / "_macros/button.html")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    text = (templates / "weekly/email.html").read_text(encoding="utf-8")
    for name, whole in (("_macros/out.html", False), ("weekly/inside.html", True)):
        data = f'{{% include "{name}" %}}{text}'.encode()
        report = try_text(bench(templates), file_of(templates, "email.html"), data)
        missing = [found.finding.message for found in report.found if "There is no template" in found.finding.message]
        assert bool(missing) != whole
    assert list(scratch.iterdir()) == []


# ---------------------------------------------------------------- history


def test_only_the_newest_are_kept_in_their_order_even_if_the_clock_stands_still(templates: Path, history: Path) -> None:
    file = file_of(templates, "style.css")
    for number in range(KEPT + 3):
        keep(history, file, str(number).encode(), "studio", NOW)
    kept = former_texts(history, file)
    assert [each.path.read_bytes() for each in kept] == [str(number).encode() for number in range(KEPT + 2, 2, -1)]
    assert kept[0].saved_at == NOW + timedelta(microseconds=KEPT + 2)


def test_what_is_no_name_of_ours_is_no_history(templates: Path, history: Path) -> None:
    file = file_of(templates, "style.css")
    one = keep(history, file, b"", "../../etc/passwd", NOW)
    assert one.path.parent == history / "weekly/style.css"
    (one.path.parent / "notes.txt").write_text("mine", encoding="utf-8")
    assert [each.who for each in former_texts(history, file)] == ["..-..-etc-passwd"]


# ---------------------------------------------------------------- what refuses


def tried(*findings: Finding, size: int = 1, name: str = "one post") -> Tried:
    return Tried("weekly", name, "ja", size, findings)


def error(line: int = 3, *, message: str = "Bad.", file: str = "templates/weekly/style.css", times: int = 1) -> Finding:
    return Finding(Level.ERROR, "mail.bad", message, file, line, times=times)


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        ([error()], [error()], False),
        ([error()], [error(9)], False),
        ([error()], [error(times=2)], True),
        ([error(times=2)], [error()], False),
        ([error()], [error(message="Worse.")], True),
        ([], [error(file="config/newsletters/weekly.toml")], True),
        ([error(0, message="120,000 bytes")], [error(0, message="120,001 bytes")], False),
        ([], [error(0)], True),
    ],
)
def test_an_error_refuses_when_the_edit_brings_it(
    templates: Path, before: list[Finding], after: list[Finding], refused: bool
) -> None:
    file = file_of(templates, "style.css")
    verdict = judge(file, Report((tried(*after),)), lambda: Report((tried(*before),)))
    assert verdict.refused == refused
    assert len(verdict.standing) == (not refused)


def test_what_is_wrong_before_anything_is_rendered_refuses_nothing(templates: Path) -> None:
    def never() -> Report:
        raise AssertionError("nothing is in doubt")

    verdict = judge(file_of(templates, "style.css"), Report((tried(),), (error(),)), never)
    assert (verdict.refused, len(verdict.standing)) == (False, 1)


def test_a_mail_that_could_not_be_made_before_refuses_only_what_the_file_itself_does(templates: Path) -> None:
    before = Report((tried(Finding(Level.ERROR, "template.broken", "x", "templates/weekly/email.html", 1), size=0),))
    file = file_of(templates, "style.css")
    elsewhere = judge(file, Report((tried(error(file="templates/weekly/email.txt")),)), lambda: before)
    here = judge(file, Report((tried(error()),)), lambda: before)
    assert (elsewhere.refused, here.refused) == (False, True)
