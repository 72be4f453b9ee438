"""Reads the verdict rules and the dates of AWS's capabilities, and refuses what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from datetime import date as Date  # noqa: N812 a field has the name
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from sharedline.duties.catalogue import load as load_duties
from sharedline.duties.catalogue import read_toml, refuse_unknown
from sharedline.errors import ConfigError
from sharedline.incident.model import Chain, Step, Unknown
from sharedline.incident.verdict_match import OPERATORS, Match, matches

EFFECTS = ("prevents", "limits", "detects")
#: What a step's duty can be looked for on.
THINGS = ("resource", "issuer", "principal", "instance", "account")
FAILED, INSUFFICIENT, ABSENT = "failed", "met but insufficient", "not in place"
IMPOSSIBLE, UNDECIDABLE = "could not have existed", "undecidable from this evidence"
#: What a verdict can say of a duty, the gravest first.
STATUSES = (FAILED, ABSENT, INSUFFICIENT, IMPOSSIBLE, UNDECIDABLE)
ONCE = ("each", "session", "chain")
_RULE = {
    "title", "kind", "service", "match", "once", "after", "duties", "aws", "customer", "runbook",
    "examples",
}  # fmt: skip
_MATCH = {"events", "outcome", "techniques", "where", "any"}
_ENTRY = {
    "duty", "effect", "why", "service", "of", "checks", "capability", "instead", "unmet", "proves",
    "needs_evidence",
}  # fmt: skip
_SPACES = ("request", "response", "identity", "extra", "row", "step", "subject", "around")


@dataclass(frozen=True, slots=True)
class Capability:
    """Something that AWS made available on a day: before it, no duty could ask for it."""

    name: str
    title: str
    date: Date
    source: str
    read: Date

    def existed(self, moment: datetime) -> bool:
        """Whether it was available then; the day itself counts as available."""
        return moment.astimezone(UTC).date() >= self.date


@dataclass(frozen=True, slots=True)
class Proof:
    """Conditions under which the events themselves decide, and what they then say."""

    when: Mapping[str, Any]
    status: str
    says: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A duty that would have prevented, limited or detected a kind of step."""

    duty: str
    effect: str
    why: str
    service: str
    #: What it is looked for on: the resource, the role, the user, the machine, the account.
    of: tuple[str, ...]
    checks: tuple[str, ...] = ()
    capability: str = ""
    instead: str = ""
    #: What an unmet check of it means: `failed`, or `not in place` for what was not there at all.
    unmet: str = FAILED
    proves: tuple[Proof, ...] = ()
    #: What would decide it, and where that is found.
    needs: Unknown | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """Ties a kind of step to the duties that bear on it; `kind` aws is a provider-side flaw."""

    id: str
    title: str
    kind: str
    match: Match
    duties: tuple[Entry, ...]
    once: str = "each"
    #: Rules that must have matched an earlier step of the same session.
    after: tuple[str, ...] = ()
    aws: str = ""
    #: For a provider-side flaw: what the customer could and could not have done.
    customer: str = ""
    runbook: str = ""
    examples: Mapping[str, Any] = field(default_factory=dict)


def _folder() -> Path:
    return Path(str(resources.files("sharedline.incident")))


@cache
def capabilities(path: Path | None = None) -> Mapping[str, Capability]:
    """AWS's capabilities by name, with the day since when and the page that says so."""
    file = path or _folder() / "capabilities.toml"
    found = {}
    for number, entry in enumerate(read_toml(file).get("capability", ()), 1):
        where = f"{file.name}, capability {number}"
        refuse_unknown(entry, {"name", "title", "date", "source", "read"}, where)
        given = {"title": entry.get("title"), "source": entry.get("source")}
        if not all(isinstance(v, str) and v for v in (entry.get("name"), *given.values())):
            raise ConfigError(f"{where}: name, title or source is missing.", "Write all three.")
        for key in ("date", "read"):
            if not isinstance(entry.get(key), Date):
                raise ConfigError(f"{where}: {key} is not a date.", f"Write {key} = 2019-11-19.")
        if not entry["source"].startswith("https://"):
            raise ConfigError(f"{where}: the source is no public page.", "Write its https address.")
        found[entry["name"]] = Capability(**entry)
    return found


def _texts(value: Any, where: str) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(v, str) and v for v in values):
        raise ConfigError(f"{where}: it is not a list of texts.", "Write [one, two].")
    return tuple(values)


def _one_of(value: Any, allowed: Sequence[str], where: str) -> str:
    if value not in allowed:
        raise ConfigError(f"{where}: {value!r} is not known.", f"Allowed: {', '.join(allowed)}.")
    return str(value)


def _conditions(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where}: conditions are a mapping.", "Write path: value.")
    for path, wanted in value.items():
        space = str(path).partition(".")[0]
        _one_of(space, _SPACES, f"{where}, {path}")
        if isinstance(wanted, dict):
            for op in wanted:
                _one_of(op, OPERATORS, f"{where}, {path}")
    return value


