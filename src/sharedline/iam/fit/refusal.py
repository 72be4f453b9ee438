"""What AWS says when it refuses: which action, on what, and which kind of policy refused.

Sources (read 2026-11-21): "Troubleshoot access denied error messages",
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html; "Error codes",
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sharedline.iam.language import Layer

#: Codes that say so for certain, and those that do with a message that says it; in lower case,
#: without `Client.` and `Exception`. Cognito's NotAuthorized, for one, is a wrong password.
_SURE = frozenset({"accessdenied", "unauthorizedoperation", "vpceaccessdenied"})
_PERHAPS = frozenset(
    {"authorizationerror", "unauthorized", "forbidden", "notauthorized", "unauthorizedaccess"}
)
#: No message of AWS is longer; a text beyond is cut before anything looks at it.
LONGEST = 20_000


def is_refusal(event: Mapping[str, Any]) -> bool:
    """Whether the event is a call that was refused for want of permission."""
    code, message = event.get("errorCode"), event.get("errorMessage")
    if not isinstance(code, str) or len(code) > 200:
        return False
    if plain(code) in _SURE:
        return True
    said = isinstance(message, str) and "not authorized to perform" in message[:LONGEST]
    return said and plain(code) in _PERHAPS


def plain(code: str) -> str:
    """An error code without what services put before and behind it."""
    return code.lower().rpartition("#")[2].rpartition(".")[2].removesuffix("exception")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a message says; what it leaves out is empty.

    `layer` is the kind of policy that AWS names, `explicit` whether it speaks of a Deny (None
    where it does not say), `policy` the ARN of the policy where it prints one.
    """

    principal: str = ""
    action: str = ""
    resource: str = ""
    layer: Layer | None = None
    explicit: bool | None = None
    policy: str = ""
    encoded: bool = False


_WHO = re.compile(r"User: (\S{1,2048}) is not authorized to perform", re.S)
_WHAT = re.compile(r"not authorized to perform:? ?\[?([a-z0-9-]{1,64}:[A-Za-z0-9*]{1,128})")
_WHERE = re.compile(r"\bon (?:the )?resource: ?(\S{1,2048})")
_KINDS = (
    r"(service control|resource control|VPC endpoint|permissions? boundary|session|role trust|trust"
    r"|resource-based|identity-based)"
)
_DENY = re.compile(
    rf"with an explicit deny in (?:an? |the )?{_KINDS}(?: polic(?:y|ies))?(?:: ?(arn:\S{{1,2048}}))?",
    re.I,
)
_NONE = re.compile(rf"because no {_KINDS}(?: polic(?:y|ies))? allows? the ", re.I)
_LAYERS: Mapping[str, Layer] = {
    "service control": "scp",
    "resource control": "rcp",
    "vpc endpoint": "vpce",
    "permissions boundary": "boundary",
    "permission boundary": "boundary",
    "session": "session",
    "role trust": "trust",
    "trust": "trust",
    "resource-based": "resource",
    "identity-based": "identity",
}


def read(message: str, code: str = "") -> Refusal:
    """What a message says of a refusal."""
    text = message[:LONGEST]
    who, what, where = _WHO.search(text), _WHAT.search(text), _WHERE.search(text)
    layer: Layer | None = None
    explicit: bool | None = None
    policy = ""
    if deny := _DENY.search(text):
        layer, explicit, policy = _LAYERS[deny[1].lower()], True, (deny[2] or "").rstrip(".,")
    elif none := _NONE.search(text):
        layer, explicit = _LAYERS[none[1].lower()], False
    elif "VPC endpoint policy" in text or plain(code) == "vpceaccessdenied":
        layer = "vpce"
    elif "with an explicit deny" in text:
        explicit = True
    return Refusal(
        principal=who[1] if who else "",
        action=what[1] if what else "",
        resource=where[1].rstrip(".,") if where else "",
        layer=layer,
        explicit=explicit,
        policy=policy,
        encoded="Encoded authorization failure message" in text,
    )
