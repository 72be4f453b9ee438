"""What machines do all day: agents, applications, releases, services of AWS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sharedline.demo.estate import theft
from sharedline.demo.estate.answers_machines import UNMANAGED
from sharedline.demo.estate.computers import MACHINES, Machine
from sharedline.demo.estate.place import FRANKFURT, HOME, REGIONS, Place
from sharedline.demo.logs.record import DAYS, Actor, Log, assume, service, session, user

#: Where calls come from; all addresses are kept for documentation or private.
RUNNER = "203.0.113.140"
SDK = "Boto3/1.40.61 md/Botocore#1.40.61 ua/2.1 os/linux#6.1.155 lang/python#3.12.11"
_AGENT = "aws-sdk-go/1.55.5 (go1.23.4; linux; amd64) amazon-ssm-agent/3.3.2299.0"
_TASK = "aws-sdk-js/3.908.0 ua/2.1 os/linux#6.1.155 lang/js md/nodejs#22.20.0"


def tell(log: Log) -> None:
    """Everything that nobody types."""
    for machine in MACHINES:
        if machine.profile:
            _machine(log, machine)
    _worker(log)
    _shop(log)
    _function(log)
    _releases(log)
    _services(log)
    _backups(log)


def every(log: Log, hours: float, offset: float = 0) -> Iterator[datetime]:
    """Moments so many hours apart over the whole trail, none of them on the dot."""
    for number in range(int((DAYS + 1) * 24 / hours)):
        yield log.at(DAYS, number * hours + offset, seconds=log.chance.uniform(0, 240))


def busy(log: Log, a_day: int) -> Iterator[datetime]:
    """So many moments of each day, most of them when people order food."""
    for days in range(DAYS, -1, -1):
        for _ in range(a_day):
            hour = min(max(log.chance.gauss(17, 3.5), 0.05), 23.9)
            yield log.at(days, hour)


def address(here: Place, name: str) -> str:
    """A machine's private address."""
    network = {"production": "10.20", "security": "10.10", "plumbob": "172.16"}[here.account]
    if here.account == "production" and here.region != FRANKFURT:
        network = "10.21"
    number = int.from_bytes(theft.made_up("", name, 4).encode(), "big") % 230 + 10
    return f"{network}.{16 if number % 2 else 17}.{number}"


def machine_session(here: Place, machine: Machine, at: datetime) -> Actor:
    """The machine's role, with the credentials that were good at a moment."""
    instance = here.get(f"instance/{machine.name}")
    return session(
        here,
        machine.profile,
        instance,
        theft.renewed(at, machine.name),
        address(here, machine.name),
        _AGENT if machine.name != theft.MACHINE else SDK,
        key=theft.session_key(machine.name, at),
        # Which version of the metadata service handed the credentials out.
        context={"ec2RoleDelivery": "1.0" if machine.tokens == "optional" else "2.0"},
    )


def _inside(here: Place, actor: Actor) -> Actor:
    """The same, through the network's endpoint for S3."""
    endpoint = {"vpcEndpointId": here.get("endpoint/shop"), "vpcEndpointAccountId": here.id}
    return replace(actor, more=actor.more | endpoint)


def _machine(log: Log, machine: Machine) -> None:
    """New credentials every six hours, and the agent's sign of life."""
    here = log.estate.at(machine.account, machine.region)
    for at in every(log, 6):
        # The role's credentials are as old as the slot that `at` lies in.
        made = theft.renewed(at, machine.name)
        to = machine_session(here, machine, made)
        asked = {"durationSeconds": 21600}
        assume(log, made, here, service("ec2"), to, asked=asked, sharedEventID=log.id())
    if machine.name in UNMANAGED:
        return
    for at in every(log, 2, log.chance.random()):
        alive = {"instanceId": here.get(f"instance/{machine.name}"), "agentStatus": "Active"}
        actor = machine_session(here, machine, at)
        log.add(at, here, actor, "ssm.UpdateInstanceInformation", alive)


def _worker(log: Log) -> None:
    """The machine that came from the old data centre: feeds all day, an export each night."""
    here = log.estate.at("production", FRANKFURT)
    machine = next(one for one in MACHINES if one.name == theft.MACHINE)
    for number, at in enumerate(busy(log, 40)):
        actor = _inside(here, machine_session(here, machine, at))
        asked: dict[str, Any] = {"bucketName": "fennelrye-orders-events"}
        if number % 8 == 0:
            log.add(at, here, actor, "s3.ListObjects", asked | {"prefix": "feeds/"})
        else:
            kind = "s3.PutObject" if number % 3 == 0 else "s3.GetObject"
            log.add(at, here, actor, kind, asked | {"key": f"feeds/{at:%Y-%m-%d}/{number}.json"})
    for days in range(DAYS, 0, -1):
        at = log.at(days, 4, minutes=12)
        actor = _inside(here, machine_session(here, machine, at))
        key = f"exports/{at:%Y-%m}/customers-{at:%d}.csv.gz"
        log.add(at, here, actor, "s3.PutObject", {"bucketName": theft.STOLEN, "key": key})


