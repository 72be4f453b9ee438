"""Teams: who is in them, which accounts are theirs, and what a person therefore sees."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from sharedline.errors import Error
from sharedline.people.model import Role, Scope
from sharedline.state.tables import MEMBERSHIP, TEAM_ACCOUNT

_EVERYTHING = frozenset({Role.ADMIN, Role.EDITOR, Role.AUDITOR})


def team_name(given: str) -> str:
    """A team's name as it is kept; `Error` where it is none."""
    name = given.strip()
    if not name or len(name) > 200 or not name.isprintable() or "," in name:
        raise Error(
            f"{given[:40]!r} is no name of a team.", "Write 1 to 200 characters without a comma."
        )
    return name


def set_accounts(connection: sa.Connection, team: str, accounts: Iterable[str]) -> tuple[str, ...]:
    """Makes these the accounts of a team, and no others; gives them in order.

    `Error` where an id has not twelve digits.
    """
    name, wanted = team_name(team), sorted({a.strip() for a in accounts if a.strip()})
    for account in wanted:
        if not re.fullmatch(r"[0-9]{12}", account):
            raise Error(f"{account[:40]!r} is no id of an account.", "Write its twelve digits.")
    connection.execute(TEAM_ACCOUNT.delete().where(TEAM_ACCOUNT.c.team == name))
    if wanted:
        connection.execute(TEAM_ACCOUNT.insert(), [{"team": name, "account_id": a} for a in wanted])
    return tuple(wanted)


def accounts_of(connection: sa.Connection, teams: Iterable[str]) -> frozenset[str]:
    """The accounts of some teams."""
    asked = tuple(teams)
    if not asked:
        return frozenset()
    found = connection.execute(
        sa.select(TEAM_ACCOUNT.c.account_id).where(TEAM_ACCOUNT.c.team.in_(asked))
    )
    return frozenset(found.scalars())


def teams(connection: sa.Connection) -> Mapping[str, tuple[str, ...]]:
    """Every team that has somebody or an account, with its accounts, in order."""
    found: dict[str, list[str]] = {
        team: [] for team in connection.execute(sa.select(MEMBERSHIP.c.team).distinct()).scalars()
    }
    rows = connection.execute(sa.select(TEAM_ACCOUNT).order_by(TEAM_ACCOUNT.c.account_id))
    for row in rows:
        found.setdefault(row.team, []).append(row.account_id)
    return {team: tuple(found[team]) for team in sorted(found)}


def members(connection: sa.Connection) -> Mapping[int, tuple[str, ...]]:
    """The teams of everybody, by the person's id."""
    found: dict[int, list[str]] = {}
    rows = connection.execute(sa.select(MEMBERSHIP).order_by(MEMBERSHIP.c.team))
    for row in rows:
        found.setdefault(row.person_id, []).append(row.team)
    return {person: tuple(names) for person, names in found.items()}


def teams_of(connection: sa.Connection, person_id: int) -> tuple[str, ...]:
    """The teams of one person, in order."""
    found = connection.execute(
        sa.select(MEMBERSHIP.c.team)
        .where(MEMBERSHIP.c.person_id == person_id)
        .order_by(MEMBERSHIP.c.team)
    )
    return tuple(found.scalars())


def join(connection: sa.Connection, person_id: int, names: Iterable[str]) -> None:
    """Makes these the teams of a person, and no others."""
    wanted = sorted({team_name(n) for n in names})
    connection.execute(MEMBERSHIP.delete().where(MEMBERSHIP.c.person_id == person_id))
    if wanted:
        connection.execute(
            MEMBERSHIP.insert(), [{"person_id": person_id, "team": t} for t in wanted]
        )


def scope(role: Role, names: Iterable[str], accounts: frozenset[str]) -> Scope:
    """What somebody of a role, in these teams with these accounts, sees."""
    if role in _EVERYTHING:
        return Scope()
    if role is Role.OWNER:
        return Scope(accounts, frozenset(names))
    return Scope(frozenset(), frozenset())
