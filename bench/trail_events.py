"""Makes CloudTrail log files for the benchmark: the same bytes for the same arguments, every time."""

from __future__ import annotations

import gzip
import json
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

START = datetime(2026, 10, 1, tzinfo=UTC)
ACCOUNTS = ("111122223333", "222233334444", "333344445555")
REGIONS = ("us-east-1", "eu-central-1")
_AGENTS = (
    "aws-cli/2.31.9 md/awscrt#0.27.6 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.13.7",
    "Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux#6.1 lang/python#3.12.4 cfg/retry-mode#adaptive",
    "APN/1.0 HashiCorp/1.0 Terraform/1.13.4 (+https://www.terraform.io) aws-sdk-go-v2/1.39.2",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0",
    "config.amazonaws.com",
    "autoscaling.amazonaws.com",
)
#: Event source, name, whether it only reads, and its share among a thousand.
_CALLS = (
    ("s3.amazonaws.com", "GetObject", True, 260),
    ("s3.amazonaws.com", "PutObject", False, 90),
    ("s3.amazonaws.com", "GetBucketAcl", True, 40),
    ("ec2.amazonaws.com", "DescribeInstances", True, 150),
    ("ec2.amazonaws.com", "DescribeNetworkInterfaces", True, 60),
    ("ec2.amazonaws.com", "RunInstances", False, 5),
    ("sts.amazonaws.com", "AssumeRole", True, 150),
    ("kms.amazonaws.com", "Decrypt", True, 110),
    ("logs.amazonaws.com", "CreateLogStream", False, 40),
    ("iam.amazonaws.com", "ListRoles", True, 20),
    ("iam.amazonaws.com", "AttachRolePolicy", False, 2),
    ("ssm.amazonaws.com", "UpdateInstanceInformation", False, 40),
    ("lambda.amazonaws.com", "Invoke", False, 30),
    ("signin.amazonaws.com", "ConsoleLogin", False, 3),
)
_SERVICES = ("lambda.amazonaws.com", "ec2.amazonaws.com", "config.amazonaws.com")
_TLS = {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256"}


class Maker:
    """Events one after another, drawn from one seed."""

    def __init__(self, seed: int, events_a_day: int) -> None:
        self._draw = random.Random(seed)  # noqa: S311 not for secrets
        self._step = timedelta(days=1) / events_a_day
        self._weights = [call[3] for call in _CALLS]

    def event(self, number: int, account: str, region: str) -> dict[str, Any]:
        """The event of that number, as CloudTrail writes it."""
        draw = self._draw
        source, name, reads, _ = draw.choices(_CALLS, self._weights)[0]
        moment = START + self._step * number
        found: dict[str, Any] = {
            "eventVersion": "1.11",
            "userIdentity": self._identity(account, moment),
            "eventTime": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
            "eventSource": source,
            "eventName": name,
            "awsRegion": region,
            "sourceIPAddress": f"10.{draw.randrange(8)}.{draw.randrange(256)}.{draw.randrange(256)}",
            "userAgent": draw.choice(_AGENTS),
        }
        if draw.random() < 0.03:
            found["errorCode"] = "AccessDenied"
            found["errorMessage"] = (
                f"User: {found['userIdentity'].get('arn')} is not authorized to perform: "
                f"{source.split('.')[0]}:{name} because no identity-based policy allows the action"
            )
        found |= self._parts(source, name, account, region, moment)
        found |= {
            "requestID": self._id(),
            "eventID": self._id(),
            "readOnly": reads,
            "eventType": "AwsApiCall" if name != "ConsoleLogin" else "AwsConsoleSignIn",
            "managementEvent": name not in ("GetObject", "PutObject", "Invoke"),
            "recipientAccountId": account,
            "eventCategory": "Data"
            if name in ("GetObject", "PutObject", "Invoke")
            else "Management",
            "tlsDetails": {
                **_TLS,
                "clientProvidedHostHeader": source.replace(".", f".{region}.", 1),
            },
        }
        return found

    def _id(self) -> str:
        return str(uuid.UUID(int=self._draw.getrandbits(128), version=4))

    def _identity(self, account: str, moment: datetime) -> dict[str, Any]:
        draw = self._draw
        number = draw.randrange(80)
        if number >= 60:  # AWS's own services, which make a good part of any trail
            return {"type": "AWSService", "invokedBy": _SERVICES[number % len(_SERVICES)]}
        if number < 6:
            return {
                "type": "IAMUser",
                "principalId": f"AIDAUSER{number:013d}",
                "arn": f"arn:aws:iam::{account}:user/user-{number}",
                "accountId": account,
                "accessKeyId": f"AKIAUSER{number:012d}",
                "userName": f"user-{number}",
            }
        role = f"role-{number}"
        # A session's key stays the same for its hour, as in life: many events share an identity.
        visit = draw.randrange(8)
        session = f"i-{number * 8 + visit:017x}" if number < 30 else f"session-{visit}"
        key = random.Random(f"{session}{number}{moment:%d%H}").getrandbits(64)  # noqa: S311
        context: dict[str, Any] = {
            "sessionIssuer": {
                "type": "Role",
                "principalId": f"AROAROLE{number:013d}",
                "arn": f"arn:aws:iam::{account}:role/service/{role}",
                "accountId": account,
                "userName": role,
            },
            "webIdFederationData": {},
            "attributes": {
                "creationDate": f"{moment:%Y-%m-%dT%H:00:00Z}",
                "mfaAuthenticated": "false",
            },
        }
        if number < 30:
            context["ec2RoleDelivery"] = "2.0"
        return {
            "type": "AssumedRole",
            "principalId": f"AROAROLE{number:013d}:{session}",
            "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
            "accountId": account,
            "accessKeyId": f"ASIA{key:016X}",
            "sessionContext": context,
        }

    def _parts(
        self, source: str, name: str, account: str, region: str, moment: datetime
    ) -> dict[str, Any]:
        draw = self._draw
        if source.startswith("s3"):
            key = f"{moment:%Y/%m/%d}/part-{self._id()}.parquet"
            bucket = f"data-{draw.randrange(20)}-{account}"
            return {
                "requestParameters": {
                    "bucketName": bucket,
                    "Host": f"{bucket}.s3.{region}.amazonaws.com",
                    "key": key,
                },
                "responseElements": None,
                "additionalEventData": {
                    "SignatureVersion": "SigV4",
                    "bytesTransferredIn": 0,
                    "bytesTransferredOut": draw.randrange(10**7),
                    "AuthenticationMethod": "AuthHeader",
                    "x-amz-id-2": f"{draw.getrandbits(300):075x}=",
                },
                "resources": [
                    {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{bucket}/{key}"},
                    {
                        "accountId": account,
                        "type": "AWS::S3::Bucket",
                        "ARN": f"arn:aws:s3:::{bucket}",
                    },
                ],
            }
        if name == "AssumeRole":
            role = f"arn:aws:iam::{account}:role/role-{draw.randrange(60)}"
            return {
                "requestParameters": {
                    "roleArn": role,
                    "roleSessionName": f"session-{draw.randrange(500)}",
                    "durationSeconds": 3600,
                },
                "responseElements": {
                    "credentials": {
                        "accessKeyId": f"ASIA{draw.getrandbits(64):016X}",
                        "sessionToken": f"{draw.getrandbits(800):0200x}",
                        "expiration": f"{moment + timedelta(hours=1):%b %d, %Y %I:%M:%S %p}",
                    },
                    "assumedRoleUser": {
                        "assumedRoleId": f"AROAROLE:{draw.randrange(500)}",
                        "arn": role,
                    },
                },
                "resources": [{"accountId": account, "type": "AWS::IAM::Role", "ARN": role}],
            }
        if name in ("RunInstances", "DescribeNetworkInterfaces", "DescribeInstances"):
            items = [
                {"instanceId": f"i-{draw.getrandbits(68):017x}"}
                for _ in range(draw.randrange(1, 4))
            ]
            return {
                "requestParameters": {
                    "instancesSet": {"items": items},
                    "filterSet": {},
                    "maxResults": 1000,
                },
                "responseElements": {"_return": True} if name == "RunInstances" else None,
            }
        parameters = {
            "keyId": f"arn:aws:kms:{region}:{account}:key/{self._id()}",
            "encryptionContext": {"aws:s3:arn": f"arn:aws:s3:::data-{draw.randrange(20)}"},
            "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
        }
        return {"requestParameters": parameters, "responseElements": None}


def files(
    folder: Path, events: int, per_file: int, seed: int = 7, events_a_day: int = 200_000
) -> Iterator[Path]:
    """Writes gzipped log files where a trail would put them; each file's path as it is done."""
    maker = Maker(seed, events_a_day)
    for first in range(0, events, per_file):
        number = first // per_file
        account = ACCOUNTS[number % len(ACCOUNTS)]
        region = REGIONS[number // len(ACCOUNTS) % len(REGIONS)]
        last = min(first + per_file, events)
        records = [maker.event(n, account, region) for n in range(first, last)]
        moment = datetime.fromisoformat(records[-1]["eventTime"])
        path = folder / f"AWSLogs/{account}/CloudTrail/{region}/{moment:%Y/%m/%d}"
        path.mkdir(parents=True, exist_ok=True)
        path /= f"{account}_CloudTrail_{region}_{moment:%Y%m%dT%H%MZ}_{number:016d}.json.gz"
        text = json.dumps({"Records": records}, separators=(",", ":"))
        path.write_bytes(gzip.compress(text.encode(), 6, mtime=0))
        yield path
