"""A Sigma rule as its file has it, and the same rule tuned: a count in a time, without somebody."""

from __future__ import annotations

import copy
import tempfile
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sharedline.errors import Error
from sharedline.trail.sigma import Rule, Rules, load

#: What a rule that counts nothing is counted by.
WHO = "userIdentity.arn"
_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
_FILTER = "filter_tuned"


@dataclass(frozen=True)
class RuleFile:
    """A rule with the documents that it is made of: those that it counts, and its own, the last."""

    rule: Rule
    documents: tuple[dict[str, Any], ...]

    @property
    def counts(self) -> bool:
        """Whether it is a correlation that counts events or values."""
        return self.rule.window is not None and self.rule.window.kind.endswith("_count")

    @property
    def correlates(self) -> bool:
        """Whether it is a correlation of any kind."""
        return self.rule.window is not None

    def tuned(self, least: int, seconds: int) -> tuple[dict[str, Any], ...]:
        """The documents with this threshold in this time; a plain rule becomes a correlation."""
        made = copy.deepcopy(self.documents)
        if self.correlates:
            asked = made[-1]["correlation"]
            asked["timespan"] = duration(seconds)
            kept = {k: v for k, v in asked["condition"].items() if k == "field"}
            asked["condition"] = {**kept, "gte": least}
            return made
        (base,) = made
        return (*made, _correlation(base, self.rule, least, seconds))

    def without(
        self, documents: Iterable[dict[str, Any]], principals: Sequence[str]
    ) -> tuple[dict[str, Any], ...]:
        """The documents that leave out what these principals do."""
        made = tuple(copy.deepcopy(one) for one in documents)
        sessions = [f"{_session(p)}/" for p in principals if ":role/" in p]
        others = [p for p in principals if ":role/" not in p]
        # A list of maps is an "or" of them in Sigma.
        maps = [{f"{WHO}|startswith": sessions}] if sessions else []
        maps += [{WHO: others}] if others else []
        for one in made:
            detection = one.get("detection")
            if not maps or not isinstance(detection, dict):
                continue
            detection[_FILTER] = maps
            several = detection["condition"]
            several = several if isinstance(several, list) else [several]
            detection["condition"] = [f"({c}) and not {_FILTER}" for c in several]
            if len(several) == 1:
                detection["condition"] = detection["condition"][0]
        return made


def _session(role: str) -> str:
    """What the ARN of each session of a role begins with."""
    partition, account = role.split(":")[1], role.split(":")[4]
    return f"arn:{partition}:sts::{account}:assumed-role/{role.rpartition('/')[2]}"


def _correlation(base: dict[str, Any], rule: Rule, least: int, seconds: int) -> dict[str, Any]:
    name = base.get("name") or base.get("id")
    kept: dict[str, Any] = {
        k: base[k] for k in ("level", "tags", "falsepositives", "sharedline") if k in base
    }
    return {
        "title": f"{rule.title}: {least} in {duration(seconds)} by one principal",
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{rule.id}/{least}/{seconds}")),
        "status": "experimental",
        "correlation": {
            "type": "event_count",
            "rules": [name],
            "group-by": [WHO],
            "timespan": duration(seconds),
            "condition": {"gte": least},
        },
        **kept,
    }


def duration(seconds: int) -> str:
    """As Sigma writes a time: `15m`, `1h`."""
    unit, size = next((u, s) for u, s in _UNITS if not seconds % s)
    return f"{seconds // size}{unit}"


def as_yaml(documents: Iterable[dict[str, Any]]) -> str:
    """The documents as the text of a rule file."""
    return yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True, width=96)


def loaded(documents: Iterable[dict[str, Any]]) -> Rules:
    """Documents as the engine reads them from a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rule.yml"
        path.write_text(as_yaml(documents), "utf-8")
        rules = load([path])
    if rules.problems or not rules.rules:
        why = rules.problems[0].reason if rules.problems else "it is of another log source"
        raise Error(f"The rule cannot be used alone: {why}.", "Look at its file.")
    return rules


def find(wanted: str, folder: Path | None) -> RuleFile:
    """The rule of this name, id or file."""
    path = Path(wanted)
    if path.suffix in (".yml", ".yaml") and path.is_file():
        rules, wanted = load([path]), ""
    else:
        rules = load([folder] if folder else None)
    shown = rules.shown()
    found = [r for r in shown if not wanted or wanted in _names(r)]
    if len(found) == 1:
        return RuleFile(found[0], documents_of(found[0], rules))
    if found:
        listed = ", ".join(sorted(r.name for r in found)[:5])
        raise Error(f"That means {len(found)} rules: {listed}.", "Give the rule's id.")
    for problem in rules.problems:
        if not wanted or Path(problem.path).stem == wanted:
            raise Error(f"{problem.path} cannot be used: {problem.reason}.", "Correct it.")
    near = [r.name for r in shown if wanted.lower() in r.name.lower()][:5]
    advice = f"For example {', '.join(near)}." if near else "Give its name, id or file."
    raise Error(f"There is no rule {wanted!r}.", advice)


def _names(rule: Rule) -> set[str]:
    path = Path(rule.path)
    return {rule.id, rule.name, path.stem, f"{path.parent.name}/{path.stem}"} - {""}


def documents_of(rule: Rule, rules: Rules) -> tuple[dict[str, Any], ...]:
    """The documents of the rule: those of the rules that it counts, then its own."""
    several = [rules.rules[n] for n in rule.window.rules] if rule.window else []
    made = []
    for one in (*several, rule):
        text = Path(one.path).read_text("utf-8")
        named = [d for d in yaml.safe_load_all(text) if isinstance(d, dict)]
        own = [d for d in named if one.id in (str(d.get("id")), str(d.get("name")))]
        if not own and len(named) == 1:
            own = named
        if len(own) != 1:
            raise Error(f"The rule in {one.path} has no id of its own.", "Give it an id.")
        made.append(own[0])
    return tuple(made)
