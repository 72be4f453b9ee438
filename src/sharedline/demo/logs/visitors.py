"""Who comes in from elsewhere: a vendor's monitoring, and Sharedline's own scan."""

from __future__ import annotations

from datetime import datetime, timedelta

from sharedline.demo.estate import theft
from sharedline.demo.estate.place import FRANKFURT, HOME, REGIONS, SCAN_ROLE, VENDOR
from sharedline.demo.logs.machines import SDK, every
from sharedline.demo.logs.record import Actor, Log, assume, console, session

FROM_VENDOR, SCANNER = "203.0.113.201", "203.0.113.12"
_OWN = f"{SDK} sharedline"


def tell(log: Log) -> None:
    """Their visits."""
    _vendor(log)
    _scan(log)


def _vendor(log: Log) -> None:
    """Somebody else's monitoring comes in every other hour."""
    here = log.estate.at("production", FRANKFURT)
    outside = Actor(
        {
            "type": "AWSAccount",
            "principalId": theft.made_up("AROA", "vendor") + ":poller",
            "accountId": VENDOR,
        },
        FROM_VENDOR,
        SDK,
    )
    for at in every(log, 2, 0.1):
        to = session(here, "vendor-monitoring", "poller", at, FROM_VENDOR, SDK)
        assume(log, at, here, outside, to, sharedEventID=log.id())
        for name in ("cloudwatch.GetMetricData", "ec2.DescribeInstances"):
            log.add(at + timedelta(seconds=5), here, to, name)


_LOOKED_AT = (
    *("ec2.DescribeInstances", "ec2.DescribeVolumes", "ec2.DescribeSecurityGroupRules"),
    *("s3.GetBucketPolicy", "s3.GetBucketLogging", "kms.DescribeKey", "rds.DescribeDBInstances"),
    *("lambda.ListFunctions20150331", "guardduty.ListDetectors", "guardduty.ListFindings"),
)


def _scan(log: Log) -> None:
    """Sharedline's own scans: a program, also where it lists findings."""
    for days in (21, 7):
        _one(log, log.today - timedelta(days=days))


def _one(log: Log, at: datetime) -> None:
    home = log.estate.at("management", HOME)
    priya = console(home, "priya.raman", SCANNER, at - timedelta(minutes=9), mfa=True)
    # From a shell in her browser: she has no key.
    priya = Actor(priya.identity, SCANNER, _OWN)
    for account in log.estate.accounts:
        home = log.estate.at(account, HOME)
        to = session(home, SCAN_ROLE, "sharedline", at, SCANNER, _OWN)
        assume(log, at, home, priya, to)
        for region in REGIONS:
            here = log.estate.at(account, region)
            for number, name in enumerate(("iam.GetAccountAuthorizationDetails", *_LOOKED_AT)):
                log.add(at + timedelta(seconds=number), here, to, name)
