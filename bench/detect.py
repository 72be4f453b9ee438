"""Detection over a million events: rules of the public kind, and ours, in CPU-seconds after ingest.

`SHARED_TRAIL_DIR` is where `bench-trail` keeps its logs, `SHARED_SIGMA_RULES` a folder of public
rules; without the latter, as many rules of the same shapes are made up.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from bench.machine import Usage, describe, measure, python
from bench.trail import EVENTS, PER_FILE, _logs

#: The measures of the issue: public rules, and ours, in CPU-seconds.
PUBLIC, OURS, RULES = 2.0, 5.0, 57
_SERVICES = ("ec2", "iam", "rds", "s3", "kms", "eks", "ses", "config", "guardduty", "lambda")
_FALSE = {"a": {"requestParameters.enable": "false"}, "b": {"errorCode": None}}


def _shapes(number: int) -> dict[str, object]:
    """A condition like those of the public rules, most of which name one to five calls."""
    source = f"{_SERVICES[number % len(_SERVICES)]}.amazonaws.com"
    names = [f"{verb}Thing{number}" for verb in ("Create", "Delete", "Update")]
    call: dict[str, object] = {"eventSource": source, "eventName": names[: 1 + number % 3]}
    if number == 0:  # one of them matches each event of each assumed role
        issuer = "userIdentity.sessionContext.sessionIssuer.type"
        return {"s": {"userIdentity.type": "AssumedRole", issuer: "Role"}, "condition": "s"}
    if number == 1:
        verbs = ["Create", "Delete", "Update", "Put", "Modify", "Attach", "Enable", "Start"]
        return {
            "s": {"eventName|startswith": verbs},
            "f": {"userAgent|contains": "terraform"},
            "condition": "s and not 1 of f*",
        }
    if number == 2:
        return {"s": {"userAgent": "TruffleHog"}, "condition": "s"}
    if number == 3:
        return {"s": {"userIdentity.arn|re": ".+:assumed-role/aws:.+"}, "condition": "s"}
    if number == 4:
        return {
            "s": {"userIdentity.type": "Root"},
            "f": {"eventType": "AwsServiceEvent"},
            "condition": "s and not f",
        }
    if number == 5:
        mfa = {"eventName": "ConsoleLogin", "additionalEventData.MFAUsed": "No"}
        return {"s": mfa, "condition": "s"}
    if number % 4 == 0:
        return {"s": call, **_FALSE, "condition": "s and 1 of a* and b"}
    return {"s": call, "condition": "s"}


def _made(folder: Path) -> Path:
    for number in range(RULES):
        rule = {
            "title": f"Rule {number}",
            "logsource": {"product": "aws", "service": "cloudtrail"},
            "detection": _shapes(number),
            "level": "medium",
        }
        (folder / f"rule{number:02d}.yml").write_text(json.dumps(rule))
    return folder


#: The matching alone, in a process that has read the rules and opened the lake.
_ALONE = """
import sys, time
from sharedline.inventory.engines import Duck
from sharedline.inventory.lake import Lake
from sharedline.trail import sigma, store
rules = sigma.load(sys.argv[2:] or None)
lake = Lake(sys.argv[1])
engine = Duck(lake)
started = time.process_time()
store.register(engine, lake)
found = sigma.run(engine, rules)
print(f"{time.process_time() - started:.2f} {len(found)}")
"""


def _alone(lake: Path, wanted: float, *rules: str) -> None:
    used = measure(python("-c", _ALONE, str(lake), *rules))
    assert used.code == 0, used.out
    seconds, found = used.out.split()
    held = "holds" if float(seconds) <= wanted else "DOES NOT HOLD"
    print(f"  matching alone: {seconds} s of CPU, {found} detections: {held}", flush=True)


def _told(name: str, used: Usage, wanted: float) -> None:
    assert used.code in (0, 1), used.out
    held = "holds" if used.cpu <= wanted else "DOES NOT HOLD"
    print(f"{name}: {used}; wanted at most {wanted:.0f} s of CPU: {held}", flush=True)


def main() -> None:
    """Makes the lake, runs the rules and prints the figures."""
    kept = os.environ.get("SHARED_TRAIL_DIR")
    public = os.environ.get("SHARED_SIGMA_RULES")
    with tempfile.TemporaryDirectory(prefix="sharedline-bench-") as scratch:
        base = Path(scratch)
        logs = _logs("large", EVENTS, PER_FILE, Path(kept or scratch))
        lake, rules = base / "lake", base / "rules"
        rules.mkdir()
        ingest = measure(
            python("-m", "sharedline", "trail", "ingest", str(logs), "--lake", str(lake))
        )
        assert ingest.code == 0, ingest.out
        given = Path(public) if public else _made(rules)
        detect = python("-m", "sharedline", "trail", "detect", "--lake", str(lake))
        print(describe(), flush=True)
        measure([*detect, "--rules", str(given)])  # unmeasured: it leaves bytecode
        for _ in range(2):
            used = measure([*detect, "--rules", str(given)])
            _told(f"{'public' if public else RULES} rules, {EVENTS:,} events", used, PUBLIC)
            _alone(lake, PUBLIC, str(given))
            _told(f"our rules, {EVENTS:,} events", measure(detect), OURS)
            _alone(lake, OURS)
        print(describe())


if __name__ == "__main__":
    main()
