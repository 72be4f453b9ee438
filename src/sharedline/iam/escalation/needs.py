"""What must be so, beside the permissions, for a rule to lead anywhere: one function a need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sharedline.iam.access.entries import PrincipalEntry
from sharedline.iam.escalation.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Fact:
    """`yes`, `no`, `depends` or `unknown`, and why in a clause that follows a colon."""

    answer: str
    why: str = ""


YES = Fact("yes")


@dataclass(frozen=True, slots=True)
class Aim:
    """What a rule is tried on: the principal that is aimed at, and what stands between.

    `passed` is the role that is passed, `resource` the existing resource, `policy` and `group` what
    is changed. `sure` is `unknown` where it is not known whether such a resource exists.
    """

    target: PrincipalEntry
    passed: PrincipalEntry | None = None
    resource: str = ""
    policy: str = ""
    group: str = ""
    unread: str = ""


Need = Callable[[Surroundings, PrincipalEntry, Aim], Fact]


def _unread(table: str) -> Fact:
    return Fact("unknown", f"{table} was not read")


def _keys(full: bool) -> Need:  # noqa: FBT001 a factory with one switch
    def need(around: Surroundings, _: PrincipalEntry, aim: Aim) -> Fact:
        user = aim.target
        if not around.read("iam_access_key", user.account):
            return _unread("iam_access_key")
        count = len(around.at("iam_access_key", user.arn))
        if not count and not around.at("iam_credential_report", user.arn):
            return Fact("unknown", f"the credential report does not list {user.name}")
        if (count >= 2) == full:
            return YES
        if full:
            return Fact("no", f"{user.name} has fewer than two access keys")
        return Fact("no", f"{user.name} has two access keys already")

    return need


def _password(wanted: bool) -> Need:  # noqa: FBT001 a factory with one switch
    def need(around: Surroundings, _: PrincipalEntry, aim: Aim) -> Fact:
        user = aim.target
        rows = around.at("iam_credential_report", user.arn)
        if not rows or rows[0]["password_enabled"] is None:
            return Fact("unknown", f"whether {user.name} has a password was not read")
        if rows[0]["password_enabled"] == wanted:
            return YES
        return Fact("no", f"{user.name} has {'no' if wanted else 'a'} console password")

    return need


def _profile(around: Surroundings, _: PrincipalEntry, aim: Aim) -> Fact:
    role = aim.passed or aim.target
    if not around.read("iam_instance_profile", role.account):
        return _unread("iam_instance_profile")
    if around.has_profile(role.arn):
        return YES
    return Fact("no", f"role {role.name} has no instance profile")


def _exists(what: str, *tables: str) -> Need:
    def need(around: Surroundings, holder: PrincipalEntry, _: Aim) -> Fact:
        if any(around.of(table, holder.account) for table in tables):
            return YES
        for table in tables:
            if not around.read(table, holder.account):
                return _unread(table)
        return Fact("no", f"account {holder.account} has no {what}")

    return need


def _container_instance(around: Surroundings, holder: PrincipalEntry, _: Aim) -> Fact:
    counts = [
        row["registered_container_instances_count"]
        for row in around.of("ecs_cluster", holder.account)
    ]
    if any(counts):
        return YES
    if not around.read("ecs_cluster", holder.account) or None in counts:
        return _unread("ecs_cluster")
    return Fact("no", f"no cluster of account {holder.account} has a container instance")


def _running(around: Surroundings, _: PrincipalEntry, aim: Aim) -> Fact:
    for row in around.at("ec2_instance", aim.resource):
        if row["state"] is not None:
            if row["state"] in ("running", "pending"):
                return YES
            return Fact("no", f"{aim.resource} is {row['state']}")
    return _unread("the instance's state")


def _online(around: Surroundings, holder: PrincipalEntry, aim: Aim) -> Fact:
    for row in around.at("ssm_managed_instance", aim.resource):
        if row["ping_status"] in (None, "Online"):
            return YES if row["ping_status"] else _unread("the state of its agent")
        return Fact("no", f"the agent on {aim.resource} is not connected")
    if not around.read("ssm_managed_instance", holder.account):
        return _unread("ssm_managed_instance")
    return Fact("no", f"Systems Manager does not manage {aim.resource}")


def _ssh(_: Surroundings, __: PrincipalEntry, aim: Aim) -> Fact:
    return Fact("depends", f"SSH reaches {aim.resource.rpartition('/')[2]}")


def _launched(_: Surroundings, __: PrincipalEntry, ___: Aim) -> Fact:
    return Fact("depends", "an instance is launched from the template's default version")


def _invoked(around: Surroundings, holder: PrincipalEntry, aim: Aim) -> Fact:
    for row in around.of("lambda_event_source_mapping", holder.account):
        name = row["function_arn"] or ""
        if name == aim.resource or name.startswith(f"{aim.resource}:"):
            return YES
    return Fact("unknown", f"whether anything runs {aim.resource.rpartition(':')[2]} is not known")


def _notebook(around: Surroundings, _: PrincipalEntry, aim: Aim) -> Fact:
    for row in around.at("sagemaker_notebook_instance", aim.resource):
        status = row.get("notebook_instance_status")
        if status is not None:
            return YES if status == "InService" else Fact("no", f"the notebook is {status}")
    return _unread("the notebook's state")


#: `assumable-once-trusted` is of the policies and stands in `edges.py`.
FACTS: Mapping[str, Need] = {
    "cluster": _exists("cluster", "ecs_cluster"),
    "container-instance": _container_instance,
    "event-source": _exists("event source", "sqs_queue", "kinesis_stream", "dynamodb_table"),
    "instance-profile": _profile,
    "invoked": _invoked,
    "key-full": _keys(full=True),
    "key-slot": _keys(full=False),
    "launched": _launched,
    "no-password": _password(wanted=False),
    "notebook-running": _notebook,
    "password": _password(wanted=True),
    "running": _running,
    "ssh": _ssh,
    "ssm-online": _online,
}
