"""State that changes: attestations and claims, in SQLite by default, in PostgreSQL by URL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from sharedline.errors import Error
from sharedline.model import Attestation

_META = sa.MetaData()
_ATTESTATIONS = sa.Table(
    "attestation",
    _META,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("duty", sa.String(80), nullable=False),
    sa.Column("scope", sa.String(2048), nullable=False),
    sa.Column("statement", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),
    sa.Column("by_whom", sa.String(200), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
)
_CLAIMS = sa.Table(
    "claim",
    _META,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("check_id", sa.String(200), nullable=False),
    sa.Column("resource", sa.String(2048), nullable=False),
    sa.Column("by_whom", sa.String(200), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A person says that a finding is fixed; only the next scan verifies it."""

    check: str
    resource: str
    by: str
    note: str
    at: datetime


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class State:
    """The database of one project. Tables are made on first use; every write is a transaction."""

    def __init__(self, url: str) -> None:
        self.url = url
        try:
            self._engine = sa.create_engine(url)
            with self._engine.begin() as connection:
                for table in _META.sorted_tables:  # two processes may come first at once
                    connection.execute(sa.schema.CreateTable(table, if_not_exists=True))
        except (sa.exc.SQLAlchemyError, ImportError) as error:
            raise Error(
                f"The database {url!r} cannot be opened ({type(error).__name__}).",
                "Check `database` in sharedline.toml and the folder's permissions.",
            ) from error

    def close(self) -> None:
        """Gives the connections back."""
        self._engine.dispose()

    def _insert(self, table: sa.Table, values: dict[str, Any]) -> None:
        try:
            with self._engine.begin() as connection:
                connection.execute(table.insert().values(**values))
        except sa.exc.DBAPIError as error:
            raise Error(
                f"The database {self.url!r} cannot be written ({error.orig}).",
                "Check the disk and the folder's permissions, and try again.",
            ) from error

    def attest(self, attestation: Attestation) -> None:
        """Adds an attestation; earlier ones stay as history."""
        a = attestation
        self._insert(
            _ATTESTATIONS,
            {
                "duty": a.duty,
                "scope": a.scope,
                "statement": a.statement,
                "evidence": a.evidence,
                "by_whom": a.by,
                "at": a.at,
                "expires": a.expires,
            },
        )

    def attestations(self) -> list[Attestation]:
        """Every attestation, oldest first."""
        with self._engine.connect() as connection:
            found = connection.execute(sa.select(_ATTESTATIONS).order_by(_ATTESTATIONS.c.at))
            return [
                Attestation(
                    r.duty, r.scope, r.statement, r.evidence, r.by_whom, _utc(r.at), _utc(r.expires)
                )
                for r in found
            ]

    def claim(self, claim: Claim) -> None:
        """Adds a claim."""
        self._insert(
            _CLAIMS,
            {
                "check_id": claim.check,
                "resource": claim.resource,
                "by_whom": claim.by,
                "note": claim.note,
                "at": claim.at,
            },
        )

    def claims(self) -> list[Claim]:
        """Every claim, oldest first."""
        with self._engine.connect() as connection:
            found = connection.execute(sa.select(_CLAIMS).order_by(_CLAIMS.c.at))
            return [Claim(r.check_id, r.resource, r.by_whom, r.note, _utc(r.at)) for r in found]
