"""What a scan holds of users, roles, groups and resources, as far as permissions go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sharedline.iam.language import Layer, Policy
from sharedline.iam.request import Caller


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the credential report says of a user; None where it does not say."""

    password: bool | None
    mfa: bool | None
    keys: bool | None


@dataclass(frozen=True, slots=True, eq=False)
class PrincipalEntry:
    """A user, or a role, which stands for its sessions.

    `identity` are its own policies and those of its groups. `tags` is None where they were not
    readable. `unreadable` says which of its policies were not. `credentials` is None for roles, and
    where there is no report.
    """

    arn: str
    caller: Caller
    table_name: str
    name: str
    identity: tuple[Policy, ...]
    boundary: tuple[Policy, ...] | None
    boundary_arn: str
    groups: tuple[str, ...]
    trust: Policy | None
    tags: Mapping[str, str] | None
    last_used: datetime | None
    unreadable: Mapping[Layer, str]
    credentials: Credentials | None = None

    @property
    def account(self) -> str:
        """The account that it belongs to."""
        return self.caller.account

    @property
    def is_role(self) -> bool:
        """Whether it is a role."""
        return self.table_name == "iam_role"


@dataclass(frozen=True, slots=True, eq=False)
class GroupEntry:
    """A group with its policies; `members` are the ARNs of users."""

    arn: str
    account: str
    name: str
    identity: tuple[Policy, ...]
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ResourceEntry:
    """A resource.

    `policy` is None where it has none; `why` says why it could not be read, if so. `tags` is None
    where they are not known. `guarded` is False for what no RCP can touch.
    """

    arn: str
    account: str
    table_name: str
    region: str = "global"
    policy: Policy | None = None
    why: str = ""
    tags: Mapping[str, str] | None = None
    guarded: bool = True

    @property
    def readable(self) -> bool:
        """Whether its policy, or that it has none, is known."""
        return not self.why
