"""The command line: one command a file. Only this room prints, parses arguments and sets exit codes.

Exit codes: 0 done; 1 an error of ours, with a message; 2 wrong usage; 3 done, with findings of level error.
"""

from __future__ import annotations

import sys


def main(arguments: list[str] | None = None) -> int:
    """Run the `digest` command and return its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    if given == ["--version"]:
        # Answered before anything heavy is imported: scripts ask it often.
        from digest import __version__

        print(f"digest {__version__}")
        return 0
    from digest.cli.commands import run_command

    return run_command(given)
