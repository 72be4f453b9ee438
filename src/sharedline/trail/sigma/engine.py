"""Runs rules over the trail: which events could match any rule, then the rules on those.

The different pairs of event source and name are counted first; each rule is tried on the pairs
alone; then only events of a pair that some rule wants are read. A rule that would want most events
is tried by itself, on plain columns before anything else of an event is read.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sharedline.inventory.engines import Duck, Engine
from sharedline.inventory.literals import span, where
from sharedline.trail.sigma import dialect as dialects
from sharedline.trail.sigma.fields import Place
from sharedline.trail.sigma.found import Found, detections
from sharedline.trail.sigma.matches import Named, Same
from sharedline.trail.sigma.model import Detection, Rule, Rules
from sharedline.trail.sigma.sql import NAME_FIELDS, Writer
from sharedline.trail.sigma.tree import Known, Leaf, Node, leaves, weaker
from sharedline.trail.sigma.values import finder, told_by

#: A rule whose pairs have more events than this is tried on plain columns first.
BROAD = 20_000
#: Where such a rule matches more than this, a detection is of an account's principal and a day,
#: and names its first and last event: naming a hundred of each took twice as long.
MOST = 10_000
#: So many events are looked into at once.
BATCH = 100_000
_RUNS = itertools.count()
_TRUE = Known(value=True)


def run(
    engine: Engine, rules: Rules, since: datetime | None = None, until: datetime | None = None
) -> list[Detection]:
    """The detections in the table `cloudtrail` of an engine, in order of time."""
    found = matches(engine, rules, where(span(since, until, engine.dialect)))
    made = [
        detection
        for number, rule in enumerate(rules.rules)
        if rule.shown
        for detection in detections(rule, number, rules, found)
    ]
    made.sort(key=lambda d: (d.time, d.rule, d.events))
    return made


def matches(engine: Engine, rules: Rules, where: str) -> Found:
    """What each rule matches, by itself: before repetitions are counted and correlations made."""
    found = Found()
    tried = {n: rule for n, rule in enumerate(rules.rules) if rule.condition is not None}
    if not tried:
        return found
    pairs = engine.query(
        "select coalesce(eventsource, '') as service, coalesce(eventname, '') as action, "
        f"count(*) as n from cloudtrail{where} group by 1, 2"
    ).to_pylist()
    wanted = _wanted(engine, tried, pairs)
    few = {}
    for number, rule in tried.items():
        rows = sum(pairs[p]["n"] for p in wanted[number])
        if rows > BROAD:
            named = _and(where, _names(engine, [pairs[p]["action"] for p in wanted[number]]))
            alone = _by_columns if _looks_into(rule) else _in_place
            alone(engine, number, rule, named, found)
        elif rows:
            few[number] = rule
    if few:
        _by_pair(engine, few, wanted, pairs, where, found)
    return found.settled()


def _looks_into(rule: Rule) -> bool:
    """Whether a rule needs anything from inside JSON."""
    if any(_deep(leaf) for leaf in leaves(rule.condition or _TRUE)):
        return True
    return any(place.path for places in rule.keys.values() for place in places)


def _names(engine: Engine, names: Sequence[str]) -> str:
    """That an event has one of the names: such a test is pushed down into the files, a join not."""
    d = dialects.of(engine.dialect)
    listed = f"eventname in ({', '.join(sorted({d.text(n) for n in names}))})"
    return f"({listed} or eventname is null)" if "" in names else listed


def _and(where: str, more: str) -> str:
    return f"{where} and {more}" if where else f" where {more}"


def _wanted(
    engine: Engine, rules: Mapping[int, Rule], pairs: Sequence[Mapping[str, Any]]
) -> dict[int, list[int]]:
    """For each rule the numbers of the pairs of source and name that it could match."""
    duck = engine if isinstance(engine, Duck) else Duck()
    writer = Writer(dialects.of("duckdb"))

    def named(leaf: Leaf) -> Node | None:
        known = leaf.place in NAME_FIELDS and not isinstance(leaf.test, Same)
        return leaf if known else None

    found: dict[int, list[int]] = {}
    asked = []
    for number, rule in rules.items():
        condition = weaker(rule.condition or _TRUE, named)
        if isinstance(condition, Known):
            found[number] = list(range(len(pairs))) if condition.value else []
        else:
            asked.append((number, writer.condition(condition)))
    if asked and pairs:
        duck.rows(
            "_detect_names",
            [
                {"pair": n, "eventsource": p["service"] or None, "eventname": p["action"] or None}
                for n, p in enumerate(pairs)
            ],
            {"pair": "int", "eventsource": "string", "eventname": "string"},
        )
        names = f"(select pair, {writer.plain()} from _detect_names) as n"
        lists = ", ".join(
            f"coalesce(list(pair) filter (where {sql}), []) as r{n}" for n, sql in asked
        )
        [answer] = duck.query(f"select {lists} from {names}").to_pylist()
        found.update({n: sorted(answer[f"r{n}"]) for n, _ in asked})
    else:
        found.update({n: [] for n, _ in asked})
    if duck is not engine:
        duck.close()
    return found


def _by_pair(
    engine: Engine,
    rules: Mapping[int, Rule],
    wanted: Mapping[int, list[int]],
    pairs: Sequence[Mapping[str, Any]],
    where: str,
    found: Found,
) -> None:
    """The matches of rules that want few pairs: events of those, each with its rules to try."""
    writer = Writer(dialects.of(engine.dialect))
    writer.found("", rules)  # gathers what the conditions stand on
    needs = {n: writer.needs(rule) for n, rule in rules.items()}
    of_pair: dict[int, list[int]] = defaultdict(list)
    for number in rules:
        for pair in wanted[number]:
            of_pair[pair].append(number)
    flags: dict[str, Any] = {f"need{c}": "bool" for c in range(len(writer.paths))}
    names = [
        {
            "pair": pair,
            "pair_service": pairs[pair]["service"],
            "pair_action": pairs[pair]["action"],
            **{flag: any(needs[n][c] for n in numbers) for c, flag in enumerate(flags)},
        }
        for pair, numbers in of_pair.items()
    ]
    kinds: dict[str, Any] = {"pair": "int", "pair_service": "string", "pair_action": "string"}
    engine.rows("_detect_pairs", names, {**kinds, **flags})
    engine.rows(
        "_detect_rules",
        [{"of_pair": p, "rule": n} for p, numbers in of_pair.items() for n in numbers],
        {"of_pair": "int", "rule": "int"},
    )
    where = _and(where, _names(engine, [pairs[p]["action"] for p in of_pair]))
    events = (
        f"select * from ({writer.base(where)}) as b join _detect_pairs as p "
        "on b.service = p.pair_service and b.action = p.pair_action"
    )
    join = "join _detect_rules as r on e.pair = r.of_pair"
    for table in _tried(engine, writer, rules, events, join, ["pair"], "need"):
        found.add(table)


def _by_columns(engine: Engine, number: int, rule: Rule, where: str, found: Found) -> None:
    """The matches of a rule that wants many pairs: of the events that plain columns leave."""
    writer = Writer(dialects.of(engine.dialect))
    writer.found("", {number: rule})
    first = writer.condition(weaker(rule.condition or _TRUE, _shallow))
    events = f"select *, {number} as rule from ({writer.base(where)}) as b where {first}"
    for table in _tried(engine, writer, {number: rule}, events, "", ["rule"], ""):
        found.add(table)


def _in_place(engine: Engine, number: int, rule: Rule, where: str, found: Found) -> None:
    """The matches of a rule that plain columns decide, folded if they are too many to be read.

    One public rule matches each event of each assumed role: two in three of the benchmark's.
    """
    writer = Writer(dialects.of(engine.dialect))
    writer.keys(rule)
    condition = writer.condition(rule.condition or _TRUE)
    matched = f"from ({writer.base(where)}) as b where {condition}"
    if rule.keys:
        found.add(engine.query(writer.matched(number, rule, matched)))
        return
    folded = engine.query(_folded(writer, matched)).to_pylist()
    if sum(group["n"] for group in folded) > MOST:
        found.folded[number] = folded
    elif folded:
        found.add(engine.query(writer.matched(number, rule, matched)))


def _folded(writer: Writer, base: str) -> str:
    # By time and then id, so that engines say the same of events of one second.
    last = writer.d.struct(["moment", "key", "region", "service", "action"])
    first = writer.d.struct(["moment", "key"])
    groups = (
        "select account, principal, count(*) as n, count(error) as failed, "
        f"min({first}) as one, max({last}) as other "
        f"from (select *, coalesce(id, '') as key {base}) as m "
        f"group by account, principal, {writer.d.day('moment')}"
    )
    # As columns of their own: from structs, Arrow makes Python values several times slower.
    names = ("moment", "key", "region", "service", "action")
    told = ", ".join(f"g.other.{name} as {name}" for name in names)
    return f"select account, principal, n, failed, g.one.key as first, {told} from ({groups}) as g"


def _shallow(leaf: Leaf) -> Node | None:
    """The test itself, or for one inside JSON that the text names the member at all."""
    if not _deep(leaf):
        return leaf
    word = told_by(leaf.place.path) if leaf.place.path else ""
    return Leaf(Place("text", leaf.place.names), Named((word,))) if word else None


def _deep(leaf: Leaf) -> bool:
    """Whether a test needs something from inside JSON."""
    return bool(leaf.place.path) or (isinstance(leaf.test, Same) and bool(leaf.test.place.path))


def _tried(
    engine: Engine,
    writer: Writer,
    rules: Mapping[int, Rule],
    events: str,
    join: str,
    more: list[str],
    needs: str,
) -> Iterator[pa.Table]:
    """Tries rules on events: what is in JSON is found by the same Python for both engines.

    DuckDB's functions in Python need numpy (2.0, 2026-11-22), which is no dependency of ours: there
    the events come out in batches, and go back with what was found in them.
    """
    kept = [*writer.columns, *more]
    if not isinstance(engine, Duck):
        prefix = f"trail_json_{next(_RUNS)}_"
        for number, paths in enumerate(writer.paths.values()):
            engine.session.udf.register(  # type: ignore[attr-defined]
                f"{prefix}{number}", finder(paths), "array<array<string>>"
            )
        seen = ", ".join([*kept, *writer.looked_into(prefix, needs)])
        inside = f"(select {seen} from ({events}) as d) as e"
        yield engine.query(writer.found(f"select * from {inside} {join}", rules))
        return
    flags = [f"{needs}{n}" for n in range(len(writer.paths))] if needs else []
    texts = [f"t{n}" for n in range(len(writer.paths))]
    finders = [finder(paths, _loads) for paths in writer.paths.values()]
    sql = writer.found(f"select * from _detect_batch as e {join}", rules)
    cursor = engine.con.cursor()
    reader = engine.stream(f"select {', '.join([*kept, *texts, *flags])} from ({events})", BATCH)
    for batch in reader:
        if batch.num_rows:
            cursor.register("_detect_batch", _looked_into(batch, kept, finders, bool(needs)))
            yield cursor.sql(sql).to_arrow_table()
    cursor.close()


def _looked_into(
    batch: pa.RecordBatch,
    kept: list[str],
    finders: Sequence[Any],
    needs: bool,  # noqa: FBT001
) -> pa.Table:
    """The batch with what was found in its JSON in place of the texts."""
    table = pa.table(batch.select(kept).columns, names=kept)
    kind = pa.list_(pa.list_(pa.string()))
    for number, find in enumerate(finders):
        texts = batch[f"t{number}"]
        if needs:
            texts = pc.if_else(batch[f"need{number}"], texts, None)
        values = [None if t is None else find(t) for t in texts.to_pylist()]
        table = table.append_column(f"j{number}", pa.array(values, kind))
    return table


def _loads(text: str) -> Any:
    import json

    import msgspec

    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return json.loads(text)
