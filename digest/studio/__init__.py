"""The browser: one private page on loopback that shows what readers will get, and why.

    serving   listens, says where, and stops on a signal
    routes    which address shows what
    guard     who may ask: this machine, this page, this start
    desk      what is shown: drafts as `pipeline.draft` makes them, and stored versions
    watching  when something changed, and who wants to know
    framing   a mail fit for a frame: no scripts, dark or light, with or without images
    trouble   an error with the lines around it

    listening  which language somebody wants to be spoken to
    speaking   the words of `words/`, in Japanese and English
    amounts    how a language writes dates, times and numbers

    designs      a design's files are edited, tried and saved (`pipeline.designing`)
    design_page  what the page of a file says
    trials       what an edit is tried with
    forms        what a page of ours sent back
    differences  what is different between two texts

Else it reads; decisions are made with `digest approve`, `hold` and `skip`.
"""

from __future__ import annotations

from digest.studio.routes import create_app
from digest.studio.serving import serve

__all__ = ["create_app", "serve"]
