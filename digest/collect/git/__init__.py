"""Decides how a blog that lies in a git repository comes onto this machine: only what is read, and never half of it.

checkout.py    whether there is news, and what stands in when nobody can be asked
addresses.py   which repositories, branches and folders may be named at all
program.py     how the git program is set up: what it may reach, and who is told the token (`digest.git_process`)
    faults.py      what its complaints mean
copies.py      what lies on the disk, and how one state of it takes the place of another
locking.py     that one process at a time works on it

files, findings = Checkout("https://github.com/example/blog", "main", "docs", Path("var/blogs/blog")).update(now)
"""

from __future__ import annotations

from digest.collect.git.checkout import Checkout

__all__ = ["Checkout"]
