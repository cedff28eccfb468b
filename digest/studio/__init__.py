"""The browser: one private page on loopback that shows what readers will get, and why.

    serving   listens, says where, and stops on a signal
    routes    which address shows what
    guard     who may ask: our own address, our own page
    people/   who is let in, by this start's token or by signing in, and what each may do
    sheets    one version of an issue: a draft, or a stored one
    drafts    which of them are kept when something changes
    picture_desk  an edit is seen first, and checked after
    desk      what is shown: drafts as `pipeline.draft` makes them, and stored versions
    watching  when something changed, and who wants to know
    framing   a mail fit for a frame: no scripts, dark or light, with or without images
    trouble   an error with the lines around it

    send_desk      an issue is let go: the last question (`last_question`), how far it is (`leaving`)
    sending        what goes on in the background, and how it ends
    since          what changed since the last approval
    coming         the calendar of coming issues (`coming_desk`)

    listening  which language somebody wants to be spoken to
    speaking   the words of `words/`, in Japanese and English
    amounts    how a language writes dates, times and numbers

    designs      a design's files are edited, tried and saved (`pipeline.designing`)
    design_page  what the page of a file says
    trials       what an edit is tried with
    look_desk    a newsletter's look is chosen in a form, seen while typing, tried and saved
    look_form    what the form holds, and what a person changed in it
    look_page    what its page says
    place_desk   a part of a mail leads to the line that wrote it
    ways         which page a place in a file leads to
    forms        what a page of ours sent back
    differences  what is different between two texts

    issue_desk  a form of an issue's page comes in, a step of `acts/` is done, and the answer leads back (`notices`)
    sayings     what people say about posts, as the page shows it
    past/       the issues as they went out, and what became of their copies
    contact/    the stress sheet as small pictures
    comparing/  two versions of an issue in words, posts, bytes, blocks and pixels
    wardrobe    any day's issue, and the draft in another template or language
    turning     colours as Gmail's apps turn them; `inbox_lines` and `weight`: what is cut off, and where

What it does it does through `digest.pipeline`, as the commands do.
"""

from __future__ import annotations

from digest.studio.routes import create_app
from digest.studio.serving import Team, serve

__all__ = ["Team", "create_app", "serve"]
