"""What the user hands in: a finding, events, detections, a principal or an event's id."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from sharedline.errors import Error
from sharedline.incident import inputs_findings as findings
from sharedline.incident.chain_links import is_outside
from sharedline.incident.inputs_events import read_events, subject_of
from sharedline.incident.model import Subject
from sharedline.trail.decode import is_event
from sharedline.trail.inflate import inflate

_ADVICE = "Give a GuardDuty, ASFF or OCSF finding, or CloudTrail events, as JSON."
_KEY = re.compile(r"^(AKIA|ASIA)[A-Z0-9]{12,}$")
_ARN = re.compile(r"^arn:[a-z-]+:(iam|sts)::(\d{12}):(.+)$")
#: A bigger file is events, whatever else; it is not read twice to see what it is.
_FINDINGS = 32 << 20
_LEVELS = ("critical", "high", "medium", "low", "informational")


class Detection(Protocol):
    """As much of a detection as an incident reads."""

    @property
    def rule(self) -> str:
        """The rule's id."""

    @property
    def name(self) -> str:
        """The rule's short name."""

    @property
    def title(self) -> str:
        """The rule's title."""

    @property
    def level(self) -> str:
        """How severe it is."""

    @property
    def techniques(self) -> tuple[str, ...]:
        """ATT&CK techniques."""

    @property
    def account(self) -> str:
        """Where it was."""

    @property
    def region(self) -> str:
        """Where it was."""

    @property
    def time(self) -> datetime:
        """When its last event was."""

    @property
    def principal(self) -> str:
        """Who did it."""

    @property
    def events(self) -> tuple[str, ...]:
        """The ids of its events."""


@dataclass(frozen=True)
class Input:
    """What was handed in: subjects, and the events that came with them, if any."""

    subjects: tuple[Subject, ...]
    events: pa.Table | None = None


def read(path: Path) -> Input:
    """What a file holds."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Error(f"{path} cannot be read ({error.strerror}).", "Give a JSON file.") from error
    return parse(data, path.name)


def parse(data: bytes, source: str = "the input") -> Input:
    """What a text holds: one finding, several, or events."""
    if not data.strip():
        raise Error(f"{source} is empty.", _ADVICE)
    found = list(_documents(_plain(data)))
    subjects = [s for s in map(_subject, found) if s is not None]
    events = [d for d in found if is_event(d)]
    if subjects and not events:
        return Input(tuple(sorted(subjects, key=_severity)))
    if found and not subjects and not events and not _may_hold_events(found):
        raise Error(f"{source} is neither a finding nor CloudTrail events.", _ADVICE)
    table = read_events(data, source)
    asked = tuple(sorted(subjects, key=_severity)) or (subject_of(table, source),)
    return Input(asked, table)


def _plain(data: bytes) -> bytes:
    """The first part of the content, unpacked: a finding is whole in it."""
    out = bytearray()
    for block in inflate(memoryview(data), lambda _: None):
        out += block
        if len(out) > _FINDINGS:
            return b""
    return bytes(out)


def _documents(data: bytes) -> Iterator[Mapping[str, Any]]:
    """The objects of a file: the whole, the elements of its lists, or one a line."""
    text = data.decode("utf-8-sig", "replace").strip()
    with contextlib.suppress(ValueError, RecursionError):
        yield from _unwrapped(json.loads(text))
        return
    for line in text.splitlines():
        try:
            yield from _unwrapped(json.loads(line)) if line.strip() else ()
        except (ValueError, RecursionError):
            continue


def _unwrapped(value: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        for one in value:
            yield from _unwrapped(one, depth + 1)
    elif isinstance(value, Mapping) and depth < 8:
        if _kind(value) or is_event(value):
            yield value
            return
        for name in ("detail", "Findings", "findings", "finding", "Records"):
            if isinstance(value.get(name), list | Mapping):
                yield from _unwrapped(value[name], depth + 1)
                return
        yield value


def _kind(value: Mapping[str, Any]) -> str:
    """What sort of finding an object is; empty where it is none."""
    names = {str(n).lower() for n in value}
    if "class_uid" in names and "finding_info" in names:
        return "ocsf"
    if {"awsaccountid", "productarn"} <= names or {"awsaccountid", "generatorid"} <= names:
        return "asff"
    if {"type", "resource", "service"} <= names and not {"eventname", "eventsource"} & names:
        return "guardduty"
    return ""


def _subject(value: Mapping[str, Any]) -> Subject | None:
    kind = _kind(value)
    if not kind:
        return None
    made: Subject = {"ocsf": findings.ocsf, "asff": findings.asff, "guardduty": findings.guardduty}[
        kind
    ](value)
    return made


def _severity(subject: Subject) -> tuple[int, str]:
    level = subject.severity
    return (_LEVELS.index(level) if level in _LEVELS else len(_LEVELS), subject.id)


def _may_hold_events(found: list[Mapping[str, Any]]) -> bool:
    """Whether objects that are nothing known may still have events within, as exports do."""
    wrappers = {"records", "events", "event", "logevents", "queryresultrows", "cloudtrailevent"}
    wrappers |= {"eventjson", "_source", "message"}
    return any(wrappers & {str(n).lower() for n in d} for d in found)


def of_principal(text: str) -> Subject:
    """A principal by ARN, or by an access key id."""
    text = text.strip()
    if _KEY.match(text):
        return Subject("principal", id=text, title=f"Access key {text}", keys=(text,))
    matched = _ARN.match(text)
    if matched:
        name = matched[3]
        return Subject("principal", id=text, title=name, account=matched[2], principals=(text,))
    if is_outside(text):
        return Subject("principal", id=text, title=f"Address {text}", addresses=(text,))
    raise Error(
        f"{text!r} is no principal.",
        "Give the ARN of a user, a role or a role's session, or an access key id (AKIA…, ASIA…).",
    )


def of_event(text: str) -> Subject:
    """An event of the trail by its eventID."""
    text = text.strip()
    if not text:
        raise Error("The event has no id.", "Give CloudTrail's eventID.")
    return Subject("event", id=text, title=f"Event {text}", events=(text,))


def of_detections(found: Iterable[Detection]) -> tuple[Subject, ...]:
    """Detections as subjects: those of one principal together, the most severe first."""
    groups: dict[tuple[str, str], list[Detection]] = {}
    for detection in found:
        who = detection.principal or detection.rule
        groups.setdefault((detection.account, who), []).append(detection)
    return tuple(sorted((_grouped(g) for g in groups.values()), key=_severity))


def _grouped(group: list[Detection]) -> Subject:
    ordered = sorted(group, key=lambda d: (_rank(d.level), d.time, d.name))
    worst = ordered[0]
    more = f" and {len(group) - 1} more" if len(group) > 1 else ""
    events = sorted({e for d in group for e in d.events})
    return Subject(
        "detection",
        id=worst.rule,
        title=f"{worst.title}{more}",
        severity=worst.level,
        account=worst.account,
        region=worst.region,
        type=worst.name,
        time=min(d.time for d in group),
        last=max(d.time for d in group),
        principals=(worst.principal,) if worst.principal else (),
        events=tuple(events),
        techniques=tuple(dict.fromkeys(t for d in ordered for t in d.techniques)),
    )


def _rank(level: str) -> int:
    return _LEVELS.index(level) if level in _LEVELS else len(_LEVELS)
