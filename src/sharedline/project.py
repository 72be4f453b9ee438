"""A project folder: where the lake lies, and the files of intent that people review under git."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sharedline.duties.catalogue import read_toml, refuse_unknown
from sharedline.errors import ConfigError

CONFIG = "sharedline.toml"
_KEYS = {"lake", "database", "engine", "scan", "checks"}
_SCAN_KEYS = {
    "regions",
    "profile",
    "role_arn",
    "org",
    "org_role",
    "external_id",
    "endpoint_url",
    "processes",
    "checks",
    "rate",
}


_TEXTS = ("a text", str)
_KINDS: Mapping[str, tuple[str, type | tuple[type, ...]]] = {
    "regions": ("a list of texts", list),
    "checks": ("a list of texts", list),
    "org": ("true or false", bool),
    "processes": ("a whole number", int),
    "rate": ("a number", (int, float)),
}


def _scan_settings(value: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The `[scan]` table; `ConfigError` where a value is not of its kind."""
    refuse_unknown(value, _SCAN_KEYS, where)
    for key, given in value.items():
        kind, types = _KINDS.get(key, _TEXTS)
        fits = isinstance(given, types) and (kind == "true or false") == isinstance(given, bool)
        if isinstance(given, list):
            fits = fits and all(isinstance(v, str) for v in given)
        if not fits:
            raise ConfigError(f"{where}: {key} = {given!r} is not {kind}.", f"Write {kind}.")
    return dict(value)


@dataclass(frozen=True)
class Project:
    """The folder in which every command works."""

    folder: Path
    lake: str = ""
    database: str = ""
    engine: str = "duckdb"
    scan: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

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
    return Project(
        base,
        lake=str(data.get("lake", "")),
        database=str(data.get("database", "")),
        engine=str(data.get("engine", "duckdb")),
        scan=_scan_settings(data.get("scan", {}), f"{path}, [scan]"),
        params={k: dict(v) for k, v in params.items()},
    )
