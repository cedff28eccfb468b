"""A source is made from its configuration, or one clear error says what is wrong with it."""

from __future__ import annotations

import importlib
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.collect import detect, open_source
from digest.collect.opening import known_kinds
from digest.collect.sources.plain import Source as Plain
from digest.errors import ConfigError, DigestError
from digest.models import Level

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        (["_config.yml", "_posts/2026-01-02-a.md"], "jekyll"),
        (["_posts/2026-01-02-a.md"], "jekyll"),
        (["_config.yml", "index.md"], "jekyll"),
        (["_config.yml", "source/_posts/a.md"], "hexo"),
        (["_config.yml", "source/_posts/2026-01-02-a.md", "Rakefile"], "jekyll"),
        (["hugo.toml", "content/posts/a.md"], "hugo"),
        (["config.toml", "content/posts/a.md", "archetypes/default.md"], "hugo"),
        (["config.toml", "content/blog/_index.md", "templates/index.html"], "zola"),
        (["zola.toml", "content/a.md"], "zola"),
        (["eleventy.config.js", "posts/a.md"], "eleventy"),
        ([".eleventy.js", "posts/a.md"], "eleventy"),
        (["pelicanconf.py", "content/a.md"], "pelican"),
        (["docusaurus.config.js", "blog/2026-01-02-a.md"], "docusaurus"),
        (["docusaurus.config.ts", "blog/2026-01-02-a.md"], "docusaurus"),
        (["astro.config.mjs", "src/content/blog/a.md"], "astro"),
        (["mkdocs.yml", "docs/blog/posts/a.md"], "mkdocs"),
        (["README.md", "a.md"], "plain"),
        ([], "plain"),
    ],
    ids=str,
)
def test_the_folder_tells_the_kind(tmp_path: Path, files: list[str], kind: str) -> None:
    said = {
        "_config.yml": "source: source\n" if "Rakefile" in files else "",
        "mkdocs.yml": "plugins:\n  - blog\n",
        "config.toml": f"{'base_url' if kind == 'zola' else 'baseURL'} = ''\n",
    }
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(said.get(name, ""))
    assert detect(tmp_path) == kind
    modules = (importlib.import_module(f"digest.collect.sources.{each}") for each in known_kinds())
    asking = [each for each in modules if hasattr(each, "recognises")]
    names = [file.name for file in tmp_path.iterdir()]
    recognising = [each.__name__.rpartition(".")[2] for each in asking if each.recognises(tmp_path, names)]
    assert recognising == [kind] * (kind != "plain"), "no kind has fewer signs than it recognises"


def test_only_what_a_folder_may_be_is_imported(tmp_path: Path) -> None:
    (tmp_path / "_posts").mkdir()
    program = (
        "import sys; from pathlib import Path; from digest.collect import detect; print(detect(Path(sys.argv[1])));"
        "print(*(each for each in sys.modules if each.startswith('digest.collect.sources.')))"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["jekyll", "digest.collect.sources.jekyll"]


def test_a_folder_that_looks_like_two_kinds_is_asked_about(tmp_path: Path) -> None:
    (tmp_path / "_posts").mkdir()
    (tmp_path / "hugo.toml").write_text("")
    with pytest.raises(ConfigError, match="looks like hugo and like jekyll") as caught:
        detect(tmp_path)
    assert "--generator" in str(caught.value)


def test_a_kind_of_somebody_elses_is_found_by_its_dotted_name(tmp_path: Path) -> None:
    assert isinstance(open_source("blog", "digest.collect.sources.plain:Source", {"path": tmp_path}), Plain)
    assert isinstance(open_source("blog", "digest.collect.sources.plain", {"path": tmp_path}), Plain)


@pytest.mark.parametrize(
    ("kind", "options", "says"),
    [
        ("jekyl", {}, "did you mean 'jekyll'?"),
        ("drupal", {}, "known kinds: astro, docusaurus, eleventy"),
        ("excerpt", {}, "package.module:Source"),
        ("no.such.module:Source", {}, "cannot be loaded"),
        ("digest.collect.sources.plain:Nothing", {}, "cannot be loaded"),
        ("digest.collect.words.excerpt:excerpt", {}, "no dataclass"),
        ("jekyll", {"time_zome": "UTC"}, "did you mean 'time_zone'?"),
        ("jekyll", {"url": 5}, "must be a text, not 5"),
        ("jekyll", {"path": 5}, "must be a path"),
        ("plain", {"url_pattern": "https://e.com/{yaer}/"}, "known: year"),
        ("plain", {"url_pattern": "https://e.com/{year/"}, "close it"),
        ("plain", {"time_zone": "Mars/Base"}, "IANA"),
    ],
)
def test_what_is_wrong_is_named_with_the_nearest_right_word(
    tmp_path: Path, kind: str, options: dict[str, object], says: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        open_source("blog", kind, {"path": tmp_path, **options})
    assert says in str(caught.value)


def test_a_missing_option_is_named() -> None:
    with pytest.raises(ConfigError, match="source 'blog' needs path"):
        open_source("blog", "jekyll", {})


def test_a_blog_in_git_is_opened_without_asking_the_network(tmp_path: Path) -> None:
    source = open_source("blog", None, {"git": "https://example.com/blog.git", "branch": "main"}, root=tmp_path)
    assert source.watched() == ()
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"git": "https://example.com/a.git", "path": "blog"}, "both git and path"),
        ({"git": "https://example.com/a.git", "url": 5}, "must be a text"),
        ({"git": "https://example.com/a.git", "token": "secret"}, "write env:NAME"),
        ({"git": 5}, "must be a text"),
        ({"git": "--upload-pack=touch /tmp/x"}, "git"),
        ({"git": "https://example.com/a.git", "branch": "--orphan"}, "branch"),
        ({"git": "https://example.com/a.git", "folder": "../up"}, "folder"),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_blog_in_git_is_told_before_anything_is_fetched(
    tmp_path: Path, options: dict[str, object], says: str
) -> None:
    with pytest.raises(DigestError, match=says):
        open_source("blog", "jekyll", options, root=tmp_path)
    assert not (tmp_path / "var").exists()


def test_a_site_that_lies_one_level_deeper_is_told(tmp_path: Path) -> None:
    (tmp_path / "website").mkdir()
    (tmp_path / "website" / "docusaurus.config.js").write_text("")
    (tmp_path / "2026-01-02-a.md").write_text("x")
    found = open_source("blog", None, {"path": tmp_path}).read(NOW)
    assert [post.path for post in found.posts] == ["2026-01-02-a.md"]
    problem = next(each for each in found.problems if each.code == "blog.kind")
    assert problem.message == "This folder is read as plain Markdown; a docusaurus site lies in website/."
    assert (problem.level, problem.file) == (Level.WARNING, str(tmp_path))
    assert 'kind = "plain"' in problem.fix
    told = open_source("blog", "plain", {"path": tmp_path}).read(NOW).problems
    assert "blog.kind" not in {each.code for each in told}
