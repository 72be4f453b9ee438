"""The measures of the policy engine in one run: `make bench-iam`; names on the command line choose.

Estates are made up (`iam_estate.py`), the same each time. Each measure runs in a process of its
own, so that the peak of memory is its own; the time it reports is without making the estate.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.iam_estate import Estate
from bench.machine import describe, measure, python

#: The labelled cases, where they are; `SHAREDLINE_LABELLED` names another folder.
LABELLED = Path(os.environ.get("SHAREDLINE_LABELLED")
                or Path(__file__).parents[2] / "shared/data/iam")  # fmt: skip
SERVICES = ("s3", "kms", "sqs", "secretsmanager", "dynamodb", "lambda", "ec2", "sns")


@dataclass
class Clock:
    """Seconds on the clock and of CPU since it was made."""

    def __post_init__(self) -> None:
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def __str__(self) -> str:
        wall, cpu = time.perf_counter() - self.wall, time.process_time() - self.cpu
        return f"{wall:7.2f} s (CPU {cpu:.2f} s)"


def _cases(beginning: str) -> Iterator[Any]:
    from sharedline.iam import cases

    for path in sorted(LABELLED.glob(f"{beginning}*.jsonl")) if LABELLED.is_dir() else ():
        yield from cases.read(path)


def _names(estate: Any) -> list[str]:
    from sharedline.iam.access.estate import RESOURCE_READS

    held = ((arn, one) for arn, one in estate.resources.items() if one.table_name in RESOURCE_READS)
    return [arn + "/x" if one.table_name == "s3_bucket" else arn for arn, one in held]


def evaluations() -> str:
    """One decision after the other, over requests of an estate, all in one process."""
    from sharedline.iam.access.estate import build
    from sharedline.iam.evaluate import evaluate

    estate = build(Estate(roles=300, users=100, accounts=3, resources=300).tables)
    names = _names(estate)
    actions = ("s3:GetObject", "kms:Decrypt", "sqs:SendMessage", "secretsmanager:GetSecretValue")
    asked = []
    for number, principal in enumerate(estate.principals):
        for step in range(20):
            name = names[(number * 31 + step * 7) % len(names)]
            asked.append((estate.request(principal, actions[step % 4], name),
                          estate.policies(principal, name)))  # fmt: skip
    for request, policies in asked:
        evaluate(request, policies)
    rounds, clock = 5, Clock()
    for _ in range(rounds):
        for request, policies in asked:
            evaluate(request, policies)
    cpu = time.process_time() - clock.cpu
    wall = time.perf_counter() - clock.wall
    number = rounds * len(asked)
    return f"{number / wall:,.0f} a second ({number / cpu:,.0f} a CPU-second), {number:,} requests"


def who_can_one() -> str:
    """One action over 10,000 principals and 10,000 resources."""
    from sharedline.iam.access.estate import build
    from sharedline.iam.access.who_can import Map

    estate = build(Estate(roles=9_000, users=1_000, accounts=20, resources=10_000).tables)
    names = _names(estate)
    ready = Clock()
    over = Map(estate, names)
    first = f"made ready {ready}"
    out = []
    for action in ("s3:GetObject", "s3:PutObject", "kms:Decrypt", "sqs:SendMessage"):
        asked = Clock()
        found = over.reach(action)
        pairs = sum(one.yes.bit_count() + one.depends.bit_count() for one in found.values())
        out.append(f"{action} {asked}, {pairs:,} pairs")
    size = f"{len(over.crowd.list):,} principals x {len(over.atlas.names):,} resources"
    return "; ".join([size, first, *out])


def who_can_all() -> str:
    """An account's 1,000 roles, 500 actions and 2,000 resources."""
    from sharedline.iam.access.estate import build
    from sharedline.iam.access.who_can import Map
    from sharedline.iam.actions import of_service

    estate = build(Estate(roles=1_000, users=0, accounts=1, resources=2_000).tables)
    actions = [one.full for service in SERVICES for one in of_service(service).values()
               if one.resource_types and one.access_level != "List"][:500]  # fmt: skip
    clock = Clock()
    over = Map(estate, _names(estate))
    pairs = 0
    for action in actions:
        pairs += sum(one.yes.bit_count() for one in over.reach(action).values())
    size = f"{len(over.crowd.list):,} x {len(actions)} x {len(over.atlas.names):,}"
    return f"{size}: {clock}, {pairs:,} triples allowed"


