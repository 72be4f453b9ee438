"""Computed fixtures of the services that find things: GuardDuty, Security Hub, Inspector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sharedline.demo.estate import answers_theft as thefts
from sharedline.demo.estate.answers import Book
from sharedline.demo.estate.place import FRANKFURT, HOME, IRELAND, REGIONS, Place

_FILTERS = {
    ("production", FRANKFURT): "port-scans-by-our-scanner",
    ("production", IRELAND): "quiet-recovery-tests",
}


@dataclass(frozen=True)
class Threat:
    """A finding of GuardDuty, its age in days, and what it is about (`kind:name`)."""

    account: str
    region: str
    type: str
    severity: float
    age: int
    about: str
    title: str
    count: int = 1


THREATS = (
    # The first try at what theft.py tells of; nobody has looked at it for more than a month.
    Threat(
        "production",
        FRANKFURT,
        "UnauthorizedAccess:EC2/MetadataDNSRebind",
        8.0,
        38,
        "instance:orders-worker",
        "A name that an instance looked up led to its metadata service.",
        11,
    ),
    Threat(
        "production",
        FRANKFURT,
        "UnauthorizedAccess:EC2/SSHBruteForce",
        5.0,
        61,
        "instance:bastion",
        "The bastion is under a brute-force attack over SSH.",
        403,
    ),
    Threat(
        "production",
        FRANKFURT,
        "Discovery:S3/AnomalousBehavior",
        5.0,
        27,
        "bucket:fennelrye-customer-exports",
        "Objects were listed in an unusual way.",
        64,
    ),
    Threat(
        "production",
        FRANKFURT,
        "Policy:S3/BucketAnonymousAccessGranted",
        8.0,
        96,
        "bucket:fennelrye-customer-exports",
        "A bucket was opened to everybody.",
    ),
    Threat(
        "production",
        FRANKFURT,
        "Recon:IAMUser/MaliciousIPCaller.Custom",
        5.0,
        4,
        "user:legacy-sftp",
        "An API was called from an address on a list of threats.",
    ),
    Threat(
        "security",
        FRANKFURT,
        "Policy:IAMUser/RootCredentialUsage",
        2.0,
        2,
        "user:root",
        "The root user was used.",
    ),
    Threat(
        "management",
        HOME,
        "Stealth:IAMUser/PasswordPolicyChange",
        2.0,
        130,
        "user:priya.raman",
        "The password policy was changed.",
    ),
)
#: Findings of Security Hub: (control, label, age, status, bucket or instance, title).
_HUB = (
    ("S3.2", "CRITICAL", 96, "NEW", "bucket:fennelrye-customer-exports", "A bucket is public"),
    ("RDS.2", "CRITICAL", 74, "NEW", "db:reports", "A database can be reached from the internet"),
    ("EC2.8", "HIGH", 210, "NOTIFIED", "instance:orders-worker", "IMDSv1 is allowed"),
    ("EC2.13", "HIGH", 24, "NEW", "instance:bastion", "SSH is open to the world"),
    ("Lambda.2", "HIGH", 3, "NEW", "function:resize-photos", "A runtime is out of support"),
)
#: Findings of Inspector: (CVE, severity, age, machine, title, exploit known).
_HOLES = (
    ("CVE-2026-31337", "CRITICAL", 52, "analytics-1", "openssl: remote code execution", "YES"),
    ("CVE-2026-20481", "HIGH", 33, "analytics-1", "glibc: buffer overflow", "NO"),
    ("CVE-2026-28113", "HIGH", 12, "web-1", "curl: wrong certificate check", "NO"),
    ("CVE-2026-40022", "CRITICAL", 3, "batch-1", "kernel: privilege escalation", "NO"),
)


def fill(book: Book) -> None:
    """The findings that had been made by the time of the scan."""
    for account in ("management", "security", "production"):
        for region in REGIONS:
            here = book.estate.at(account, region)
            if f"{account}/detector/{region}" in book.estate.ids:
                _guardduty(book, here)
    here = book.estate.at("production", FRANKFURT)
    _security_hub(book, here)
    _inspector(book, here)


def _arn(here: Place, about: str) -> str:
    kind, _, name = about.partition(":")
    if kind == "instance":
        return here.arn("ec2", f"instance/{here.get(f'instance/{name}')}")
    if kind == "bucket":
        return f"arn:aws:s3:::{name}"
    if kind == "db":
        return here.arn("rds", f"db:{name}")
    if kind == "function":
        return here.arn("lambda", f"function:{name}")
    return here.iam(f"user/{name}" if name != "root" else "root")


def _guardduty(book: Book, here: Place) -> None:
    detector = here.get(f"detector/{here.region}")
    mine = [
        _threat(book, here, detector, number, threat)
        for number, threat in enumerate(THREATS, 1)
        if (threat.account, threat.region) == (here.account, here.region)
        and book.happened(threat.age)
    ]
    mine += thefts.found(book, here, detector)
    name = _FILTERS.get((here.account, here.region))
    book.add(here, "guardduty.ListFilters", {"FilterNames": [name] if name else []})
    for archived in (False, True):
        wanted = {"Criterion": {"service.archived": {"Eq": [str(archived).lower()]}}}
        named = [found["Id"] for found in mine if found["Service"]["Archived"] is archived]
        asked = {"FindingCriteria": wanted}
        book.add(here, "guardduty.ListFindings", {"FindingIds": named}, when=asked)
    book.add(here, "guardduty.ListFindings", {"FindingIds": [found["Id"] for found in mine]})
    book.add(
        here,
        "guardduty.GetFindings",
        {"Findings": mine},
        keep={"Findings": {"Id": "FindingIds"}},
    )


def _threat(book: Book, here: Place, detector: str, number: int, threat: Threat) -> dict[str, Any]:
    kind = threat.about.partition(":")[0]
    named = {"instance": "Instance", "bucket": "S3Bucket"}.get(kind, "AccessKey")
    found = f"{number:02d}b7c0ffee{number:022d}"
    resource: dict[str, Any] = {"ResourceType": named}
    if kind == "instance":
        name = threat.about.partition(":")[2]
        resource["InstanceDetails"] = {"InstanceId": here.get(f"instance/{name}")}
    elif kind == "bucket":
        name = threat.about.partition(":")[2]
        resource["S3BucketDetails"] = [{"Arn": _arn(here, threat.about), "Name": name}]
    else:
        resource["AccessKeyDetails"] = {
            "UserName": threat.about.partition(":")[2],
            "UserType": "Root" if threat.about == "user:root" else "IAMUser",
        }
    return {
        "SchemaVersion": "2.0",
        "AccountId": here.id,
        "Region": here.region,
        "Partition": "aws",
        "Id": found,
        "Arn": here.arn("guardduty", f"detector/{detector}/finding/{found}"),
        "Type": threat.type,
        "Title": threat.title,
        "Description": threat.title,
        "Severity": threat.severity,
        "CreatedAt": book.ago(threat.age),
        "UpdatedAt": book.ago(threat.age) if threat.count == 1 else book.fresh(hours=7),
        "Resource": resource,
        "Service": {
            "ServiceName": "guardduty",
            "DetectorId": detector,
            "Archived": False,
            "Count": threat.count,
            "EventFirstSeen": book.ago(threat.age),
            "EventLastSeen": book.fresh(hours=7),
        },
    }


def _security_hub(book: Book, here: Place) -> None:
    product = f"arn:aws:securityhub:{here.region}::product/aws/securityhub"
    findings = [
        {
            "SchemaVersion": "2018-10-08",
            "Id": here.arn("securityhub", f"security-control/{control}/finding/{number:08d}-fr"),
            "ProductArn": product,
            "ProductName": "Security Hub",
            "GeneratorId": f"security-control/{control}",
            "AwsAccountId": here.id,
            "CreatedAt": book.ago(age),
            "UpdatedAt": book.fresh(hours=9),
            "Title": title,
            "Description": title,
            "Severity": {"Label": label},
            "Resources": [{"Type": "Other", "Id": _arn(here, about), "Region": here.region}],
            "Workflow": {"Status": status},
            "RecordState": "ACTIVE",
        }
        for number, (control, label, age, status, about, title) in enumerate(_HUB, 1)
        if book.happened(age)
    ]
    book.add(here, "securityhub.GetFindings", {"Findings": findings})


def _inspector(book: Book, here: Place) -> None:
    findings = [
        {
            "awsAccountId": here.id,
            "findingArn": here.arn("inspector2", f"finding/{number:032d}"),
            "type": "PACKAGE_VULNERABILITY",
            "title": f"{cve} - {title}",
            "description": title,
            "severity": severity,
            "status": "ACTIVE",
            "firstObservedAt": book.ago(age),
            "lastObservedAt": book.fresh(hours=4),
            "updatedAt": book.fresh(hours=4),
            "fixAvailable": "YES",
            "exploitAvailable": exploit,
            "remediation": {"recommendation": {"text": "Update the package."}},
            "resources": [
                {
                    "id": here.get(f"instance/{machine}"),
                    "type": "AWS_EC2_INSTANCE",
                    "region": here.region,
                }
            ],
            "packageVulnerabilityDetails": {"vulnerabilityId": cve, "source": "NVD"},
        }
        for number, (cve, severity, age, machine, title, exploit) in enumerate(_HOLES, 1)
        if book.happened(age)
    ]
    book.add(here, "inspector2.ListFindings", {"findings": findings})
