"""The settings `[oidc]`: which provider people sign in with, and what its groups mean here."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from sharedline.errors import ConfigError
from sharedline.people.accounts import ROLES
from sharedline.people.model import Role
from sharedline.people.teams import team_name
from sharedline.project import Project

_WHERE = "sharedline.toml, [oidc]"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a group of the provider gives."""

    role: Role
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Provider:
    """One OpenID provider."""

    issuer: str
    client_id: str
    #: The name of the environment variable with the secret; empty for a client that has none.
    secret_from: str = ""
    #: What the button says.
    name: str = "OpenID"
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    #: Whether somebody who comes first gets an account.
    create: bool = False
    #: The role of somebody new whom no group gives one.
    role: Role = Role.OWNER
    #: The claim that lists a person's groups, and what each group gives.
    claim: str = "groups"
    groups: Mapping[str, Grant] | None = None

    def secret(self) -> str:
        """The client's secret; `ConfigError` where the environment has none."""
        if not self.secret_from:
            return ""
        found = os.environ.get(self.secret_from, "")
        if not found:
            raise ConfigError(
                f"{_WHERE}: the environment variable {self.secret_from} is not set.",
                "Set it where `sharedline serve` is started.",
            )
        return found

    def granted(self, names: Iterable[str]) -> Grant | None:
        """What somebody in these groups gets: the strongest role, all teams; None for nothing."""
        given = [self.groups[n] for n in names if n in self.groups] if self.groups else []
        if not given:
            return None
        role = min((g.role for g in given), key=ROLES.index)
        return Grant(role, tuple(sorted({t for g in given for t in g.teams})))


def provider_of(project: Project) -> Provider | None:
    """The provider of a project; None where it names none. `ConfigError` says what is wrong."""
    given = project.oidc
    if not given:
        return None
    secret = given.get("client_secret", "")
    if secret and not secret.startswith("env:"):
        raise ConfigError(
            f"{_WHERE}: the client's secret stands in the file.",
            'Put it into an environment variable, and write client_secret = "env:NAME".',
        )
    if not given.get("client_id"):
        raise ConfigError(f"{_WHERE}: there is no client_id.", "The provider says which.")
    scopes = tuple(given.get("scopes", ("openid", "profile", "email")))
    if "openid" not in scopes:
        raise ConfigError(f"{_WHERE}: the scopes lack openid.", 'Write "openid" among them.')
    groups = given.get("groups")
    return Provider(
        issuer=_issuer(given.get("issuer", "")),
        client_id=given["client_id"],
        secret_from=secret.removeprefix("env:"),
        name=given.get("name", "OpenID"),
        scopes=scopes,
        create=given.get("create", False),
        role=_role(given.get("role", "owner"), "role"),
        claim=given.get("claim", "groups"),
        groups={n: _grant(n, g) for n, g in groups.items()} if groups is not None else None,
    )


def _issuer(given: str) -> str:
    """An address that TLS protects; without it only on this machine."""
    try:
        parts = urlsplit(given)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    local = parts.scheme == "http" and host in ("localhost", "127.0.0.1", "::1")
    if not host or parts.query or parts.fragment or not (parts.scheme == "https" or local):
        raise ConfigError(
            f"{_WHERE}: {given!r} is no issuer.", "Write an address that begins with https://."
        )
    return given


def _grant(name: str, given: object) -> Grant:
    teams = given.get("teams", []) if isinstance(given, dict) else None
    if (
        not isinstance(given, dict)
        or set(given) - {"role", "teams"}
        or not isinstance(teams, list)
        or not all(isinstance(t, str) for t in teams)
    ):
        raise ConfigError(
            f"{_WHERE}: the group {name!r} does not say what it gives.",
            'Write [oidc.groups] and NAME = {role = "owner", teams = ["data"]}.',
        )
    return Grant(_role(given.get("role", "owner"), name), tuple(team_name(t) for t in teams))


def _role(given: object, where: str) -> Role:
    if given not in ROLES:
        raise ConfigError(
            f"{_WHERE}: {where}: {given!r} is no role.", f"Choose from {', '.join(ROLES)}."
        )
    return Role(str(given))
