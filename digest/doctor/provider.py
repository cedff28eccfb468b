"""What the provider's settings lack, and whether it lets us in."""

from __future__ import annotations

from collections.abc import Iterator

from digest.doctor.examined import Examined
from digest.doctor.patient import Patient
from digest.errors import DigestError
from digest.models import Finding, Level
from digest.send.key_checks import KeyCheck, KeyState


def provider(patient: Patient) -> Iterator[Examined]:
    """Ask the provider's settings what they lack, without asking the provider."""
    project = patient.project
    unready = (Finding(Level.ERROR, "provider.unready", f"{each}.") for each in project.provider.problems())
    otherwise = (Finding(Level.WARNING, "provider.caution", each) for each in project.provider.cautions())
    yield Examined("provider", project.operator.provider.kind, (*unready, *otherwise))


def key(patient: Patient) -> Iterator[Examined]:
    """Ask the provider harmlessly whether it lets us in; nothing where it cannot be asked."""
    try:
        check = patient.key().answer
    except DigestError:
        return  # the provider's own line says what is wrong
    if check is not None:
        said = f"{check.said} ({check.asked})" if check.asked else check.said
        found = (Finding(Level.WARNING, "key.told", f"{each}.") for each in check.warnings)
        yield Examined("key", said, (*_of(check), *found))


def _of(check: KeyCheck) -> Iterator[Finding]:
    proof = "send yourself a proof: `digest send ISSUE --to ADDRESS`"
    match check.state:
        case KeyState.INVALID:
            what = f"The provider does not let us in: {check.said}."
            yield Finding(Level.ERROR, "key.invalid", what, fix="set the right key in the environment")
        case KeyState.UNREACHABLE:
            what = f"The provider cannot be reached: {check.said}."
            yield Finding(Level.ERROR, "key.unreachable", what, fix="look at base_url or host, and at the network")
        case KeyState.LIMITED:
            what = f"The key is known but may not ask this, so nobody can tell here whether it may send: {check.said}."
            yield Finding(Level.WARNING, "key.limited", what, fix=proof)
        case KeyState.UNSURE:
            what = f"Nobody can tell from the answer whether the key may send: {check.said}."
            yield Finding(Level.WARNING, "key.unsure", what, fix=proof)
