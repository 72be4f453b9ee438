"""Computed fixtures about machines: agents and patches, images, secrets, certificates, topics."""

from __future__ import annotations

import json
from datetime import UTC
from importlib.resources import files
from typing import Any

from sharedline.demo.estate.answers import Book
from sharedline.demo.estate.computers import MACHINES
from sharedline.demo.estate.containers import REPOSITORIES
from sharedline.demo.estate.place import FRANKFURT, HOME, Estate, Place
from sharedline.demo.shapes import relative

#: Machines without an agent: nobody can say whether they are patched.
UNMANAGED = {"kits-windows", "kits-mysql", "kits-build", "kits-unknown", "orders-worker"}
#: Missing and failed patches, and days since the last look, of machines that are not in order.
PATCHES = {
    "analytics-1": (14, 2, 1),
    "analytics-2": (3, 0, 1),
    "batch-1": (0, 0, 190),
    "kits-web": (57, 0, 30),
}
#: Days since the last rotation of secrets, and since each was made.
SECRETS = {
    "shop/orders-db": (12, 400),
    "data/warehouse": (6, 300),
    "shop/payment-provider": (None, 40),
    "shop/mail-provider": (None, 630),
    "kits/everything": (None, 1700),
}


def fill(book: Book) -> None:
    """The files of every account and Region with machines in it."""
    for account, region in sorted({(m.account, m.region) for m in MACHINES}):
        here = book.estate.at(account, region)
        _images(book, here)
        _managed(book, here)
    for account, region in (("production", FRANKFURT), ("plumbob", HOME)):
        _secrets(book, book.estate.at(account, region))
    _containers(book, book.estate)
    _certificates(book, book.estate.at("production", FRANKFURT))
    _subscriptions(book, book.estate.at("management", FRANKFURT))


def _running(here: Place) -> list[dict[str, Any]]:
    answer = here("ec2").describe_instances()
    return [i for found in answer["Reservations"] for i in found["Instances"]]


def _images(book: Book, here: Place) -> None:
    text = files("sharedline.demo").joinpath("amis.json").read_text("utf-8")
    known = {image["ami_id"]: image for image in json.loads(text)}
    found = []
    for instance in _running(here):
        image = known[instance["ImageId"]]
        # The day of an image does not move with the scan.
        made = relative(image["creation_date"], book.today).astimezone(UTC)
        found.append(
            {
                "InstanceId": instance["InstanceId"],
                "InstanceType": instance["InstanceType"],
                "LaunchTime": instance["LaunchTime"],
                "AvailabilityZone": instance["Placement"]["AvailabilityZone"],
                "State": instance["State"],
                "OwnerId": here.id,
                "Tags": instance.get("Tags", []),
                "ImageMetadata": {
                    "ImageId": image["ami_id"],
                    "Name": image["name"],
                    "OwnerId": image["owner_id"],
                    "State": "available",
                    "CreationDate": made.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                    "IsPublic": True,
                },
            }
        )
    book.add(here, "ec2.DescribeInstanceImageMetadata", {"InstanceImageMetadata": found})


def _managed(book: Book, here: Place) -> None:
    nodes, states, compliance = [], [], []
    for machine in MACHINES:
        if (machine.account, machine.region) != (here.account, here.region):
            continue
        if machine.name in UNMANAGED:
            continue
        instance = here.get(f"instance/{machine.name}")
        missing, failed, days = PATCHES.get(machine.name, (0, 0, 0.2))
        looked = book.used(days)
        nodes.append(_node(book, instance, lost=machine.name == "kits-web"))
        states.append(
            {
                "InstanceId": instance,
                "PatchGroup": "linux",
                "BaselineId": book.estate.ids[f"production/baseline/{FRANKFURT}"],
                "Operation": "Scan",
                "OperationStartTime": looked,
                "OperationEndTime": looked,
                "InstalledCount": 214,
                "InstalledOtherCount": 11,
                "InstalledPendingRebootCount": 5 if machine.name == "analytics-1" else 0,
                "InstalledRejectedCount": 0,
                "MissingCount": missing,
                "FailedCount": failed,
                "UnreportedNotApplicableCount": 0,
                "NotApplicableCount": 890,
                "CriticalNonCompliantCount": missing // 4,
                "SecurityNonCompliantCount": missing // 2,
                "OtherNonCompliantCount": 0,
            }
        )
        compliance.append(_compliance(book, instance, failed=machine.name == "analytics-1"))
    book.add(here, "ssm.DescribeInstanceInformation", {"InstanceInformationList": nodes})
    book.add(
        here,
        "ssm.DescribeInstancePatchStates",
        {"InstancePatchStates": states},
        keep={"InstancePatchStates": {"InstanceId": "InstanceIds"}},
    )
    book.add(
        here,
        "ssm.ListResourceComplianceSummaries",
        {"ResourceComplianceSummaryItems": compliance},
    )


