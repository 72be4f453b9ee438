"""What a person does with a finding: claims, comments, waives; each with its record, or not at all."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

try:
    import fcntl
except ImportError:  # Windows has none
    fcntl = None  # type: ignore[assignment]

from sharedline.duties import waivers
from sharedline.errors import Error
from sharedline.model import Waiver
from sharedline.people import audit, limits
from sharedline.people.model import Person
from sharedline.state import Claim, keep_claim
from sharedline.state.tables import CLAIM, COMMENT
from sharedline.web import site as sites
from sharedline.web.site import Site

#: The longest note, comment or reason; the longest name of an approver.
LONGEST, NAME = 4000, 200
#: The longest time for which an exception is accepted at once.
AT_MOST = timedelta(days=3 * 366)
#: So many acts of one person within so many seconds.
ACTS, WINDOW = 120, 60
_ONE_AT_A_TIME = threading.Lock()


class NotActable(Error):  # noqa: N818 a refusal, not a failure
    """The row is there, but this cannot be done with it (409)."""

    http_status = 409


@dataclass(frozen=True, slots=True)
class Target:
    """A finding, as the person saw it; whoever makes one has made sure that they may see it."""

    check: str
    resource: str
    account: str
    owner: str = ""
    status: str = ""
    life: str = ""

    @property
    def name(self) -> str:
        """As the audit log calls it."""
        return f"{self.check} {self.resource}"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from where."""

    person: Person
    address: str

    @property
    def name(self) -> str:
        """As claims and comments call the person."""
        return self.person.name[:NAME]


def claim(site: Site, actor: Actor, target: Target, note: str) -> datetime:
    """Says that a finding is fixed; only the next scan verifies it.

    Raises:
        Error: The note is too long.
        NotActable: There is nothing to fix, or it is claimed already.
    """
    text = _text("The note", note, needed=False)
    if not target.check:
        raise NotActable(
            "Only a finding of a check can be claimed.", "Name an owner, or attest the duty."
        )
    _unmet(target, "fix")
    if target.life == "claimed":
        raise NotActable("It is claimed already.", "Comment on it, or wait for the next scan.")
    _count(site, actor)
    at = sites.now()
    with site.database.begin() as connection:
        keep_claim(connection, Claim(target.check, target.resource, actor.name, text, at))
        _record(connection, actor, "finding.claim", target, {"note": text})
        # As `sharedline claim`: the next look from a terminal judges the scan again. Before the end
        # of the transaction, so that a folder that cannot be written leaves no half of a claim.
        site.project.attested.write_text(at.isoformat(), "utf-8")
    return at


def comment(site: Site, actor: Actor, target: Target, text: str) -> tuple[int, datetime]:
    """Keeps a comment on a finding or a gap of a cell; gives its number and its time.

    Raises:
        Error: There is no text, or too much.
    """
    said = _text("The comment", text)
    _count(site, actor)
    at = sites.now()
    with site.database.begin() as connection:
        made = connection.execute(
            COMMENT.insert().values(
                check_id=target.check, resource=target.resource, account_id=target.account,
                by_whom=actor.name, text=said, at=at,
            )
        ).inserted_primary_key  # fmt: skip
        _record(connection, actor, "finding.comment", target, {"text": said})
    assert made is not None
    return int(made[0]), at


def waive(
    site: Site, actor: Actor, target: Target, reason: str, approver: str, expires: date
) -> Waiver:
    """Accepts an exception for this finding alone, in the file that people review under git.

    Raises:
        Error: A part is missing or wrong, or waivers.toml is.
        NotActable: The finding cannot be waived, or is.
    """
    made = Waiver(
        _text("The reason", reason), _text("The approver", approver, longest=NAME), expires,
        target.check, "*", target.resource, target.account or "*",
    )  # fmt: skip
    _waivable(target, expires)
    _count(site, actor)
    with alone(site.project.folder):
        told = waivers.load(site.project.waivers)  # a broken file is not made longer
        if any(_covers(w, target) for w in told):
            raise NotActable("It is waived already.", "The waiver stands in waivers.toml.")
        with site.database.begin() as connection:
            detail = {"reason": made.reason, "approver": made.approver, "expires": expires}
            _record(connection, actor, "finding.waive", target, detail)
            _append(site.project.waivers, made)
    return made


