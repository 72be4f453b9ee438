"""What the API answers, as models: the OpenAPI document says exactly this."""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, Field

from sharedline.browse.fields import FIELDS, FIXED
from sharedline.browse.filters import LAST, LONGEST, MOST, ORDERS, ROWS, SIZE
from sharedline.model import SEVERITIES

Side = Literal["aws", "customer", "shared", "unknown"]
Severity = Literal["critical", "high", "medium", "low"]
#: Text that databases and files keep: no NUL.
_PLAIN = r"^[^\x00]*$"
Name = Annotated[str, Field(max_length=2048, pattern=_PLAIN)]
Short = Annotated[str, Field(max_length=200, pattern=_PLAIN)]
Note = Annotated[str, Field(max_length=4000, pattern=_PLAIN)]

#: Says in the document how a program signs in; `access.needs` sees to it.
TOKEN = HTTPBearer(auto_error=False, scheme_name="token", description="An API token, `shl_…`.")


class Model(BaseModel):
    """What every model has in common."""

    model_config = ConfigDict(extra="ignore")


class Asked(BaseModel):
    """What is sent: a key that is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class Problem(Model):
    """Why it was not done: one sentence of what, one of what to do (or nothing)."""

    error: str
    advice: str = ""


class Claimed(Model):
    """Somebody says that it is fixed; only a scan verifies it."""

    by: str
    at: datetime
    note: str


class Row(Model):
    """A gap or finding; the first ten keys are those of `gaps --format json`."""

    duty: str
    service: str
    resource: str
    side: Side
    owner: str
    status: Literal["unmet", "unknown", "unowned", "unverified", "waived", "met"]
    severity: Severity
    check: str
    reason: str
    since: str
    life: Literal["", "open", "claimed", "verified", "waived"]
    account: str
    region: str
    denied_call: str = ""
    grant: str = ""
    age: str = Field(description="Days since it was first so: a band, or `none`.")
    change: str = Field(description="Against the scan before.")
    reopened: int = Field(description="How often it came back after it was verified.")
    now: str = Field(description="Its life with what people did since the scan.")
    claimed: Claimed | None = None
    waived_since: str = Field("", description="The waiver given since the scan.")
    comments: int = 0


class Rows(Model):
    """One page of rows; `counts` says by field how many each value would leave."""

    scan: str
    total: int
    page: int
    pages: int
    size: int
    rows: list[Row]
    counts: dict[str, dict[str, int]]


class Said(Model):
    """A claim or comment."""

    kind: str
    by: str
    text: str
    at: datetime


class Comment(Model):
    """A comment on a finding."""

    id: int
    by: str
    text: str
    at: datetime


class Comments(Model):
    """The comments on one finding, oldest first."""

    comments: list[Comment]


class NewComment(Asked):
    """A comment to keep."""

    check: Short
    resource: Name
    account: Annotated[str, Field(max_length=12, pattern=r"^\d{0,12}$")] = ""
    text: Note


class NewClaim(Asked):
    """A finding that is said to be fixed."""

    check: Short
    resource: Name
    account: Annotated[str, Field(max_length=12, pattern=r"^\d{0,12}$")] = ""
    note: Note = ""


class Claim(Model):
    """A claim as it was kept."""

    check: str
    resource: str
    by: str
    note: str
    at: datetime


class NewWaiver(Asked):
    """An exception for one finding."""

    check: Short
    resource: Name
    account: Annotated[str, Field(max_length=12, pattern=r"^\d{0,12}$")] = ""
    reason: Note
    approver: Short
    expires: date


class Waiver(Model):
    """An accepted exception as it stands in waivers.toml; `*` is any."""

    check: str
    duty: str
    resource: str
    account: str
    reason: str
    approver: str
    expires: date
    expired: bool


class Waivers(Model):
    """Every waiver that the person may see."""

    waivers: list[Waiver]


class Scan(Model):
    """A finished scan."""

    id: str
    as_of: datetime
    accounts: list[str]
    regions: list[str]
    incomplete: bool


class Scans(Model):
    """The scans of the lake, the newest last."""

    scans: list[Scan]


#: What each answer but 200 means, by what a route can answer.
_PROBLEMS: Mapping[int, str] = {
    400: "What was asked is not right.",
    401: "No token, or one that is not known, has expired or was revoked.",
    403: "The role may not do this.",
    404: "There is no such thing, or none that the person may see.",
    409: "It is there, but this cannot be done with it.",
    413: "More was sent than is read.",
    422: "What was sent is not of the kind that is asked for.",
    429: "That was tried too often.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The answers of a route for the OpenAPI document; those that all can give are there."""
    told = sorted({400, 401, 403, 422, 429, *statuses})
    return {status: {"model": Problem, "description": _PROBLEMS[status]} for status in told}


def _values(field: str) -> dict[str, Any]:
    fixed = SEVERITIES if field == "severity" else FIXED.get(field)
    items: dict[str, Any] = {"type": "string", "maxLength": LONGEST, "pattern": _PLAIN}
    if fixed:
        items = {"type": "string", "enum": list(fixed)}
    return {"type": "array", "items": items, "maxItems": 50}


def _parameter(name: str, schema: dict[str, Any], said: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": said}


def _choice(values: tuple[str, ...]) -> dict[str, Any]:
    return {"type": "string", "enum": list(values), "default": values[0]}


#: The filters of lists, in the document; `browse.filters.from_query` reads them.
FILTERS: Mapping[str, Any] = types.MappingProxyType(
    {
        "parameters": [
            *(_parameter(f, _values(f), f"Any of these; more than one `{f}=`.") for f in FIELDS),
            _parameter(
                "text", {"type": "string", "maxLength": 200, "pattern": _PLAIN},
                "Within resource or reason.",
            ),
            _parameter("rows", _choice(ROWS), "Gaps, all findings, or gaps of the scan before."),
            _parameter("order", _choice(ORDERS), "Worst, oldest or newest first."),
            _parameter("scan", {"type": "string", "pattern": r"^[0-9A-Za-z-]{0,60}$"}, "A scan."),
            _parameter("page", {"type": "integer", "minimum": 1, "maximum": LAST, "default": 1},
                       "From 1."),
            _parameter("size", {"type": "integer", "minimum": 1, "maximum": MOST, "default": SIZE},
                       "Rows of a page."),
        ]
    }
)  # fmt: skip