def _task(here: Place, role: str, at: datetime) -> Actor:
    """A container's role; the task lives for a day."""
    since = at.replace(hour=3, minute=30, second=0, microsecond=0)
    since -= timedelta(days=1) if since > at else timedelta()
    name = theft.made_up("", f"{role} {since:%Y-%m-%d}", 32).lower()
    return session(here, role, name, since, address(here, role), _TASK)


def _shop(log: Log) -> None:
    """The shop's containers: pictures read, uploads written and read again."""
    here = log.estate.at("production", FRANKFURT)
    for role in ("shop-web-task", "shop-checkout-task"):
        for days in range(DAYS, -1, -1):
            at = log.at(days, 3, minutes=30)
            assume(log, at, here, service("ecs-tasks"), _task(here, role, at))
    for number, at in enumerate(busy(log, 130)):
        actor = _inside(here, _task(here, "shop-web-task", at))
        key = f"img/{number * 7919 % 4000}.webp"
        log.add(
            at, here, actor, "s3.GetObject", {"bucketName": "fennelrye-shop-assets", "key": key}
        )
    for number, at in enumerate(busy(log, 50)):
        actor = _inside(here, _task(here, "shop-checkout-task", at))
        asked = {"bucketName": "fennelrye-shop-uploads", "key": f"receipts/{number:06d}.jpg"}
        log.add(at, here, actor, "s3.PutObject" if number % 2 else "s3.GetObject", asked)
        if number % 4 == 0:
            kms(log, at, here, actor, "GenerateDataKey" if number % 2 else "Decrypt", asked)


def kms(
    log: Log, at: datetime, here: Place, actor: Actor, name: str, asked: dict[str, Any]
) -> None:
    """What S3 asks of KMS on a caller's behalf, for an object of an encrypted bucket."""
    key = here.arn("kms", f"key/{here.estate.ids['production/key/data']}")
    host = "s3.amazonaws.com"
    caller = Actor({**actor.identity, "invokedBy": host}, host, host)
    context = {"aws:s3:arn": f"arn:aws:s3:::{asked['bucketName']}/{asked['key']}"}
    log.add(
        at,
        here,
        caller,
        f"kms.{name}",
        {"encryptionContext": context, "encryptionAlgorithm": "SYMMETRIC_DEFAULT"},
        readOnly=True,
        resources=[{"accountId": here.id, "type": "AWS::KMS::Key", "ARN": key}],
    )


def _function(log: Log) -> None:
    """Lambda takes the role of the orders' function, whose runs open log streams."""
    here = log.estate.at("production", FRANKFURT)
    for number, at in enumerate(every(log, 1, 0.4)):
        to = session(here, "orders-function", "orders-intake", at, "10.20.16.41", SDK)
        assume(log, at, here, service("lambda"), to)
        stream = f"{at:%Y/%m/%d}/[$LATEST]{number:032x}"
        asked = {"logGroupName": "/aws/lambda/orders-intake", "logStreamName": stream}
        log.add(at + timedelta(seconds=2), here, to, "logs.CreateLogStream", asked)


def _releases(log: Log) -> None:
    """On working days a pipeline comes with GitHub's token, and an old key uploads what it built."""
    here = log.estate.at("production", FRANKFURT)
    hub = "token.actions.githubusercontent.com"
    subject = "repo:fennelrye/shop:ref:refs/heads/main"
    web = Actor(
        {
            "type": "WebIdentityUser",
            "principalId": f"{here.iam(f'oidc-provider/{hub}')}:sts.amazonaws.com:{subject}",
            "userName": subject,
            "identityProvider": here.iam(f"oidc-provider/{hub}"),
        },
        RUNNER,
        "aws-sdk-nodejs/2.1692.0 linux/v20.19.5 configure-aws-credentials-for-github-actions",
    )
    old = user(here, "ci-deploy", RUNNER, "aws-cli/2.31.20 md/awscrt#0.27.6 os/linux")
    for days in range(DAYS, -1, -1):
        if log.at(days).weekday() >= 5:
            continue
        for hour in (9.2, 11.6, 14.1, 16.3):
            at = log.at(days, hour + log.chance.random())
            to = session(here, "deploy", "GitHubActions", at, RUNNER, web.agent)
            assume(log, at, here, web, to, name="sts.AssumeRoleWithWebIdentity")
            asked = {"cluster": "shop", "service": "shop", "forceNewDeployment": True}
            log.add(at + timedelta(seconds=40), here, to, "ecs.UpdateService", asked)
            for part in range(3):
                key = f"shop/{at:%Y%m%d%H%M}/part-{part}.tar.zst"
                built = {"bucketName": "fennelrye-build-artifacts", "key": key}
                log.add(at - timedelta(seconds=90 - part), here, old, "s3.PutObject", built)


