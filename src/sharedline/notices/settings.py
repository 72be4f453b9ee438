"""Who is told, from the settings: addresses of teams and admins, their secrets from the environment."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from sharedline.errors import ConfigError
from sharedline.project import Project

#: How long before it expires a waiver or attestation is told, in days.
DAYS = 14


def secret(value: str, where: str) -> str:
    """A value as it is, or of the environment variable that `env:NAME` names.

    Raises:
        ConfigError: The variable is not set; its name is told, never a value.
    """
    if not value.startswith("env:"):
        return value
    name = value.removeprefix("env:")
    found = os.environ.get(name, "").strip()
    if not found:
        raise ConfigError(
            f"{where}: the environment variable {name} is not set.", f"Set {name}, and try again."
        )
    return found


@dataclass(frozen=True, slots=True)
class Target:
    """Where a notice goes. `given` is what the settings say; what it stands for is never shown."""

    given: str

    @property
    def id(self) -> str:
        """Tells targets apart in the register of what was sent; the same when a secret changes."""
        return hashlib.sha256(self.given.encode()).hexdigest()[:12]

    @property
    def shown(self) -> str:
        """What may be shown: the variable's name, or the kind of address."""
        if self.given.startswith("env:"):
            return self.given
        return f"{self.given.split(':', 1)[0]}://…"

    def address(self) -> str:
        """The address itself; `ConfigError` where its variable is not set."""
        return secret(self.given, "[notify]")


@dataclass(frozen=True)
class Audience:
    """The targets of admins and of teams, and where the pages are."""

    admins: tuple[Target, ...] = ()
    teams: Mapping[str, tuple[Target, ...]] = field(default_factory=dict)
    pages: str = ""
    days: int = DAYS

    def of(self, team: str) -> tuple[Target, ...]:
        """Those of a team; the admins' where it has none, so that nothing is told to nobody."""
        return self.teams.get(team) or self.admins

    def link(self, path: str, **query: str) -> str:
        """A page's URL; empty where the pages' address is not known."""
        if not self.pages:
            return ""
        asked = "&".join(f"{k}={quote(v, safe='')}" for k, v in query.items() if v)
        return f"{self.pages}/{path}" + (f"?{asked}" if asked else "")


def audience(project: Project) -> Audience:
    """The `[notify]` of a project."""
    given = project.notify
    pages = given.get("address", "")
    return Audience(
        admins=tuple(Target(a) for a in given.get("admins", ())),
        teams={t: tuple(Target(a) for a in v) for t, v in given.get("teams", {}).items()},
        pages=secret(pages, "[notify] address").rstrip("/") if pages else "",
        days=max(1, int(given.get("days", DAYS))),
    )
