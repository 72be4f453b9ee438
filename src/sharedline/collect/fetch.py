"""Reads one table of one account x Region: listing, description, details, child tables."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sharedline.collect.clients import Caller, CallError, Failure, told
from sharedline.collect.paths import getter, items_at
from sharedline.collect.rows import ArnTemplate, Columns, Row
from sharedline.collect.schema import TableSchema, describe
from sharedline.collect.table import Call, Col, Ref, Table

#: How many items' details may be under way at once; bounds memory, not speed.
WINDOW = 256
#: Pauses in seconds before an unfinished job is asked for again: half a minute in all.
AGAIN = (0.5, 1, 2, 4, 8, 15)
#: How deep `recursive` tables may go; organisational units nest five deep.
MAX_DEPTH = 12
HOME_REGION = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}

Emit = Callable[[str, Row], None]


@dataclass(frozen=True)
class Shard:
    """One account x Region (or `global`): read by one process, so budgets need no sharing."""

    account_id: str
    region: str
    partition: str = "aws"

    @property
    def api_region(self) -> str:
        """The Region whose endpoint is asked."""
        return HOME_REGION.get(self.partition, "us-east-1") if self.is_global else self.region

    @property
    def is_global(self) -> bool:
        """Whether this shard reads what an account has once, not per Region."""
        return self.region == "global"


@dataclass
class Outcome:
    """How reading a table in a shard ended; `failures` empty means: everything was read."""

    table: str
    failures: list[Failure] = field(default_factory=list)
    rows: int = 0
    keys: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """`ok`, `partial` (some rows were read) or `failed`."""
        return "ok" if not self.failures else "partial" if self.rows else "failed"


def meant(call: Call, failure: Failure) -> tuple[bool, Any]:
    """Whether a failure is expected, and what it means: by code, or `code: start of the message`.

    Some services answer one code for two things (Macie's `AccessDeniedException` also says that
    Macie is off), so a key may name how the message begins.
    """
    if failure.code in call.absent:
        return True, call.absent[failure.code]
    said = f"{failure.code}: {failure.message}"
    for key, meaning in call.absent.items():
        if ": " in key and said.startswith(key):
            return True, meaning
    return False, None


class _Plan:
    """A table compiled for reading: its columns, ARN, and the details that somebody reads."""

    def __init__(self, table: Table, tables: Mapping[str, Table], wanted: frozenset[str]) -> None:
        self.table = table
        self.schema: TableSchema = describe(table, dict(tables))
        self.columns = Columns(table.columns, self.schema)
        self.refs = {n: r for n, r in table.columns.items() if isinstance(r, Ref)}
        self.arn = ArnTemplate(table.arn)
        self.region = getter(table.item_region) if table.item_region else None
        tags = {"tags": Col(table.tags, type="json", optional=True)} if table.tags else {}
        self.tags = Columns(tags, self.schema) if tags else None
        self.details = [
            (call, Columns(call.columns, self.schema))
            for call in table.details
            if wanted.intersection(call.columns)
        ]
        self.tagged = any("tags" in call.columns for call in table.details)
        self.children: list[_Plan] = []


class Reader:
    """Reads tables of a shard with a pool for calls; rows go to `emit(table, row)`."""

    def __init__(
        self,
        caller: Caller,
        pool: ThreadPoolExecutor,
        tables: Mapping[str, Table],
        wanted: Mapping[str, frozenset[str]],
        raw: Callable[[Shard, str, Any], None] | None = None,
        plans: dict[str, _Plan] | None = None,
    ) -> None:
        self._caller, self._pool, self._tables, self._wanted = caller, pool, tables, wanted
        self._raw = raw
        #: Compiled tables, which the readers of all shards may share.
        self._plans = {} if plans is None else plans
        self._answers: dict[str, Future[Any]] = {}
        self._lock = threading.Lock()

    def plan(self, name: str) -> _Plan:
        """The compiled table and, below it, the chosen tables made from the same items."""
        if name not in self._plans:
            self._plans[name] = self._compiled(name)
        return self._plans[name]

    def _compiled(self, name: str) -> _Plan:
        plan = _Plan(self._tables[name], self._tables, self._wanted.get(name, frozenset()))
        plan.children = [
            self.plan(t.name)
            for t in self._tables.values()
            if t.source == name and t.name in self._wanted
        ]
        return plan

    def read(
        self,
        name: str,
        shard: Shard,
        parents: Iterable[Row],
        keep: Mapping[str, frozenset[str]],
        emit: Emit,
    ) -> Outcome:
        """Reads one table with its `source` children.

        `keep` names, by table, the columns that tables listed per row of it will ask for.
        """
        plan = self.plan(name)
        outcome = Outcome(name)
        if plan.table.prepare:
            try:
                plan.table.prepare(_Prepared(self._caller, shard, plan.table.service))
            except CallError as error:
                outcome.failures.append(error.failure)
                return outcome

        def out(table: str, row: Row) -> None:
            outcome.rows += table == name
            if table in keep:
                kept = {k: row.get(k) for k in keep[table]}
                outcome.keys.setdefault(table, []).append(kept)
            emit(table, row)

        for batch in _windows(self._items(plan, shard, parents, outcome), WINDOW):
            self._finish(plan, shard, batch, out, outcome)
        return outcome

    def _items(
        self, plan: _Plan, shard: Shard, parents: Iterable[Row], outcome: Outcome
    ) -> Iterator[tuple[Any, Row]]:
        """Items of the listing with the parent row each belongs to."""
        table = plan.table
        assert table.list is not None
        count = 0
        for found, parent in self._listed(plan, shard, parents, outcome):
            if table.describe:
                found = self._describe(plan, shard, found, parent, outcome)  # noqa: PLW2901
            for item in found:
                if self._raw:
                    self._raw(shard, table.name, item)
                for one in self._transformed(table, item, shard):
                    count += 1
                    if table.max_items and count > table.max_items:
                        outcome.failures.append(
                            Failure(
                                f"{table.service}:{table.list.operation}",
                                "TooManyItems",
                                f"Only the first {table.max_items} were read.",
                            )
                        )
                        return
                    yield one, parent

    def _listed(
        self, plan: _Plan, shard: Shard, parents: Iterable[Row], outcome: Outcome
    ) -> Iterator[tuple[list[Any], Row]]:
        """What the listing gives, page by page or parent by parent, level by level."""
        if not plan.table.parent:
            yield from self._guard(self._list(plan, shard, {}), {}, outcome)
            return
        level = parents
        for _ in range(MAX_DEPTH):
            below: list[Row] = []
            asked = ((parent, self._list(plan, shard, parent)) for parent in level)
            for found, parent in self._ahead(asked, outcome):
                if plan.table.recursive:
                    below += [_row(plan, shard, item, parent) for item in found]
                yield found, parent
            if not below:
                return
            level = below

    def _list(self, plan: _Plan, shard: Shard, parent: Row) -> Iterator[list[Any]]:
        call = plan.table.list
        assert call is not None
        service = call.service or plan.table.service
        region = call.region or _api_region(parent, shard)
        params = _params(call, None, parent, shard)
        try:
            pages = self._caller.pages(shard.account_id, region, service, call.operation, params)
            for page in pages:
                if call.says or not call.items:
                    told(service, call.operation, page)
                yield items_at(page, call.items)
        except CallError as error:
            expected, meaning = meant(call, error.failure)
            if not expected:
                raise
            yield meaning if isinstance(meaning, list) else [meaning]

    def _guard(
        self, pages: Iterator[list[Any]], parent: Row, outcome: Outcome
    ) -> Iterator[tuple[list[Any], Row]]:
        """Pages as they come; a failure ends them and is kept."""
        try:
            for page in pages:
                yield page, parent
        except CallError as error:
            outcome.failures.append(error.failure)

    def _ahead(
        self, asked: Iterable[tuple[Row, Iterator[list[Any]]]], outcome: Outcome
    ) -> Iterator[tuple[list[Any], Row]]:
        """Listings of many parents at once, in order, at most `WINDOW` under way."""

        def whole(pages: Iterator[list[Any]]) -> tuple[list[Any], list[Failure]]:
            found: list[Any] = []
            failures: list[Failure] = []
            try:
                for page in pages:
                    found += page
            except CallError as error:
                failures.append(error.failure)
            return found, failures

        for batch in _windows(asked, WINDOW):
            futures = [(p, self._pool.submit(whole, pages)) for p, pages in batch]
            for parent, future in futures:
                found, failures = future.result()
                outcome.failures += failures
                yield found, parent

    def _describe(
        self, plan: _Plan, shard: Shard, ids: list[Any], parent: Row, outcome: Outcome
    ) -> list[Any]:
        """The items behind listed ids, `size` at a time, or one call per id."""
        call = plan.table.describe
        assert call is not None
        service = call.service or plan.table.service
        jobs: list[Mapping[str, Any]] = []
        if call.batch:
            base = _params(call, None, parent, shard)
            groups = _windows(iter(ids), call.size)
            jobs = [{**base, call.batch: list(group)} for group in groups]
        else:
            jobs = [_params(call, one, parent, shard) for one in ids]

        unfinished = getter(call.again) if call.again else None

        def ask(params: Mapping[str, Any]) -> list[Any]:
            found = once(params)
            for pause in AGAIN:
                if unfinished is None or not any(map(unfinished, found)):
                    break
                self._caller.stop.wait(pause)
                found = once(params)
            return found

        def once(params: Mapping[str, Any]) -> list[Any]:
            found: list[Any] = []
            for page in self._caller.pages(
                shard.account_id, shard.api_region, service, call.operation, params
            ):
                told(service, call.operation, page)  # of what was asked by its id
                found += items_at(page, call.items)
            return found

        found: list[Any] = []
        for future in [self._pool.submit(ask, params) for params in jobs]:
            try:
                found += future.result()
            except CallError as error:
                if not meant(call, error.failure)[0]:
                    outcome.failures.append(error.failure)
        return found

    def _transformed(self, table: Table, item: Any, shard: Shard) -> Iterable[Any]:
        if table.transform is None:
            return (item,)
        scanned = " ".join(self._caller.access.regions)
        return table.transform(item, {**_context(shard, None), "regions": scanned})

    def _finish(
        self,
        plan: _Plan,
        shard: Shard,
        batch: list[tuple[Any, Row]],
        emit: Emit,
        outcome: Outcome,
    ) -> None:
        """Rows of a window of items: columns, details (all calls of the window at once), children."""
        rows = [(item, _row(plan, shard, item, parent)) for item, parent in batch]
        self._details(plan, shard, rows, [parent for _, parent in batch])
        for item, row in rows:
            emit(plan.table.name, row)
            for child in plan.children:
                self._child(child, shard, item, row, emit, outcome)

    def _child(
        self, plan: _Plan, shard: Shard, source: Any, base: Row, emit: Emit, outcome: Outcome
    ) -> None:
        rows = []
        for element in items_at(source, plan.table.items):
            for item in self._transformed(plan.table, element, shard):
                row = _row(plan, shard, item, source, base)
                rows.append((item, row))
        self._details(plan, shard, rows, [source] * len(rows))
        for item, row in rows:
            emit(plan.table.name, row)
            for child in plan.children:
                self._child(child, shard, item, row, emit, outcome)

    def _details(
        self, plan: _Plan, shard: Shard, rows: list[tuple[Any, Row]], parents: list[Any]
    ) -> None:
        waiting: list[tuple[Call, Columns, list[Row], Future[Any], list[Any]]] = []
        for call, columns in plan.details:
            applies = getter(call.when) if call.when else None
            chosen = []
            for (item, row), parent in zip(rows, parents, strict=True):
                if applies is not None and not applies(item):
                    columns.not_asked(row)
                else:
                    chosen.append((item, row, parent))
            if call.batch:
                waiting += self._batches(plan, call, columns, shard, chosen)
                continue
            for item, row, parent in chosen:
                params = _params(call, item, parent, shard)
                region = _api_region(row, shard)
                future = self._pool.submit(self._one, plan, call, shard, region, params)
                waiting.append((call, columns, [row], future, []))
        for call, columns, group, future, ids in waiting:
            _settle(call, columns, group, future, ids)

    def _batches(
        self,
        plan: _Plan,
        call: Call,
        columns: Columns,
        shard: Shard,
        chosen: list[tuple[Any, Row, Any]],
    ) -> list[tuple[Call, Columns, list[Row], Future[Any], list[Any]]]:
        out = []
        ref = call.params[call.batch]
        path = getter(ref.path)
        for group in _windows(iter(chosen), call.size):
            ids = [path(item) for item, _, _ in group]
            base = {k: v for k, v in call.params.items() if k != call.batch}
            params = _params(Call(operation=call.operation, params=base), None, {}, shard)
            params[call.batch] = ids
            future = self._pool.submit(self._many, plan, call, shard, params)
            out.append((call, columns, [row for _, row, _ in group], future, ids))
        return out

    def _one(
        self, plan: _Plan, call: Call, shard: Shard, region: str, params: Mapping[str, Any]
    ) -> Any:
        """The answer of a detail call; where it is paged or has `items`, those as a list."""
        service = call.service or plan.table.service
        region = call.region or region
        if not call.items:

            def ask() -> Any:
                return self._caller.call(shard.account_id, region, service, call.operation, params)

            key = repr((region, service, call.operation, params))
            answer = self._once(key, ask) if call.shared else ask()
        else:
            found: list[Any] = []
            for page in self._caller.pages(
                shard.account_id, region, service, call.operation, params
            ):
                found += items_at(page, call.items)
            answer = found[0] if found else {}
        if set(call.columns) != {"tags"}:  # no tags are often not even an empty list
            told(service, call.operation, answer)
        if self._raw:
            self._raw(shard, f"{plan.table.name}.{call.operation}", answer)
        return answer

    def _once(self, key: str, ask: Callable[[], Any]) -> Any:
        """The answer to a call that several tables make: the first asks, the others wait for it."""
        with self._lock:
            known = self._answers.get(key)
            mine = self._answers.setdefault(key, Future())
        if known is None:
            try:
                mine.set_result(ask())
            except BaseException as error:
                mine.set_exception(error)
                raise
        return mine.result()

    def _many(self, plan: _Plan, call: Call, shard: Shard, params: Mapping[str, Any]) -> Any:
        service = call.service or plan.table.service
        match = getter(call.match)
        found = {}
        for page in self._caller.pages(
            shard.account_id, call.region or shard.api_region, service, call.operation, params
        ):
            told(service, call.operation, page)
            found.update({match(answer): answer for answer in items_at(page, call.items)})
        return found


class _Prepared:
    """What `Table.prepare` is given: calls in the shard, counted and budgeted like all others."""

    def __init__(self, caller: Caller, shard: Shard, service: str) -> None:
        self._caller, self._shard, self._service = caller, shard, service

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        """One call of the table's service; raises `CallError`."""
        shard = self._shard
        return self._caller.call(
            shard.account_id, shard.api_region, self._service, operation, params
        )


