"""What the monitoring section of the CIS benchmark wants alarms on, as events a filter must match.

A filter is judged by what it matches, not by its text: each set below is made into CloudTrail
events, and each of them must be counted. Section 5 of CIS AWS Foundations 7.0.0.
"""

from __future__ import annotations

from typing import Any

Event = dict[str, Any]

#: Set -> (event source, names of events that change what the set is about).
CHANGES: dict[str, tuple[str, str]] = {
    "iam-changes": (
        "iam.amazonaws.com",
        (
            "DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy "
            "PutUserPolicy CreatePolicy DeletePolicy CreatePolicyVersion DeletePolicyVersion "
            "AttachRolePolicy DetachRolePolicy AttachUserPolicy DetachUserPolicy AttachGroupPolicy "
            "DetachGroupPolicy"
        ),
    ),
    "cloudtrail-changes": (
        "cloudtrail.amazonaws.com",
        ("CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging"),
    ),
    "key-deletion": ("kms.amazonaws.com", "DisableKey ScheduleKeyDeletion"),
    "bucket-policy-changes": (
        "s3.amazonaws.com",
        (
            "PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle PutBucketReplication "
            "DeleteBucketPolicy DeleteBucketCors DeleteBucketLifecycle DeleteBucketReplication"
        ),
    ),
    "config-changes": (
        "config.amazonaws.com",
        (
            "StopConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel "
            "PutConfigurationRecorder"
        ),
    ),
    "security-group-changes": (
        "ec2.amazonaws.com",
        (
            "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress "
            "RevokeSecurityGroupEgress CreateSecurityGroup DeleteSecurityGroup"
        ),
    ),
    "network-acl-changes": (
        "ec2.amazonaws.com",
        (
            "CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry "
            "ReplaceNetworkAclEntry ReplaceNetworkAclAssociation"
        ),
    ),
    "gateway-changes": (
        "ec2.amazonaws.com",
        (
            "CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway "
            "CreateInternetGateway DeleteInternetGateway DetachInternetGateway"
        ),
    ),
    "route-table-changes": (
        "ec2.amazonaws.com",
        (
            "CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation "
            "DeleteRouteTable DeleteRoute DisassociateRouteTable"
        ),
    ),
    "vpc-changes": (
        "ec2.amazonaws.com",
        (
            "CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection "
            "CreateVpcPeeringConnection DeleteVpcPeeringConnection RejectVpcPeeringConnection"
        ),
    ),
    "organization-changes": (
        "organizations.amazonaws.com",
        (
            "AcceptHandshake AttachPolicy CreateAccount CreateOrganizationalUnit CreatePolicy "
            "DeclineHandshake DeleteOrganization DeleteOrganizationalUnit DeletePolicy "
            "DetachPolicy DisablePolicyType EnablePolicyType InviteAccountToOrganization "
            "LeaveOrganization MoveAccount RemoveAccountFromOrganization "
            "UpdateOrganizationalUnit UpdatePolicy"
        ),
    ),
}
_GLOBAL = ("iam.amazonaws.com", "organizations.amazonaws.com", "signin.amazonaws.com")


def _event(source: str, name: str, **more: Any) -> Event:
    """A CloudTrail event as such a call leaves it, with the members that every event has."""
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "arn": "arn:aws:sts::111122223333:assumed-role/someone/person",
            "principalId": "AROAEXAMPLE:person",
            "accountId": "111122223333",
        },
        "eventTime": "2026-01-01T00:00:00Z",
        "eventSource": source,
        "eventName": name,
        "awsRegion": "us-east-1" if source in _GLOBAL else "eu-central-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2",
        "eventType": "AwsApiCall",
        "eventCategory": "Management",
        "managementEvent": True,
        "readOnly": False,
        "recipientAccountId": "111122223333",
        "requestParameters": {},
        **more,
    }


def _sign_in(outcome: str, **more: Any) -> Event:
    user = {"type": "IAMUser", "userName": "person", "accountId": "111122223333"}
    user["arn"] = "arn:aws:iam::111122223333:user/person"
    given: dict[str, Any] = {
        "eventType": "AwsConsoleSignIn",
        "userIdentity": user,
        "additionalEventData": {"MFAUsed": "No", "LoginTo": "https://console.aws.amazon.com/"},
        "responseElements": {"ConsoleLogin": outcome},
    }
    return _event("signin.amazonaws.com", "ConsoleLogin", **{**given, **more})


def _root() -> dict[str, Event]:
    root = {"type": "Root", "arn": "arn:aws:iam::111122223333:root", "accountId": "111122223333"}
    return {
        "an API call of root": _event("s3.amazonaws.com", "CreateBucket", userIdentity=root),
        "a console sign-in of root": _sign_in("Success", userIdentity=root),
    }


def _refused() -> dict[str, Event]:
    codes = ("AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation")
    return {c: _event("ec2.amazonaws.com", "RunInstances", errorCode=c) for c in codes}


def event_sets() -> dict[str, dict[str, Event]]:
    """Every set: the name of each event for people, and the event."""
    sets = {
        name: {e: _event(source, e) for e in events.split()}
        for name, (source, events) in CHANGES.items()
    }
    sets["unauthorized-calls"] = _refused()
    sets["sign-in-without-mfa"] = {"ConsoleLogin without MFA": _sign_in("Success")}
    sets["root-use"] = _root()
    failed = _sign_in("Failure", errorMessage="Failed authentication")
    sets["sign-in-failures"] = {"a failed ConsoleLogin": failed}
    return sets
