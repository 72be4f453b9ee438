"""A project folder: where the lake lies, and the files of intent that people review under git."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sharedline.duties.catalogue import read_toml, refuse_unknown
from sharedline.errors import ConfigError

CONFIG = "sharedline.toml"
_KEYS = {"lake", "database", "engine", "scan", "checks", "notify", "jira", "securityhub", "jobs"}
_KEYS |= {"oidc"}
_TEXT: tuple[str, type | tuple[type, ...]] = ("a text", str)
_TEXTS: tuple[str, type | tuple[type, ...]] = ("a list of texts", list)
_NUMBER: tuple[str, type | tuple[type, ...]] = ("a whole number", int)
_Kinds = Mapping[str, tuple[str, type | tuple[type, ...]]]
#: What each table of the settings may hold, and of what kind it is.
_TABLES: Mapping[str, _Kinds] = {
    "scan": {
        "regions": _TEXTS,
        "profile": _TEXT,
        "role_arn": _TEXT,
        "org": ("true or false", bool),
        "org_role": _TEXT,
        "external_id": _TEXT,
        "endpoint_url": _TEXT,
        "processes": _NUMBER,
        "checks": _TEXTS,
        "rate": ("a number", (int, float)),
    },
    "notify": {
        "address": _TEXT,
        "admins": _TEXTS,
        "teams": ("a table of lists", dict),
        "days": _NUMBER,
    },
    "jira": {
        "server": _TEXT,
        "project": _TEXT,
        "issue_type": _TEXT,
        "user": _TEXT,
        "token": _TEXT,
        "severities": _TEXTS,
        "limit": _NUMBER,
    },
    "oidc": {
        "issuer": _TEXT,
        "client_id": _TEXT,
        "client_secret": _TEXT,
        "name": _TEXT,
        "scopes": _TEXTS,
        "create": ("true or false", bool),
        "role": _TEXT,
        "claim": _TEXT,
        "groups": ("a table of groups", dict),
    },
    "securityhub": {
        "region": _TEXT,
        "role": _TEXT,
        "external_id": _TEXT,
        "profile": _TEXT,
        "endpoint_url": _TEXT,
    },
}
JOBS = ("scan", "digest", "expiring", "exercises", "tickets")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: When a job runs, in UTC: `hourly`, `daily 06:00`, `weekly mon 08:00`.
AT = re.compile(
    rf"hourly|(?:daily|weekly (?P<day>{'|'.join(DAYS)})) "
    r"(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)"
)
#: Addresses that may stand in the file: where nothing in them lets anybody in.
_OPEN = {"json", "jsons", "xml", "xmls", "form", "forms", "mailto", "mailtos", "syslog"}
_SECRET = re.compile(r"(?i)pass|pwd|token|key|secret|auth|^[-+:]")


def _table(data: Mapping[str, Any], name: str, path: Path) -> dict[str, Any]:
    """A table of the settings; `ConfigError` where a value is not of its kind."""
    value, where = data.get(name, {}), f"{path}, [{name}]"
    kinds = _TABLES[name]
    refuse_unknown(value, set(kinds), where)
    for key, given in value.items():
        kind, types = kinds[key]
        fits = isinstance(given, types) and (kind == "true or false") == isinstance(given, bool)
        if isinstance(given, list):
            fits = fits and all(isinstance(v, str) for v in given)
        if not fits:
            raise ConfigError(f"{where}: {key} = {given!r} is not {kind}.", f"Write {kind}.")
    return dict(value)


def _addresses(notify: Mapping[str, Any], where: str) -> Iterator[tuple[str, str]]:
    """Each address that notices go to, and where it stands."""
    for address in notify.get("admins", ()):
        yield f"{where}: admins", address
    for team, addresses in notify.get("teams", {}).items():
        if not isinstance(addresses, list) or not all(isinstance(a, str) for a in addresses):
            raise ConfigError(
                f"{where}: teams.{team} is not a list of texts.", 'Write ["env:NAME"].'
            )
        for address in addresses:
            yield f"{where}: teams.{team}", address


def _holds_secret(address: str, schemes: set[str]) -> bool:
    """Whether an address lets whoever reads it in; one that cannot be read is taken to."""
    try:
        parts = urlsplit(address)
        password = parts.password
    except ValueError:
        return True
    asked = any(_SECRET.search(name) for name, _ in parse_qsl(parts.query, keep_blank_values=True))
    return parts.scheme not in schemes or password is not None or asked


def _refuse_secrets(tables: Mapping[str, Mapping[str, Any]], path: Path) -> None:
    """`ConfigError` where a secret stands in the file; it is not repeated in the error."""
    jira, pages = tables["jira"], {"http", "https"}
    given = [(*one, _OPEN) for one in _addresses(tables["notify"], f"{path}, [notify]")]
    for name, key in (("jira", "server"), ("notify", "address"), ("securityhub", "endpoint_url")):
        address = tables[name].get(key, "")
        given.append((f"{path}, [{name}]: {key}", address, pages))
        if address and not re.match(r"env:\w+$|https?://[^/]", address):
            raise ConfigError(f"{path}, [{name}]: {key} is no address.", "Write https://… .")
    for place, address, schemes in given:
        if address and not address.startswith("env:") and _holds_secret(address, schemes):
            raise ConfigError(
                f"{place} holds a secret, or may hold one.",
                'Put the address into an environment variable, and write "env:NAME".',
            )
    if jira.get("token") and not jira["token"].startswith("env:"):
        raise ConfigError(
            f"{path}, [jira]: the token stands in the file.",
            'Put it into an environment variable, and write token = "env:NAME".',
        )


def _jobs(data: Mapping[str, Any], path: Path) -> dict[str, Mapping[str, str]]:
    """The `[jobs]` by name: what each runs, and when."""
    found = data.get("jobs", {})
    if not isinstance(found, dict):
        raise ConfigError(f"{path}: jobs is not a table.", "Write [jobs.NAME] above each job.")
    for name, job in found.items():
        where = f"{path}, [jobs.{name}]"
        refuse_unknown(job, {"run", "at"}, where)
        if not re.fullmatch(r"[\w-]{1,40}", name):
            raise ConfigError(f"{where}: this is no name.", "Write letters, digits, - and _.")
        if job.get("run") not in JOBS:
            raise ConfigError(f"{where}: there is no such run.", f"Write one of {', '.join(JOBS)}.")
        if not isinstance(job.get("at"), str) or not AT.fullmatch(job["at"]):
            raise ConfigError(
                f"{where}: at does not say when.",
                'Write "hourly", "daily 06:00" or "weekly mon 08:00" (UTC).',
            )
    return {name: dict(job) for name, job in found.items()}


@dataclass(frozen=True)
class Project:
    """The folder in which every command works."""

    folder: Path
    lake: str = ""
    database: str = ""
    engine: str = "duckdb"
    scan: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    notify: Mapping[str, Any] = field(default_factory=dict)
    jira: Mapping[str, Any] = field(default_factory=dict)
    securityhub: Mapping[str, Any] = field(default_factory=dict)
    oidc: Mapping[str, Any] = field(default_factory=dict)
    jobs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def owners(self) -> Path:
        """The owner register."""
        return self.folder / "owners.toml"

    @property
    def waivers(self) -> Path:
        """The accepted exceptions."""
        return self.folder / "waivers.toml"

    @property
    def checks(self) -> Path:
        """The folder of the user's own checks."""
        return self.folder / "checks"

    @property
    def tables(self) -> Path:
        """The folder of the user's own tables."""
        return self.folder / "tables"

    @property
    def frameworks(self) -> Path:
        """The folder of the user's own frameworks."""
        return self.folder / "frameworks"

    @property
    def policies(self) -> Path:
        """The folder of the enterprise policies."""
        return self.folder / "policies"

    @property
    def mapping(self) -> Path:
        """Which clause of the policies asks for which controls and duties."""
        return self.folder / "policies.toml"

    @property
    def artifact(self) -> Path:
        """The folder of AWS's reports and their register."""
        return self.folder / "artifact"

    @property
    def evidence(self) -> Path:
        """The folder of the evidence log."""
        return self.folder / "evidence"

    def intent_digest(self) -> str:
        """Changes when owners, waivers, settings of checks or attestations do."""
        import hashlib

        digest = hashlib.sha256(repr(sorted(self.params.items())).encode())
        for path in (self.owners, self.waivers):
            digest.update(path.read_bytes() if path.is_file() else b"-")
        if self.attested.is_file():
            digest.update(self.attested.read_bytes())
        return digest.hexdigest()[:16]

    @property
    def attested(self) -> Path:
        """Touched by every attestation, so that readers know to judge again."""
        return self.folder / ".attested"

    @property
    def lake_url(self) -> str:
        """Where the lake lies; a relative path is below the folder."""
        given = self.lake or "lake"
        if "://" in given:
            return given
        return str((self.folder / given).resolve())

    @property
    def database_url(self) -> str:
        """SQLAlchemy's URL of the database of what changes."""
        return self.database or f"sqlite:///{(self.folder / 'state.db').resolve()}"