def _settle(
    call: Call, columns: Columns, rows: list[Row], future: Future[Any], ids: list[Any]
) -> None:
    """Puts a detail call's answer, or what its failure means, into the rows it was asked for."""
    try:
        answer = future.result()
    except CallError as error:
        for row in rows:
            expected, meaning = meant(call, error.failure)
            if expected:
                columns.assume(meaning, row)
            else:
                columns.unknown(row)
                row["_errors"].append(str(error.failure))
        return
    if not call.batch:
        columns.read(answer, rows[0])
        return
    for key, row in zip(ids, rows, strict=True):
        if key in answer:
            columns.read(answer[key], row)
        elif "" in call.absent:
            columns.assume(call.absent[""], row)
        else:
            columns.unknown(row)


def _context(shard: Shard, region: str | None) -> dict[str, str]:
    return {
        "account_id": shard.account_id,
        "region": region or shard.region,
        "partition": shard.partition,
    }


def _row(plan: _Plan, shard: Shard, item: Any, parent: Any, base: Row | None = None) -> Row:
    """The row of an item, without its details. `base` is the row of the item it was cut from."""
    region = plan.region(item) if plan.region else None
    if region is None and base is not None:
        region = base["region"]
    if region is None and plan.table.parent:
        region = parent.get("region")
    context = _context(shard, region)
    row: Row = {"_errors": [], **context}
    del row["partition"]
    arn = plan.arn.fill(item, context) if plan.table.arn else None
    row["arn"] = arn if arn is not None else base["arn"] if base is not None else None
    row["tags"] = None if plan.tagged else "{}"
    if plan.tags:
        plan.tags.read(item, row)
    plan.columns.read(item, row)
    for name, ref in plan.refs.items():
        if ref.source == "lookup":
            row[name] = None
        elif ref.source == "context":
            row[name] = context[ref.path]
        elif plan.table.parent:
            row[name] = parent.get(ref.path, ref.default)
        else:
            column = plan.schema.column(name)
            value = getter(ref.path)(parent)
            row[name] = ref.default if value is None else _converted(column, value)
    return row


def _api_region(row: Row, shard: Shard) -> str:
    region = row.get("region")
    return region if isinstance(region, str) and region != "global" else shard.api_region


def _converted(column: Any, value: Any) -> Any:
    from sharedline.collect.rows import CONVERT

    return CONVERT[column.type](value)


def _params(call: Call, item: Any, parent: Any, shard: Shard) -> dict[str, Any]:
    context = _context(shard, shard.api_region)
    return {name: _resolve(value, item, parent, context) for name, value in call.params.items()}


def _resolve(value: Any, item: Any, parent: Any, context: Mapping[str, str]) -> Any:
    if isinstance(value, Ref):
        if value.source == "item":
            return getter(value.path)(item)
        if value.source == "context":
            return context[value.path]
        return parent.get(value.path) if isinstance(parent, dict) else getter(value.path)(parent)
    if isinstance(value, list):
        return [_resolve(v, item, parent, context) for v in value]
    if isinstance(value, dict):
        return {k: _resolve(v, item, parent, context) for k, v in value.items()}
    return value


def _windows(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
