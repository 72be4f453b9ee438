"""The people who may sign in: added, changed, deactivated; never deleted, so records keep names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

import sqlalchemy as sa

from sharedline.errors import Error
from sharedline.people import passwords, sessions, teams, tokens
from sharedline.people.model import Conflict, Person, Role
from sharedline.state.tables import PERSON

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,199}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")
#: Participants have no account: they join one exercise by its link.
ROLES = (Role.ADMIN, Role.EDITOR, Role.OWNER, Role.AUDITOR)


def add(
    connection: sa.Connection,
    name: str,
    full_name: str = "",
    email: str = "",
    role: Role | str = Role.OWNER,
    members_of: Iterable[str] = (),
    password: str = "",
    *,
    issuer: str = "",
    subject: str = "",
) -> Person:
    """Adds somebody. Without a password they sign in with the provider only.

    `issuer` and `subject` are who the provider says they are. `Error` says what is wrong.
    """
    kept = person_name(name)
    values: dict[str, object] = {
        "name": kept,
        "full_name": _line(full_name, 200, "name"),
        "email": _email(email),
        "role": _role(role),
        **_provider(issuer, subject),
    }
    if password:
        passwords.refuse_weak(password, kept, email)
    if _row(connection, PERSON.c.name == kept) is not None:
        raise Conflict(f"There is a person {kept!r} already.", "Choose another name.")
    values |= {
        "password": passwords.hashed(password) if password else "",
        "active": True,
        "created": datetime.now(UTC),
    }
    try:
        made = connection.execute(PERSON.insert().values(**values)).inserted_primary_key
    except sa.exc.IntegrityError as error:
        raise Conflict(
            f"{kept!r} is taken, or has an account under another name.", "Choose another name."
        ) from error
    assert made is not None
    teams.join(connection, made[0], members_of)
    return _must(connection, made[0])


def change(
    connection: sa.Connection,
    person_id: int,
    *,
    full_name: str | None = None,
    email: str | None = None,
    role: Role | str | None = None,
    members_of: Iterable[str] | None = None,
    active: bool | None = None,
    provider: tuple[str, str] | None = None,
) -> Person:
    """Changes what is given; None leaves it. The last active admin stays one.

    `provider` is the issuer and the subject, both empty to sign in without it.
    """
    before = _must(connection, person_id)
    values: dict[str, object] = {}
    if full_name is not None:
        values["full_name"] = _line(full_name, 200, "name")
    if email is not None:
        values["email"] = _email(email)
    if role is not None:
        values["role"] = _role(role)
    if active is not None:
        values["active"] = active
    if provider is not None:
        values |= _provider(*provider)
    if active is False or values.get("role", before.role) != before.role:
        _keep_an_admin(connection, before)
    if values:
        try:
            connection.execute(PERSON.update().where(PERSON.c.id == person_id).values(**values))
        except sa.exc.IntegrityError as error:
            raise Conflict(
                "Somebody else has that id of the provider.", "Look at `sharedline users list`."
            ) from error
    if members_of is not None:
        teams.join(connection, person_id, members_of)
    if active is False:
        sessions.close_all(connection, person_id)
        tokens.revoke_all(connection, person_id)
    return _must(connection, person_id)


def deactivate(connection: sa.Connection, person_id: int) -> Person:
    """Ends somebody's access: their sessions and tokens too. Their name stays in the records."""
    return change(connection, person_id, active=False)


def set_password(
    connection: sa.Connection, person_id: int, password: str, *, keep: str = ""
) -> None:
    """Sets a password, or none where it is empty; ends every session but that of secret `keep`."""
    person = _must(connection, person_id)
    if password:
        passwords.refuse_weak(password, person.name, person.email)
    connection.execute(
        PERSON.update()
        .where(PERSON.c.id == person_id)
        .values(password=passwords.hashed(password) if password else "")
    )
    sessions.close_all(connection, person_id, keep=keep)


def get(connection: sa.Connection, who: int | str) -> Person | None:
    """Somebody by id or by name; None where nobody is called so."""
    if isinstance(who, int):
        return _person(connection, PERSON.c.id == who)
    kept = _folded(who)
    return _person(connection, PERSON.c.name == kept) if kept else None


def by_provider(connection: sa.Connection, issuer: str, subject: str) -> Person | None:
    """Whom a provider means; nothing else than its own id of the person is asked."""
    if "\0" in issuer + subject or not issuer or not subject:
        return None
    return _person(connection, (PERSON.c.issuer == issuer) & (PERSON.c.subject == subject))


def provider_of(connection: sa.Connection, person_id: int) -> tuple[str, str]:
    """The issuer and subject with which somebody signs in; empty for none."""
    row = _row(connection, PERSON.c.id == person_id)
    return ("", "") if row is None else (row.issuer or "", row.subject or "")


def has_password(connection: sa.Connection, person_id: int) -> bool:
    """Whether somebody can sign in without a provider."""
    row = _row(connection, PERSON.c.id == person_id)
    return row is not None and bool(row.password)


