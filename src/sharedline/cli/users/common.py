"""What the verbs of `users` share: the database, the password that is asked, the audit log."""

from __future__ import annotations

import contextlib
import getpass
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharedline.errors import Error

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from sharedline.people.model import Person


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[Connection]:
    """One transaction on the project's database."""
    from sharedline.project import open_project
    from sharedline.state.database import Database

    database = Database(open_project(folder).database_url)
    with contextlib.closing(database), database.begin() as connection:
        yield connection


def record(
    connection: Connection, action: str, target: str, detail: Mapping[str, Any] | None = None
) -> None:
    """Writes the audit log: who is at the terminal, as the system calls them."""
    from sharedline.people import audit

    try:
        who = getpass.getuser()
    except (OSError, KeyError):  # no such user in a container
        who = "?"
    audit.write(connection, f"terminal:{who}", "terminal", action, target, detail)


def known(connection: Connection, name: str) -> Person:
    """The person of a name; `Error` where nobody is called so."""
    from sharedline.people import accounts

    found = accounts.get(connection, name)
    if found is None:
        raise Error(f"There is nobody called {name!r}.", "Look at `sharedline users list`.")
    return found


def ask_password(*, from_stdin: bool) -> str:
    """A password: the first line of stdin, or asked twice without showing it."""
    if from_stdin:
        given = sys.stdin.readline().rstrip("\r\n")
        if not given:
            raise Error("Stdin had no password.", "Write it on the first line.")
        return given
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt="The same again")
    return asked
