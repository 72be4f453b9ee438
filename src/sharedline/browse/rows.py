"""Single rows as pages show them: looked up by their ranks, with what people said since the scan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sharedline.browse.base import listed
from sharedline.browse.build import ROW
from sharedline.browse.fields import FIXED
from sharedline.browse.index import Index, moment
from sharedline.browse.live import NOTHING, Overlay
from sharedline.people.model import Scope

#: The whole sentence counts resources of every account.
_UNCHECKED = "No check covers this duty and nobody attests it."


def rows_of(
    index: Index, ranks: Sequence[int], scope: Scope, overlay: Overlay = NOTHING
) -> list[dict[str, Any]]:
    """The rows of these ranks, in their order."""
    if not ranks:
        return []
    sql = f"select {', '.join(ROW)} from row where rank in ({listed([*ranks])})"
    found = {row[0]: row for row in index.look_up(sql)}
    now = {m.rank: FIXED["life"][m.now] for m in overlay.marks}
    out = []
    for rank in ranks:
        row = row_of(index, found[rank])
        if not row["check"] and not scope.everything:
            row["reason"] = _UNCHECKED  # the whole sentence counts resources of every account
        row["now"] = now.get(rank, row["life"])
        claim = overlay.claims.get((row["check"], row["resource"]))
        row["claimed"] = claim and {"by": claim.by, "at": claim.at, "note": claim.note}
        row["waived_since"] = overlay.waived.get(rank, "")
        out.append(row)
    return out


def row_of(index: Index, row: tuple[Any, ...]) -> dict[str, Any]:
    """A looked-up row (`build.ROW`) as `Results.gaps` gives it, with what the pages show besides."""
    words, kind = index.words, index.words.kinds[row[1]]
    since = moment(row[15])
    life = FIXED["life"][row[6]]
    return {
        "rank": row[0],
        "duty": kind.duty,
        "service": kind.service,
        "resource": row[10],
        "side": FIXED["side"][row[7]],
        "owner": words.places["owner"][row[2]],
        "status": FIXED["status"][row[5]],
        "severity": kind.severity,
        "check": kind.check,
        "reason": row[11],
        "since": since.isoformat().replace("+00:00", "Z") if since else "",
        "life": "" if life == "none" else life,
        "account": words.places["account"][row[3]],
        "region": words.places["region"][row[4]],
        "denied_call": row[12],
        "grant": row[13],
        "waiver": row[14],
        "age": FIXED["age"][row[8]],
        "change": FIXED["change"][row[9]],
        "reopened": row[16],
    }
