"""Where the example estate is built: its accounts and Regions, boto3 clients, and ids kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

#: What the emulator takes any unknown access key for.
MANAGEMENT_ID = "123456789012"
HOME = "us-east-1"
FRANKFURT = "eu-central-1"
IRELAND = "eu-west-1"
REGIONS = (HOME, FRANKFURT, IRELAND)
#: The organisation: a food delivery company, and the toy maker it bought.
COMPANY = "Fennel & Rye"
MEMBERS = ("security", "production", "plumbob")
ACCOUNTS = ("management", *MEMBERS)
ADMIN_ROLE = "OrganizationAccountAccessRole"
SCAN_ROLE = "SharedlineScan"
#: Accounts outside the organisation that some of its policies let in.
VENDOR, STRANGER = "998877665544", "554433221100"

Keys = tuple[str, str, str | None]
_ANY: Keys = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None)


@dataclass
class Estate:
    """The estate under construction: account ids by name, and the ids of what was made."""

    url: str
    accounts: dict[str, str] = field(default_factory=lambda: {"management": MANAGEMENT_ID})
    ids: dict[str, str] = field(default_factory=dict)
    _keys: dict[str, Keys] = field(default_factory=lambda: {"management": _ANY})
    _clients: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    _session: Any = None

    def at(self, account: str, region: str = HOME) -> Place:
        """A Region of an account, to build in."""
        return Place(self, account, region)

    def session(self, account: str = "management", region: str = HOME) -> Any:
        """A boto3 session with the credentials of an account."""
        key, secret, token = self._keys_of(account)
        return boto3.Session(
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            region_name=region,
        )

    def client(self, account: str, region: str, service: str) -> Any:
        """The boto3 client for a service in a Region of an account, made once."""
        wanted = (account, region, service)
        if wanted not in self._clients:
            # One session for all: each would load the service models anew.
            self._session = self._session or boto3.Session(
                botocore_session=botocore.session.Session()
            )
            key, secret, token = self._keys_of(account)
            self._clients[wanted] = self._session.client(
                service,
                region_name=region,
                endpoint_url=self.url,
                aws_access_key_id=key,
                aws_secret_access_key=secret,
                aws_session_token=token,
                config=Config(
                    retries={"total_max_attempts": 1},
                    s3={"addressing_style": "path"},
                    parameter_validation=True,
                ),
            )
            if service == "s3control":
                events = self._clients[wanted].meta.events
                events.register("before-sign.s3-control", _without_account_in_host)
        return self._clients[wanted]

    def _keys_of(self, account: str) -> Keys:
        if account not in self._keys:
            role = f"arn:aws:iam::{self.accounts[account]}:role/{ADMIN_ROLE}"
            given = self.client("management", HOME, "sts").assume_role(
                RoleArn=role, RoleSessionName="landing-zone"
            )["Credentials"]
            self._keys[account] = (
                given["AccessKeyId"],
                given["SecretAccessKey"],
                given["SessionToken"],
            )
        return self._keys[account]

    def keep(self, name: str, value: str) -> str:
        """Remember an id under a name, for later stages and for fixtures."""
        self.ids[name] = value
        return value


def _without_account_in_host(request: Any, **_: Any) -> None:
    """Take away the account that botocore puts before any host, also before an IP address."""
    account = request.headers["x-amz-account-id"]
    request.url = request.url.replace(f"//{account}.", "//", 1)


@dataclass(frozen=True)
class Place:
    """One Region of one account; called with a service it gives the client."""

    estate: Estate
    account: str
    region: str

    def __call__(self, service: str) -> Any:
        """The client for a service here."""
        return self.estate.client(self.account, self.region, service)

    @property
    def id(self) -> str:
        """The account's id."""
        return self.estate.accounts[self.account]

    def arn(self, service: str, rest: str) -> str:
        """The ARN of a regional resource here."""
        return f"arn:aws:{service}:{self.region}:{self.id}:{rest}"

    def iam(self, rest: str) -> str:
        """The ARN of an IAM resource of this account."""
        return f"arn:aws:iam::{self.id}:{rest}"

    def keep(self, name: str, value: str) -> str:
        """Remember an id of this account under a name."""
        return self.estate.keep(f"{self.account}/{name}", value)

    def get(self, name: str) -> str:
        """An id of this account that was kept."""
        return self.estate.ids[f"{self.account}/{name}"]


def tags(name: str = "", **more: str) -> list[dict[str, str]]:
    """Tags as most services write them."""
    pairs = {"Name": name, **more} if name else dict(more)
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def document(*statements: Mapping[str, Any]) -> str:
    """A policy document of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(
    actions: str | list[str], resources: str | list[str] = "*", **more: Any
) -> dict[str, Any]:
    """A statement that allows; further members (`Principal`, `Condition`, `Sid`) by keyword."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def deny(actions: str | list[str], resources: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    """A statement that denies."""
    return {"Effect": "Deny", "Action": actions, "Resource": resources, **more}


def trust(principal: Mapping[str, Any] | str, **more: Any) -> str:
    """A trust policy: who may assume a role."""
    action = "sts:AssumeRole"
    if isinstance(principal, Mapping) and "Federated" in principal:
        action = "sts:AssumeRoleWithWebIdentity"
    return document({"Effect": "Allow", "Principal": principal, "Action": action, **more})


def service_trust(*services: str) -> str:
    """A trust policy for AWS services."""
    return trust({"Service": [f"{name}.amazonaws.com" for name in services]})
