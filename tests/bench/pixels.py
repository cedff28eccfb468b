"""When the pixels of a page in Chromium are others: seen in the page, told by a clock that the page and we share."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

FRAME = 1 / 60
"""Seconds: so often Chromium paints, and so often the page is looked at. What is told may be too late by as much."""
PATIENCE = 60_000
"""Milliseconds."""

_SEEN = """([selector, property, value]) => {
  const shown = (page) => [page, ...[...page.querySelectorAll("iframe:not([data-coming])")]
    .filter((frame) => frame.getClientRects().length)
    .flatMap((frame) => frame.contentDocument ? shown(frame.contentDocument) : [])];
  const parts = shown(document).flatMap((page) => [...page.querySelectorAll(selector)])
    .filter((part) => part.getClientRects().length);
  const changed = parts.length > 0
    && parts.every((part) => part.ownerDocument.defaultView.getComputedStyle(part)[property] === value);
  const painted = changed && window.changedBefore === value;
  window.changedBefore = changed ? value : null;
  return painted ? performance.now() : 0;
}"""
"""Asked at the start of every frame: what was so at the start of the one before has been painted with it."""
_WATCHED = f"""(asked) => {{
  const seen = {_SEEN};
  window.seenAt = 0;
  const look = () => (window.seenAt = seen(asked)) || requestAnimationFrame(look);
  requestAnimationFrame(look);
}}"""


@contextmanager
def chromium() -> Iterator[Browser | None]:
    """Yield the system's Chromium; None, and say so, where there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        print("\n(no studio: no Chromium is installed)")
        yield None
        return
    switches = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    switches.append("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=switches)
        yield browser
        browser.close()


class Screen:
    """A page that is looked at."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.set_default_timeout(PATIENCE)

    def seconds_until(self, value: str, act: Callable[[], None], *, selector: str, css: str) -> float:
        """Return how long after `act` began all parts of `selector`, in the page and its frames, look as wanted."""
        begun = 0.0

        def begin() -> None:
            nonlocal begun
            begun = time.perf_counter()
            act()

        acting = threading.Timer(0.1, begin)
        acting.start()
        seen = self._seen(value, selector, css)
        acting.join()
        return seen - begun

    def seconds_of_typing(self, value: str, key: str, *, selector: str, css: str) -> float:
        """Return how long after the page gets a key its parts look as wanted."""
        self.page.evaluate(
            "addEventListener('input', (event) => window.typedAt = event.timeStamp, { capture: true, once: true })"
        )
        # Looked at from before the key on: to ask for it afterwards takes longer than the studio does.
        self.page.evaluate(_WATCHED, [selector, css, value])
        self.page.keyboard.press(key)
        seen = float(self.page.wait_for_function("() => window.seenAt").json_value()) / 1000 + self._ahead()
        return seen - (float(self.page.evaluate("window.typedAt")) / 1000 + self._ahead())

    def when(self, value: str, *, selector: str, css: str) -> float:
        """Return at which moment of `time.perf_counter` the parts look as wanted."""
        return self._seen(value, selector, css)

    def _seen(self, value: str, selector: str, css: str) -> float:
        found = self.page.wait_for_function(_SEEN, arg=[selector, css, value], polling="raf")
        return float(found.json_value()) / 1000 + self._ahead()

    def _ahead(self) -> float:
        """Return by how many seconds our clock is ahead of the page's; both are the machine's, so it stays the same."""
        asked = []
        for _ in range(7):
            before = time.perf_counter()
            theirs = float(self.page.evaluate("performance.now()")) / 1000
            after = time.perf_counter()
            asked.append((after - before, (before + after) / 2 - theirs))
        return min(asked)[1]
