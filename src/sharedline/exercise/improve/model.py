"""An improvement item as frozen values; its status follows from what was done to it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal

from sharedline.exercise.after.kinds import proof
from sharedline.text import iso

Kind = Literal["proposed", "changed", "claimed", "verified", "reopened"]
Status = Literal["open", "claimed", "verified", "reopened"]


@dataclass(frozen=True, slots=True)
class Step:
    """Something done to an item. Only a scan or an attestation made it `verified`."""

    at: datetime
    kind: str
    by: str
    #: The scan that verified or reopened it.
    scan: str
    note: str


@dataclass(frozen=True, slots=True)
class Improvement:
    """What is to be done, by whom, by when, and what verifies it.

    With a `check` its finding on `resource` and `account` (empty for all) verifies it, without one
    an attestation of `duty`; either the owner register or an attestation where `owned(check)`.
    """

    id: str
    run: str
    title: str
    cause: str
    recommendation: str
    owner: str
    element: str
    due: date
    duty: str
    check: str
    resource: str
    account: str
    created: datetime
    steps: tuple[Step, ...] = ()

    @property
    def last(self) -> Step | None:
        """The last thing that changed its status."""
        return next((s for s in reversed(self.steps) if s.kind != "changed"), None)

    @property
    def status(self) -> Status:
        """Where it stands."""
        found = {"claimed": "claimed", "verified": "verified", "reopened": "reopened"}
        return found.get(self.last.kind if self.last else "", "open")  # type: ignore[return-value]

    @property
    def closed(self) -> bool:
        """Whether a scan or an attestation verified it."""
        return self.status == "verified"

    @property
    def verified_by(self) -> str:
        """What shows that it is done, in a few words."""
        return proof(self.check, self.resource, self.duty)

    def overdue(self, today: date) -> bool:
        """Whether it should be done by now and is not verified."""
        return not self.closed and self.due < today

    def as_data(self) -> dict[str, Any]:
        """Plain values for JSON."""
        out = asdict(self)
        steps = [{**asdict(s), "at": iso(s.at)} for s in self.steps]
        out |= {"due": self.due.isoformat(), "created": iso(self.created), "steps": steps}
        return {**out, "status": self.status, "verified_by": self.verified_by}
