"""The studio in a real browser: a page whose console and requests are kept, and the mail inside of it."""

from __future__ import annotations

from playwright.sync_api import Browser, FrameLocator, Locator, Page, Route, expect

PATIENCE = 20_000
"""Milliseconds, for a busy machine."""
expect.set_options(timeout=PATIENCE)
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


class Watched:
    """A page whose console and requests are kept."""

    def __init__(self, browser: Browser, origin: str, *, width: int = 1440, height: int = 900) -> None:
        self.page = browser.new_page(viewport={"width": width, "height": height})
        self.page.set_default_timeout(PATIENCE)
        self.console: list[str] = []
        self.outside: list[tuple[str, str]] = []
        """What was asked of other hosts: the kind and the address. None of it leaves."""
        self._origin = origin
        self.page.on("console", lambda message: self.console.append(message.text))
        self.page.on("pageerror", lambda error: self.console.append(str(error)))
        self.page.route("**/*", self._keep_inside)

    def _keep_inside(self, route: Route) -> None:
        if route.request.url.startswith(self._origin):
            route.continue_()
        else:
            self.outside.append((route.request.resource_type, route.request.url))
            route.fulfill(content_type="image/svg+xml", body=PICTURE)


def follow(link: Locator) -> None:
    """Click a link that leads to another page, and wait until that page and its scripts are there."""
    with link.page.expect_navigation():
        link.click()


def mail(page: Page, device: str) -> FrameLocator:
    return page.frame_locator(f".{device} iframe:not([data-coming])")


def inside(device: str) -> str:
    """Return the script for the window of a frame."""
    return f"document.querySelector('.{device} iframe:not([data-coming])').contentWindow"
