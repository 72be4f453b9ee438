"""How `trail review` is printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sharedline.cli import out
from sharedline.text import iso
from sharedline.trail.review.columns import COLUMNS

if TYPE_CHECKING:
    from sharedline.trail.review.report import Review

_ANSWER = {True: "yes", False: "nobody", None: "unknown"}
_REGIONAL = ("guardduty", "securityhub", "flow-logs")
_SHOWN: Mapping[str, tuple[tuple[str, str, int], ...]] = {
    "who": (
        ("last", "Last", 10),
        ("reader", "Reader", 8),
        ("told", "Who and by which rule", 0),
        ("did", "What", 0),
        ("times", "Times", 6),
    ),
    "events": (
        ("when", "Time", 20),
        ("reader", "Reader", 8),
        ("who", "Who", 0),
        ("action", "What", 0),
    ),
    "findings": (
        ("severity", "Severity", 8),
        ("age", "Age", 8),
        ("owner", "Owner", 10),
        ("what", "Finding", 0),
        ("said", "Look", 0),
    ),
    "changes": (("when", "Time", 20), ("reader", "By", 8), ("who", "Who", 0), ("what", "What", 0)),
    "alarms": (
        ("told", "Reaches", 8),
        ("alarm_name", "Alarm", 0),
        ("missing", "Whom, or what lacks", 0),
    ),
    "deliveries": (
        ("service", "Service", 0),
        ("target", "Where", 0),
        ("code", "Refusal", 14),
        ("often", "Times", 6),
    ),
}
_WRAPPED = ("reason", "what", "said", "missing", "told", "did", "who", "code", "service", "target")


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with its times as text and its sets as lists."""
    from datetime import datetime

    out_row: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, datetime):
            out_row[name] = iso(value)
        else:
            out_row[name] = list(value) if isinstance(value, tuple | frozenset) else value
    return out_row


def opened(fmt: str, view: str, rows: Sequence[Mapping[str, Any]], limit: int) -> None:
    """The rows behind a number."""
    if out.rows(fmt, [_plain(r) for r in rows], COLUMNS[view]):
        return
    shown = rows[:limit] if limit else rows
    out.table([_words(view, r) for r in shown], _SHOWN[view], wrapped=_WRAPPED)
    if len(rows) > len(shown):
        out.note(f"{len(rows) - len(shown)} more: --limit 0, or --format csv.")
    if not rows:
        out.note("None.")


def _words(view: str, row: Mapping[str, Any]) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if view == "who":
        did = f"{row['does']} ({row['action']}){', refused' if row['refused'] else ''}"
        did += "" if row["counts"] else ", which shows names alone"
        more = {
            "last": iso(row["last_at"])[:10],
            "told": f"{row['who']}: {row['rule']}",
            "did": did,
        }
    elif view in ("events", "changes"):
        more = {"when": iso(row["at"])}
        if view == "events" and row["refused"]:
            more["action"] = f"{row['action']}, refused"
    elif view == "findings":
        more = _finding(row)
    elif view == "alarms":
        more = {"told": {True: "yes", False: "nobody", None: "unknown"}[row["reached"]]}
    elif view == "deliveries":
        more = {"often": row["times"] if row["times"] is not None else "scan"}
    return {**row, **more}


def _finding(row: Mapping[str, Any]) -> dict[str, Any]:
    from sharedline.trail.review.findings import ago, told

    said = told(row)
    if row["past_limit"] and row["touched"] is not True:
        said += f", past its limit of {ago(row['limit_days'] * 24)}"
    age = "?" if row["age_days"] is None else ago(row["age_days"] * 24)
    return {"age": age, "what": f"{row['title']} ({row['service']}, {row['region']})", "said": said}


def summary(fmt: str, made: Review, limit: int) -> None:
    """The whole review."""
    sources = [_plain(r) for r in made.sources]
    if fmt == "json":
        lists = ("findings", "changes", "hiding", "alarms", "deliveries", "attestations", "history")
        out.as_json(
            {
                "since": iso(made.since),
                "until": iso(made.until),
                "sources": sources,
                "owners": made.owners,
                **{name: [_plain(r) for r in getattr(made, name)] for name in lists},
                "notes": made.notes,
            }
        )
        return
    if out.rows(fmt, sources, COLUMNS["sources"]):
        return
    out.line(f"Who looked from {iso(made.since)[:16]}Z to {iso(made.until)[:16]}Z, by the trail:")
    _sources(made, limit)
    for line in _lines(made):
        out.line(line)
    for note in made.notes:
        out.note(note)


