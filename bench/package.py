"""The audit package over 5,000 control parts and 100,000 findings: seconds and memory, all judged."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.machine import measure, python

CONTROLS, LETTERS = 1_000, "abcde"
FINDINGS, RESOURCES, CHECKS, OWNERS, ITEMS = 100_000, 40_000, 300, 30, 20_000
AS_OF = datetime(2026, 9, 30, 12, tzinfo=UTC)


def framework(duties: list[str]) -> Any:
    """5,000 parts below 1,000 headings, the line through all but every tenth."""
    from sharedline.comply.model import Capability, Framework, Part
    from sharedline.model import Side

    lines = (
        (Side.AWS, Capability.INHERITED), (Side.SHARED, Capability.INHERITED_AND_CONFIGURABLE),
        (Side.CUSTOMER, Capability.CONFIGURABLE), (Side.CUSTOMER, Capability.CUSTOM),
    )
    text = "The organization does what this sentence of usual length asks of it, and reviews it."
    parts: dict[str, Part] = {}
    common = {"framework": "bench", "read": date(2026, 11, 22), "source": "https://example.org/"}
    for n in range(CONTROLS):
        family, control = f"{'ABCDEFGHIJKLMNOPQRST'[n % 20]}C", f"-{n // 20 + 1}"
        name = family + control
        parts[name] = Part(id=name, control=name, title=f"Control {n}", header=True, **common)  # type: ignore[arg-type]
        for i, letter in enumerate(LETTERS):
            side, capability = lines[(n + i) % 4]
            drawn: dict[str, Any] = {} if (n + i) % 10 == 9 else {
                "side": side, "capability": capability, "reviewed": True,
                "duties": (duties[(n + i) % len(duties)],),
                "aws": text if side in (Side.AWS, Side.SHARED) else "",
                "you": text if side in (Side.CUSTOMER, Side.SHARED) else "",
            }
            one = f"{name}{letter}"
            parts[one] = Part(id=one, control=name, title=f"Control {n}", text=text,
                              **common, **drawn)  # type: ignore[arg-type]
    return Framework(id="bench", title="Bench", publisher="Nobody", version="1", text=True,
                     url="https://example.org/", read=date(2026, 11, 22), licence="none",
                     parts=parts)


def duck() -> Any:
    """100,000 findings in DuckDB: a third unmet, some unknown, some waived."""
    from sharedline.inventory.engines import Duck

    made = Duck()
    made.con.execute(
        f"create table finding as select 'svc/check_' || (i % {CHECKS}) as check_id, "
        f"'arn:aws:ec2:eu-central-1:123456789012:instance/i-' || lpad((i * 7919 % {RESOURCES})"
        "::varchar, 17, '0') as resource, case when i % 3 = 0 then false when i % 50 = 1 then null "
        "else true end as ok, 'the setting is what it was when somebody made it' as reason, "
        "case when i % 300 = 0 then 'waived' when i % 3 = 0 then 'unmet' when i % 50 = 1 then "
        "'unknown' else 'met' end as status, timestamptz '2026-09-01 00:00:00Z' + to_days((i % 29)"
        "::int) as since, 'high' as severity, 'data.exposure' as duty, 'ec2' as service, "
        f"'customer' as side, 'team-' || (i // {CHECKS} % {OWNERS}) as owner, "
        "case when i % 300 = 0 then 'Accepted for now (approved by Ann until 2027-01-01)' end "
        "as waiver, '123456789012' as "
        f"account_id, 'eu-central-1' as region, '' as denied_call from range({FINDINGS}) t(i)"
    )
    return made


def log(folder: Path) -> Any:
    """An evidence log of 20,000 items, one per check and day."""
    from sharedline.comply.evidence.store import open_store
    from sharedline.comply.package.gather import LogEvidence
    from sharedline.comply.package.inputs import Window

    store = open_store(folder / "evidence", create=True)
    store.append(
        {"kind": "check", "control": [f"bench:AC-{n % 50 + 1}a"], "duty": "data.exposure",
         "statement": "The setting is on.", "observed": AS_OF - timedelta(hours=n % 4000),
         "query": {"id": f"svc/check_{n % CHECKS}"}, "result": "met", "population": 300,
         "exceptions": 0, "unknown": 0}
        for n in range(ITEMS)
    )
    head = store.head()
    assert head is not None
    window = Window(date(2026, 4, 1), date(2026, 9, 30))
    return LogEvidence(store, window, head.size, head.line, store.public.read_bytes())


def inputs(folder: Path) -> Any:
    """Everything that the package says, made up."""
    from sharedline.comply.cover import prove
    from sharedline.comply.package.inputs import Half, Inputs, Report, Scan, Window
    from sharedline.comply.package.scanned import ScanFindings
    from sharedline.duties.catalogue import load
    from sharedline.model import SEVERITIES, Check, Side, Waiver

    duties = load().duties
    names = list(duties)
    of = framework(names)
    leaves = [p.id for p in of.parts.values() if not p.header]
    checks = {
        name: Check(
            name, f"Check {n} holds", SEVERITIES[n % 4], names[n % len(names)], "It matters.",
            "Mend it.", "select 1", {"bench": tuple(leaves[n * 11 % len(leaves):][:8])},
        )
        for n in range(CHECKS) for name in [f"svc/check_{n}"]
    }
    half = Half(True, "SOC 2 covers it.", ("report-soc2 1",))
    return Inputs(
        system="The bench", framework=of, window=Window(date(2026, 4, 1), date(2026, 9, 30)),
        scan=Scan("bench", AS_OF, AS_OF, AS_OF, ("123456789012",), ("eu-central-1",)),
        findings=ScanFindings(duck()), proofs=prove(of, checks), checks=checks, duties=duties,
        duty_owners={d: (f"team-{n % OWNERS}",) for n, d in enumerate(names)},
        waivers=(Waiver("Accepted for now", "Ann", date(2027, 1, 1)),),
        reports=(Report("report-soc2", "SOC 2", "soc-2", "1", date(2026, 4, 1), date(2026, 9, 30),
                        "0" * 64),),
        halves={p.id: half for p in of.parts.values() if p.side in (Side.AWS, Side.SHARED)},
        evidence=log(folder), version="bench",
    )


def make(folder: Path) -> None:
    """Builds the package of `folder`, in a process of its own; prints what it took."""
    from sharedline.comply.package.build import build

    given = inputs(folder)
    started = time.monotonic()
    built = build(given, folder / "package")
    took = time.monotonic() - started
    size = sum(p.stat().st_size for p in built.folder.rglob("*") if p.is_file())
    print(json.dumps({
        "parts": built.parts, "findings": built.findings, "items": built.items, "took": took,
        "work": built.work, "mb": size / 1e6, "zip": built.archive.stat().st_size / 1e6,
    }))


def main() -> None:
    """Makes it in a process that is measured, then verifies it in another."""
    with tempfile.TemporaryDirectory() as scratch:
        usage = measure(python("-m", "bench.package", scratch))
        if usage.code:
            raise SystemExit(usage.out)
        said = json.loads(usage.out.splitlines()[-1])
        print(f"  {said['parts']:,} control parts, {said['findings']:,} findings, "
              f"{said['items']:,} items of evidence, {said['work']:,} items to do")
        print(f"  {usage} (at most 60 s and 1,000 MB); the package alone {said['took']:.1f} s")
        print(f"  {said['mb']:.0f} MB in the folder, {said['zip']:.0f} MB in the zip")
        verified = measure(python(f"{scratch}/package/verify.py"))
        if verified.code:
            raise SystemExit(verified.out)
        print(f"  verified on its own: {verified}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        make(Path(sys.argv[1]))
    else:
        main()
