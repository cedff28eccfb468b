"""`digest doctor` says what the next run lacks, before the run finds out."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.command import digest, digest_json
from tests.projects import ISSUE, make_project, replace_in


def _described(project: Path, subject: str) -> dict[str, object]:
    found = next(each for each in digest_json(project, "doctor") if each["subject"] == subject)
    assert isinstance(found, dict)
    return found


def test_a_sound_project_has_nothing_to_mend(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", readers=1)
    done = digest(project, "doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "is due" in done.stdout
    assert "jekyll, " in done.stdout
    assert not any(each["findings"] for each in digest_json(project, "doctor"))


def test_a_blog_whose_settings_are_a_program_needs_its_addresses_written_down(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", readers=1)
    blog = tmp_path / "p" / "site"
    (blog / "posts").mkdir(parents=True)
    (blog / "eleventy.config.js").write_text("export default () => {};\n")
    (blog / "posts" / "a.md").write_text("---\ntitle: A\ndate: 2026-01-14\n---\nWords.\n")
    config = project / "config" / "digest.toml"
    config.write_text(config.read_text() + '\n[[sources]]\nname = "site"\npath = "site"\n')
    done = digest(project, "doctor")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "url" in str(_described(project, "source site")["findings"])


def test_a_blog_that_cannot_be_read_is_told_and_the_others_are_looked_at_all_the_same(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", readers=1)
    config = project / "config" / "digest.toml"
    config.write_text(config.read_text() + '\n[[sources]]\nname = "gone"\nkind = "plain"\npath = "nowhere"\n')
    assert _described(project, "source gone")["said"] == ""
    assert "no folder" in str(_described(project, "source gone")["findings"])
    assert "posts" in str(_described(project, "source blog")["said"])


def test_what_a_provider_does_otherwise_than_the_mail_says_is_told(tmp_path: Path) -> None:
    settings = 'kind = "postmark"\napi_key = "env:POSTMARK_TOKEN"'
    project = make_project(tmp_path / "p", provider=settings)
    done = digest(project, "doctor", "--offline", POSTMARK_TOKEN="a-token")
    assert "warning" in done.stdout
    assert "Postmark" in done.stdout
    told = digest_json(project, "check", ISSUE, POSTMARK_TOKEN="a-token")
    assert (told["provider"], len(told["cautions"]) > 0) == ([], True)


def test_a_webhook_that_lacks_its_key_is_told(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p")
    replace_in(project / "config/digest.toml", "[store]", '[webhooks.mailtrap]\nkey = "env:HOOK"\n\n[store]')
    done = digest(project, "doctor")
    assert done.returncode == 3
    assert "HOOK is not set" in done.stdout
    assert "mailtrap" in digest(project, "doctor", HOOK="a-key").stdout
