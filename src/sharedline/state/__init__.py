"""State that changes: attestations and claims, in SQLite by default, in PostgreSQL by URL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from sharedline.model import Attestation
from sharedline.state.database import Database
from sharedline.state.tables import ATTESTATION, CLAIM


@dataclass(frozen=True, slots=True)
class Claim:
    """A person says that a finding is fixed; only the next scan verifies it."""

    check: str
    resource: str
    by: str
    note: str
    at: datetime


def keep_claim(connection: sa.Connection, claim: Claim) -> None:
    """Adds a claim in the caller's transaction, with whatever else must stand or fall with it."""
    connection.execute(
        CLAIM.insert().values(
            check_id=claim.check,
            resource=claim.resource,
            by_whom=claim.by,
            note=claim.note,
            at=claim.at,
        )
    )


class State:
    """What people said of duties and findings. Every write is a transaction."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)

    def close(self) -> None:
        """Gives the connections back."""
        self.database.close()

    def attest(self, attestation: Attestation) -> None:
        """Adds an attestation; earlier ones stay as history."""
        a = attestation
        with self.database.begin() as connection:
            connection.execute(
                ATTESTATION.insert().values(
                    duty=a.duty,
                    scope=a.scope,
                    statement=a.statement,
                    evidence=a.evidence,
                    by_whom=a.by,
                    at=a.at,
                    expires=a.expires,
                )
            )

    def attestations(self) -> list[Attestation]:
        """Every attestation, oldest first."""
        with self.database.read() as connection:
            found = connection.execute(
                sa.select(ATTESTATION).order_by(ATTESTATION.c.at, ATTESTATION.c.id)
            )
            return [
                Attestation(r.duty, r.scope, r.statement, r.evidence, r.by_whom, r.at, r.expires)
                for r in found
            ]

    def claim(self, claim: Claim) -> None:
        """Adds a claim."""
        with self.database.begin() as connection:
            keep_claim(connection, claim)

    def claims(self) -> list[Claim]:
        """Every claim, oldest first."""
        with self.database.read() as connection:
            found = connection.execute(sa.select(CLAIM).order_by(CLAIM.c.at, CLAIM.c.id))
            return [Claim(r.check_id, r.resource, r.by_whom, r.note, r.at) for r in found]