_RECORDED = (
    ("ec2", "DescribeSecurityGroups"),
    ("iam", "ListPolicies"),
    ("s3", "ListBuckets"),
    ("lambda", "ListFunctions20150331"),
)


def _linked(log: Log, here: Place, name: str, who: str, at: datetime) -> Actor:
    """A service in its linked role."""
    host = f"{who}.amazonaws.com"
    to = session(here, name, who, at, host, host, path=f"aws-service-role/{host}/", invoked_by=host)
    assume(log, at - timedelta(seconds=3), here, service(who), to)
    return to


def _services(log: Log) -> None:
    """Config records, Inspector looks, CloudTrail writes, KMS and RDS tell what they did."""
    for account in ("management", "security", "production"):
        for region in REGIONS:
            here = log.estate.at(account, region)
            for at in every(log, 8, log.chance.random() * 5):
                actor = _linked(log, here, "AWSServiceRoleForConfig", "config", at)
                for source, name in _RECORDED:
                    log.add(at, here, actor, f"{source}.{name}")
    here = log.estate.at("production", FRANKFURT)
    for at in every(log, 12, 1):
        actor = _linked(log, here, "AWSServiceRoleForAmazonInspector2", "inspector2", at)
        for name in ("ec2.DescribeInstances", "ssm.DescribeInstanceInformation"):
            log.add(at, here, actor, name)
    vault = log.estate.at("security", FRANKFURT)
    for account in log.estate.accounts.values():
        for at in every(log, 4, log.chance.random()):
            asked = {
                "bucketName": "fennelrye-org-trail",
                "key": f"AWSLogs/{log.estate.ids['organization']}/{account}/CloudTrail/"
                f"{FRANKFURT}/{at:%Y/%m/%d}/{account}_{at:%Y%m%dT%H%MZ}.json.gz",
            }
            log.add(at, vault, service("cloudtrail"), "s3.PutObject", asked)
    _delivered(log)
    for days in range(DAYS, -1, -1):
        told = {"backup": True, "snapshot": f"rds:orders-{log.at(days):%Y-%m-%d}"}
        log.add(
            log.at(days, 2.5),
            here,
            service("rds"),
            "rds.CreateDBSnapshot",
            eventType="AwsServiceEvent",
            serviceEventDetails=told,
        )


def _delivered(log: Log) -> None:
    """Logs that land in buckets which nobody opens."""
    org, kits = log.estate.at("security", FRANKFURT), log.estate.at("plumbob", HOME)
    for here, bucket, by, kind, number in (
        (
            org,
            "fennelrye-flow-logs",
            "delivery.logs",
            "vpcflowlogs",
            log.estate.accounts["production"],
        ),
        (kits, "plumbob-trail", "cloudtrail", "CloudTrail", kits.id),
    ):
        for at in every(log, 6, 2):
            key = (
                f"AWSLogs/{number}/{kind}/{here.region}/{at:%Y/%m/%d}/{number}_{at:%Y%m%dT%H%MZ}.gz"
            )
            log.add(at, here, service(by), "s3.PutObject", {"bucketName": bucket, "key": key})


def _backups(log: Log) -> None:
    """The nightly copies, by the role of the backup service."""
    here = log.estate.at("production", FRANKFURT)
    for days in range(DAYS, -1, -1):
        at = log.at(days, 1, minutes=5)
        to = session(here, "backup", "AWSBackup-nightly", at, "backup.amazonaws.com", "AWS Backup")
        assume(log, at, here, service("backup"), to)
        for name in ("checkout-1", "checkout-2", "analytics-1"):
            asked = {"volumeId": here.get(f"volume/{name}"), "description": "nightly"}
            log.add(at + timedelta(seconds=40), here, to, "ec2.CreateSnapshot", asked)
