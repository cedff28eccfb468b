"""`digest collect`: the posts of the blog, as the digest understands them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from digest.app import Project, bare_source, shipped_newsletter
from digest.cli.options import HERE, AsOfOption, JsonOption, NewsletterOption, ProjectOption, clock
from digest.cli.output import Report, counted, findings_json, finish
from digest.models import Post
from digest.select import latest_slot

SourceOption = Annotated[
    Path | None, typer.Option("--source", metavar="DIR", help="A blog's folder; then no project is needed.")
]
GeneratorOption = Annotated[
    str | None, typer.Option("--generator", metavar="NAME", help="The kind of blog; found out when it is not given.")
]


def collect(
    project: ProjectOption = HERE,
    newsletter: NewsletterOption = None,
    source: SourceOption = None,
    generator: GeneratorOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Every post of the sources, not only the week's.")] = False,
    only_problems: Annotated[bool, typer.Option("--problems", help="What is wrong, instead of the posts.")] = False,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read the posts and say what is wrong with them.

    JSON: a list of {id, path, url, date, title, categories, tags, author, language, excerpt}; with --problems a list
    of {level, code, message, file, line, fix}.
    """
    from digest.collect.opening import kind_of
    from digest.collect.words.excerpt import excerpt

    report = Report(as_json)
    if source is not None:
        letter = shipped_newsletter()
        now = clock(as_of, letter.schedule.time_zone)()
        window = latest_slot(letter.schedule, now).window
        blog = bare_source(source, generator)
        kinds = [kind_of(blog)]
        collection = blog.read(now, None if everything else window.start)
    else:
        with Project(project) as opened:
            letter = opened.newsletter(newsletter)
            now = clock(as_of, letter.schedule.time_zone)()
            window = latest_slot(letter.schedule, now).window
            kinds = sorted({kind_of(blog) for blog in opened.sources})
            collection = opened.read_posts(now, None if everything else window.start)
    posts = [post for post in collection.shown if everything or post.offered_at < window.end]
    if only_problems:
        report.data(findings_json(collection.problems))
    else:
        report.data([_as_json(post, excerpt(post, letter.excerpt_columns)) for post in posts])
        for post in posts:
            kept_out = "  (kept out of digests)" if post.opt_out else ""
            report.line(f"{post.published_at:%Y-%m-%d %H:%M %z}  {post.title}{kept_out}")
            report.line(f"    {', '.join(post.categories) or 'no category'}  {post.url}", "dim")
    span = "" if everything else f" from {window.start:%Y-%m-%d %H:%M} to {window.end:%Y-%m-%d %H:%M}"
    report.line(f"{counted(len(posts), 'post')}{span}, read as {', '.join(kinds)}", "bold")
    report.problems(collection.problems)
    finish(collection.problems)


def _as_json(post: Post, words: str) -> dict[str, Any]:
    return {
        "id": post.id,
        "path": post.path,
        "url": post.url,
        "date": post.published_at.isoformat(),
        "title": post.title,
        "categories": list(post.categories),
        "tags": list(post.tags),
        "author": post.author,
        "language": post.language,
        "excerpt": words,
    }
