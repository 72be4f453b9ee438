"""The same answers as `sharedline.browse.gaps`, counted row by row from the scan itself."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from sharedline.browse.fields import FIELDS
from sharedline.browse.filters import Filters
from sharedline.inventory.lake import Lake
from sharedline.people.model import Scope
from sharedline.project import Project
from sharedline.results import Results


def _age(since: str, as_of: datetime) -> str:
    if not since:
        return "none"
    days = (as_of - datetime.fromisoformat(since)).total_seconds() / 86400
    return next((w for end, w in ((7, "0-7"), (30, "7-30"), (90, "30-90")) if days < end), "90-")


def _change(was: str | None, now: str) -> str:
    if was == now:
        return "same"
    if was is None and now in ("unmet", "unknown"):
        return "new"
    if now == "unmet":
        return "worse"
    if now == "unknown":
        return "lost"
    return "fixed" if now == "met" and was in ("unmet", "unknown") else "other"


def everything(project: Project) -> dict[str, list[dict[str, Any]]]:
    """The rows of `gaps`, of `all` and of `gone`, each in the order worst first."""
    lake = Lake(project.lake_url)
    old, new = (Results(lake, m, project) for m in lake.scans())
    try:
        gaps = new.gaps()
        others: list[dict[str, Any]] = []
        gone: list[dict[str, Any]] = []
        before = {(r["check_id"], r["resource"]): r for r in old.rows()}
        now = {(r["check_id"], r["resource"]) for r in new.rows()}
        for r in [*new.rows(), *(v for k, v in before.items() if k not in now)]:
            gap = r["status"] in ("unmet", "unknown") and r["side"] != "aws"
            target = others if (r["check_id"], r["resource"]) in now else gone
            if gap is (target is gone):
                since = r["since"].isoformat().replace("+00:00", "Z") if r["since"] else ""
                target.append(
                    {**{k: r[k] for k in ("duty", "service", "resource", "side", "owner", "status",
                                          "severity", "reason", "life", "region")},
                     "check": r["check_id"], "account": r["account_id"], "since": since,
                     "denied_call": r["denied_call"] or "", "grant": r["grant_action"] or ""}
                )  # fmt: skip
        for r in (*gaps, *others, *gone):
            r["age"] = _age(r["since"], new.manifest.as_of)
            r["owned"] = "no" if r["owner"] == "nobody" else "yes"
            was = before.get((r["check"], r["resource"]))
            r["change"] = (
                _change(was["status"] if was else None, r["status"]) if r["check"] else "none"
            )
            r["life"] = r["life"] or "none"
        for r in gone:
            r["change"] = "other"
    finally:
        old.duck.close()
        new.duck.close()
    return {"gaps": gaps, "all": gaps + others, "gone": gone}


def seen(rows: list[dict[str, Any]], filters: Filters, scope: Scope) -> list[dict[str, Any]]:
    """The rows within the scope that hold the text."""
    text = filters.text.strip().lower()
    out = []
    for r in rows:
        if not scope.covers(r["account"], r["owner"]):
            continue
        reason = "" if not r["check"] and not scope.everything else r["reason"].lower()
        if text in r["resource"].lower() or text in reason:
            out.append(r)
    return out


def answer(
    rows: list[dict[str, Any]], filters: Filters, scope: Scope
) -> tuple[list[dict[str, Any]], dict[str, Counter[str]]]:
    """The matching rows, and the facets."""
    base = seen(rows, filters, scope)

    def fits(r: dict[str, Any], leave: str) -> bool:
        return all(r[f] in v for f, v in filters.wanted.items() if f != leave)

    facets = {f: Counter(r[f] for r in base if fits(r, f)) for f in FIELDS}
    return [r for r in base if fits(r, "")], facets
