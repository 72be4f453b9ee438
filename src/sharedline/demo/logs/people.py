"""What people do in the console: office hours, an engineer on call at night, a founder's habits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sharedline.demo.estate.people import PEOPLE, Person
from sharedline.demo.estate.place import ADMIN_ROLE, FRANKFURT, HOME, Place
from sharedline.demo.logs.record import (
    DAYS,
    Actor,
    Log,
    assume,
    console,
    session,
    user,
)

OFFICE, AT_HOME, KITS_OFFICE = "203.0.113.24", "203.0.113.70", "203.0.113.92"
#: What a day of each looks at, and how often it is wrong about what it may.
_WORK: dict[str, tuple[str, ...]] = {
    "nina.okafor": (
        *("ecs.DescribeServices", "ecs.ListTasks", "logs.DescribeLogGroups", "logs.GetLogEvents"),
        *("s3.ListBuckets", "cloudwatch.GetMetricData", "lambda.ListFunctions20150331"),
    ),
    "tomas.ruiz": (
        *("ec2.DescribeInstances", "ec2.DescribeSecurityGroups", "ec2.DescribeVolumes"),
        *("ecs.DescribeClusters", "rds.DescribeDBInstances", "ssm.DescribeInstanceInformation"),
        *("elasticloadbalancing.DescribeTargetHealth", "backup.ListBackupJobs"),
    ),
    "femi.adeyemi": (
        *("config.DescribeComplianceByConfigRule", "iam.ListUsers", "iam.ListRoles"),
        *("access-analyzer.ListFindingsV2", "ec2.DescribeInstances"),
    ),
    "priya.raman": (
        *("organizations.ListAccounts", "organizations.DescribeOrganization", "ce.GetCostAndUsage"),
        *("iam.ListUsers", "budgets.DescribeBudgets"),
    ),
    "admin": (
        *(
            "ec2.DescribeInstances",
            "s3.ListBuckets",
            "ec2.DescribeImages",
            "rds.DescribeDBInstances",
        ),
    ),
}
#: Refused now and then: the work of somebody else.
_NOT_YOURS = {
    "nina.okafor": ("rds.DescribeDBSnapshots", "kms.ListKeys"),
    "tomas.ruiz": ("secretsmanager.GetSecretValue", "iam.CreateRole"),
}


def tell(log: Log) -> None:
    """Everybody's days."""
    for person in PEOPLE:
        if person.name in _WORK:
            for at in _days(log, person):
                _day(log, person, at)
    _on_call(log)
    _founder(log)


def home_of(log: Log, person: Person) -> Place:
    """The account and Region that somebody works in."""
    region = HOME if person.account in ("plumbob", "management") else FRANKFURT
    return log.estate.at(person.account, region)


def _days(log: Log, person: Person) -> Iterator[datetime]:
    """Working days on which somebody signs in, the last as old as IAM says."""
    last = log.today - timedelta(days=person.signed_in or 0, minutes=50)
    yield last
    for days in range(DAYS, 0, -1):
        at = log.at(days, 7.5 + log.chance.random() * 3)
        if at < last - timedelta(hours=20) and at.weekday() < 5 and log.chance.random() < 0.7:
            yield at


def _day(log: Log, person: Person, at: datetime) -> None:
    here = home_of(log, person)
    place = KITS_OFFICE if person.account == "plumbob" else OFFICE
    actor = console(here, person.name, place, at, mfa=person.mfa)
    sign_in(log, at, here, person.name, place, mfa=person.mfa)
    for _ in range(log.chance.randint(12, 30)):
        at += timedelta(seconds=log.chance.expovariate(1 / 150))
        log.add(at, here, actor, log.chance.choice(_WORK[person.name]))
    for name in _NOT_YOURS.get(person.name, ()):
        if log.chance.random() < 0.3:
            source, _, operation = name.partition(".")
            arn = actor.identity["arn"]
            said = (
                f"User: {arn} is not authorized to perform: {source}:{operation} because no "
                f"identity-based policy allows the {source}:{operation} action"
            )
            log.add(at, here, actor, name, refused=("AccessDenied", said))


def sign_in(
    log: Log,
    at: datetime,
    here: Place,
    name: str,
    place: str,
    *,
    mfa: bool = True,
    fails: bool = False,
) -> None:
    """A sign-in to the console, or a try."""
    known = user(here, name, place, "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0")
    identity = {k: v for k, v in known.identity.items() if k != "accessKeyId"}
    if fails:
        identity.pop("arn")
    event = log.add(
        at,
        here,
        Actor(identity, place, known.agent),
        "signin.ConsoleLogin",
        answer={"ConsoleLogin": "Failure" if fails else "Success"},
        eventType="AwsConsoleSignIn",
        readOnly=False,
        additionalEventData={
            "LoginTo": "https://console.aws.amazon.com/console/home",
            "MobileVersion": "No",
            "MFAUsed": "Yes" if mfa and not fails else "No",
        },
    )
    if fails:
        event["errorMessage"] = "Failed authentication"


def _on_call(log: Log) -> None:
    """Three nights on which the shop was slow: the landing zone's role, from home, and a restart."""
    management = log.estate.at("management", HOME)
    here = log.estate.at("production", FRANKFURT)
    for days in (24, 11, 5):
        at = log.at(days, 2, minutes=14)
        sign_in(log, at, management, "priya.raman", AT_HOME)
        priya = console(management, "priya.raman", AT_HOME, at, mfa=True)
        at += timedelta(minutes=2)
        to = session(here, ADMIN_ROLE, "priya.raman", at, AT_HOME, priya.agent, mfa=True)
        assume(log, at, here, priya, to)
        for name in (
            *("ecs.DescribeServices", "cloudwatch.GetMetricData", "logs.GetLogEvents"),
            *("elasticloadbalancing.DescribeTargetHealth", "ec2.DescribeInstances"),
        ):
            for _ in range(4):
                at += timedelta(seconds=log.chance.uniform(10, 90))
                log.add(at, here, to, name)
        asked = {"cluster": "shop", "service": "shop", "forceNewDeployment": True}
        log.add(at, here, to, "ecs.UpdateService", asked)
        instance = {"instancesSet": {"items": [{"instanceId": here.get("instance/batch-1")}]}}
        log.add(at + timedelta(minutes=1), here, to, "ec2.RebootInstances", instance)


def _founder(log: Log) -> None:
    """The acquired company's founder: the root user once, and keys of a user for all the rest."""
    here = log.estate.at("plumbob", HOME)
    browser = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15"
    root = Actor(
        {"type": "Root", "principalId": here.id, "arn": here.iam("root"), "accountId": here.id},
        KITS_OFFICE,
        browser,
    )
    at = log.today - timedelta(days=9)
    log.add(
        at,
        here,
        root,
        "signin.ConsoleLogin",
        answer={"ConsoleLogin": "Success"},
        eventType="AwsConsoleSignIn",
        readOnly=False,
        additionalEventData={"MFAUsed": "No", "MobileVersion": "No"},
    )
    log.add(at + timedelta(minutes=3), here, root, "account.GetContactInformation")
    # Both of admin's keys are in scripts; IAM says when each was used last.
    for key, last in ((1, 12), (2, 4)):
        script = user(here, "admin", KITS_OFFICE, "aws-cli/1.16.314 Python/2.7.18", key=key)
        for days in range(last, DAYS + 1):
            at = log.today - timedelta(days=days, minutes=key)
            log.add(at, here, script, "s3.ListBuckets")
            log.add(at + timedelta(seconds=4), here, script, "ec2.DescribeInstances")
