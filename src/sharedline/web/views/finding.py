"""One finding as its page shows it: words of its check and its line, what was said, whom to call."""

from __future__ import annotations

from typing import Any

from sharedline.duties import owners
from sharedline.duties.catalogue import load as load_duties
from sharedline.model import NOBODY
from sharedline.web.views.looking import Look


def about(seen: Look, row: dict[str, Any]) -> dict[str, Any]:
    """Everything of one row; `cell` is the matrix cell that it stands in, where there is one."""
    known = load_duties()
    duty = known.duties.get(row["duty"])
    check = seen.check(row["check"]) if row["check"] else None
    cells = seen.index.meta["cells"]
    cell = next(
        (c for c in cells if (c["service"], c["duty"]) == (row["service"], row["duty"])), None
    )
    return {
        "row": row,
        "heading": seen.title(row),
        "check": check,
        "duty": duty,
        "duty_title": duty.title if duty else row["duty"],
        "service_name": known.name_of(row["service"]),
        "line": cell and line_of(cell, row["side"]),
        "said": seen.live.said(row["check"], row["resource"], row["account"]),
        "call": contact(seen, row["owner"]),
        "as_of": seen.as_of,
    }


def line_of(cell: dict[str, Any], side: str) -> dict[str, Any]:
    """Both sides' words for a row: of the line on its side, else of the cell's first."""
    lines = cell["lines"] or [{**cell, "read": ""}]
    chosen = next((one for one in lines if one.get("side") == side), lines[0])
    return {k: chosen.get(k, "") for k in ("aws", "customer", "source", "read")}


def contact(seen: Look, owner: str) -> str:
    """Whom to call of a team; empty where nobody is named."""
    if owner == NOBODY:
        return ""
    team = owners.load(seen.site.project.owners).teams.get(owner)
    return ", ".join(x for x in (team.person, team.contact) if x) if team else ""
