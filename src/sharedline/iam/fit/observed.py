"""A request as an event of CloudTrail tells it: what is known of it, and what is left open."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace

from sharedline.iam.access.estate import Estate
from sharedline.iam.request import Context, Request


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What an event says about how a call was made; empty where it does not say."""

    region: str = ""
    mfa: str = ""
    service: str = ""
    endpoint: str = ""
    address: str = ""


def request(
    estate: Estate, principal: str, action: str, resource: str, how: Circumstances
) -> Request:
    """The request of a principal of the scan; keys that the event leaves out are unknown."""
    asked = estate.request(principal, action, "" if resource == "*" else resource)
    values = dict(asked.context.values)
    absent = set(asked.context.absent)
    if how.region:
        values["aws:requestedregion"] = (how.region,)
    if how.mfa:
        values["aws:multifactorauthpresent"] = (how.mfa,)
    values["aws:viaawsservice"] = ("true" if how.service else "false",)
    if how.endpoint:
        values["aws:sourcevpce"] = (how.endpoint,)
    elif not how.service:
        absent |= {"aws:sourcevpce", "aws:sourcevpc", "aws:vpcsourceip"}
        if _address(how.address):
            values["aws:sourceip"] = (how.address,)
    context = Context(values, complete=False, absent=frozenset(absent - values.keys()))
    return replace(asked, context=context)


def _address(text: str) -> bool:
    """Whether it is an address: a service that calls for somebody stands there by its name."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