def _match(value: Any, where: str) -> Match:
    refuse_unknown(value, _MATCH, where)
    return Match(
        events=_texts(value.get("events", []), f"{where}, events"),
        outcome=_one_of(value.get("outcome", "success"), ("success", "refused", "any"), where),
        techniques=tuple(value.get("techniques", ())),
        where=_conditions(value.get("where", {}), where),
        any=tuple(_conditions(one, where) for one in value.get("any", ())),
    )


def _proof(value: Any, where: str) -> Proof:
    refuse_unknown(value, {"when", "status", "says"}, where)
    if not str(value.get("says", "")).strip():
        raise ConfigError(f"{where}: nothing says what is proven.", "Write says: a sentence.")
    status = _one_of(value.get("status"), STATUSES, where)
    return Proof(_conditions(value.get("when", {}), where), status, " ".join(value["says"].split()))


def _entry(value: Any, service: str, where: str) -> Entry:
    refuse_unknown(value, _ENTRY, where)
    _one_of(value.get("duty"), tuple(load_duties().duties), f"{where}, duty")
    where = f"{where}, {value['duty']}"
    effect = _one_of(value.get("effect"), EFFECTS, f"{where}, effect")
    if not str(value.get("why", "")).strip():
        raise ConfigError(f"{where}: it has no why.", "Write why: one sentence.")
    capability = value.get("capability", "")
    if capability:
        _one_of(capability, tuple(capabilities()), f"{where}, capability")
    needs = value.get("needs_evidence", {})
    refuse_unknown(needs, {"what", "where", "code"}, f"{where}, needs_evidence")
    usual = ABSENT if effect == "detects" else FAILED
    return Entry(
        duty=value["duty"],
        effect=effect,
        why=" ".join(value["why"].split()),
        service=value.get("service", service),
        of=tuple(_one_of(t, THINGS, f"{where}, of") for t in value.get("of", ["resource"])),
        checks=tuple(value.get("checks", ())),
        capability=capability,
        instead=" ".join(value.get("instead", "").split()),
        unmet=_one_of(value.get("unmet", usual), (FAILED, ABSENT), f"{where}, unmet"),
        proves=tuple(_proof(p, f"{where}, proves") for p in value.get("proves", ())),
        needs=Unknown(needs["what"], needs["where"], needs.get("code", "")) if needs else None,
    )


def parse(text: str, name: str) -> Rule:
    """A rule file; `ConfigError` names the file and the place."""
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{name} is not YAML ({error}).", "Correct that line.") from error
    refuse_unknown(data, _RULE, name)
    for key in ("title", "service", "match", "duties", "examples"):
        if not data.get(key):
            raise ConfigError(f"{name}: it has no {key}.", "See the other rules.")
    kind = _one_of(data.get("kind", "customer"), ("customer", "aws"), f"{name}, kind")
    return Rule(
        id=Path(name).stem,
        title=" ".join(data["title"].split()),
        kind=kind,
        match=_match(data["match"], name),
        duties=tuple(_entry(e, data["service"], name) for e in data["duties"]),
        once=_one_of(data.get("once", "each"), ONCE, f"{name}, once"),
        after=tuple(data.get("after", ())),
        aws=" ".join(data.get("aws", "").split()),
        customer=" ".join(data.get("customer", "").split()),
        runbook=data.get("runbook", ""),
        examples=data["examples"],
    )


@cache
def load(folder: Path | None = None) -> tuple[Rule, ...]:
    """The rules, by id."""
    paths = sorted((folder or _folder() / "rules").glob("*.yaml"))
    rules = tuple(parse(p.read_text("utf-8"), p.name) for p in paths)
    known = {r.id for r in rules}
    for rule in rules:
        for one in rule.after:
            _one_of(one, sorted(known), f"{rule.id}.yaml, after")
    return rules


def _lineage(step: Step) -> set[str]:
    return {x for x in (step.session, step.issuer, step.principal) if x}


def applied(rules: Sequence[Rule], chain: Chain) -> list[tuple[int, Rule]]:
    """Which rule speaks of which step, by the step's position."""
    out: list[tuple[int, Rule]] = []
    seen: dict[str, list[set[str]]] = {}
    told: set[tuple[str, str]] = set()
    for position, step in enumerate(chain.steps):
        here = [r for r in rules if matches(r.match, step, chain)]
        # What is said once of a session (whose credentials they are) comes before what it did.
        here.sort(key=lambda r: (r.once == "each", r.match.events != ("*",), r.id))
        for rule in here:
            earlier = [who for name in rule.after for who in seen.get(name, ())]
            if rule.after and not any(who & _lineage(step) for who in earlier):
                continue
            key = (rule.id, step.session or step.principal if rule.once == "session" else "")
            if rule.once != "each" and key in told:
                continue
            told.add(key)
            out.append((position, rule))
        for rule in here:
            seen.setdefault(rule.id, []).append(_lineage(step))
    return out


def chosen(globs: Sequence[str], checks: Sequence[str]) -> list[str]:
    """The check ids that match any of the globs."""
    return [c for c in checks if any(fnmatchcase(c, g) for g in globs)]