def open_project(folder: Path | None = None) -> Project:
    """The project in a folder; defaults where it has no `sharedline.toml`."""
    base = (folder or Path()).resolve()
    if not base.is_dir():
        raise ConfigError(f"There is no folder {base}.", "Make one with `sharedline init DIR`.")
    path = base / CONFIG
    if not path.is_file():
        # A lake given as the folder works too: what `--lake DIR` wrote can be looked at by itself.
        is_lake = (base / "scans").is_dir()
        return Project(base, lake=str(base) if is_lake else "")
    data = read_toml(path)
    refuse_unknown(data, _KEYS, str(path))
    for key in ("lake", "database", "engine"):
        if not isinstance(data.get(key, ""), str):
            raise ConfigError(f"{path}: {key} is not a text.", f'Write {key} = "…".')
    params = data.get("checks", {})
    if not isinstance(params, dict) or not all(isinstance(v, dict) for v in params.values()):
        raise ConfigError(
            f"{path}, [checks]: parameters stand below a check's id.",
            'Write [checks."s3/bucket_versioning_on"] and the parameters under it.',
        )
    tables = {name: _table(data, name, path) for name in _TABLES}
    _refuse_secrets(tables, path)
    return Project(
        base,
        lake=str(data.get("lake", "")),
        database=str(data.get("database", "")),
        engine=str(data.get("engine", "duckdb")),
        params={k: dict(v) for k, v in params.items()},
        jobs=_jobs(data, path),
        **tables,
    )
