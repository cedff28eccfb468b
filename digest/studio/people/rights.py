"""Which right each address and each step needs, asked in this one place before anything is done.

What is declared nowhere is refused to everybody who signs in: a new address or step begins closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.studio.forms import MOST_FIELDS, FormError, keep_form, read_form
from digest.studio.listening import hearing
from digest.studio.pages import refusal
from digest.studio.people.persons import Right, person_of

Rights = tuple[Right, ...]
"""One of them is enough; none of them: being let in is."""
EDIT: Rights = (Right.EDIT,)
APPROVE: Rights = (Right.APPROVE,)
EITHER: Rights = (Right.EDIT, Right.APPROVE)
LOOK: Rights = ()


@dataclass(frozen=True, slots=True)
class Need:
    """What an address asks of who comes."""

    rights: Rights = LOOK
    steps: Mapping[str, Rights] | None = None
    """By what a form says as `step`, where that decides."""
    most_fields: int = MOST_FIELDS
    """Of a form."""
    is_open: bool = field(default=False)
    """Whether it is for those who are not let in, too; a form that is sent there is its own affair."""


ACTS: Mapping[str, Rights] = {
    "build": EITHER,  # who writes hands it over with it, and who approves needs something to approve
    "approve": APPROVE,
    "hold": APPROVE,
    "skip": APPROVE,
    "proof": APPROVE,
    "settle": APPROVE,
    "pin": EDIT,
    "exclude": EDIT,
    "order": EDIT,
    "move": EDIT,
    "title": EDIT,
    "excerpt": EDIT,
    "undo": EDIT,
}
"""The steps of an issue's page."""
NEEDED: Mapping[tuple[str, str], Need] = {
    ("GET", "/"): Need(),
    ("GET", "/issues/{newsletter}"): Need(),
    ("GET", "/issues/{newsletter}/{period}"): Need(),
    ("POST", "/issues/{newsletter}/{period}"): Need(steps=ACTS),
    ("GET", "/issues/{newsletter}/{period}/send"): Need(APPROVE),
    ("POST", "/issues/{newsletter}/{period}/send"): Need(APPROVE),
    ("GET", "/issues/{newsletter}/{period}/progress"): Need(),
    ("GET", "/issues/{newsletter}/{period}/place"): Need(),
    ("GET", "/issues/{newsletter}/{period}/picture"): Need(),
    ("GET", "/calendar"): Need(),
    ("GET", "/history"): Need(),
    ("GET", "/history/{newsletter}/{period}"): Need(),
    ("GET", "/history/{newsletter}/{period}/copies.csv"): Need(APPROVE),  # readers' addresses
    ("GET", "/designs/{design}"): Need(),
    ("POST", "/designs/{design}"): Need(EDIT),
    ("GET", "/designs/{design}/{file:path}"): Need(),
    ("POST", "/designs/{design}/{file:path}"): Need(EDIT),
    ("GET", "/look/{newsletter}"): Need(),
    ("POST", "/look/{newsletter}"): Need(EDIT, most_fields=500),  # a design's tokens and a language's words
    ("GET", "/issues/{newsletter}/{period}/compare"): Need(),
    ("GET", "/stress/{newsletter}"): Need(),
    ("GET", "/stress/{newsletter}/state"): Need(),
    ("GET", "/stress/{newsletter}/{number:int}"): Need(),
    ("GET", "/stress/{newsletter}/{number:int}/mail"): Need(),
    ("GET", "/trying"): Need(),
    ("GET", "/events"): Need(),
    ("GET", "/static/{name}"): Need(is_open=True),
    ("GET", "/sign-in"): Need(is_open=True),
    ("POST", "/sign-in"): Need(is_open=True),
    ("POST", "/sign-out"): Need(),
}
"""By method and path of the route."""


def ask_rights(app: Starlette) -> None:
    """Put the question before every route of the app."""
    app.router.routes[:] = [_asking(each) if isinstance(each, Route) else each for each in app.router.routes]


def _asking(route: Route) -> Route:
    async def asked(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        need = NEEDED.get((method, route.path))
        refused = None if need and need.is_open else await _refused(request, need, method)
        answer: Response = refused or await route.endpoint(request)
        return answer

    return Route(route.path, asked, methods=[each for each in route.methods or () if each != "HEAD"], name=route.name)


async def _refused(request: Request, need: Need | None, method: str) -> Response | None:
    """Return the answer to who may not do it; a form that may be heeded is kept for `forms.sent_form`."""
    person = person_of(request)
    if not person.form_token:
        return refusal(hearing(request), 401, "session")
    rights: Rights | None = need.rights if need else None
    if method == "POST":
        try:
            fields = await read_form(request, person.form_token, need.most_fields if need else MOST_FIELDS)
        except FormError as error:
            return refusal(hearing(request), error.status, error.why)
        if need and need.steps is not None:
            rights = need.steps.get(fields.get("step", ""))
        keep_form(request, fields)
    if rights is None:
        # Without users, whoever is let in may do everything; what is no step at all is told by who takes the form.
        return refusal(hearing(request), 403, "right") if person.signed_in else None
    return None if person.may(*rights) else refusal(hearing(request), 403, "right")
