"""GuardDuty's findings of the attack: one that nobody opened, one that a filter put away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sharedline.demo.estate import theft
from sharedline.demo.estate.answers import Book
from sharedline.demo.estate.place import FRANKFURT, IRELAND, Place


def found(book: Book, here: Place, detector: str) -> list[dict[str, Any]]:
    """The findings of one Region that had been made by the time of the scan."""
    when = theft.times(book.today)
    if here.account != "production" or book.at < when.found:
        return []
    if here.region == FRANKFURT:
        return [_stolen(here, detector, when)]
    # The user is there from the last change of the estate on.
    if here.region == IRELAND and f"production/user/{theft.USER}" in here.estate.ids:
        return [_hidden(here, detector, when)]
    return []


def _stolen(here: Place, detector: str, when: theft.Times) -> dict[str, Any]:
    """The role's credentials, used from an address outside of AWS."""
    instance = here.get(f"instance/{theft.MACHINE}")
    said = (
        f"Credentials that the role {theft.ROLE} gave to the instance {instance} were used from "
        f"{theft.FIRST_ADDRESS}, which is outside of AWS."
    )
    return {
        **_common(here, detector, theft.FINDING, 8.0, when.found, when.last_seen),
        "Type": "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
        "Title": "Credentials of an instance were used from outside of AWS.",
        "Description": said,
        "Resource": {
            "ResourceType": "AccessKey",
            "AccessKeyDetails": {
                "AccessKeyId": theft.session_key(theft.MACHINE, when.start),
                "PrincipalId": f"{here.get(f'role/{theft.ROLE}')}:{instance}",
                "UserName": theft.ROLE,
                "UserType": "AssumedRole",
            },
            "InstanceDetails": {
                "InstanceId": instance,
                "IamInstanceProfile": {"Arn": here.iam(f"instance-profile/{theft.MACHINE}")},
                "Tags": [
                    {"Key": "Name", "Value": theft.MACHINE},
                    {"Key": "team", "Value": "shop"},
                ],
            },
        },
        "Service": _service(
            detector,
            _action("GetObject", "s3.amazonaws.com", theft.FIRST_ADDRESS),
            when.first_seen,
            when.last_seen,
            count=36,
        ),
    }


def _hidden(here: Place, detector: str, when: theft.Times) -> dict[str, Any]:
    """The new key in the recovery site's Region, put away by a filter that was made for a test."""
    return {
        **_common(here, detector, theft.HIDDEN_FINDING, 5.0, when.hidden, when.hidden),
        "Type": "UnauthorizedAccess:IAMUser/MaliciousIPCaller",
        "Title": "An API was called from an address that is known to be malicious.",
        "Description": f"APIs were called from the address {theft.SECOND_ADDRESS}.",
        "Resource": {
            "ResourceType": "AccessKey",
            "AccessKeyDetails": {
                "AccessKeyId": here.get(f"key-of/{theft.USER}/1"),
                "PrincipalId": here.get(f"user/{theft.USER}"),
                "UserName": theft.USER,
                "UserType": "IAMUser",
            },
        },
        "Service": _service(
            detector,
            _action("DescribeInstances", "ec2.amazonaws.com", theft.SECOND_ADDRESS),
            when.second,
            when.hidden,
            count=3,
            archived=True,
        ),
    }


def _common(
    here: Place, detector: str, number: str, severity: float, made: datetime, updated: datetime
) -> dict[str, Any]:
    return {
        "SchemaVersion": "2.0",
        "AccountId": here.id,
        "Region": here.region,
        "Partition": "aws",
        "Id": number,
        "Arn": here.arn("guardduty", f"detector/{detector}/finding/{number}"),
        "Severity": severity,
        "CreatedAt": _milliseconds(made),
        "UpdatedAt": _milliseconds(max(made, updated)),
    }


def _service(
    detector: str,
    action: dict[str, Any],
    first: datetime,
    last: datetime,
    *,
    count: int,
    archived: bool = False,
) -> dict[str, Any]:
    return {
        "ServiceName": "guardduty",
        "DetectorId": detector,
        "Archived": archived,
        "Count": count,
        "EventFirstSeen": _milliseconds(first),
        "EventLastSeen": _milliseconds(last),
        "ResourceRole": "TARGET",
        "Action": action,
    }


def _action(api: str, service: str, address: str) -> dict[str, Any]:
    return {
        "ActionType": "AWS_API_CALL",
        "AwsApiCallAction": {
            "Api": api,
            "ServiceName": service,
            "CallerType": "Remote IP",
            "RemoteIpDetails": {
                "IpAddressV4": address,
                "Country": {"CountryName": "Unknown"},
                "Organization": {"Asn": "64496", "AsnOrg": "Documentation", "Org": "Nobody"},
            },
            "ErrorCode": "",
        },
    }


def _milliseconds(moment: datetime) -> str:
    """GuardDuty's times are texts."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
