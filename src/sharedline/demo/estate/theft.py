"""The attack on the example estate: what IAM, GuardDuty and the trail must agree on.

It used what is really wrong there: a machine that answers the first version of the metadata
service, behind the shop's load balancer, with a role that reads any bucket and makes users.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sharedline.demo.estate.people import Person
from sharedline.demo.estate.place import Estate, allow, document

MACHINE = ROLE = "orders-worker"
USER = "feed-partner-07"
#: Addresses kept for documentation: where the stolen session was used from, and the new key.
FIRST_ADDRESS, SECOND_ADDRESS = "198.51.100.77", "192.0.2.146"
STOLEN, SPARED, COPIES = (
    "fennelrye-customer-exports",
    "fennelrye-customer-archive",
    "fennelrye-recovery-copies",
)
FINDING = "c4b7c0ffee0000000000000000000001"
HIDDEN_FINDING = "c4b7c0ffee0000000000000000000002"
#: A machine's role gives it new credentials so often.
RENEWED = timedelta(hours=6)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(frozen=True)
class Times:
    """When what happened: at night, and a little more than two days before the last scan."""

    start: datetime

    @property
    def user_made(self) -> datetime:
        """The first of what the intruder left behind."""
        return self.start + timedelta(minutes=39, seconds=12)

    @property
    def first_seen(self) -> datetime:
        """The first call from outside that GuardDuty counted."""
        return self.start

    @property
    def last_seen(self) -> datetime:
        """The last call with the stolen session."""
        return self.start + timedelta(minutes=41, seconds=3)

    @property
    def found(self) -> datetime:
        """GuardDuty's finding; the session had another ten minutes of work before it."""
        return self.start + timedelta(minutes=31, seconds=26)

    @property
    def second(self) -> datetime:
        """The new key's first call, from the other address."""
        return self.start + timedelta(hours=4, minutes=7)

    @property
    def hidden(self) -> datetime:
        """The finding that a filter archived as soon as it was made."""
        return self.second + timedelta(minutes=58)


def times(today: datetime) -> Times:
    """The night of the attack, for a last scan at `today`."""
    # The finding must be older than two days at any hour of the day.
    latest = today - timedelta(days=2, hours=1)
    start = latest.replace(hour=1, minute=42, second=17, microsecond=0)
    return Times(start if start <= latest else start - timedelta(days=1))


def made_up(prefix: str, name: str, length: int = 16) -> str:
    """An id of AWS's look, the same for the same name."""
    digest = hashlib.sha256(name.encode()).digest()
    return prefix + "".join(_LETTERS[byte % 32] for byte in digest[:length])


def renewed(at: datetime, machine: str) -> datetime:
    """When the machine's credentials that are good at a moment were made."""
    offset = timedelta(minutes=hashlib.sha256(machine.encode()).digest()[0] % 90)
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    last = midnight + ((at - offset - midnight) // RENEWED) * RENEWED
    return last + offset


def session_key(machine: str, at: datetime) -> str:
    """The access key id that the machine's role worked with at a moment."""
    return made_up("ASIA", f"{machine} {renewed(at, machine):%Y-%m-%dT%H:%M}")


def leave_user(estate: Estate) -> None:
    """What the intruder left in IAM: a user that looks like a partner's, and may do everything."""
    here = estate.at("production")
    iam = here("iam")
    here.keep(f"user/{USER}", iam.create_user(UserName=USER)["User"]["UserId"])
    iam.put_user_policy(UserName=USER, PolicyName="feed", PolicyDocument=document(allow("*")))
    made = iam.create_access_key(UserName=USER)["AccessKey"]["AccessKeyId"]
    here.keep(f"key-of/{USER}/1", made)


def intruder(today: datetime) -> Person:
    """The user as the credential report tells of it."""
    day, when = timedelta(days=1), times(today)
    made, used = (today - when.user_made) / day, (today - when.hidden) / day
    return Person("production", USER, made, False, None, 0, False, ((made, used),))
