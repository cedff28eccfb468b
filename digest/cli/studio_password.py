"""`digest studio-password`: the password with which somebody of the team signs in to the studio."""

from __future__ import annotations

import difflib
import getpass
import sys
import unicodedata
from typing import Annotated

import typer

from digest.app import OPERATOR_FILE, Project
from digest.cli.options import HERE, ProjectOption
from digest.cli.output import Report
from digest.errors import ConfigError


def studio_password(
    name: Annotated[str, typer.Argument(metavar="NAME", help="One of [[studio.users]].")],
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Read one line from standard input, for automation, instead of asking.")
    ] = False,
    project: ProjectOption = HERE,
) -> None:
    """Set a user's password; sessions with the former one end. Only its hash is kept, in var/studio/passwords."""
    from digest.studio.people.passwords import FILE, hash_of, ready, write_password

    with Project(project) as opened:
        root, users = opened.root, [user.name for user in opened.operator.studio.users]
    user = _known(unicodedata.normalize("NFC", name), users, root / OPERATOR_FILE)
    ready()  # what is missing is told before somebody types
    write_password(root / FILE, user, hash_of(_read(user, stdin=stdin)))
    Report().line(f"The password of {user} is set; sessions with a former one have ended.")


def _known(name: str, users: list[str], file: object) -> str:
    for user in users:
        if user.casefold() == name.casefold():
            return user
    near = difflib.get_close_matches(name, users, n=1)
    fix = f"did you mean '{near[0]}'?" if near else "add a table [[studio.users]] with this name first"
    raise ConfigError(f"the studio has no user '{name}'", file=str(file), fix=fix)


def _read(user: str, *, stdin: bool) -> str:
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():  # else it would be asked for where everybody can read it
        raise ConfigError("there is no terminal to type a password into", fix="give it on standard input, with --stdin")
    first = getpass.getpass(f"Password of {user} (it is not shown): ")
    if getpass.getpass("Once more: ") != first:
        raise ConfigError("those were two different passwords", fix="nothing was changed; try again")
    return first
