"""What is to be done: unmet, unknown, waived and unproved, each with owners and days when due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sharedline.comply.package.inputs import Inputs, Tally, due
from sharedline.comply.package.verdicts import Count, Verdict
from sharedline.model import NOBODY, Side, Status

#: The kinds of work, and OSCAL's word for the state of the risk that stands for it.
STATES = {
    "unmet": "open",
    "unknown": "investigating",
    "waived": "deviation-approved",
    "unverified": "investigating",
    "report": "open",
    "line": "investigating",
}


_ATTEST = (
    "sharedline attest --duty {} with a statement and its evidence, or a check whose front matter "
    "names the control."
)


@dataclass(frozen=True, slots=True)
class Share:
    """What one owner has to do of it."""

    owner: str
    count: int
    since: datetime
    due: datetime


@dataclass(frozen=True, slots=True)
class Work:
    """One thing to be done. `key` tells it from every other, and is the same next time."""

    kind: str
    key: str
    title: str
    text: str
    severity: str
    todo: str
    shares: tuple[Share, ...]
    #: The check that found it; empty where no check did.
    check: str = ""
    #: The control parts that it keeps from being satisfied.
    parts: tuple[str, ...] = ()
    #: Why and by whom it was accepted.
    accepted: tuple[str, ...] = ()

    @property
    def due(self) -> datetime:
        """When the first of it is due."""
        return min(s.due for s in self.shares)

    def late(self, moment: datetime) -> bool:
        """Whether any of it should be done already; what was accepted is not late."""
        return self.kind != "waived" and self.due < moment


def worklist(
    inputs: Inputs,
    tallies: Sequence[Tally],
    counts: Mapping[str, Count],
    verdicts: Mapping[str, Verdict],
) -> list[Work]:
    """All of it, the gravest first."""
    cited: dict[str, list[str]] = defaultdict(list)
    for v in verdicts.values():
        for check in (*v.checks, *v.related):
            cited[check].append(v.part.id)
    out = [
        _of_check(inputs, kind, check, rows, tuple(cited[check]))
        for (kind, check), rows in sorted(_grouped(tallies, counts).items())
        if cited.get(check)
    ]
    out += _unproved(inputs, verdicts.values())
    out += _reports(inputs, verdicts.values())
    out += _undrawn(inputs, verdicts.values())
    rank = {"critical": 0, "high": 1, "medium": 2, "low": 3}
    order = list(STATES)
    return sorted(out, key=lambda w: (order.index(w.kind), rank.get(w.severity, 4), w.key))


def _grouped(
    tallies: Iterable[Tally], counts: Mapping[str, Count]
) -> dict[tuple[str, str], list[Tally]]:
    out: dict[tuple[str, str], list[Tally]] = defaultdict(list)
    for t in tallies:
        if t.status in ("unmet", "unknown", "waived") and t.check in counts:
            out[t.status, t.check].append(t)
    return out


def _of_check(
    inputs: Inputs, kind: str, check_id: str, rows: Sequence[Tally], parts: tuple[str, ...]
) -> Work:
    check = inputs.checks.get(check_id)
    severity = check.severity if check else "medium"
    title = check.title if check else check_id
    number = sum(r.count for r in rows)
    word = {"unmet": "do not meet", "unknown": "could not be read for", "waived": "are waived from"}
    noun = "resource" if number == 1 else "resources"
    todo = {
        "unmet": check.fix.strip() if check else "",
        "unknown": "Allow the scanning role the calls that were denied, and scan again.",
        "waived": "Close it, or decide again before the acceptance expires.",
    }[kind]
    return Work(
        kind=kind,
        key=check_id,
        title={"unmet": "", "unknown": "Not readable: ", "waived": "Accepted: "}[kind] + title,
        text=f"{number} {noun} {word[kind]} this: {title}. {check.why.strip() if check else ''}",
        severity=severity,
        todo=todo or "See the check's page.",
        shares=_shares(inputs, kind, severity, rows),
        check=check_id,
        parts=parts,
        accepted=tuple(dict.fromkeys(r.waiver for r in rows if r.waiver)),
    )


def _shares(inputs: Inputs, kind: str, severity: str, rows: Sequence[Tally]) -> tuple[Share, ...]:
    by_owner: dict[str, list[Tally]] = defaultdict(list)
    for row in rows:
        by_owner[row.owner].append(row)
    out = []
    for owner, own in sorted(by_owner.items()):
        since = min((r.since for r in own if r.since), default=inputs.moment)
        until = due(since, severity, inputs.moment)
        if kind == "waived":
            expires = [d for r in own if (d := _expiry(inputs, r.waiver))]
            until = datetime.combine(min(expires), time(), UTC) if expires else until
        out.append(Share(owner, sum(r.count for r in own), since, until))
    return tuple(out)


def _expiry(inputs: Inputs, words: str) -> date | None:
    """When the waiver whose words these are expires."""
    found = [
        w.expires
        for w in inputs.waivers
        if w.reason in words and w.approver in words and f"{w.expires}" in words
    ]
    return min(found) if found else None


def _unproved(inputs: Inputs, verdicts: Iterable[Verdict]) -> list[Work]:
    """What nothing proves, by duty: one attestation may prove many parts."""
    by_duty: dict[str, list[str]] = defaultdict(list)
    for v in verdicts:
        if v.status is Status.UNVERIFIED:
            by_duty[v.part.duties[0] if v.part.duties else ""].append(v.part.id)
    out = []
    for duty, parts in sorted(by_duty.items()):
        known = inputs.duties.get(duty)
        name = known.title if known else duty or "parts without a duty"
        out.append(
            _work(
                inputs,
                "unverified",
                duty or "none",
                f"Show that it is done: {name}",
                f"Nothing proves {_parts(parts)}: no check names them and no attestation holds.",
                "low",
                _ATTEST.format(duty) if duty else "Name the duties of the parts.",
                parts,
                inputs.duty_owners.get(duty, ()),
            )
        )
    return out


def _reports(inputs: Inputs, verdicts: Iterable[Verdict]) -> list[Work]:
    parts = [
        v.part.id for v in verdicts if v.part.side in (Side.AWS, Side.SHARED) and not v.inherits
    ]
    if not parts:
        return []
    return [
        _work(
            inputs,
            "report",
            "aws-reports",
            "Have AWS's reports on file",
            f"AWS's half of {_parts(parts)} is proved by no report on file for the whole window.",
            "medium",
            "Fetch the reports from AWS Artifact, accept their terms, and map them.",
            parts,
            inputs.duty_owners.get("compliance.reporting", ()),
        )
    ]


def _undrawn(inputs: Inputs, verdicts: Iterable[Verdict]) -> list[Work]:
    parts = [v.part.id for v in verdicts if v.part.side is Side.UNKNOWN]
    if not parts:
        return []
    return [
        _work(
            inputs,
            "line",
            "undrawn",
            "Decide who must act",
            f"Nobody has drawn the line through {_parts(parts)}.",
            "low",
            "Write a line for each: its duties, its side, and what each side does.",
            parts,
            inputs.duty_owners.get("compliance.policy-mapping", ()),
        )
    ]


def _work(
    inputs: Inputs,
    kind: str,
    key: str,
    title: str,
    text: str,
    severity: str,
    todo: str,
    parts: Sequence[str],
    owners: Sequence[str],
) -> Work:
    owner = owners[0] if owners else NOBODY
    moment = inputs.moment
    share = Share(owner, len(parts), moment, due(moment, severity, moment))
    return Work(kind, key, title, text, severity, todo, (share,), parts=tuple(parts))


def _parts(parts: Sequence[str]) -> str:
    return f"{len(parts)} control part{'' if len(parts) == 1 else 's'}"
