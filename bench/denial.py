"""Refuses each call of a scan in turn: no answer may get better by it, and none may leave unsaid.

The example estate's answers are recorded once (`bench.replay`), read into memory by one scan of two
Regions, and judged again and again with one call, a pair of calls, or a call's answer, gone wrong.
Only the checks that a call feeds are asked anew. Ends with 1 if anything wrong was found.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from unittest import mock

import boto3

from bench.machine import describe as machine
from bench.replay.recording import ROLE, credentials, recording, serving
from sharedline import scan
from sharedline.assess import needed
from sharedline.checks.load import load
from sharedline.collect import clients
from sharedline.collect.catalogue import catalogue
from sharedline.collect.clients import Caller, CallError, Failure
from sharedline.collect.factory import Factory
from sharedline.collect.run import closure
from sharedline.collect.schema import describe
from sharedline.collect.tables import iam_credentials
from sharedline.project import Project

REGIONS = ("us-east-1", "eu-central-1")
#: What a scan cannot begin without; refusing them is told before anything is read.
FIRST = frozenset({"sts:GetCallerIdentity", "organizations:ListAccounts", "ec2:DescribeRegions"})
#: Errors that are no denial, each tried on its share of the calls; all calls answer EMPTY once.
CODES = ("ThrottlingException", "InternalError", "TheUnheardOfException")
EMPTY = "{}"
PAIRS = 40
Row = Mapping[str, Any]
Answers = Mapping[tuple[str, str], Row]


class Silent:
    """A client that answers without saying anything."""

    def __init__(self, client: Any) -> None:
        self.meta = client.meta

    def __getattr__(self, name: str) -> Any:
        return lambda **_: {"ResponseMetadata": {}}


@dataclass
class Aws:
    """The estate's answers, kept in memory, and what becomes of some of them."""

    real: Any
    answers: dict[tuple[str, ...], Any] = field(default_factory=dict)
    #: The operations gone wrong, each with AWS's error code or EMPTY.
    wrong: Mapping[str, str] = field(default_factory=dict)
    account: str = ""
    refused: int = 0
    mute: threading.local = field(default_factory=threading.local)

    def call(self, caller: Caller, *asked: Any) -> dict[str, Any]:
        """In place of `Caller.call`."""
        account, region, service, operation, params = asked
        name = f"{service}:{operation}"
        code = self.wrong.get(name, "")
        if code and self.account in ("", account):
            self.refused += 1
            if code == EMPTY:
                return self.silent(caller, *asked)
            raise CallError(Failure(name, code, "Refused by the sweep."))
        key = (account, region, service, operation, json.dumps(params, sort_keys=True, default=str))
        if key not in self.answers:
            try:
                self.answers[key] = self.real(caller, *asked)
            except CallError as error:
                self.answers[key] = error.failure
        found = self.answers[key]
        if isinstance(found, Failure):
            raise CallError(found)
        return dict(found)

    def silent(self, caller: Caller, *asked: Any) -> dict[str, Any]:
        """The call to a client whose every answer is empty."""
        self.mute.on = True
        try:
            return dict(self.real(caller, *asked))
        finally:
            self.mute.on = False

    def operations(self) -> list[str]:
        """The calls that were answered, but for those that a scan begins with."""
        answered = {f"{k[2]}:{k[3]}" for k, v in self.answers.items() if not isinstance(v, Failure)}
        return sorted(answered - FIRST)


@dataclass(frozen=True)
class Outcome:
    """What one thing gone wrong did to the findings."""

    refused: int
    checks: int
    hidden: int
    faults: tuple[str, ...]

    @property
    def unsaid(self) -> bool:
        """Refused, and nothing shows it."""
        return bool(self.refused and self.checks and not self.hidden)


class Sweep:
    """Scans of the same estate under different misfortunes."""

    def __init__(self, aws: Aws, url: str, folder: Path) -> None:
        self.aws, self.url, self.folder = aws, url, folder
        self.session = boto3.Session(region_name=REGIONS[0])
        self.as_of = datetime.now(UTC)
        self.number = 0
        self.feeds = feeds()
        self.whole = self.read(())
        self.operations = aws.operations()

    def read(self, checks: Sequence[str]) -> dict[tuple[str, str], Row]:
        """The answers of a scan now."""
        self.number += 1
        done = scan(
            self.session, regions=REGIONS, checks=checks, processes=0, org=True, org_role=ROLE,
            folder=self.folder / str(self.number), endpoint_url=self.url, rate=1000.0,
            as_of=self.as_of,
        )
        return {(r["check_id"], r["resource"]): r for r in done.results.rows()}

    def under(self, wrong: Mapping[str, str]) -> Outcome:
        """Scans with these calls gone wrong, and compares."""
        checks = sorted({c for name in wrong for c in self.feeds.get(name, ())})
        if not checks:
            return Outcome(0, 0, 0, ())
        self.aws.wrong, self.aws.refused = wrong, 0
        try:
            after = self.read(checks)
        finally:
            self.aws.wrong = {}
        before = {k: r for k, r in self.whole.items() if k[0] in checks}
        hidden = {k for k, r in after.items() if r["ok"] is None and _known(before.get(k))}
        answered = EMPTY in wrong.values()
        faults = better(before, after) if answered else differences(before, after)
        if not answered:
            faults += [_unnamed(k, after[k]) for k in sorted(hidden) if not _names(after[k], wrong)]
        return Outcome(self.aws.refused, len(checks), len(hidden), tuple(faults))


def _known(row: Row | None) -> bool:
    """An unknown that was not there before counts as well: it stands for a listing."""
    return row is None or row["ok"] is not None


def _names(row: Row, calls: Iterable[str]) -> bool:
    said = f"{row['denied_call'] or ''} {row['reason'] or ''}"
    return any(call in said for call in calls)


