"""Writes findings into AWS Security Hub: `BatchImportFindings`, a hundred a call, by account.

AWS takes findings of the default product only from the account that they are about, in the Region
of their product's ARN; so each account's are sent with credentials of its own.
Ref: https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html,
read 2026-11-22.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sharedline.errors import Error
from sharedline.formats import asff
from sharedline.project import Project
from sharedline.results import Results

#: As many findings as AWS takes in a call.
BATCH = 100
ACTION = "securityhub:BatchImportFindings"
#: What fails or is waived, and what a scan verified, so that it is closed there too.
TOLD = "status in ('unmet', 'waived') or life = 'verified'"
#: Gives a client of Security Hub for an account and a Region; `Error` where it cannot.
Clients = Callable[[str, str], Any]


@dataclass(frozen=True, slots=True)
class Refused:
    """A finding that Security Hub did not take, and why."""

    id: str
    account: str
    region: str
    code: str
    message: str


@dataclass
class Pushed:
    """How many findings Security Hub took, and those that it refused."""

    taken: int = 0
    refused: list[Refused] = field(default_factory=list)


def findings(results: Results, where: str = TOLD, region: str = "") -> Iterator[dict[str, Any]]:
    """The findings as Security Hub takes them; all in one Region where one is named."""
    for piece in asff.render(results, where):  # one finding a piece, between brackets and commas
        one = piece.lstrip("[,\n")
        if not one.startswith("{"):
            continue
        finding = json.loads(one)
        if region:
            parts = finding["ProductArn"].split(":")
            finding["ProductArn"] = ":".join([*parts[:3], region, *parts[4:]])
            finding["Region"] = region
        yield finding


def push(
    found: Iterator[dict[str, Any]], clients: Clients, step: Callable[[int], None] | None = None
) -> Pushed:
    """Sends them, a hundred a call; what one place refuses stops no other.

    `step` is told how many were sent by each call.
    """
    out = Pushed()
    waiting: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for finding in found:
        place = finding["AwsAccountId"], finding["Region"]
        batch = waiting.setdefault(place, [])
        batch.append(finding)
        if len(batch) == BATCH:
            _import(waiting.pop(place), place, clients, out)
            if step:
                step(BATCH)
    for place, batch in sorted(waiting.items()):
        _import(batch, place, clients, out)
        if step:
            step(len(batch))
    return out


def _import(
    batch: list[dict[str, Any]], place: tuple[str, str], clients: Clients, out: Pushed
) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    def refuse(code: str, message: str) -> None:
        out.refused += [Refused(f["Id"], *place, code, message) for f in batch]

    try:
        answer = clients(*place).batch_import_findings(Findings=batch)
    except ClientError as error:
        said: Mapping[str, str] = error.response.get("Error", {})
        refuse(said.get("Code", "Error"), _line(said.get("Message", "")))
    except BotoCoreError as error:
        refuse(type(error).__name__, _line(str(error)))
    except Error as error:
        refuse("NoAccess", error.message)
    else:
        out.taken += answer["SuccessCount"]
        out.refused += [
            Refused(f["Id"], *place, f["ErrorCode"], _line(f["ErrorMessage"]))
            for f in answer.get("FailedFindings", ())
        ]


def _line(text: str) -> str:
    return " ".join(text.split())[:300]


class Accounts:
    """Clients by account and Region: the caller's own, the others' through the role named."""

    def __init__(self, project: Project) -> None:
        import boto3

        self.given = project.securityhub
        self.session = boto3.Session(profile_name=self.given.get("profile") or None)
        self._sessions: dict[str, Any] = {}
        self._clients: dict[tuple[str, str], Any] = {}
        self._home = ""

    def __call__(self, account: str, region: str) -> Any:
        """The client; `Error` where the account is another's and no role is named."""
        if (account, region) not in self._clients:
            self._clients[account, region] = self._client(
                "securityhub", region, self._session(account)
            )
        return self._clients[account, region]

    def _client(self, service: str, region: str, session: Any) -> Any:
        from botocore.config import Config

        config = Config(
            retries={"mode": "adaptive", "total_max_attempts": 6},
            connect_timeout=10,
            read_timeout=60,
            user_agent_extra="sharedline",
        )
        place = self.given.get("endpoint_url") or None
        return session.client(service, region_name=region, endpoint_url=place, config=config)

    def _session(self, account: str) -> Any:
        import boto3

        sts = self._client("sts", self.session.region_name or "us-east-1", self.session)
        if not self._home:
            self._home = sts.get_caller_identity()["Account"]
        if account == self._home:
            return self.session
        role = self.given.get("role", "")
        if not role:
            raise Error(
                f"The credentials are for account {self._home}, these findings for {account}.",
                "Name a role to assume in each account: role in [securityhub].",
            )
        if account not in self._sessions:
            partition = self.session.get_partition_for_region(sts.meta.region_name)
            asked = {
                "RoleArn": f"arn:{partition}:iam::{account}:role/{role}",
                "RoleSessionName": "sharedline",
            }
            if self.given.get("external_id"):
                asked["ExternalId"] = self.given["external_id"]
            keys = sts.assume_role(**asked)["Credentials"]
            self._sessions[account] = boto3.Session(
                keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]
            )
        return self._sessions[account]
