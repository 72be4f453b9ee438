"""What people of the example estate stated and claimed, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sharedline.demo.estate.place import FRANKFURT, Estate
from sharedline.intent import attest, claim
from sharedline.model import Attestation
from sharedline.project import Project
from sharedline.state import Claim

_FEMI, _NINA, _TOMAS = "Femi Adeyemi", "Nina Okafor", "Tomas Ruiz"
_HANNA = "Hanna Vogel"
#: Instead of accounts: the statement is about all of them.
EVERYWHERE = "*"


@dataclass(frozen=True)
class Stated:
    """An attestation, in days before the last scan: made `age` ago, good for `days`."""

    duty: str
    accounts: tuple[str, ...]
    statement: str
    evidence: str
    by: str
    age: int
    days: int


@dataclass(frozen=True)
class Claimed:
    """Somebody says that a finding is repaired; the next scan looks."""

    check: str
    resource: str
    by: str
    note: str
    age: int


ATTESTED = (
    Stated(
        "monitoring.log-review",
        ("security", "management"),
        "The organisation's trail was read for the month; nothing was open at the end.",
        "https://wiki.fennelrye.example/log-review/2026-11",
        _FEMI,
        12,
        30,
    ),
    # Production's was due, and nobody did it.
    Stated(
        "monitoring.log-review",
        ("production",),
        "The trail of production was read for the month.",
        "https://wiki.fennelrye.example/log-review/2026-08",
        _FEMI,
        92,
        30,
    ),
    Stated(
        "identity.access-review",
        ("management", "security", "production"),
        "Every user and role was confirmed by its team or taken away.",
        "https://wiki.fennelrye.example/access-review/2026-q3",
        _FEMI,
        70,
        180,
    ),
    Stated(
        "response.practice",
        ("security", "production"),
        "The tabletop exercise on a leaked key was held with all three teams.",
        "https://wiki.fennelrye.example/exercises/2026-05",
        _FEMI,
        190,
        365,
    ),
    Stated(
        "response.procedures",
        ("management", "security", "production"),
        "The runbooks were read through and two of them corrected.",
        "https://wiki.fennelrye.example/runbooks/review-2026",
        _FEMI,
        160,
        365,
    ),
    Stated(
        "response.ownership",
        ("management", "security", "production"),
        "AWS's contacts were called and answered.",
        "ticket FR-208",
        _TOMAS,
        200,
        365,
    ),
    Stated(
        "people.awareness",
        ("management", "security", "production"),
        "All but two people finished the yearly course.",
        "https://learn.fennelrye.example/reports/2026",
        _FEMI,
        240,
        365,
    ),
    # Expired: the evidence is older than the auditor will take.
    Stated(
        "compliance.reporting",
        ("management",),
        "AWS's SOC 2 report was read and its user controls were listed.",
        "https://wiki.fennelrye.example/audit/soc2-2025",
        _FEMI,
        430,
        365,
    ),
    # What no check sees: a policy clause that is met because a person says so.
    Stated(
        "data.residency",
        (EVERYWHERE,),
        "Every store with personal data of customers was found to be in Frankfurt or Ireland.",
        "https://wiki.fennelrye.example/data-protection/stores-2026",
        _HANNA,
        100,
        365,
    ),
)


def claims(estate: Estate) -> tuple[Claimed, ...]:
    """Two that a scan confirms, and one that nothing has confirmed."""
    here = estate.at("production", FRANKFURT)
    bastion = here.arn("ec2", f"security-group/{here.get('sg/shop/bastion')}")
    orders = here.arn("kms", f"key/{here.get('key/orders')}")
    receipts = here.arn("lambda", "function:send-receipts")
    return (
        Claimed("vpc/security_group_ssh_closed", bastion, _TOMAS, "Head office only now.", 9),
        Claimed("kms/key_rotation_on", orders, _NINA, "Switched on.", 4),
        Claimed(
            "lambda/environment_without_secrets", receipts, _NINA, "The key was moved away.", 2
        ),
    )


def tell(
    project: Project, estate: Estate, today: datetime, after: datetime | None, until: datetime
) -> None:
    """Record what people stated and claimed after one scan and up to the next."""
    for stated in ATTESTED:
        at = today - timedelta(days=stated.age)
        if not _between(at, after, until):
            continue
        for account in stated.accounts:
            attest(
                project,
                Attestation(
                    duty=stated.duty,
                    scope=EVERYWHERE if account == EVERYWHERE else estate.accounts[account],
                    statement=stated.statement,
                    evidence=stated.evidence,
                    by=stated.by,
                    at=at,
                    expires=at + timedelta(days=stated.days),
                ),
            )
    for made in claims(estate):
        at = today - timedelta(days=made.age)
        if _between(at, after, until):
            claim(project, Claim(made.check, made.resource, made.by, made.note, at))


def _between(at: datetime, after: datetime | None, until: datetime) -> bool:
    return (after is None or at > after) and at <= until
