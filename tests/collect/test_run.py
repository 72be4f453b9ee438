"""Which tables are read where, parents first, resumably, and how a stop ends it."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from sharedline.collect import processes
from sharedline.collect.catalogue import shipped
from sharedline.collect.clients import Access, CallError, CredentialsError, Failure, StoppedError
from sharedline.collect.fetch import Shard
from sharedline.collect.processes import collect
from sharedline.collect.run import Job, Step, closure, parent_columns, roots

HERE = Shard("1", "us-east-1")


class Rows:
    """Rows of a table, kept in memory."""

    def __init__(self, kept: dict[str, Any], name: str) -> None:
        self.kept, self.name, self.rows = kept, name, []  # type: ignore[var-annotated]

    def add(self, row: Any) -> None:
        self.rows.append(dict(row))

    def close(self) -> Any:
        self.kept[self.name] = self.rows
        return {"path": self.name, "rows": len(self.rows), "sha256": ""} if self.rows else None

    def abandon(self) -> None:
        self.kept.setdefault("abandoned", []).append(self.name)


class Memory:
    """A sink for tests."""

    def __init__(self) -> None:
        self.tables: dict[str, Any] = {}
        self.journals: dict[Shard, Any] = {}

    def open(self, table: str, columns: Any, shard: Shard) -> Rows:
        return Rows(self.tables, table)

    def journal(self, shard: Shard) -> dict[str, Any]:
        return dict(self.journals.get(shard, {}))

    def save_journal(self, shard: Shard, journal: Any) -> None:
        self.journals[shard] = dict(journal)

    def rows(self, entry: Any, columns: Any) -> list[Any]:
        return [{c: r.get(c) for c in columns} for r in self.tables[entry["path"]]]

    def raw(self, shard: Shard, name: str, answer: Any) -> None: ...

    def finish(self) -> None: ...


class Caller:
    """Stands for the real one; `answer(operation, params)` gives the page or a code."""

    answer: Any = None

    def __init__(self, access: Access, *_: Any) -> None:
        from collections import Counter

        self.access = access
        self.counts: Counter[Any] = Counter()
        self.stop = threading.Event()

    def forget(self, account: str, region: str) -> None: ...

    def pages(self, account: str, region: str, service: str, operation: str, params: Any) -> Any:
        yield self.call(account, region, service, operation, params)

    def call(self, account: str, region: str, service: str, operation: str, params: Any) -> Any:
        if self.stop.is_set():
            raise StoppedError
        self.counts[(service, operation, region)] += 1
        found = Caller.answer(operation, params)
        if isinstance(found, str):
            raise CallError(Failure(f"{service}:{operation}", found, ""))
        return found


@pytest.fixture(autouse=True)
def caller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "Caller", Caller)


def go(sink: Memory, wanted: dict[str, Any], answer: Any, shards: Any = (HERE,)) -> Any:
    Caller.answer = staticmethod(answer)
    steps: list[Step] = []
    job = Job(Access(), sink, closure({k: frozenset(v) for k, v in wanted.items()}, shipped()))
    report = collect(job, list(shards), processes=0, progress=steps.append)
    return report, steps


def _queues(operation: str, params: Any) -> Any:
    return {"ListQueues": {"QueueUrls": ["u/a", "u/b"]},
            "GetQueueAttributes": {"Attributes": {"QueueArn": "arn:x"}}}[operation]


def test_a_table_is_read_and_journalled() -> None:
    sink = Memory()
    report, steps = go(sink, {"sqs_queue": ("policy",)}, _queues)
    entry = report.journals[HERE]["sqs_queue"]
    assert (entry["status"], entry["file"]["rows"], entry["failures"]) == ("ok", 2, [])
    assert sink.journals[HERE] == report.journals[HERE]
    assert steps[0].total == 1
    assert sum(s.calls for s in steps) == report.calls.total() == 3
    assert [(s.table, s.status) for s in steps if s.table] == [("sqs_queue", "ok")]


def test_what_is_finished_is_not_asked_again_and_what_failed_is() -> None:
    sink = Memory()
    go(sink, {"sqs_queue": ("policy",)}, _queues)
    report, _ = go(sink, {"sqs_queue": ("policy",)}, lambda *_: pytest.fail("asked again"))
    assert report.calls.total() == 0
    report, _ = go(sink := Memory(), {"sqs_queue": ("policy",)}, lambda *_: "AccessDenied")
    assert report.journals[HERE]["sqs_queue"]["status"] == "failed"
    report, _ = go(sink, {"sqs_queue": ("policy",)}, _queues)
    assert report.journals[HERE]["sqs_queue"]["status"] == "ok"


@pytest.mark.parametrize("operation", ["ListQueues", "GetQueueAttributes"])
def test_lapsed_credentials_end_the_scan_and_journal_nothing(operation: str) -> None:
    sink = Memory()
    with pytest.raises(CredentialsError, match="expired while sqs_queue was read"):
        go(sink, {"sqs_queue": ("policy",)},
           lambda o, p: "ExpiredToken" if o == operation else _queues(o, p))
    assert "sqs_queue" not in sink.journals.get(HERE, {})
    assert sink.tables == {"abandoned": ["sqs_queue"]}


def test_refused_is_not_lapsed() -> None:
    report, _ = go(Memory(), {"sqs_queue": ("policy",)},
                   lambda o, p: "AccessDenied" if o == "GetQueueAttributes" else _queues(o, p))
    entry = report.journals[HERE]["sqs_queue"]
    assert entry["status"] == "ok"
    assert entry["row_errors"] == {"sqs:GetQueueAttributes AccessDenied": 2}


def test_an_unexpected_error_comes_out_whole() -> None:
    def broken(operation: str, params: Any) -> Any:
        raise ZeroDivisionError("a fault of ours")

    with pytest.raises(ZeroDivisionError, match="a fault of ours"):
        go(Memory(), {"sqs_queue": ("policy",)}, broken)


def test_ctrl_c_ends_the_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()

    def endless(operation: str, params: Any) -> Any:
        begun.set()
        return {"QueueUrls": [], "NextToken": "x"}

    Caller.answer = staticmethod(endless)

    def pages(self: Any, *asked: Any) -> Any:
        while True:
            yield self.call(*asked)

    def interrupt(step: Step) -> None:
        if step.calls:
            raise KeyboardInterrupt

    monkeypatch.setattr(Caller, "pages", pages)
    job = Job(Access(), Memory(), closure({"sqs_queue": frozenset()}, shipped()))
    with pytest.raises(KeyboardInterrupt):
        collect(job, [HERE], processes=0, progress=interrupt)
    assert begun.is_set()


def test_the_parents_of_a_table_are_read_too() -> None:
    tables = shipped()
    child = next(t for t in tables.values() if t.parent and not tables[t.parent].parent)
    found = closure({child.name: frozenset({"arn"})}, tables)
    assert set(found) >= {child.name, child.parent}
    assert parent_columns(child) <= found[child.parent]


def test_where_a_table_is_read() -> None:
    tables = shipped()
    names = {s: next(t.name for t in tables.values() if t.scope == s and t.list)
             for s in ("region", "global", "organization")}
    wanted = list(names.values())
    assert roots(HERE, wanted, tables, "1") == [names["region"]]
    assert set(roots(Shard("1", "global"), wanted, tables, "1")) == {
        names["global"], names["organization"]}
    assert roots(Shard("2", "global"), wanted, tables, "1") == [names["global"]]
