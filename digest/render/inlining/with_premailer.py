"""How premailer, the engine of record, moves styles into the tags: behind a fence."""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree

PREMAILER = threading.Lock()
"""premailer and cssutils share state between threads: unlocked, one mail in thirty came out wrong."""


def move_styles(root: etree._Element) -> None:
    """Move the styles of a page into its `style` attributes."""
    os.environ.setdefault("PREMAILER_CACHE_MAXSIZE", "4096")  # read while it is imported; a mail needs some 200
    from premailer import Premailer  # here: the command line starts without these 250 ms

    with PREMAILER:
        Premailer(
            root,
            strip_important=True,
            keep_style_tags=False,
            disable_validation=True,
            allow_network=False,
            allow_loading_external_files=False,
            align_floating_images=False,
            disable_basic_attributes=["width", "height"],
            cssutils_logging_level=logging.CRITICAL,
        ).transform(pretty_print=False)
