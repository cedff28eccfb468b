"""The garbage collector is left as it was found, however many sendings overlap in one process."""

from __future__ import annotations

import gc

from digest.send.garbage import seldom_swept


def test_it_looks_seldom_while_mail_leaves_and_as_usual_afterwards() -> None:
    usual = gc.get_threshold()
    with seldom_swept():
        assert gc.get_threshold()[0] > usual[0]
        assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() == 0


def test_sendings_that_overlap_leave_it_as_usual() -> None:
    usual = gc.get_threshold()
    one, other = seldom_swept(), seldom_swept()
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)
    other.__exit__(None, None, None)
    assert gc.get_threshold() == usual
