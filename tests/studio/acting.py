"""What a person does on an issue's page, without a browser: a form that the page has is found, filled in and sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from lxml import html as lxml_html

from tests.studio.conftest import HOST

OURS = {"origin": f"http://{HOST}"}
WEEK = "/issues/weekly/2026-W04"


@dataclass(frozen=True)
class Shown:
    """A page."""

    answer: httpx.Response

    @property
    def tree(self) -> Any:
        return lxml_html.document_fromstring(self.answer.text)

    @property
    def state(self) -> str:
        return " ".join(self.tree.get_element_by_id("state").text_content().split())

    @property
    def notice(self) -> str:
        return " ".join(self.tree.get_element_by_id("notice").text_content().split())

    def form(self, step: str, **wanted: str) -> dict[str, str]:
        """Return the fields of the first form of a step whose hidden fields are as wanted."""
        for form in self.tree.cssselect("form[data-act]"):
            fields = {each.get("name"): each.get("value", "") for each in form.cssselect("input")}
            if fields.get("step") == step and wanted.items() <= fields.items():
                return fields
        raise AssertionError(f"the page has no form for {step} {wanted}")


async def look(client: httpx.AsyncClient, address: str = WEEK) -> Shown:
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return Shown(answer)


async def act(
    client: httpx.AsyncClient, shown: Shown, step: str, wanted: dict[str, str] | None = None, **changes: str
) -> Shown:
    """Send a form of a page, with some fields filled in, and return the page that the answer leads to."""
    fields = {**shown.form(step, **(wanted or {})), **changes}
    answer = await client.post(shown.answer.url.path, data=fields, headers=OURS, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return Shown(answer)
