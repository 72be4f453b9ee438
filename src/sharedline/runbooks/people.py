"""Whom a finding in an account reaches: the owner register, asked for an account and a duty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sharedline.duties import owners
from sharedline.duties.catalogue import canonical
from sharedline.inventory.engines import Duck
from sharedline.inventory.literals import text
from sharedline.model import NOBODY


@dataclass(frozen=True, slots=True)
class Reached:
    """An owner, and how to reach them."""

    owner: str = NOBODY
    person: str = ""
    contact: str = ""

    @property
    def missing(self) -> str:
        """Why nobody is reached; empty where somebody is."""
        if self.owner == NOBODY:
            return "nobody owns the duty in this account"
        if not (self.person or self.contact):
            return f"{self.owner} names neither a person nor a contact"
        return ""


class People:
    """Looks owners up. A whole account is asked for, so rules over tags do not match."""

    def __init__(self, register: owners.Owners, ou_paths: Mapping[str, str]) -> None:
        self._register, self._paths, self._duck = register, ou_paths, Duck()

    def reach(self, account: str, region: str, service: str, duty: str) -> Reached:
        """The owner of a duty on a service in an account."""
        scope = owners.Scope(canonical(service), duty, self._paths)
        answer = owners.owner_sql(self._register, scope)
        row = (
            f"select {text(f'arn:aws:iam::{account}:root')} as resource, "
            f"{text(account)} as account_id, {text(region)} as region, '{{}}' as tags"
        )
        [found] = self._duck.query(f"select {answer} as owner from ({row}) r").to_pylist()
        team = self._register.teams.get(found["owner"] or NOBODY)
        if team is None:
            return Reached(found["owner"] or NOBODY)
        return Reached(team.name, team.person, team.contact)

    def close(self) -> None:
        """Ends the engine."""
        self._duck.close()
