"""Seeds and a first share, from the configuration to the mails, over the real command."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.command import digest, digest_json
from tests.projects import ISSUE, make_project, replace_in


def project_with(folder: Path, settings: str, readers: int = 40) -> Path:
    project = make_project(folder / "project", readers=readers)
    replace_in(project / "config/digest.toml", "[send]\n", f"[send]\n{settings}\n")
    return project


def mails(project: Path) -> list[str]:
    return sorted(each.name.removesuffix(".eml") for each in (project / "var/outbox").rglob("*.eml"))


def test_a_person_looks_at_the_seeds_and_then_at_a_share_before_everybody_gets_it(tmp_path: Path) -> None:
    project = project_with(
        tmp_path, 'seeds = ["desk@Example.com"]\nfirst_share = 0.25\nafter_wave = "pause"\nlook_minutes = 0'
    )
    first = digest(project, "run")
    assert first.returncode == 1, first.stderr
    assert "the first reader has it; look, then let the others have it" in " ".join(first.stdout.split())
    assert mails(project) == ["desk@example.com"]
    assert digest_json(project, "history", ISSUE)["state"] == "paused"

    unwatched = digest(project, "run")
    assert unwatched.returncode == 3, "a run that nobody watches does not go on by itself"
    assert f"`digest send {ISSUE}` lets the rest leave" in unwatched.stdout
    assert len(mails(project)) == 1

    assert digest(project, "send", ISSUE).returncode == 1
    assert len(mails(project)) == 11
    assert digest(project, "send", ISSUE).returncode == 0
    assert len(mails(project)) == 41
    told = digest_json(project, "history", ISSUE)
    assert told["state"] == "sent"
    assert told["counts"]["audience"] == told["counts"]["accepted"] == 41


def test_a_seed_that_is_no_address_is_told_with_its_place(tmp_path: Path) -> None:
    project = project_with(tmp_path, 'seeds = ["desk"]')
    done = digest(project, "run")
    assert done.returncode == 1
    assert "send.seeds: 'desk' is no address: it has no @" in done.stderr
    assert "config/digest.toml" in done.stderr


def test_a_list_at_a_provider_that_keeps_none_is_told_before_anything_leaves(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", weekly={'audience = "examples/audience.csv"': 'audience = "list:7"'})
    assert "Nobody can be reached: 'list:7' is a list at the provider, and file keeps none." in " ".join(
        digest(project, "build").stdout.split()
    )
    done = digest(project, "run")
    assert done.returncode == 1
    assert "is a list at the provider" in done.stderr
    assert mails(project) == []
    assert "Nobody can be reached" in digest(project, "doctor").stdout


def test_a_provider_that_cannot_be_asked_is_told_as_such(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project")
    assert digest(project, "run").returncode == 3
    done = digest(project, "reconcile", ISSUE)
    assert done.returncode == 1
    assert "cannot be asked what became of mail" in done.stderr
    assert f"digest send {ISSUE} --unknown" in done.stderr
