"""All commands, in the order of a week."""

from __future__ import annotations

import logging

import typer

from digest.cli import (
    backup,
    build,
    check,
    collect,
    decide,
    doctor,
    history,
    init,
    metrics,
    preview,
    reconcile,
    restore,
    run,
    schedule,
    select,
    send,
    serve,
    studio_password,
    subscribers,
    worker,
)
from digest.cli.output import complain
from digest.errors import DigestError

app = typer.Typer(
    name="digest",
    help="Turn a folder of blog posts into a weekly newsletter issue, and send it to every reader exactly once.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("init")(init.init)
app.command("collect")(collect.collect)
app.command("select")(select.select)
app.command("build")(build.build)
app.command("check")(check.check)
app.command("preview")(preview.preview)
app.command("studio-password")(studio_password.studio_password)
app.command("approve")(decide.approve)
app.command("hold")(decide.hold)
app.command("skip")(decide.skip)
app.command("send")(send.send)
app.command("reconcile")(reconcile.reconcile)
app.command("run")(run.run)
app.command("schedule")(schedule.schedule)
app.command("worker")(worker.worker)
app.command("serve")(serve.serve)
app.command("history")(history.history)
app.add_typer(subscribers.commands, name="subscribers")
app.command("backup")(backup.backup)
app.command("restore")(restore.restore)
app.command("doctor")(doctor.doctor)
app.command("metrics")(metrics.metrics)


@app.callback()
def _options(version: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    if version:  # pragma: no cover - `main` answers it when it stands alone
        from digest import __version__

        print(f"digest {__version__}")
        raise typer.Exit


def run_command(arguments: list[str]) -> int:
    """Run one command; an error of ours becomes one message and exit code 1."""
    try:
        app(arguments, standalone_mode=True)
    except DigestError as error:
        complain(str(error), logging.ERROR)
        return 1
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    return 0
