"""Decides whether a design holds in every awkward case: each is rendered and checked, and nothing is stored or printed.

trying.py    the cases of one newsletter, rendered and checked in each language
cases.py     what an issue can look like: no posts, sixty, a full week, each sample in every role
ordinary.py  a usual post, for the issues that are awkward by their number only
samples.py   the awkward posts of `templates/_samples/`
stored.py    the last issues of the store
telling.py   what was found, each thing once, with the cases in which it was
"""

from digest.pipeline.stress.cases import Case
from digest.pipeline.stress.samples import samples_for
from digest.pipeline.stress.stored import stored_cases
from digest.pipeline.stress.telling import Found, Report, Tried, joined
from digest.pipeline.stress.trying import LANGUAGES, stress, try_one

__all__ = [
    "LANGUAGES",
    "Case",
    "Found",
    "Report",
    "Tried",
    "joined",
    "samples_for",
    "stored_cases",
    "stress",
    "try_one",
]
