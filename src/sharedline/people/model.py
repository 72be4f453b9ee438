"""Who a person is, what they may see, and the one table that says which role may do what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sharedline.errors import Error


class Conflict(Error):  # noqa: N818 a refusal, not a failure
    """What was asked is well said, but does not go with what there is (409)."""

    http_status = 409


class Role(StrEnum):
    """What a person is to Sharedline."""

    ADMIN = "admin"
    EDITOR = "editor"
    OWNER = "owner"
    AUDITOR = "auditor"
    #: Somebody in one exercise, who joined by its link and code and has no account.
    PARTICIPANT = "participant"


class Action(StrEnum):
    """What a route or command needs."""

    #: Matrix, gaps, resources, paths, incident, trail, runbooks: what the person's scope allows.
    SEE = "see"
    #: What is about the whole organisation: policies, audit packages, the programme, executives.
    SEE_ALL = "see-all"
    #: Say that a finding is fixed; comment.
    CLAIM = "claim"
    COMMENT = "comment"
    #: Accept an exception.
    WAIVE = "waive"
    ATTEST = "attest"
    #: Make an exercise, run it, release its messages, rate it, close it.
    FACILITATE = "facilitate"
    #: Answer within an exercise that one has joined.
    TAKE_PART = "take-part"
    #: Scan, send digests, open tickets, push to Security Hub.
    RUN_JOBS = "run-jobs"
    #: Accounts, teams, everybody's tokens.
    MANAGE_PEOPLE = "manage-people"
    SEE_AUDIT = "see-audit"
    #: One's own password and tokens.
    OWN_ACCOUNT = "own-account"


_READER = frozenset({Action.SEE, Action.OWN_ACCOUNT})
ALLOWED: Mapping[Role, frozenset[Action]] = {
    Role.ADMIN: frozenset(Action),
    Role.EDITOR: frozenset(Action) - {Action.MANAGE_PEOPLE, Action.SEE_AUDIT},
    Role.OWNER: _READER | {Action.CLAIM, Action.COMMENT, Action.WAIVE, Action.TAKE_PART},
    Role.AUDITOR: _READER | {Action.SEE_ALL, Action.SEE_AUDIT},
    Role.PARTICIPANT: frozenset({Action.TAKE_PART}),
}


def may(role: Role, action: Action) -> bool:
    """Whether a role may do something at all; on which rows, the scope says."""
    return action in ALLOWED[role]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows a person sees: every one, or those of some accounts and those that teams own."""

    #: None is every account.
    accounts: frozenset[str] | None = None
    teams: frozenset[str] = frozenset()

    @property
    def everything(self) -> bool:
        """Whether nothing is hidden."""
        return self.accounts is None

    def covers(self, account_id: str, owner: str) -> bool:
        """Whether a row of an account, owned by a team, is seen."""
        return self.accounts is None or account_id in self.accounts or owner in self.teams


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signed in; `scope` follows from the role and the accounts of the teams."""

    id: int
    name: str
    full_name: str
    email: str
    role: Role
    teams: tuple[str, ...]
    active: bool
    scope: Scope

    def may(self, action: Action) -> bool:
        """Whether the person may do it at all."""
        return self.active and may(self.role, action)
