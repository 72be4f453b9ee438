"""The noise that any trail has: strangers at the doors, forgotten passwords, public files read."""

from __future__ import annotations

from datetime import timedelta

from sharedline.demo.estate.place import FRANKFURT, HOME
from sharedline.demo.logs.machines import busy, every
from sharedline.demo.logs.people import AT_HOME, OFFICE, sign_in
from sharedline.demo.logs.record import DAYS, Actor, Log, user

#: Scanners of the internet, and the agency that reads the exports without any key.
STRANGERS = tuple(f"198.51.100.{number}" for number in (130, 131, 144, 179, 201))
AGENCY = "203.0.113.222"
_DENIED = ("AccessDenied", "Access Denied")


def tell(log: Log) -> None:
    """Everything that a rule must not cry over."""
    _anonymous(log)
    _passwords(log)
    _forwarder(log)
    _throttled(log)


def _nobody(address: str, agent: str) -> Actor:
    return Actor(
        {"type": "AWSAccount", "principalId": "", "accountId": "anonymous"}, address, agent
    )


def _anonymous(log: Log) -> None:
    """Whoever finds a bucket's name tries it; the public ones answer."""
    here = log.estate.at("production", FRANKFURT)
    kits = log.estate.at("plumbob", HOME)
    for at in every(log, 3, 0.7):
        actor = _nobody(log.chance.choice(STRANGERS), "python-requests/2.32.5")
        bucket = log.chance.choice(("fennelrye-invoices", "fennelrye-build-artifacts"))
        log.add(at, here, actor, "s3.ListObjects", {"bucketName": bucket}, refused=_DENIED)
        asked = {"bucketName": "plumbob-website", "key": log.chance.choice(("index.html", ".env"))}
        log.add(at, kits, actor, "s3.GetObject", asked, refused=_DENIED)
    for number, at in enumerate(busy(log, 12)):
        asked = {"bucketName": "fennelrye-legacy-uploads", "key": f"menus/{number % 40}.pdf"}
        log.add(
            at, here, _nobody(log.chance.choice(STRANGERS), "Mozilla/5.0"), "s3.GetObject", asked
        )
    # The bucket is public for the agency's sake: each morning it takes yesterday's export.
    for days in range(DAYS - 1, -1, -1):
        at = log.at(days, 6, minutes=30)
        day = at - timedelta(days=1)
        key = f"exports/{day:%Y-%m}/customers-{day:%d}.csv.gz"
        asked = {"bucketName": "fennelrye-customer-exports", "key": key}
        log.add(at, here, _nobody(AGENCY, "curl/8.5.0"), "s3.GetObject", asked)


def _passwords(log: Log) -> None:
    """A forgotten password, and strangers who guess at the acquired company's administrator."""
    here, kits = log.estate.at("production", FRANKFURT), log.estate.at("plumbob", HOME)
    for days, name, place in ((12, "nina.okafor", OFFICE), (6, "tomas.ruiz", AT_HOME)):
        for number in range(2):
            sign_in(log, log.at(days, 8, minutes=number), here, name, place, fails=True)
    for at in every(log, 31, 3):
        for number in range(3):
            moment = at + timedelta(seconds=9 * number)
            sign_in(log, moment, kits, "admin", log.chance.choice(STRANGERS), fails=True)


def _forwarder(log: Log) -> None:
    """The tool that carries findings to the pager asks for them every hour, with its key."""
    here = log.estate.at("security", FRANKFURT)
    actor = user(here, "alert-forwarder", "10.10.16.20", "Boto3/1.34.162 alert-forwarder/2.3")
    for at in every(log, 1, 0.2):
        asked = {"filters": {"recordState": [{"value": "ACTIVE", "comparison": "EQUALS"}]}}
        log.add(at, here, actor, "securityhub.GetFindings", asked)


def _throttled(log: Log) -> None:
    """The nightly report goes too fast."""
    here = log.estate.at("production", FRANKFURT)
    actor = user(here, "reporting", OFFICE, "aws-sdk-java/2.29.52")
    for days in range(DAYS, 0, -1):
        for number in range(log.chance.randint(1, 6)):
            at = log.at(days, 3, minutes=20, seconds=number)
            refused = ("ThrottlingException", "Rate exceeded")
            log.add(at, here, actor, "cloudwatch.GetMetricData", refused=refused)
