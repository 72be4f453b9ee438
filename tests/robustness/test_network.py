"""Throttling for minutes, a connection that is cut, pages and polls that never end."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import botocore.exceptions
import botocore.retries.adaptive
import botocore.retries.standard
import pytest

from sharedline.collect import clients
from sharedline.collect.clients import Access, Caller, CallError
from sharedline.collect.patience import OVERALL, PER_SERVICE, Patience
from sharedline.collect.tables import iam_credentials
from sharedline.demo.emulator import start
from sharedline.demo.rules import Throttle
from sharedline.inventory.lake import Lake

from .conftest import REGION


def _cut(name: str) -> Exception:
    error: Exception = botocore.exceptions.EndpointConnectionError(endpoint_url=f"https://{name}")
    return error


def test_a_throttled_service_is_unknown_and_asked_no_more(
    aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = Caller(Access(rate_scale=1000.0), boto3.Session()._session)
    aws.refuse("sqs.ListQueues", code="RequestThrottled")
    codes = []
    for _ in range(PER_SERVICE + 5):
        with pytest.raises(CallError) as raised:
            caller.call("", REGION, "sqs", "ListQueues", {})
        codes.append(raised.value.failure.code)
    assert codes == ["RequestThrottled"] * PER_SERVICE + ["Throttled"] * 5
    assert aws.made["sqs.ListQueues"] == PER_SERVICE
    # Another Region and another service have budgets of their own.
    assert caller.call("", REGION, "sns", "ListTopics", {})["Topics"]
    with pytest.raises(CallError) as raised:
        caller.call("", "eu-west-1", "sqs", "ListQueues", {})
    assert raised.value.failure.code == "RequestThrottled"


def test_an_answer_restores_the_patience() -> None:
    patience, key = Patience(), ("a", "r", "s")
    for _ in range(PER_SERVICE - 1):
        patience.failed(key, "ThrottlingException")
    patience.worked(key)
    patience.failed(key, "ThrottlingException")
    assert not patience.exhausted(key)
    for _ in range(PER_SERVICE):
        patience.failed(key, "ThrottlingException")
    assert patience.exhausted(key)


def test_throttled_for_ever_by_the_emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore's own retries and client-side limiter, without their pauses."""
    from sharedline import scan

    monkeypatch.setattr(
        botocore.retries.standard.ExponentialBackoff, "delay_amount", lambda *_: 0.0
    )
    monkeypatch.setattr(
        botocore.retries.adaptive.ClientRateLimiter, "on_sending_request", lambda *_a, **_k: None
    )
    session = boto3.Session("AKIAIOSFODNN7EXAMPLE", "x", region_name=REGION)
    with start(throttle=[Throttle("sqs", times=None), Throttle("sns", times=3)]) as emulator:
        done = scan(session, regions=(REGION,), checks=("sqs/*", "sns/*"), lake=tmp_path / "lake",
                    processes=0, rate=50.0, endpoint_url=emulator.url)
    assert done.incomplete
    answers = {f.check.split("/")[0]: f.ok for f in done.findings()}
    assert answers["sqs"] is None
    assert {f["call"] for f in done.manifest.failures} == {"sqs:ListQueues"}


def test_one_service_out_of_reach_is_unknown(aws: Any, verdicts: Callable[..., Any], whole: Any
                                             ) -> None:
    aws.always = lambda name: _cut(name) if name.startswith("sqs.") else None
    found = verdicts()
    assert {ok for k, ok in found.items() if k[0].startswith("sqs/")} == {None}
    rest = {k: v for k, v in whole.items() if not k[0].startswith("sqs/")}
    assert {k: found.get(k) for k in rest} == rest


def test_the_connection_is_cut_in_the_middle(
    aws: Any, scanning: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sharedline.collect.patience.OVERALL", 2)
    monkeypatch.setattr("sharedline.collect.run.TABLES", 1)
    gone = []

    def always(name: str) -> Exception | None:
        if name.startswith(("s3.GetBucket", "sqs.")):
            gone.append(name)
        return _cut(name) if gone else None

    aws.always = always
    ended = scanning()
    assert ended.code == 3
    assert "The connection to AWS is cut" in ended.err
    assert "sharedline scan --resume" in ended.err
    lake = Lake(str(tmp_path / "lake"))
    assert lake.scans() == []
    aws.mend()
    assert scanning("--resume").code == 1
    assert [m.incomplete for m in lake.scans()] == [False]


def test_calls_that_fail_one_after_another_while_others_work_are_no_cut(
    aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sharedline.collect.patience.OVERALL", 3)
    caller = Caller(Access(rate_scale=1000.0), boto3.Session()._session)
    aws.always = lambda name: _cut(name) if name.startswith("sqs.") else None
    for _ in range(12):
        with pytest.raises(CallError):
            caller.call("", REGION, "sqs", "ListQueues", {})
    assert OVERALL > PER_SERVICE
    assert aws.made["sts.GetCallerIdentity"] == 4


def test_pages_that_never_end_are_partial_and_unknown(
    aws: Any, verdicts: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "MAX_PAGES", 30)
    numbers = itertools.count()
    real = Caller.call

    def call(self: Any, account: str, region: str, service: str, operation: str, params: Any) -> Any:
        if operation == "ListTopics":
            return {"Topics": [{"TopicArn": f"arn:aws:sns:{REGION}:123456789012:alerts"}],
                    "NextToken": f"page-{next(numbers)}"}
        return real(self, account, region, service, operation, params)

    monkeypatch.setattr(Caller, "call", call)
    found = verdicts(checks=("sns/*",))
    assert next(numbers) == 30
    assert found[("sns/topic_policy_not_public", f"arn:aws:sns:{REGION}:123456789012:*")] is None


def test_a_token_that_repeats_ends_the_listing(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = Caller(Access(rate_scale=1000.0), boto3.Session()._session)
    monkeypatch.setattr(caller, "call", lambda *_: {"Topics": [], "NextToken": "again"})
    pages = caller.pages("", REGION, "sns", "ListTopics", {})
    with pytest.raises(CallError) as raised:
        list(pages)
    assert raised.value.failure.code == "EndlessPages"


def test_a_poll_that_never_ends(
    aws: Any, verdicts: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    # Not `time.sleep` itself, with which the API budget keeps other threads waiting.
    monkeypatch.setattr(iam_credentials, "time", SimpleNamespace(sleep=slept.append))
    real = Caller.call

    def call(self: Any, account: str, region: str, service: str, operation: str, params: Any) -> Any:
        if operation == "GenerateCredentialReport":
            return {"State": "INPROGRESS"}
        if operation == "GetCredentialReport":
            raise CallError(clients.Failure("iam:GetCredentialReport", "ReportInProgress", ""))
        return real(self, account, region, service, operation, params)

    monkeypatch.setattr(Caller, "call", call)
    boto3.client("iam").create_user(UserName="ann")
    boto3.client("iam").create_login_profile(UserName="ann", Password="Correct-Horse-9")
    found = verdicts(checks=("iam/*credentials_used*",))
    assert slept == list(iam_credentials.PAUSES)
    assert sum(slept) <= 121
    assert found
    assert set(found.values()) == {None}