def _merged(made: Review) -> list[dict[str, Any]]:
    """The sources as rows of text: Regions of which the same is to be said share one."""
    from sharedline.derive.log_sources import KINDS

    merged: dict[tuple[Any, ...], dict[str, Any]] = {}
    order = {False: 0, None: 1, True: 2}
    for row in sorted(made.sources, key=lambda r: (r["account_id"], order[r["looked"]])):
        last = iso(row["last_person_at"])[:10]
        key: tuple[Any, ...] = tuple(row[k] for k in ("account_id", "source", "owner", "reason"))
        if row["findings"] or row["source"] not in _REGIONAL:
            key = (*key, row["name"], row["region"])
        elif row["source"] == "flow-logs":
            key = (*key, row["name"])
        one = merged.setdefault(key, {**row, "last": last, "regions": set()})
        one["regions"].add(row["region"])
    for row in merged.values():
        kind, count = row["source"], len(row["regions"])
        named = kind != "event-history" and (count == 1 or kind == "flow-logs")
        row["what"] = f"{KINDS[kind]} {row['name']}" if named else KINDS[kind]
        row["what"] += f" in {count} Regions" if count > 1 else ""
        row["answer"] = _ANSWER[row["looked"]]
        row["place"] = f"{row['account_id']} {row['what']}"
        row["machine"] = ", ".join(row["machines"]) or "none"
    return list(merged.values())


_NARROW = (
    ("answer", "Looked", 7),
    ("last", "Last", 10),
    ("place", "Account and source", 0),
    ("reason", "By the trail", 0),
)
_WIDE = (
    ("answer", "Looked", 7),
    ("last", "Last", 10),
    ("account_id", "Account", 12),
    ("what", "Source", 0),
    ("owner", "Owner", 12),
    ("reason", "By the trail", 0),
    ("machine", "Machines", 0),
)


def _sources(made: Review, limit: int) -> None:
    rows = _merged(made)
    shown = rows[:limit] if limit else rows
    out.table(shown, _NARROW, wide=_WIDE, wrapped=("place", "reason", "what", "machine"))
    if len(rows) > len(shown):
        out.note(f"{len(rows) - len(shown)} more: --limit 0, or --format csv.")


def _lines(made: Review) -> list[str]:
    """The numbers below the table, each with the option that opens it."""
    lines = [""]
    lines.append(_findings(made))
    by = {k: sum(c["reader"] == k for c in made.changes) for k in ("person", "machine", "unclear")}
    changed = ", ".join(f"{n} by {_BY[k]}" for k, n in by.items() if n) or "none in the trail"
    hidden = f"; {len(made.hiding)} rules archive or suppress unseen" if made.hiding else ""
    lines.append(f"Changes to findings: {changed}{hidden} (--changes).")
    told = [a["reached"] for a in made.alarms]
    if told:
        lines.append(
            f"Alarms: {told.count(True)} of {len(told)} reach a confirmed subscriber, "
            f"{told.count(False)} reach nobody, {told.count(None)} unknown (--alarms)."
        )
    else:
        lines.append("Alarms: none that tells anybody is known.")
    refused = len(made.deliveries)
    lines.append(f"Log deliveries refused: {refused} (--deliveries)." if refused else _ARRIVED)
    lines += [_attested(a) for a in made.attestations] or ["Attested: nothing (see attest)."]
    for row in made.owners:
        if row["nobody"] or row["past_limit"]:
            lines.append(
                f"Owner {row['owner']}: "
                f"{row['nobody']} of {row['sources']} sources without a look, "
                f"{row['unknown']} unknown, {row['past_limit']} findings past their limit."
            )
    return lines


_BY = {"person": "people", "machine": "machines", "unclear": "unclear readers"}
_ARRIVED = "Log deliveries refused: none that the trail or the scan knows."


def _findings(made: Review) -> str:
    from sharedline.trail.review.findings import ago, waiting

    if not made.findings:
        return "Findings: none open in the scan."
    waits = sorted(f["wait_hours"] for f in made.findings if f["wait_hours"] is not None)
    late = waiting(made.findings)
    looked = f"first look after {ago(waits[len(waits) // 2])} (median)" if waits else ""
    unseen = sum(f["look"] == "nobody looked since" for f in made.findings)
    parts = [
        f"{len(made.findings)} open",
        f"{len(late)} past their limit and untouched as far as is known",
        *([looked] if waits else []),
        *([f"{ago(waits[-1])} at the longest"] if len(waits) > 1 else []),
        *([f"{unseen} that nobody looked at since"] if unseen else []),
    ]
    return f"Findings: {', '.join(parts)} (--findings)."


def _attested(row: Mapping[str, Any]) -> str:
    return (
        f"Attested: {row['duty']} for {row['scope']} by {row['by']} on {iso(row['at'])[:10]}, "
        f"until {iso(row['expires'])[:10]}: {row['statement']} ({row['evidence']})."
    )


def exit_code(made: Review) -> int:
    """1 where there is a gap, 3 where all that is open is unknown."""
    from sharedline.trail.review.findings import waiting

    answers = {r["looked"] for r in made.sources} | {a["reached"] for a in made.alarms}
    late = any(f["touched"] is False for f in waiting(made.findings))
    if False in answers or made.deliveries or late:
        return 1
    return 3 if None in answers or waiting(made.findings) else 0