def people(connection: sa.Connection) -> list[Person]:
    """Everybody, by name; those who were deactivated too."""
    of = teams.members(connection)
    accounts = teams.teams(connection)
    found = []
    for row in connection.execute(sa.select(PERSON).order_by(PERSON.c.name)):
        names = of.get(row.id, ())
        theirs = frozenset(a for name in names for a in accounts.get(name, ()))
        found.append(_made(row, names, theirs))
    return found


def check_password(connection: sa.Connection, name: str, password: str) -> Person | None:
    """Who it is, if the name and the password are an active person's; only reads.

    Takes as long for names that nobody has. Then call `refresh_password` in the transaction that
    opens the session.
    """
    kept = _folded(name)
    row = _row(connection, PERSON.c.name == kept) if kept else None
    known = row.password if row is not None and row.active else ""
    if not passwords.fits(known, password):
        return None
    assert row is not None
    return _must(connection, row.id)


def refresh_password(connection: sa.Connection, person: Person, password: str) -> None:
    """Keeps a password that was just checked anew, where the parameters of hashing changed."""
    row = _row(connection, PERSON.c.id == person.id)
    if row is not None and passwords.outdated(row.password):
        connection.execute(
            PERSON.update()
            .where(PERSON.c.id == person.id)
            .values(password=passwords.hashed(password))
        )


def saw(connection: sa.Connection, person: Person, at: datetime) -> None:
    """Notes when somebody last signed in."""
    connection.execute(PERSON.update().where(PERSON.c.id == person.id).values(seen=at))


def differences(before: Person, after: Person) -> dict[str, object]:
    """What a change made different, for the audit log: each field with what it was and is."""
    found: dict[str, object] = {}
    for name in ("full_name", "email", "role", "teams", "active"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            found[name] = [old, new]
    return found


def person_name(given: str) -> str:
    """A name as it is kept, in lower case; `Error` where it is none."""
    kept = _folded(given)
    if kept is None:
        raise Error(
            f"{given[:40]!r} is no name to sign in with.",
            "Use letters without accents, digits and . _ @ + -",
        )
    return kept


def _folded(given: str) -> str | None:
    kept = given.strip().lower()
    return kept if _NAME.fullmatch(kept) else None


def _line(given: str, longest: int, what: str) -> str:
    text = given.strip()
    if len(text) > longest or not text.isprintable():
        raise Error(f"That {what} is too long, or not one line of text.", "Write a shorter one.")
    return text


def _email(given: str) -> str:
    text = _line(given, 320, "address")
    if text and not _EMAIL.fullmatch(text):
        raise Error(f"{text[:60]!r} is no address for mail.", "Write one like ann@example.com.")
    return text


def _role(given: Role | str) -> Role:
    if given not in ROLES:
        raise Error(f"{given!r} is no role of an account.", f"Choose from {', '.join(ROLES)}.")
    return Role(given)


def _provider(issuer: str, subject: str) -> dict[str, str | None]:
    if bool(issuer) != bool(subject):
        raise Error("A provider is named by its issuer and the person's id.", "Give both.")
    if len(issuer) > 500 or len(subject) > 255 or not (issuer + subject).isprintable():
        raise Error("That is no issuer and id of a person.", "Copy both from the provider.")
    return {"issuer": issuer or None, "subject": subject or None}


def _keep_an_admin(connection: sa.Connection, person: Person) -> None:
    """`Error` where there is no other active admin. The rows are held, so two cannot both go."""
    if person.role is not Role.ADMIN or not person.active:
        return
    admins = connection.execute(
        sa.select(PERSON.c.id)
        .where(PERSON.c.role == Role.ADMIN, PERSON.c.active.is_(True))
        .order_by(PERSON.c.id)
        .with_for_update()
    )
    if set(admins.scalars()) <= {person.id}:
        raise Conflict(f"{person.name} is the last admin.", "Make somebody else an admin first.")


def _row(
    connection: sa.Connection, which: sa.ColumnElement[bool]
) -> sa.Row[tuple[object, ...]] | None:
    return connection.execute(sa.select(PERSON).where(which)).one_or_none()


def _person(connection: sa.Connection, which: sa.ColumnElement[bool]) -> Person | None:
    row = _row(connection, which)
    if row is None:
        return None
    names = teams.teams_of(connection, row.id)
    # The others see every account; it is asked for each request.
    limited = row.role == Role.OWNER
    return _made(row, names, teams.accounts_of(connection, names) if limited else frozenset())


def _must(connection: sa.Connection, person_id: int) -> Person:
    person = _person(connection, PERSON.c.id == person_id)
    if person is None:
        raise Error("There is no such person.", "Look at `sharedline users list`.")
    return person


def _made(
    row: sa.Row[tuple[object, ...]], names: tuple[str, ...], accounts: frozenset[str]
) -> Person:
    role = Role(row.role)
    return Person(
        row.id, row.name, row.full_name, row.email, role, names, row.active,
        teams.scope(role, names, accounts),
    )  # fmt: skip