def _node(book: Book, instance: str, *, lost: bool) -> dict[str, Any]:
    return {
        "InstanceId": instance,
        "PingStatus": "ConnectionLost" if lost else "Online",
        "LastPingDateTime": book.ago(30) if lost else book.fresh(minutes=3),
        "AgentVersion": "3.1.1080.0" if lost else "3.3.2299.0",
        "IsLatestVersion": not lost,
        "PlatformType": "Linux",
        "PlatformName": "Amazon Linux",
        "PlatformVersion": "2" if lost else "2023",
        "ResourceType": "EC2Instance",
        "AssociationStatus": "Success",
    }


def _compliance(book: Book, instance: str, *, failed: bool) -> dict[str, Any]:
    return {
        "ComplianceType": "Association",
        "ResourceType": "ManagedInstance",
        "ResourceId": instance,
        "Status": "NON_COMPLIANT" if failed else "COMPLIANT",
        "OverallSeverity": "UNSPECIFIED",
        "ExecutionSummary": {"ExecutionTime": book.fresh(hours=5)},
        "NonCompliantSummary": {"NonCompliantCount": int(failed)},
    }


def _secrets(book: Book, here: Place) -> None:
    """The listing of moto, with the ages that the secrets would have."""
    found = here("secretsmanager").list_secrets()["SecretList"]
    for secret in found:
        rotated, made = SECRETS[secret["Name"]]
        secret |= {
            "CreatedDate": book.ago(made),
            "LastChangedDate": book.ago(made if rotated is None else rotated),
            # Someone reads it every day, but the mail provider's has another copy by now.
            "LastAccessedDate": (
                book.ago(140) if secret["Name"] == "shop/mail-provider" else book.fresh(days=1)
            ),
        }
        for name in ("LastRotatedDate", "NextRotationDate"):
            secret.pop(name, None)
        if rotated is not None:
            secret["LastRotatedDate"] = book.ago(rotated + (21 if not book.happened(21) else 0))
    book.add(here, "secretsmanager.ListSecrets", {"SecretList": found})


def _containers(book: Book, estate: Estate) -> None:
    """What the scans found in the images: one has carried critical holes for weeks."""
    here = estate.at("production", FRANKFURT)
    for name, _ in REPOSITORIES:
        images = here("ecr").describe_images(repositoryName=name)["imageDetails"]
        for image in images:
            number = int(image["imageTags"][0])
            counts = {"CRITICAL": 2, "HIGH": 9} if name == "recommend" else {"MEDIUM": 4}
            image |= {
                "imagePushedAt": book.ago(100 - 20 * number),
                "imageScanStatus": {"status": "COMPLETE"},
                "imageScanFindingsSummary": {
                    "imageScanCompletedAt": book.ago(100 - 20 * number),
                    "vulnerabilitySourceUpdatedAt": book.ago(100 - 20 * number),
                    "findingSeverityCounts": counts,
                },
            }
        book.add(
            here, "ecr.DescribeImages", {"imageDetails": images}, when={"repositoryName": name}
        )


def _certificates(book: Book, here: Place) -> None:
    found = here("acm").list_certificates()["CertificateSummaryList"]
    for certificate in found:
        if certificate["DomainName"].startswith("old-shop"):
            certificate |= {
                "Status": "EXPIRED",
                "NotBefore": book.ago(440),
                "NotAfter": book.ago(45),
                "InUse": False,
            }
    book.add(here, "acm.ListCertificates", {"CertificateSummaryList": found})


def _subscriptions(book: Book, here: Place) -> None:
    """Who confirmed: in moto everybody, but the old list of people never did."""
    found = here("sns").list_subscriptions()["Subscriptions"]
    for subscription in found:
        if subscription["TopicArn"].endswith(":old-ops-list"):
            subscription["SubscriptionArn"] = "PendingConfirmation"
    book.add(here, "sns.ListSubscriptions", {"Subscriptions": found})
