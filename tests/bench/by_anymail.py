"""A process that sends the same mails with django-anymail's SendGrid backend, and prints how long that took."""

from __future__ import annotations

import json
import sys
import time
from email.utils import formataddr
from pathlib import Path
from typing import Any

from digest.models import READER_TOKEN


def main(task: Path, url: str) -> None:
    """Send every batch of the task over one connection: building and posting count, starting Django does not."""
    import django
    from django.conf import settings

    api = {"SENDGRID_API_KEY": "SG.bench", "SENDGRID_API_URL": f"{url}/v3/"}
    settings.configure(EMAIL_BACKEND="anymail.backends.sendgrid.EmailBackend", ANYMAIL=api)
    django.setup()
    from django.core.mail import get_connection

    given = json.loads(task.read_text(encoding="utf-8"))
    with get_connection() as connection:
        started = time.perf_counter()
        for number, readers in enumerate(given["batches"]):
            connection.send_messages([_message(given, readers, number)])
        print(time.perf_counter() - started)


def _message(given: dict[str, Any], readers: list[list[str]], number: int) -> Any:
    """Return one batch: recipients with their names, and for each a substitution and both one-click headers."""
    from django.core.mail import EmailMultiAlternatives

    own = dict(given["personal_headers"])
    message: Any = EmailMultiAlternatives(
        subject=given["subject"],
        body=given["text"],
        from_email=formataddr((given["sender"][1], given["sender"][0]), "utf-8"),
        to=[formataddr((name, address), "utf-8") for address, name, _ in readers],
        headers=dict(given["shared_headers"]),
    )
    message.attach_alternative(given["html"], "text/html")
    message.merge_data = {address: {READER_TOKEN: token} for address, _, token in readers}
    message.merge_headers = {
        address: {name: value.replace(READER_TOKEN, token) for name, value in own.items()}
        for address, _, token in readers
    }
    message.metadata = {"issue": given["issue"], "batch": f"{given['issue']}/{number}"}
    message.tags = ["digest"]
    message.track_opens = message.track_clicks = False
    message.esp_extra = {"merge_field_format": "{}"}
    return message


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
