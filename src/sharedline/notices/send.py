"""Sends notices through Apprise, each to each target once, whatever stops in between."""

from __future__ import annotations

import importlib.util
import logging
import re
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from sharedline.errors import Error
from sharedline.notices.model import Notice
from sharedline.notices.settings import Audience, Target
from sharedline.state.database import Database
from sharedline.state.tables import SENT

#: How long a target may take to answer, in seconds.
PATIENCE = 30.0
#: A reservation as old as this is of a process that died; then it is sent again, at most once more.
LEASE = timedelta(seconds=2 * PATIENCE)
_CODE = re.compile(r"error=(\d{3})\b")
#: Sends a title and the two bodies to a target; says in words why not, or nothing.
Post = Callable[[Target, Notice], str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a notice at a target: `sent`, `before` (it was told already) or `failed`."""

    notice: Notice
    target: str
    state: str
    why: str = ""


class Register:
    """The table `sent`: what was told, and what is being told this moment.

    A row is reserved before a notice is sent, and made final after: nothing is lost by a crash, and
    only what was under way is told twice. Nothing is held open while others answer slowly.
    """

    def __init__(self, database: Database, lease: timedelta = LEASE) -> None:
        self.database, self.lease = database, lease

    def reserve(self, key: str, notice: Notice) -> str:
        """`mine`, `before` where it was sent, `busy` where another process is sending it."""
        now = datetime.now(UTC)
        row = {"key": _pending(key), "kind": notice.kind, "subject": notice.title, "at": now}
        try:
            with self.database.begin() as connection:
                took = connection.execute(
                    sa.update(SENT)
                    .where(SENT.c.key == _pending(key), SENT.c.at <= now - self.lease)
                    .values(at=now)
                ).rowcount
                if not took:
                    connection.execute(SENT.insert().values(**row))
                # Only now: whoever held the row before may have finished while this one waited.
                if connection.execute(sa.select(SENT.c.key).where(SENT.c.key == key)).first():
                    connection.execute(SENT.delete().where(SENT.c.key == _pending(key)))
                    return "before"
        except sa.exc.IntegrityError:
            return "busy"
        return "mine"

    def finish(self, key: str) -> None:
        """It was sent."""
        with self.database.begin() as connection:
            connection.execute(
                sa.update(SENT)
                .where(SENT.c.key == _pending(key))
                .values(key=key, at=datetime.now(UTC))
            )

    def free(self, key: str) -> None:
        """It was not sent: whoever comes next tries."""
        with self.database.begin() as connection:
            connection.execute(SENT.delete().where(SENT.c.key == _pending(key)))


def key_of(notice: Notice, target: Target) -> str:
    """Under which it is kept that a notice was sent to a target."""
    return f"{notice.key[:280]}@{target.id}"


def _pending(key: str) -> str:
    return f"~{key}"[:300]


def send(
    database: Database,
    notices: Iterable[Notice],
    to: Audience,
    *,
    post: Post | None = None,
    lease: timedelta = LEASE,
) -> list[Outcome]:
    """Tells each notice to each of its targets that was not told; one that fails stops no other.

    Raises:
        Error: Apprise is not installed, or the database cannot be written.
    """
    register, out = Register(database, lease), []
    post = post or _apprise()
    for notice in notices:
        targets = to.of(notice.team)
        if not targets:
            out.append(Outcome(notice, "", "failed", "no target is set for it in [notify]"))
        out.extend(_tell(register, notice, target, post) for target in targets)
    return out


def _tell(register: Register, notice: Notice, target: Target, post: Post) -> Outcome:
    key = key_of(notice, target)
    told = Outcome(notice, target.shown, "sent")
    while (reserved := register.reserve(key, notice)) == "busy":
        time.sleep(min(1.0, register.lease.total_seconds() / 5))
    if reserved == "before":
        return replace(told, state="before")
    done = False
    try:
        why = post(target, notice)
        done = not why
    except Error as error:
        why = error.message
    finally:
        if done:
            register.finish(key)
        else:
            register.free(key)
    return told if done else replace(told, state="failed", why=why)


def problems(outcomes: Iterable[Outcome]) -> list[str]:
    """What was not told, a sentence each."""
    return [
        f"{o.notice.title!r} was not told{f' to {o.target}' if o.target else ''}: {o.why}."
        for o in outcomes
        if o.state == "failed"
    ]


def need_apprise() -> None:
    """`Error` where Apprise is not installed."""
    if importlib.util.find_spec("apprise") is None:
        raise Error(
            "Notices need Apprise, which is not installed.",
            "Install it: pip install 'sharedline[notify]'.",
        )


def _apprise() -> Post:
    need_apprise()
    # What Apprise logs may hold addresses; what is worth telling is told by `Outcome`.
    log = logging.getLogger("apprise")
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    log.propagate = False
    with warnings.catch_warnings():  # of modules that Python will drop, in plugins not used here
        warnings.simplefilter("ignore", DeprecationWarning)
        from apprise import Apprise

        Apprise.instantiate("json://localhost")  # every plugin is loaded by the first
    return _post


def _post(target: Target, notice: Notice) -> str:
    """Sends by Apprise, in the format that the service shows."""
    from apprise import Apprise, NotifyFormat

    service = Apprise.instantiate(target.address())
    if service is None:
        return "the address is of no service that Apprise knows, or lacks a part"
    mail = Apprise()
    mail.add(service)
    text = service.resolve_format(NotifyFormat.MARKDOWN) == NotifyFormat.TEXT
    result: Any = mail.notify(
        title=notice.title,
        body=notice.plain() if text else notice.markdown(),
        body_format=NotifyFormat.TEXT if text else NotifyFormat.MARKDOWN,
        timeout=PATIENCE,
    )
    return "" if result else _why(result)


def _why(result: Any) -> str:
    """Why it failed, of which only an HTTP status is taken from what others wrote."""
    if result.status.name == "TIMEOUT":
        return f"it did not answer within {PATIENCE:.0f} s"
    codes = [found[1] for entry in result.logs() if (found := _CODE.search(entry.message))]
    return f"it answered {codes[-1]}" if codes else "it could not be reached, or refused"
