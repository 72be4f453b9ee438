"""Reads the duty catalogue, the line files and the category defaults, and refuses what is wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from sharedline.errors import ConfigError
from sharedline.model import Duty, Line, Side

CATEGORIES = ("infrastructure", "container", "managed", "serverless")
ALL = "_all"
NOT_REVIEWED = "category default, not reviewed"
_LINE_KEYS = {"duty", "table", "when", "side", "aws", "you", "source", "read", "category"}
_DUTY_KEYS = {"id", "title", "area", "usual_side", "what", "aws", "you", "source", "read"}


#: Names under which tables, checks and ARNs speak of a service that has another id here.
ALIASES = {
    "elbv2": "elb",
    "elasticloadbalancing": "elb",
    "apigatewayv2": "apigateway",
    "execute-api": "apigateway",
    "events": "eventbridge",
    "logs": "cloudwatch",
    "monitoring": "account",
    "es": "opensearch",
    "elasticfilesystem": "efs",
    "cognito-idp": "cognito",
    "cognito-identity": "cognito",
    "inspector": "inspector2",
    "access-analyzer": "accessanalyzer",
    "macie": "macie2",
    "states": "stepfunctions",
}


def canonical(service: str) -> str:
    """The id of a service here, from the name that a table, a check or an ARN uses."""
    return ALIASES.get(service, service)


@dataclass(frozen=True)
class Service:
    """A service with a reviewed line file."""

    id: str
    name: str
    category: str
    tables: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Catalogue:
    """Duties by id, reviewed services by id, and the default lines of each category."""

    duties: Mapping[str, Duty]
    services: Mapping[str, Service]
    categories: Mapping[str, tuple[Line, ...]]
    table_service: Mapping[str, str] = field(default_factory=dict)

    def service_of(self, table: str) -> str:
        """The service whose resource the table's rows are; the name's first word by default."""
        return self.table_service.get(table) or canonical(table.split("_", 1)[0])

    def name_of(self, service: str) -> str:
        """The service's name for people."""
        return self.services[service].name if service in self.services else service


def root() -> Path:
    """The folder of the catalogue."""
    return Path(str(resources.files("sharedline.duties")))


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file; `ConfigError` names the file and the line."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}.", "Correct that line.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from error


def refuse_unknown(entry: Mapping[str, Any], allowed: set[str], where: str) -> None:
    """`ConfigError` naming the keys that are not allowed and those that are."""
    if not isinstance(entry, dict):
        raise ConfigError(
            f"{where}: it is a {type(entry).__name__}, not a table of keys.",
            f"Allowed keys: {', '.join(sorted(allowed))}.",
        )
    unknown = sorted(set(entry) - allowed)
    if unknown:
        raise ConfigError(
            f"{where}: unknown key {', '.join(unknown)}.",
            f"Allowed keys: {', '.join(sorted(allowed))}.",
        )


def entries(data: Mapping[str, Any], key: str, where: str) -> list[Any]:
    """The `[[key]]` entries of a file; `ConfigError` where they are written as something else."""
    found = data.get(key, [])
    if not isinstance(found, list):
        raise ConfigError(
            f"{where}: {key} is not a list of entries.", f"Write [[{key}]] above each."
        )
    return found


def _day(value: Any, where: str) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ConfigError(f"{where}: read is not a date.", "Write read = 2026-11-21, unquoted.")


def parse_line(entry: Mapping[str, Any], service: str, where: str) -> Line:
    """One `[[line]]` entry, with every rule of the format checked."""
    refuse_unknown(entry, _LINE_KEYS, where)
    try:
        side = Side(entry.get("side", ""))
    except ValueError as error:
        raise ConfigError(
            f"{where}: side {entry.get('side')!r}.", "aws, customer or shared."
        ) from (error)
    aws, you = str(entry.get("aws", "")).strip(), str(entry.get("you", "")).strip()
    if side is not Side.CUSTOMER and not aws:
        raise ConfigError(f"{where}: nothing says what AWS does.", 'Write aws = "…".')
    if side is not Side.AWS and not you:
        raise ConfigError(f"{where}: nothing says what you do.", 'Write you = "…".')
    if not str(entry.get("source", "")).startswith("https://"):
        raise ConfigError(f"{where}: there is no source.", "Cite the AWS page that says so.")
    if entry.get("when") and not entry.get("table"):
        raise ConfigError(f"{where}: when needs a table.", 'Write table = "…" beside it.')
    return Line(
        service=service,
        duty=str(entry.get("duty", "")),
        side=side,
        aws=aws,
        you=you,
        source=entry["source"],
        read=_day(entry.get("read"), where),
        table=str(entry.get("table", "")),
        when=str(entry.get("when", "")),
    )


def _duties(path: Path) -> dict[str, Duty]:
    found: dict[str, Duty] = {}
    for number, entry in enumerate(read_toml(path).get("duty", ()), 1):
        where = f"{path.name}, duty {number}"
        refuse_unknown(entry, _DUTY_KEYS, where)
        lacking = sorted(_DUTY_KEYS - {"aws", "you"} - set(entry))
        if lacking:
            raise ConfigError(f"{where}: it lacks {', '.join(lacking)}.", "Write all of them.")
        found[entry["id"]] = Duty(
            id=entry["id"],
            title=entry["title"],
            area=entry["area"],
            usual_side=Side(entry["usual_side"]),
            what=entry["what"],
            aws=entry.get("aws", ""),
            you=entry.get("you", ""),
            source=entry["source"],
            read=_day(entry["read"], where),
        )
    return found


def _service(path: Path, duties: Mapping[str, Duty]) -> Service:
    data = read_toml(path)
    refuse_unknown(data, {"service", "name", "category", "tables", "line"}, path.name)
    if data.get("service") != path.stem:
        raise ConfigError(
            f"{path.name}: service is {data.get('service')!r}.", "Use the file's name."
        )
    lines = []
    for number, entry in enumerate(entries(data, "line", path.name), 1):
        where = f"{path.name}, line entry {number}"
        line = parse_line(entry, path.stem, where)
        if line.duty not in duties:
            raise ConfigError(
                f"{where}: there is no duty {line.duty!r}.", "See `sharedline duties`."
            )
        lines.append(line)
    category = data.get("category", "")
    if path.stem != ALL and category not in CATEGORIES:
        raise ConfigError(f"{path.name}: category {category!r}.", f"Use {', '.join(CATEGORIES)}.")
    return Service(
        id=path.stem,
        name=data.get("name", path.stem),
        category=category,
        tables=tuple(data.get("tables", ())),
        lines=tuple(lines),
    )


@cache
def load(folder: Path | None = None) -> Catalogue:
    """The whole catalogue, checked."""
    base = folder or root()
    duties = _duties(base / "duties.toml")
    services = {p.stem: _service(p, duties) for p in sorted((base / "lines").glob("*.toml"))}
    categories: dict[str, list[Line]] = {c: [] for c in CATEGORIES}
    for number, entry in enumerate(read_toml(base / "categories.toml").get("line", ()), 1):
        where = f"categories.toml, line entry {number}"
        if entry.get("category") not in CATEGORIES:
            raise ConfigError(f"{where}: category {entry.get('category')!r}.", "Name one of four.")
        categories[entry["category"]].append(parse_line(entry, ALL, where))
    table_service = {t: s.id for s in services.values() for t in s.tables}
    return Catalogue(
        duties, services, {c: tuple(lines) for c, lines in categories.items()}, table_service
    )
