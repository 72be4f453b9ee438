"""Computed fixtures of IAM: the credential report, the account's summary, services last used."""

from __future__ import annotations

import csv
import io
import uuid
from typing import Any

from sharedline.demo.estate.answers import Book
from sharedline.demo.estate.people import PEOPLE, Person
from sharedline.demo.estate.place import ACCOUNTS, Place
from sharedline.demo.estate.theft import intruder

_KEY_COLUMNS = ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
_COLUMNS = (
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    *(f"access_key_{number}_{name}" for number in (1, 2) for name in _KEY_COLUMNS),
    *(f"cert_{number}_{name}" for number in (1, 2) for name in ("active", "last_rotated")),
)
#: The root user: age of the account, last use, MFA, access key; the founder still uses his.
_ROOT: dict[str, tuple[int, int, bool, bool]] = {
    "management": (720, 310, True, False),
    "security": (700, 690, True, False),
    "production": (700, 640, True, False),
    "plumbob": (2200, 9, False, True),
}
#: Services last used by role, in days; None: never. Roles that are not here used two services.
_LAST_USED: dict[str, tuple[tuple[str, float | None], ...]] = {
    # It may do everything in S3 and reads one bucket.
    "shop-checkout-task": (("s3", 1), ("iam", None)),
    "release": (
        *(("ecs", 1), ("ecr", 1), ("cloudformation", None)),
        *(("s3", None), ("logs", None), ("iam", None)),
    ),
    "vendor-monitoring": (("cloudwatch", 1), ("ec2", 1), ("s3", None), ("iam", None)),
    "partner-feed": (("s3", 214),),
    "old-agency": (("ec2", 610), ("s3", 610), ("iam", None)),
    "kits-everything": (("s3", 3), ("ec2", None), ("iam", None), ("kms", None)),
    "incident-responder": (("ec2", 2), ("ssm", None)),
}


def fill(book: Book) -> None:
    """The files of every account."""
    for account in ACCOUNTS:
        here = book.estate.at(account)
        _report(book, here)
        _summary(book, here)
        _last_accessed(book, here)


def _report(book: Book, here: Place) -> None:
    book.add(here, "iam.GenerateCredentialReport", {"State": "COMPLETE"})
    lines = [_root(book, here)]
    # The report must name the users that are there, and say of MFA what is true by now.
    devices = here("iam").list_virtual_mfa_devices(AssignmentStatus="Assigned")
    with_mfa = {device["User"]["UserName"] for device in devices["VirtualMFADevices"]}
    everybody = (*PEOPLE, intruder(book.today))
    people = {person.name: person for person in everybody if person.account == here.account}
    for user in here("iam").list_users()["Users"]:
        person = people[user["UserName"]]
        lines.append(_line(book, user["Arn"], person, mfa=person.name in with_mfa))
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, restval="N/A")
    writer.writeheader()
    writer.writerows(lines)
    report = {
        "Content": text.getvalue(),
        "ReportFormat": "text/csv",
        "GeneratedTime": book.fresh(minutes=1),
    }
    book.add(here, "iam.GetCredentialReport", report)


def _yes(value: bool) -> str:  # noqa: FBT001 - the report's own spelling of one value
    return "true" if value else "false"


def _root(book: Book, here: Place) -> dict[str, str]:
    created, used, mfa, key = _ROOT[here.account]
    line = {
        "user": "<root_account>",
        "arn": here.iam("root"),
        "user_creation_time": book.ago(created),
        "password_enabled": "not_supported",
        "password_last_used": book.used(used) or "no_information",
        "password_last_changed": "not_supported",
        "password_next_rotation": "not_supported",
        "mfa_active": _yes(mfa),
        "access_key_2_active": "false",
        "cert_1_active": "false",
        "cert_2_active": "false",
    }
    return line | _key(book, 1, (created, 40) if key else None)


def _key(book: Book, number: int, key: tuple[float, float | None] | None) -> dict[str, str]:
    start = f"access_key_{number}_"
    if key is None:
        return {f"{start}active": "false"}
    made, used = key
    line = {f"{start}active": "true", f"{start}last_rotated": book.ago(made)}
    if used is not None:
        line |= {
            f"{start}last_used_date": book.used(used) or "N/A",
            f"{start}last_used_region": "eu-central-1",
            f"{start}last_used_service": "s3",
        }
    return line


def _line(book: Book, arn: str, person: Person, *, mfa: bool) -> dict[str, str]:
    line = {
        "user": person.name,
        "arn": arn,
        "user_creation_time": book.ago(person.created),
        "password_enabled": _yes(person.console),
        "password_last_used": "N/A",
        "mfa_active": _yes(mfa),
        "cert_1_active": "false",
        "cert_2_active": "false",
    }
    if person.console:
        line["password_last_used"] = book.used(person.signed_in) or "no_information"
        line["password_last_changed"] = book.ago(person.password_changed)
    for number in (1, 2):
        key = person.keys[number - 1] if len(person.keys) >= number else None
        line |= _key(book, number, key)
    return line


def _summary(book: Book, here: Place) -> None:
    _, _, mfa, key = _ROOT[here.account]
    summary = here("iam").get_account_summary()["SummaryMap"]
    # Central root access took the passwords of the members away; the acquired account came later.
    summary |= {
        "AccountMFAEnabled": int(mfa),
        "AccountAccessKeysPresent": int(key),
        "AccountPasswordPresent": int(here.account in ("management", "plumbob")),
    }
    book.add(here, "iam.GetAccountSummary", {"SummaryMap": summary})


def _last_accessed(book: Book, here: Place) -> None:
    people = {person.name: person for person in (*PEOPLE, intruder(book.today))}
    users = [(user["Arn"], user["UserName"]) for user in here("iam").list_users()["Users"]]
    roles = here("iam").list_roles(MaxItems=1000)["Roles"]
    for arn, name in [*((role["Arn"], role["RoleName"]) for role in roles), *users]:
        # The same id each time, so that a replay of the demo asks the same calls.
        job = str(uuid.uuid5(uuid.NAMESPACE_URL, arn))
        book.add(
            here,
            "iam.GenerateServiceLastAccessedDetails",
            {"JobId": job},
            when={"Arn": arn},
        )
        used = _LAST_USED.get(name) or _of_user(arn, people.get(name)) or (("s3", 1), ("logs", 1))
        book.add(
            here,
            "iam.GetServiceLastAccessedDetails",
            {
                "JobStatus": "COMPLETED",
                "JobCreationDate": book.fresh(minutes=1),
                "JobCompletionDate": book.fresh(minutes=1),
                "IsTruncated": False,
                "ServicesLastAccessed": [
                    _service(book, arn, namespace, days) for namespace, days in used
                ],
            },
            when={"JobId": job},
        )


def _of_user(arn: str, person: Person | None) -> tuple[tuple[str, float | None], ...]:
    """A user's one service, last used when its password or a key was; () for a role."""
    if ":user/" not in arn or person is None:
        return ()
    days = [person.signed_in, *(used for _, used in person.keys)]
    return (("s3", min((d for d in days if d is not None), default=None)),)


def _service(book: Book, arn: str, name: str, days: float | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ServiceName": name.upper(),
        "ServiceNamespace": name,
        "TotalAuthenticatedEntities": 0,
    }
    if days is not None:
        found |= {
            "LastAuthenticated": book.used(days),
            "LastAuthenticatedEntity": arn,
            "LastAuthenticatedRegion": "eu-central-1",
            "TotalAuthenticatedEntities": 1,
        }
    return found
