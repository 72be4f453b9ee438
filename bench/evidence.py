"""The evidence log: items appended a second, seconds to compute a log of 100,000 items again.

`SHARED_EVIDENCE_ITEMS=1000000` sets another number.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.machine import describe
from sharedline.comply.evidence.store import Store, open_store
from sharedline.comply.evidence.verify import verify

ITEMS = int(os.environ.get("SHARED_EVIDENCE_ITEMS", "100000"))
#: A scan judges about so many checks, and is one append under one head.
SCAN = 400
#: The measures of the issue.
RATE, SECONDS = 20_000, 1.0
RUNS = 5
_START = datetime(2026, 1, 1, tzinfo=UTC)


def items(number: int) -> Iterator[dict[str, Any]]:
    """Items as a scan of an organisation gives them, about 1,000 bytes each."""
    for n in range(number):
        scan, check = divmod(n, SCAN)
        failing = check % 3 == 0
        yield {
            "kind": "check",
            "control": ["aws-security-hub:S3.8", "cis-aws-7.0.0:2.1.4", "nist-800-53-r5:AC-3"],
            "duty": "data.exposure",
            "subject": {
                "scope": "4 accounts, 3 Regions",
                "accounts": [f"{111122223333 + a}" for a in range(4)],
                "regions": ["eu-central-1", "eu-west-1", "us-east-1"],
            },
            "statement": f"Check {check} of buckets that are not public",
            "query": {"id": f"s3/check_{check}", "sha256": f"{check:064x}", "parameters": {}},
            "collector": {"name": "sharedline", "version": "0.1.0"},
            "result": "unmet" if failing else "met",
            "population": 40 + check,
            "exceptions": 5 if failing else 0,
            "unknown": 0,
            "samples": [f"arn:aws:s3:::bucket-{check}-{k}" for k in range(5)] if failing else [],
            "observed": _START + timedelta(days=scan),
            "artefact": {
                "name": f"finding-{check % 16}.parquet",
                "sha256": f"{scan * 16 + check % 16:064x}",
                "where": f"lake:findings/scan={scan}/finding-{check % 16}.parquet",
            },
            "ref": {"scan": f"{scan}", "judged": "2026-01-01T00:00:00+00:00"},
        }


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def _held(*, good: bool) -> str:
    return "holds" if good else "DOES NOT HOLD"


def _append(folder: Path) -> Store:
    """Makes the log: half of it in one append, half scan by scan."""
    made = list(items(ITEMS))
    store = open_store(folder, create=True)
    half = ITEMS // 2
    wall, cpu = _timed(lambda: store.append(made[:half]))
    rate = half / wall
    print(
        f"append of {half:,} items at once: {rate:,.0f} a second (wanted {RATE:,}: "
        f"{_held(good=rate >= RATE)}); wall {wall:.2f} s, CPU {cpu:.2f} s"
    )

    def scans() -> None:
        for at in range(half, ITEMS, SCAN):
            store.append(made[at : at + SCAN])

    wall, cpu = _timed(scans)
    print(
        f"the other half, {SCAN} items and a signed head each time: "
        f"{(ITEMS - half) / wall:,.0f} a second; wall {wall:.2f} s, CPU {cpu:.2f} s",
        flush=True,
    )
    return store


def main() -> None:
    """Makes a log, verifies it several times, and prints the figures."""
    with tempfile.TemporaryDirectory(prefix="sharedline-bench-") as scratch:
        folder = Path(scratch) / "evidence"
        store = _append(folder)
        size = sum(p.stat().st_size for p in folder.glob("items-*.jsonl"))
        print(f"{ITEMS:,} items of {size / ITEMS:,.0f} bytes under {len(store.heads())} heads")
        walls, cpus = [], []
        for _ in range(RUNS):
            wall, cpu = _timed(lambda: _verified(folder))
            walls.append(wall)
            cpus.append(cpu)
        allowed = SECONDS * max(1.0, ITEMS / 100_000)
        best = min(walls)
        print(
            f"verification: best of {RUNS} runs {best:.2f} s, median {statistics.median(walls):.2f}"
            f" s, CPU {min(cpus):.2f} to {max(cpus):.2f} s (wanted at most {allowed:.1f} s: "
            f"{_held(good=best <= allowed)})"
        )
        wall, _ = _timed(lambda: [store.proof(n) for n in range(0, ITEMS, max(1, ITEMS // 1000))])
        print(f"1,000 inclusion proofs: {wall:.2f} s")
        print(describe())


def _verified(folder: Path) -> None:
    found = verify(folder)
    assert found.wrong == [], found.wrong
    assert found.items == ITEMS


if __name__ == "__main__":
    main()