def _unmet(target: Target, what: str) -> None:
    if target.status == "unknown":
        raise NotActable("It could not be judged, so nobody can say.", "Grant what was denied.")
    if target.status != "unmet":
        raise NotActable(f"There is nothing to {what}: it is {target.status}.", "Look at it again.")


def _waivable(target: Target, expires: date) -> None:
    today = sites.now().date()
    if not target.check:
        raise NotActable(
            "Only a finding of a check can be waived.", "Name an owner, or attest the duty."
        )
    _unmet(target, "waive")
    if target.life == "waived":
        raise NotActable("It is waived already.", "The waiver stands in waivers.toml.")
    if any(c in target.resource + target.check for c in "*?["):
        raise NotActable(
            "Its name holds *, ? or [, so that the waiver would cover more than this finding.",
            "Have it written into waivers.toml by hand.",
        )
    if expires < today:
        raise Error("That day is past.", "Give a later last day.")
    if expires > today + AT_MOST:
        raise Error("That is more than three years ahead.", "An exception ends; look at it again.")


def _covers(waiver: Waiver, target: Target) -> bool:
    """Whether a waiver of just this finding is in force."""
    return (
        (waiver.check, waiver.resource) == (target.check, target.resource)
        and waiver.account in ("*", target.account)
        and waiver.expires >= sites.now().date()
    )


def _append(path: Path, made: Waiver) -> None:
    try:
        waivers.append(path, made)
    except OSError as error:
        raise Error(
            f"{path.name} cannot be written ({error.strerror}).", "Check the folder's permissions."
        ) from error


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One at a time, over threads and processes, changes the project's files of intent."""
    with _ONE_AT_A_TIME:
        try:
            stream = (folder / ".intent.lock").open("ab")
        except OSError as error:
            raise Error(
                f"{folder.name} cannot be written ({error.strerror}).", "Check its permissions."
            ) from error
        with stream:
            if fcntl is not None:
                fcntl.flock(stream, fcntl.LOCK_EX)
            yield


def _text(what: str, value: str, *, needed: bool = True, longest: int = LONGEST) -> str:
    text = value.replace("\r\n", "\n").strip()
    if needed and not text:
        raise Error(f"{what} is missing.", "Write a sentence.")
    if len(text) > longest:
        raise Error(f"{what} is longer than {longest} characters.", "Say it in fewer words.")
    if "\0" in text or (not text.isascii() and _surrogates(text)):
        raise Error(f"{what} holds characters that cannot be kept.", "Write plain text.")
    return text


def _surrogates(text: str) -> bool:
    return any("\ud800" <= c <= "\udfff" for c in text)


def _count(site: Site, actor: Actor) -> None:
    with site.database.begin() as connection:
        limits.check(connection, f"act:{actor.person.id}", ACTS, WINDOW, sites.now())


def _record(
    connection: sa.Connection, actor: Actor, action: str, target: Target, detail: dict[str, object]
) -> None:
    told = {"check": target.check, "resource": target.resource, "account": target.account, **detail}
    audit.write(
        connection, actor.person.name, actor.person.role, action, target.name, told, actor.address
    )


def comments(
    site: Site, check: str, resource: str, account: str
) -> list[tuple[int, str, str, datetime]]:
    """The comments on one row, oldest first: (number, by whom, text, when)."""
    which = (
        COMMENT.c.check_id == check, COMMENT.c.resource == resource,
        COMMENT.c.account_id == account,
    )  # fmt: skip
    with site.database.read() as connection:
        found = connection.execute(sa.select(COMMENT).where(*which).order_by(COMMENT.c.id))
        return [(r.id, r.by_whom, r.text, r.at) for r in found]


def claims(site: Site, check: str, resource: str) -> list[tuple[str, str, datetime]]:
    """The claims of one finding, oldest first: (by whom, note, when)."""
    which = CLAIM.c.check_id == check, CLAIM.c.resource == resource
    with site.database.read() as connection:
        found = connection.execute(sa.select(CLAIM).where(*which).order_by(CLAIM.c.id))
        return [(r.by_whom, r.note, r.at) for r in found]