def derived() -> str:
    """The derived tables of an account with 1,000 roles, 200 users and 2,000 resources."""
    from sharedline.derive import derivations

    rows = Estate(roles=1_000, users=200, accounts=1, resources=2_000).tables
    out = []
    for name in ("principal_access", "effective_access", "resource_access"):
        one = derivations()[name]
        clock = Clock()
        count = sum(1 for _ in one.run({t: r for t, r in rows.items() if t in one.reads}))
        out.append(f"{name} {clock}, {count:,} rows")
    return "; ".join(out)


def escalation() -> str:
    """The graph of 1,000 roles and 200 users, and everybody's way to be an administrator."""
    try:
        from sharedline.iam.escalation import paths, scan
    except ImportError:
        return "not there"
    rows = Estate(roles=1_000, users=200, accounts=1, resources=500).tables
    clock = Clock()
    ways = list(paths.to_admin(scan.of_tables(rows)))
    answers = Counter(way.answer for way in ways)
    return f"{clock} with parsing, ways by answer: {dict(answers)}"


def subsets() -> str:
    """`policy_subset` over the labelled pairs: the time of each, cold."""
    try:
        from sharedline.iam.compare import labelled
    except ImportError:
        return "not there"
    taken, agree = [], Counter[str]()
    for case in _cases("subset_"):
        began = time.perf_counter()
        found = labelled.compared(case)
        taken.append((time.perf_counter() - began) * 1000)
        agree[_agrees(found)] += 1
    if not taken:
        return f"skipped: there are no pairs in {LABELLED}"
    worst = f"max {max(taken):.1f} ms"
    return f"{len(taken)} pairs: median {statistics.median(taken):.2f} ms, {worst}, {dict(agree)}"


def _agrees(found: dict[str, Any]) -> str:
    if found.get("answer") is None:
        return "unknown"
    if found["agrees"] is None:
        return "not labelled"
    return "agree" if found["agrees"] else "differ"


def agreement() -> str:
    """How many of the labelled decisions and exposures agree."""
    from sharedline.iam.cases import agrees, request_of
    from sharedline.iam.evaluate import evaluate

    count = Counter[str]()
    for case in _cases("evaluate_"):
        if case.dubious:
            count["dubious"] += 1
            continue
        answer = evaluate(*request_of(case.record, case.line)).answer
        count["agree" if agrees(answer, case.record["expected"]) else "differ"] += 1
    public = Counter[str]()
    try:
        from sharedline.iam.compare import labelled
    except ImportError:
        return f"evaluate {dict(count)}; public: not there"
    for case in _cases("is_public_"):
        public[_agrees(labelled.judged(case))] += 1
    if not count and not public:
        return f"skipped: there are no cases in {LABELLED}"
    return f"evaluate {dict(count)}; public {dict(public)}"


#: What is asked of each, and the function.
MEASURES: dict[str, tuple[str, Callable[[], str]]] = {
    "evaluate": ("at least 20,000 a second", evaluations),
    "who-can-one": ("at most 1 s", who_can_one),
    "who-can-all": ("at most 60 s and 1 GB", who_can_all),
    "subset": ("median at most 2 ms, none over 1 s", subsets),
    "escalation": ("at most 5 s", escalation),
    "agreement": ("all, save those listed", agreement),
    "derived": ("seconds", derived),
}


def main(chosen: list[str] | None = None) -> int:
    """Runs the measures in processes of their own and prints what each says."""
    unknown = [name for name in chosen or () if name not in MEASURES]
    if unknown:
        print(f"There is no measure {', '.join(unknown)}; there are: {', '.join(MEASURES)}.")
        return 2
    code = 0
    for name in chosen or MEASURES:
        wanted, _ = MEASURES[name]
        print(f"{name} ({wanted}); {describe()}", flush=True)
        used = measure(python("-m", "bench.iam", "--here", name))
        for part in used.out.strip().splitlines()[-1].split("; "):
            print(f"    {part}")
        print(f"    peak {used.rss:.0f} MB", flush=True)
        code = code or used.code
    return code


if __name__ == "__main__":
    if sys.argv[1:2] == ["--here"]:
        print(MEASURES[sys.argv[2]][1]())
    else:
        sys.exit(main(sys.argv[1:]))
