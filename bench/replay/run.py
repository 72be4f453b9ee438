"""Runs scans against the replaying server and compares them with what they had to cost."""

from __future__ import annotations

import json
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.machine import Usage, describe, measure
from bench.replay.recording import credentials, organisation, recording, scan_command, serving

LATENCY = 0.05
#: AWS's own limit in the throttled run: calls a second for an account x Region x service, and burst.
LIMIT = (5.0, 20.0)
#: Resources in one account: memory must not grow with them.
LARGE = (50_000, 200_000)
#: Calls of four protocols, as the scan makes them.
BARE: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("ec2", "describe_vpcs", {"MaxResults": 1000}),
    ("ecs", "list_clusters", {}),
    ("lambda", "list_functions", {}),
    ("sns", "list_topics", {}),
)
_STARTED = (
    "<GenerateCredentialReportResponse><GenerateCredentialReportResult><State>INPROGRESS</State>"
    "</GenerateCredentialReportResult></GenerateCredentialReportResponse>"
)
_NOT_READY = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>ReportInProgress</Code>"
    "<Message>The report is being generated.</Message></Error></ErrorResponse>"
)
#: Calls that are each process's own credentials, and the poll that waits for a report.
NOT_DATA = ("sts:AssumeRole", "iam:GenerateCredentialReport")


@dataclass(frozen=True)
class Run:
    """One scan: what it took, what the server counted, what its manifest says."""

    usage: Usage
    server: dict[str, Any]
    manifest: dict[str, Any]

    @property
    def collect(self) -> float:
        """Seconds of collection, without judging and reporting."""
        return float(self.manifest["collect_seconds"])

    @property
    def twice(self) -> dict[str, int]:
        """Calls of data that were answered more than once."""
        return {
            name: n
            for name, n in self.server["twice"].items()
            if not name.endswith(NOT_DATA)
        }


def scan(path: Path, *options: str, **config: Any) -> Run:
    """One scan against a server of its own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(recordings=[str(path)], **config) as server,
    ):
        usage = measure(scan_command(server.url, Path(folder), *options), env=credentials())
        if usage.code not in (0, 1, 3):
            raise SystemExit(f"The scan ended with {usage.code}:\n{usage.out[-2000:]}")
        if not list(Path(folder).glob("lake/scans/*/manifest.json")):
            raise SystemExit(usage.out[-3000:])
        manifests = list(Path(folder).glob("lake/scans/*/manifest.json"))
        return Run(usage, server.ask("stats"), json.loads(manifests[0].read_text()))


def bare_call(path: Path) -> float:
    """CPU seconds of one botocore call with nothing around it, in this process."""
    import botocore.session

    session = botocore.session.Session()
    session.set_credentials("AKIAIOSFODNN7EXAMPLE", "x")
    with serving(recordings=[str(path)]) as server:
        clients = [
            (session.create_client(s, region_name="us-east-1", endpoint_url=server.url), m, given)
            for s, m, given in BARE
        ]
        for client, method, given in clients:
            getattr(client, method)(**given)
        started = time.process_time()
        for _ in range(100):
            for client, method, given in clients:
                getattr(client, method)(**given)
        return (time.process_time() - started) / (100 * len(clients))


def longest_chain(accounts: int) -> int:
    """Dependent calls one after another: to find the accounts, and the deepest table."""
    from sharedline.checks.load import load
    from sharedline.collect.catalogue import catalogue
    from sharedline.collect.run import closure
    from sharedline.project import open_project
    from sharedline.scanning import wanted_tables

    project = open_project(Path(tempfile.gettempdir()))
    tables = catalogue()
    _, columns = wanted_tables(load((), None), project, everything=True)
    wanted = closure(columns, tables)

    def depth(name: str) -> int:
        table = tables[name]
        above = table.source or table.parent
        details = any(wanted[name] & set(call.columns) for call in table.details)
        return (depth(above) if above else 0) + sum(
            (table.list is not None, table.describe is not None, details)
        )

    # GetCallerIdentity, DescribeRegions; for members ListAccounts, AssumeRole, GetCallerIdentity.
    return 2 + (4 if accounts > 1 else 0) + max(depth(name) for name in wanted)


def show(title: str, run: Run, bare: float) -> None:
    """Prints the figures of one run beside its bounds."""
    m, s = run.manifest, run.server
    accounts, cores = len(m["accounts"]), len(os.sched_getaffinity(0))
    calls = s["calls"]
    chain = longest_chain(accounts)
    own = run.usage.cpu / calls
    bounds = {
        "CPU as measured": max(chain * LATENCY, calls * own / cores),
        "bare botocore call": max(chain * LATENCY, calls * bare / cores),
    }
    rows = sum(f["rows"] for f in m["files"] if f["kind"] == "inventory")
    print(f"  {title}: {accounts} accounts x {len(m['regions'])} Regions, {rows} rows")
    print(f"    {run.usage}; {run.usage.several:.0f} MB while collecting")
    print(f"    collection {run.collect:.2f} s; {calls} calls, at most {s['peak']} at once, "
          f"{own * 1e3:.2f} ms CPU per call in all (a bare botocore call: {bare * 1e3:.2f} ms)")
    for name, bound in bounds.items():
        print(f"    bound ({name}; chain of {chain}): {bound:.2f} s; "
              f"collection/bound {run.collect / bound:.2f}, whole/bound "
              f"{run.usage.wall / bound:.2f}")
    print(f"    made twice: {sum(n - 1 for n in run.twice.values())}; not in the recording: "
          f"{s['missed']}; throttled: {s['throttled']}; failures {len(m['failures'])}")
    for name, n in list(run.twice.items())[:8]:
        print(f"      {n} x {name}")
    for name, n in list(s["misses"].items())[:8]:
        print(f"      not recorded: {n} x {name}")
    print(f"    {describe()}", flush=True)


def main() -> None:
    """The whole organisation; throttled; with a report that never comes; and a large account."""
    path = recording()
    bare = bare_call(path)
    chosen = os.environ.get("BENCH_RUNS", "plain,large,throttled,endless").split(",")
    if "plain" in chosen:
        show("50 ms", scan(path, *organisation(), latency=LATENCY), bare)
    if "one" in chosen:
        show("50 ms, one account", scan(path, latency=LATENCY), bare)
    if "large" in chosen:
        for resources in LARGE:
            run = scan(path, latency=LATENCY, large=resources)
            show(f"{resources} resources in one account", run, bare)
    if "throttled" in chosen:
        run = scan(path, *organisation(), latency=LATENCY, limit=LIMIT)
        show(f"AWS allows {LIMIT[0]:g} calls/s", run, bare)
    if "endless" in chosen:
        fixed = {"GenerateCredentialReport": (200, _STARTED),
                 "GetCredentialReport": (410, _NOT_READY)}
        run = scan(path, *organisation(), latency=LATENCY, fixed=fixed)
        show("a report that never comes", run, bare)
        for failure in run.manifest["failures"]:
            if "CredentialReport" in failure["call"]:
                print(f"    {failure['table']}: {failure['call']} {failure['code']}")


if __name__ == "__main__":
    main()
