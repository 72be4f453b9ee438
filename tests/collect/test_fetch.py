"""One table of one place: listings, descriptions, details, children, and each way they may fail."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from sharedline.collect.clients import CallError, Failure
from sharedline.collect.fetch import AGAIN, Reader, Shard, meant
from sharedline.collect.table import Call, Table, col, context, item, parent

PLACE = Shard("111122223333", "eu-west-1")
QUEUE = Table(
    name="sqs_queue",
    service="sqs",
    arn="arn:{partition}:sqs:{region}:{account_id}:{@}",
    list=Call(operation="ListQueues", items="QueueUrls[]"),
    columns={"queue_url": "@", "home": context("region")},
    details=(
        Call(
            operation="GetQueueAttributes",
            params={"QueueUrl": item("@"), "AttributeNames": ["All"]},
            columns={"policy": col("Attributes.Policy", "string", "", default="")},
            absent={"QueueDoesNotExist": "gone", "Denied: on purpose": "off"},
        ),
    ),
)
TAG = Table(
    name="sqs_queue_source",
    service="sqs",
    arn="",
    parent="sqs_queue",
    list=Call(
        operation="ListDeadLetterSourceQueues",
        items="queueUrls[]",
        params={"QueueUrl": parent("queue_url")},
    ),
    columns={"source": "@", "queue_url": parent("queue_url")},
)
CHILD = Table(
    name="ec2_instance_disk",
    service="ec2",
    arn="",
    source="ec2_instance",
    items="BlockDeviceMappings[]",
    columns={"device_name": "DeviceName", "instance_id": parent("InstanceId")},
)
INSTANCE = Table(
    name="ec2_instance",
    service="ec2",
    arn="arn:{partition}:ec2:{region}:{account_id}:instance/{InstanceId}",
    list=Call(operation="DescribeInstances", items="Reservations[].Instances[]"),
    columns={"instance_id": "InstanceId"},
    tags="Tags",
)
JOB = Table(
    name="iam_job",
    service="iam",
    arn="",
    list=Call(operation="GenerateServiceLastAccessedDetails", items=""),
    describe=Call(
        operation="GetServiceLastAccessedDetails",
        params={"JobId": item("JobId")},
        items="",
        again="JobStatus == 'IN_PROGRESS'",
    ),
    columns={"job_status": "JobStatus"},
)
TABLES = {t.name: t for t in (QUEUE, TAG, INSTANCE, CHILD, JOB)}


class Caller:
    """Answers by operation: a page, a list of pages, a function of the parameters, or a failure."""

    def __init__(self, **answers: Any) -> None:
        self.answers, self.asked = answers, []  # type: ignore[var-annotated]
        self.stop = threading.Event()
        self.stop.set()  # so that no pause is waited for

    def pages(self, account: str, region: str, service: str, operation: str, params: Any) -> Any:
        found = self.answers[operation]
        for page in found if isinstance(found, list) else [found]:
            yield self._one(account, region, operation, params, page)

    def call(self, account: str, region: str, service: str, operation: str, params: Any) -> Any:
        return self._one(account, region, operation, params, self.answers[operation])

    def _one(self, account: str, region: str, operation: str, params: Any, found: Any) -> Any:
        self.asked.append((account, region, operation, dict(params)))
        found = found(params) if callable(found) else found
        if isinstance(found, str):
            code, _, message = found.partition(": ")
            raise CallError(Failure(f"sqs:{operation}", code, message))
        return found


def read(caller: Caller, name: str, columns: Any = ("policy",), parents: Any = (), **keep: Any
         ) -> tuple[Any, dict[str, list[dict[str, Any]]]]:
    rows: dict[str, list[dict[str, Any]]] = {}
    wanted = {n: frozenset(columns) for n in (name, "ec2_instance_disk")}
    with ThreadPoolExecutor(4) as pool:
        reader = Reader(caller, pool, TABLES, wanted)  # type: ignore[arg-type]
        outcome = reader.read(name, PLACE, parents, {k: frozenset(v) for k, v in keep.items()},
                              lambda table, row: rows.setdefault(table, []).append(row))
    return outcome, rows


def test_rows_with_their_details() -> None:
    caller = Caller(
        ListQueues=[{"QueueUrls": ["a"]}, {"QueueUrls": ["b"]}],
        GetQueueAttributes=lambda p: {"Attributes": {"Policy": p["QueueUrl"].upper()}},
    )
    outcome, rows = read(caller, "sqs_queue", sqs_queue=("queue_url",))
    assert (outcome.status, outcome.rows) == ("ok", 2)
    assert [(r["arn"], r["policy"], r["home"]) for r in rows["sqs_queue"]] == [
        ("arn:aws:sqs:eu-west-1:111122223333:a", "A", "eu-west-1"),
        ("arn:aws:sqs:eu-west-1:111122223333:b", "B", "eu-west-1"),
    ]
    assert outcome.keys == {"sqs_queue": [{"queue_url": "a"}, {"queue_url": "b"}]}
    assert {a[1] for a in caller.asked} == {"eu-west-1"}


@pytest.mark.parametrize("answer", [{"Attributes": {"Policy": "p"}}, "AccessDenied: no"])
def test_a_call_that_two_tables_make_is_made_once(answer: Any) -> None:
    once = replace(QUEUE, details=(replace(QUEUE.details[0], shared=True),))
    caller = Caller(ListQueues={"QueueUrls": ["a", "a", "b"]}, GetQueueAttributes=answer)
    rows: list[dict[str, Any]] = []
    with ThreadPoolExecutor(4) as pool:
        tables = {"sqs_queue": once, "sqs_other": replace(once, name="sqs_other")}
        wanted = dict.fromkeys(tables, frozenset({"policy"}))
        reader = Reader(caller, pool, tables, wanted)  # type: ignore[arg-type]
        for name in tables:
            reader.read(name, PLACE, (), {}, lambda _, row: rows.append(row))
    told = "p" if isinstance(answer, dict) else None
    assert [row["policy"] for row in rows] == [told] * 6
    asked = [one[3]["QueueUrl"] for one in caller.asked if one[2] == "GetQueueAttributes"]
    assert sorted(asked) == ["a", "b"]


@pytest.mark.parametrize(("running", "status", "asked"), [(0, "COMPLETED", 1), (3, "COMPLETED", 4),
                                                          (99, "IN_PROGRESS", len(AGAIN) + 1)])
def test_an_unfinished_job_is_asked_for_again(running: int, status: str, asked: int) -> None:
    left = [running]

    def job(_: Any) -> dict[str, str]:
        left[0] -= 1
        return {"JobStatus": "IN_PROGRESS" if left[0] >= 0 else "COMPLETED"}

    caller = Caller(
        GenerateServiceLastAccessedDetails={"JobId": "j"}, GetServiceLastAccessedDetails=job
    )
    _, rows = read(caller, "iam_job", columns=("job_status",))
    assert [row["job_status"] for row in rows["iam_job"]] == [status]
    assert len([one for one in caller.asked if one[2].startswith("Get")]) == asked


def test_nobody_reads_the_details_so_they_are_not_asked() -> None:
    caller = Caller(ListQueues={"QueueUrls": ["a"]})
    _, rows = read(caller, "sqs_queue", columns=())
    assert [c[2] for c in caller.asked] == ["ListQueues"]
    assert "policy" not in rows["sqs_queue"][0]


@pytest.mark.parametrize(
    ("answer", "policy", "errors"),
    [
        ({"Attributes": {}}, "", []),
        ("QueueDoesNotExist", "gone", []),
        ("Denied: on purpose, says AWS", "off", []),
        ("Denied: otherwise", None, ["sqs:GetQueueAttributes Denied"]),
        ("AccessDenied", None, ["sqs:GetQueueAttributes AccessDenied"]),
    ],
)
def test_absent_is_not_denied(answer: Any, policy: str | None, errors: list[str]) -> None:
    caller = Caller(ListQueues={"QueueUrls": ["a"]}, GetQueueAttributes=answer)
    outcome, rows = read(caller, "sqs_queue")
    assert outcome.status == "ok"
    assert (rows["sqs_queue"][0]["policy"], rows["sqs_queue"][0]["_errors"]) == (policy, errors)


def test_an_answer_without_anything_in_it_is_not_a_good_state() -> None:
    """A queue without a policy answers with its other attributes; nothing at all says nothing."""
    nothing = {"ResponseMetadata": {"HTTPStatusCode": 200}}
    _, rows = read(Caller(ListQueues={"QueueUrls": ["a"]}, GetQueueAttributes=nothing), "sqs_queue")
    (row,) = rows["sqs_queue"]
    assert row["policy"] is None
    assert row["_errors"] == ["sqs:GetQueueAttributes EmptyAnswer"]
    _, rows = read(
        Caller(ListQueues={"QueueUrls": ["a"]}, GetQueueAttributes={"Attributes": {}}), "sqs_queue"
    )
    assert (rows["sqs_queue"][0]["policy"], rows["sqs_queue"][0]["_errors"]) == ("", [])


def test_an_empty_listing_is_of_nothing_unless_aws_always_says_more() -> None:
    outcome, rows = read(Caller(ListQueues={}), "sqs_queue")
    assert (outcome.status, rows) == ("ok", {})
    assert QUEUE.list
    table = replace(QUEUE, name="sqs_told", list=replace(QUEUE.list, says=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(TABLES, "sqs_told", table)
        outcome, rows = read(Caller(ListQueues={}), "sqs_told")
    assert (outcome.status, rows) == ("failed", {})
    assert str(outcome.failures[0]) == "sqs:ListQueues EmptyAnswer"


def test_a_listing_that_fails_is_told() -> None:
    outcome, rows = read(Caller(ListQueues="AccessDenied: no"), "sqs_queue")
    assert (outcome.status, rows) == ("failed", {})
    assert outcome.failures == [Failure("sqs:ListQueues", "AccessDenied", "no")]


def test_a_listing_cut_in_the_middle_is_partial() -> None:
    caller = Caller(ListQueues=[{"QueueUrls": ["a"]}, "ConnectionClosedError: x"],
                    GetQueueAttributes={"Attributes": {}})
    outcome, rows = read(caller, "sqs_queue")
    assert (outcome.status, len(rows["sqs_queue"])) == ("partial", 1)


def test_rows_below_each_parent() -> None:
    def below(params: Any) -> Any:
        return "AccessDenied" if params["QueueUrl"] == "b" else {"queueUrls": ["x", "y"]}

    caller = Caller(ListDeadLetterSourceQueues=below)
    parents = [{"queue_url": n, "arn": n, "account_id": "1", "region": "eu-west-1"} for n in "ab"]
    outcome, rows = read(caller, "sqs_queue_source", parents=parents)
    assert outcome.status == "partial"
    assert [(r["source"], r["queue_url"]) for r in rows["sqs_queue_source"]] == [
        ("x", "a"), ("y", "a")]


def test_children_are_cut_from_the_items() -> None:
    disks = [{"DeviceName": "/dev/a"}, {"DeviceName": "/dev/b"}]
    found = {"InstanceId": "i-1", "Tags": [{"Key": "k", "Value": "v"}], "BlockDeviceMappings": disks}
    caller = Caller(DescribeInstances={"Reservations": [{"Instances": [found, {"InstanceId": "i"}]}]})
    outcome, rows = read(caller, "ec2_instance")
    assert len(caller.asked) == 1
    assert [r["tags"] for r in rows["ec2_instance"]] == ['{"k": "v"}', "{}"]
    assert [(r["device_name"], r["instance_id"], r["arn"]) for r in rows["ec2_instance_disk"]] == [
        (d, "i-1", "arn:aws:ec2:eu-west-1:111122223333:instance/i-1") for d in ("/dev/a", "/dev/b")
    ]
    assert outcome.rows == 2


def test_what_an_error_means() -> None:
    call = QUEUE.details[0]
    assert meant(call, Failure("x", "QueueDoesNotExist", "")) == (True, "gone")
    assert meant(call, Failure("x", "Denied", "on purpose")) == (True, "off")
    assert meant(call, Failure("x", "Denied", "not on purpose")) == (False, None)


def test_a_place() -> None:
    assert Shard("1", "global").api_region == "us-east-1"
    assert Shard("1", "global", "aws-cn").api_region == "cn-north-1"
    assert not PLACE.is_global
