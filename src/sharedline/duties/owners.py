"""Who owns a duty on a resource: rules in order, the last match wins, as in CODEOWNERS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from sharedline.duties.catalogue import entries, read_toml, refuse_unknown
from sharedline.errors import ConfigError
from sharedline.inventory.literals import text
from sharedline.model import NOBODY

_RULE_KEYS = {
    "team",
    "team_from_tag",
    "account",
    "ou",
    "region",
    "service",
    "resource",
    "duty",
    "tag",
    "note",
}


@dataclass(frozen=True)
class Team:
    """A team and the person to call."""

    name: str
    person: str = ""
    contact: str = ""


@dataclass(frozen=True)
class Rule:
    """One `[[rule]]`: every condition given must hold. `place` is where it stands in the file."""

    place: str
    team: str = ""
    team_from_tag: str = ""
    account: tuple[str, ...] = ()
    ou: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    resource: tuple[str, ...] = ()
    duty: tuple[str, ...] = ()
    tag: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Owners:
    """The register: teams by name, rules in order."""

    teams: Mapping[str, Team]
    rules: tuple[Rule, ...]

    @property
    def reads_units(self) -> bool:
        """Whether any rule names organisational units."""
        return any(r.ou for r in self.rules)

    @property
    def reads_tags(self) -> bool:
        """Whether any rule looks at tags, so that they must be collected."""
        return any(r.tag or r.team_from_tag for r in self.rules)


def ou_paths_of(
    accounts: Iterable[Mapping[str, Any]], units: Iterable[Mapping[str, Any]]
) -> dict[str, str]:
    """The path of unit names above each account, e.g. `Workloads/Production`; `` at the root.

    `accounts` have id and parent_id, `units` id, name and parent_id. An account whose unit is not
    known is left out: no rule about units can match it.
    """
    known = {u["id"]: u for u in units}
    out = {}
    for account in accounts:
        names: list[str] = []
        above = account["parent_id"]
        while above in known and len(names) < 20:
            names.append(known[above]["name"])
            above = known[above]["parent_id"]
        if above and above.startswith("r-"):
            out[account["id"]] = "/".join(reversed(names))
    return out


def _globs(value: Any, where: str) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(v, str) and v for v in values):
        raise ConfigError(f"{where}: a condition is not a text.", 'Write "…" or ["…", "…"].')
    return tuple(values)


def load(path: Path) -> Owners:
    """The register of a folder; empty where there is no file (then nobody owns anything)."""
    if not path.is_file():
        return Owners({}, ())
    data = read_toml(path)
    refuse_unknown(data, {"team", "rule"}, str(path))
    teams = {}
    declared = data.get("team", {})
    if not isinstance(declared, dict):
        raise ConfigError(f"{path}: team is not a table.", "Write [team.NAME] above each team.")
    for name, entry in declared.items():
        refuse_unknown(entry, {"person", "contact"}, f"{path}, team {name}")
        teams[name] = Team(name, str(entry.get("person", "")), str(entry.get("contact", "")))
    rules = []
    for number, entry in enumerate(entries(data, "rule", str(path)), 1):
        where = f"{path}, rule {number}"
        refuse_unknown(entry, _RULE_KEYS, where)
        for key in ("team", "team_from_tag", "note"):
            if not isinstance(entry.get(key, ""), str):
                raise ConfigError(f"{where}: {key} is not a text.", f'Write {key} = "…".')
        if not isinstance(entry.get("tag", {}), dict):
            raise ConfigError(f"{where}: tag is not a table.", 'Write tag = { Name = "value" }.')
        if bool(entry.get("team")) == bool(entry.get("team_from_tag")):
            raise ConfigError(f"{where}: it names no team.", "Give it team or team_from_tag.")
        if entry.get("team") and entry["team"] not in {*teams, NOBODY}:
            known = ", ".join(sorted(teams)) or "none"
            raise ConfigError(
                f"{where}: there is no team {entry['team']!r}.", f"Declare it; teams: {known}."
            )
        conditions = {
            key: _globs(entry[key], where)
            for key in ("account", "ou", "region", "service", "resource", "duty")
            if key in entry
        }
        tag = {str(k): str(v) for k, v in entry.get("tag", {}).items()}
        rules.append(
            Rule(
                place=where,
                team=entry.get("team", ""),
                team_from_tag=entry.get("team_from_tag", ""),
                tag=tag,
                note=entry.get("note", ""),
                **conditions,
            )
        )
    return Owners(teams, tuple(rules))


def like(column: str, globs: Sequence[str]) -> str:
    """SQL that a column matches one of the globs (`*` and `?`)."""
    parts = []
    for glob in globs:
        if glob == "*":
            return "true"
        if not any(c in glob for c in "*?"):
            parts.append(f"{column} = {text(glob)}")
            continue
        pattern = glob.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        pattern = pattern.replace("*", "%").replace("?", "_")
        parts.append(f"{column} like {text(pattern)} escape '\\'")
    return "(" + " or ".join(parts) + ")"


def tag_sql(key: str, column: str = "tags") -> str:
    """SQL for the value of a tag; NULL where the resource has none."""
    pointer = "/" + key.replace("~", "~0").replace("/", "~1")
    return f"json_extract_string({column}, {text(pointer)})"


@dataclass(frozen=True)
class Scope:
    """What the rules are compiled for: the service and duty in question, accounts by OU path."""

    service: str
    duty: str
    ou_paths: Mapping[str, str]


def rule_sql(rule: Rule, scope: Scope, owners: Owners) -> str | None:
    """SQL over (resource, account_id, region, tags) that the rule matches; None: never."""
    if rule.service and not any(fnmatchcase(scope.service, g) for g in rule.service):
        return None
    if rule.duty and not any(fnmatchcase(scope.duty, g) for g in rule.duty):
        return None
    parts = []
    if rule.account:
        parts.append(like("account_id", rule.account))
    if rule.ou:
        inside = [
            account
            for account, path in scope.ou_paths.items()
            if any(fnmatchcase(path, g) or fnmatchcase(path, f"{g}/*") for g in rule.ou)
        ]
        if not inside:
            return None
        parts.append(like("account_id", inside))
    if rule.region:
        parts.append(like("region", rule.region))
    if rule.resource:
        parts.append(like("resource", rule.resource))
    for key, value in rule.tag.items():
        parts.append(like(tag_sql(key), [value]))
    if rule.team_from_tag:
        if not owners.teams:
            return None
        known = ", ".join(text(t) for t in owners.teams)
        parts.append(f"{tag_sql(rule.team_from_tag)} in ({known})")
    return " and ".join(parts) or "true"


def owner_sql(owners: Owners, scope: Scope) -> str:
    """SQL for the owner: the last rule that matches, else nobody."""
    branches = []
    for rule in reversed(owners.rules):
        predicate = rule_sql(rule, scope, owners)
        if predicate is None:
            continue
        team = tag_sql(rule.team_from_tag) if rule.team_from_tag else text(rule.team)
        if predicate == "true":
            tail = team
            break
        branches.append(f"when {predicate} then {team}")
    else:
        tail = text(NOBODY)
    return f"case {' '.join(branches)} else {tail} end" if branches else tail