def _unnamed(key: tuple[str, str], row: Row) -> str:
    return f"{key[0]} {key[1]} is unknown and names no call: {row['reason']}"


def better(before: Answers, after: Answers) -> list[str]:
    """Answers that became met: an answer without anything in it is no proof of a good state."""
    return [
        f"{key[0]} {key[1]} was {before[key]['status'] if key in before else 'not there'} "
        f"and is met: {row['reason']}"
        for key, row in after.items()
        if row["ok"] is True and (key not in before or before[key]["ok"] is not True)
    ]


def differences(before: Answers, after: Answers) -> list[str]:
    """Answers that turned, appeared, or left without an unknown in their place."""
    found = []
    unknown = {(k[0], r["account_id"], r["region"]) for k, r in after.items() if r["ok"] is None}
    for key, row in before.items():
        now, name = after.get(key), f"{key[0]} {key[1]}"
        if now is None:
            # A table of the whole organisation is unknown without an account.
            places = {
                (key[0], a, r) for a in (row["account_id"], "") for r in (row["region"], "global")
            }
            if not places & unknown:
                found.append(f"{name} was {row['status']} and is lost")
        elif now["ok"] is not None and now["ok"] is not row["ok"]:
            found.append(f"{name} was {row['status']} and is {now['status']}: {now['reason']}")
    return found + [
        f"{key[0]} {key[1]} appeared as {row['status']}: {row['reason']}"
        for key, row in after.items()
        if key not in before and row["ok"] is not None
    ]


def feeds() -> dict[str, set[str]]:
    """The checks whose tables make each call."""
    tables, found = catalogue(), {}  # type: ignore[var-annotated]
    project = Project(Path("/nowhere"))
    for check_id, check in load().items():
        _, columns = needed({check_id: check}, project)
        for name in closure(columns, tables):
            table = tables[name]
            for call in (*describe(table, tables).operations, *table.actions):
                found.setdefault(call, set()).add(check_id)
    return found


@contextmanager
def prepared() -> Iterator[Sweep]:
    """The recorded estate in this process."""
    made: dict[tuple[str, str, str], Any] = {}
    real_call, real_client = Caller.call, Caller.client

    def client(caller: Caller, account: str, region: str, service: str) -> Any:
        """One for all scans: making them costs more than the scans."""
        key = (account, region, service)
        if key not in made:
            made[key] = real_client(caller, account, region, service)
        return Silent(made[key]) if getattr(aws.mute, "on", False) else made[key]

    def call(caller: Caller, *asked: Any) -> dict[str, Any]:
        return aws.call(caller, *asked)

    aws = Aws(real_call)
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(recordings=[str(recording())]) as server,
        mock.patch.dict(os.environ, credentials()),
        mock.patch.object(iam_credentials, "PAUSES", (0.0, 0.0, 0.0)),
        mock.patch.object(clients, "Factory", lambda _: Factory()),  # knows every operation
        mock.patch.object(Caller, "client", client),
        mock.patch.object(Caller, "call", call),
    ):
        yield Sweep(aws, server.url, Path(folder))


def plan(sweep: Sweep, chosen: Sequence[str]) -> list[dict[str, str]]:
    """Each call refused, pairs of calls that share a check, other errors, empty answers."""
    names = [n for n in sweep.operations if any(fnmatchcase(n, g) for g in chosen or ("*",))]
    cases = [{name: "AccessDenied"} for name in names]
    together: dict[str, list[str]] = {}
    for name in names:
        for check in sweep.feeds.get(name, ()):
            together.setdefault(check, []).append(name)
    pairs = sorted({(a, b) for g in together.values() for a in g for b in g if a < b})
    picked = random.Random(1).sample(pairs, min(PAIRS, len(pairs)))  # noqa: S311 the same each time
    cases += [dict.fromkeys(pair, "AccessDenied") for pair in sorted(picked)]
    cases += [{name: CODES[n % 4]} for n, name in enumerate(names) if n % 4 < len(CODES)]
    return cases + [{name: EMPTY} for name in names]


def line(case: Mapping[str, str], outcome: Outcome) -> str:
    """One row of the printed table."""
    code = next(iter(case.values()))
    told = " + ".join(case) + ("" if code == "AccessDenied" else f" = {code}")
    note = "nothing shows it" if outcome.unsaid and code != EMPTY else ""
    return (f"  {told:<72} {outcome.refused:>7} {outcome.checks:>6} {outcome.hidden:>7} "
            f"{len(outcome.faults):>5}  {note}").rstrip()


def main(chosen: Sequence[str] = ()) -> int:
    """Prints the table; the wrong changes stand below their call."""
    start, totals = time.monotonic(), Counter[str]()
    with prepared() as sweep:
        sweep.aws.account = os.environ.get("BENCH_ACCOUNT", "")
        statuses = Counter(r["status"] for r in sweep.whole.values())
        told = ", ".join(f"{n} {status}" for status, n in sorted(statuses.items()))
        print(f"  {len(sweep.operations)} operations; {len(sweep.whole)} findings: {told}")
        print(f"  {'operation':<72} {'refused':>7} {'checks':>6} {'unknown':>7} {'wrong':>5}")
        for case in plan(sweep, chosen):
            outcome = sweep.under(case)
            print(line(case, outcome), flush=True)
            for fault in outcome.faults:
                print(f"      {fault}", flush=True)
            totals.update(cases=1, hidden=outcome.hidden, faults=len(outcome.faults))
    print(f"  {totals['cases']} cases in {time.monotonic() - start:.0f} s: {totals['hidden']} "
          f"findings became unknown, {totals['faults']} wrong changes; {machine()}")
    return 1 if totals["faults"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
