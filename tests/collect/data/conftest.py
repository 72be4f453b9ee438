"""An emulated account, and the verdicts of a scan of it by check and resource."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from sharedline import scan

REGION = "us-east-1"
Verdicts = dict[tuple[str, str], bool | None]


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Emulated AWS in this process; nothing can reach a real account."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield


def refuse(session: boto3.Session, operations: tuple[str, ...]) -> None:
    """Makes AWS answer AccessDenied to the named operations (`s3:GetBucketPolicy`)."""

    def answer(model: Any, **_: Any) -> Any:
        if f"{model.service_model.service_name}:{model.name}" not in operations:
            return None
        error = {"Error": {"Code": "AccessDenied", "Message": "denied"}, "ResponseMetadata": {}}
        return SimpleNamespace(status_code=403), error

    session.events.register("before-call", answer)


@pytest.fixture
def verdicts(tmp_path: Path) -> Callable[..., Verdicts]:
    """Scans the emulated account and returns every answer, each resource once per check."""

    def ask(*checks: str, denied: tuple[str, ...] = ()) -> Verdicts:
        session = boto3.Session()
        refuse(session, denied)
        found = scan(
            session=session,
            regions=(REGION,),
            checks=checks,
            lake=tmp_path / "lake",
            processes=0,
        )
        answers: Verdicts = {}
        for finding in found.findings():
            key = (finding.check, finding.resource)
            assert key not in answers, f"{key} is answered twice"
            answers[key] = finding.ok
        return answers

    return ask
