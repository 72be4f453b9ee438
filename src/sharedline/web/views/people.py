"""What an admin does with people and teams, by a page or by a program: done and recorded at once.

Whoever calls has made sure that the actor may manage people. `who` is an id, or a name in any case.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from starlette.exceptions import HTTPException

from sharedline.errors import Error
from sharedline.people import accounts, audit, sessions, teams, tokens
from sharedline.people.model import Person
from sharedline.people.tokens import Token
from sharedline.web import site as sites
from sharedline.web.site import Site
from sharedline.web.views.acting import Actor


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody as admins see them: how they sign in, their open sessions, their tokens."""

    person: Person
    has_password: bool
    issuer: str
    subject: str
    sessions: int
    tokens: tuple[Token, ...]


def see(site: Site, who: int | str) -> Seen:
    """One person; 404 where nobody is called so."""
    with site.database.read() as connection:
        person = _one(connection, who)
        issuer, subject = accounts.provider_of(connection, person.id)
        return Seen(
            person, accounts.has_password(connection, person.id), issuer, subject,
            len(sessions.of(connection, person.id, sites.now())),
            tuple(tokens.of(connection, person.id)),
        )  # fmt: skip


def add(
    site: Site,
    actor: Actor,
    name: str,
    full_name: str,
    email: str,
    role: str,
    members_of: Iterable[str],
    password: str = "",
    *,
    issuer: str = "",
    subject: str = "",
) -> Person:
    """Adds somebody, with a password or with who they are to the provider.

    Raises:
        Error: One of them is not right, or they could not sign in.
        Conflict: The name, or the provider's id, is somebody's already.
    """
    if not password and not subject.strip():
        raise Error("Something is missing.", "Give a password, or their id of the provider.")
    with site.database.begin() as connection:
        made = accounts.add(
            connection, name, full_name, email, role, members_of, password,
            issuer=issuer.strip(), subject=subject.strip(),
        )  # fmt: skip
        _record(
            connection, actor, "person.add", made.name, {"role": made.role, "teams": made.teams}
        )
    return made


def change(
    site: Site,
    actor: Actor,
    who: int | str,
    *,
    full_name: str | None = None,
    email: str | None = None,
    role: str | None = None,
    members_of: Iterable[str] | None = None,
    active: bool | None = None,
    provider: tuple[str, str] | None = None,
) -> Person:
    """Changes what is given; None leaves it. Recorded is what became different.

    Raises:
        HTTPException: 404 where nobody is called so.
        Error: One of them is not right.
        Conflict: It is the last active admin, or the provider's id is somebody else's.
    """
    with site.database.begin() as connection:
        before = _one(connection, who)
        had = accounts.provider_of(connection, before.id)
        after = accounts.change(
            connection, before.id, full_name=full_name, email=email, role=role,
            members_of=members_of, active=active, provider=provider,
        )  # fmt: skip
        detail = accounts.differences(before, after)
        switched = detail.pop("active", None) is not None
        if provider is not None and had != provider:
            detail["provider"] = [had, provider]
        if detail:
            _record(connection, actor, "person.change", after.name, detail)
        if switched:
            action = "person.activate" if after.active else "person.deactivate"
            _record(connection, actor, action, after.name)
    return after


def set_password(site: Site, actor: Actor, who: int | str, new: str) -> None:
    """Sets somebody's password; their sessions end. Only for an actor who has signed in.

    Raises:
        HTTPException: 404 where nobody is called so.
        Error: There is none, or it is weak.
    """
    with site.database.begin() as connection:
        found = _one(connection, who)
        if not new:
            raise Error("Something is missing.", "Write the new password.")
        accounts.set_password(connection, found.id, new)
        _record(connection, actor, "person.new-password", found.name)


def end_sessions(site: Site, actor: Actor, who: int | str) -> int:
    """Ends every session of somebody; gives how many. 404 where nobody is called so."""
    with site.database.begin() as connection:
        found = _one(connection, who)
        count = sessions.close_all(connection, found.id)
        _record(connection, actor, "session.close-all", found.name, {"count": count})
    return count


def revoke(site: Site, actor: Actor, who: int | str, token_id: int) -> bool:
    """Ends one of somebody's tokens; False where they have none such that is not ended.

    Raises:
        HTTPException: 404 where nobody is called so.
    """
    with site.database.begin() as connection:
        found = _one(connection, who)
        done = tokens.revoke(connection, found.id, token_id, sites.now())
        if done:
            _record(connection, actor, "token.revoke", found.name, {"id": token_id})
    return done


def set_accounts(site: Site, actor: Actor, team: str, ids: Iterable[str]) -> tuple[str, ...]:
    """Makes these the accounts of a team, and no others; gives them in order.

    Raises:
        Error: It is no name of a team, or an id has not twelve digits.
    """
    with site.database.begin() as connection:
        before = teams.teams(connection).get(team.strip(), ())
        kept = teams.set_accounts(connection, team, ids)
        if kept != before:
            _record(connection, actor, "team.accounts", team.strip(), {"accounts": [before, kept]})
    return kept


def _one(connection: sa.Connection, who: int | str) -> Person:
    found = accounts.get(connection, who)
    if found is None:
        raise HTTPException(404)
    return found


def _record(
    connection: sa.Connection,
    actor: Actor,
    action: str,
    target: str,
    detail: dict[str, object] | None = None,
) -> None:
    who = actor.person
    audit.write(connection, who.name, who.role, action, target, detail, actor.address)
