"""A small emulated account with good and bad resources, ways to make its answers fail, the CLI."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import botocore.client
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from tests.running import Ended, Run, runner

from sharedline import scan

REGION = "us-east-1"
ACCOUNT = "123456789012"
#: Checks over a few services: enough of an estate to fail in every way, and quick.
CHECKS = ("s3/bucket_*", "sqs/*", "sns/*")
OPEN = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}


def build() -> None:
    """Two buckets, queues and topics: one of each is neglected."""
    s3 = boto3.client("s3", region_name=REGION)
    for name in ("ledger", "leaky"):
        s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket="ledger", VersioningConfiguration={"Status": "Enabled"})
    blocked = dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
    )
    s3.put_public_access_block(Bucket="ledger", PublicAccessBlockConfiguration=blocked)
    public = {**OPEN["Statement"][0], "Action": "s3:GetObject", "Resource": "arn:aws:s3:::leaky/*"}  # type: ignore[dict-item]
    s3.put_bucket_policy(Bucket="leaky", Policy=json.dumps({**OPEN, "Statement": [public]}))
    sqs = boto3.client("sqs", region_name=REGION)
    sqs.create_queue(QueueName="orders", Attributes={"SqsManagedSseEnabled": "true"})
    sqs.create_queue(
        QueueName="open", Attributes={"Policy": json.dumps(OPEN), "SqsManagedSseEnabled": "false"}
    )
    sns = boto3.client("sns", region_name=REGION)
    sns.create_topic(Name="alerts")
    sns.create_topic(Name="open", Attributes={"Policy": json.dumps(OPEN)})


@dataclass
class Aws:
    """What is done to every API call of this process, and how often each was made."""

    fail: dict[str, Callable[[Mapping[str, Any]], Exception | None]] = field(default_factory=dict)
    made: Counter[str] = field(default_factory=Counter)
    always: Callable[[str], Exception | None] | None = None

    def refuse(self, *operations: str, code: str = "AccessDenied", after: int = 0) -> None:
        """Answers a call (`s3.GetBucketPolicy`) with an error, from the `after`-th time on."""
        for operation in operations:
            def failing(_: Mapping[str, Any], name: str = operation) -> Exception | None:
                return error(name, code) if self.made[name] > after else None

            self.fail[operation] = failing

    def mend(self) -> None:
        """AWS answers again, and counting begins anew."""
        self.fail, self.always, self.made = {}, None, Counter()


def error(operation: str, code: str, message: str = "no") -> ClientError:
    body = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {}}
    return ClientError(body, operation.partition(".")[2])


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Aws]:
    """Emulated AWS in this process; nothing can reach a real account."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    done = Aws()
    real = botocore.client.BaseClient._make_api_call

    def call(client: Any, operation: str, params: Mapping[str, Any]) -> Any:
        name = f"{client.meta.service_model.service_name}.{operation}"
        done.made[name] += 1
        failing = done.fail.get(name)
        wrong = failing(params) if failing else done.always(name) if done.always else None
        if wrong is not None:
            raise wrong
        return real(client, operation, params)

    with mock_aws():
        build()
        monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)
        yield done


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command as a shell would, in this process."""
    monkeypatch.setenv("COLUMNS", "200")
    return runner(capsys)


@pytest.fixture
def scanning(cli: Run, tmp_path: Path) -> Run:
    """Runs `scan` over the small estate, with more options if given."""

    def run(*more: object) -> Ended:
        checks = ",".join(CHECKS)
        return cli("scan", "--dir", tmp_path, "--regions", REGION, "--checks", checks,
                   "--processes", 0, "--rate", 50, *more)

    return run


Verdicts = dict[tuple[str, str], bool | None]


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    """The answers of a scan that nothing disturbs."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        build()
        found = scan(
            boto3.Session(region_name=REGION), regions=(REGION,), checks=CHECKS,
            lake=tmp_path_factory.mktemp("whole"), processes=0, rate=50.0,
        )
        return {(f.check, f.resource): f.ok for f in found.findings()}


@pytest.fixture
def verdicts(tmp_path: Path) -> Callable[..., Verdicts]:
    """Scans in Python and returns every answer."""

    def ask(**options: Any) -> Verdicts:
        given = {"regions": (REGION,), "checks": CHECKS, "lake": tmp_path / "lake",
                 "processes": 0, "rate": 50.0, **options}
        found = scan(boto3.Session(), **given)
        return {(f.check, f.resource): f.ok for f in found.findings()}

    return ask


def executable() -> list[str]:
    """The command as a process of its own."""
    return [sys.executable, "-m", "sharedline.cli.main"]
