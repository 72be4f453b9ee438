"""Which values of condition keys name somebody: an account, an organisation, a network, a resource.

A policy that admits only such callers is not public. The reading is that of S3's and EFS's "meaning
of public", https://docs.aws.amazon.com/AmazonS3/latest/userguide/
access-control-block-public-access.html and https://docs.aws.amazon.com/efs/latest/ug/
access-control-block-public-access.html (read 2026-11-21).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum, auto

from sharedline.iam.compare.federation import SHARED_ISSUERS, is_one_customer, names_customer
from sharedline.iam.values import network


class Kind(Enum):
    """What the values of a key name."""

    ACCOUNT = auto()
    ARN = auto()
    ORGANIZATION = auto()
    PLACE = auto()
    ADDRESS = auto()
    CUSTOMER = auto()
    USER_ID = auto()
    FLAG = auto()
    NOBODY = auto()
    UNKNOWN = auto()


_KINDS = {
    Kind.ACCOUNT: "aws:sourceaccount aws:sourceowner aws:vpceaccount s3:dataaccesspointaccount "
    "aws:principalaccount kms:calleraccount",
    Kind.ARN: "aws:sourcearn s3:dataaccesspointarn lambda:sourcefunctionarn aws:principalarn "
    "elasticfilesystem:accesspointarn aws:federatedprovider aws:sourcevpcarn",
    Kind.ORGANIZATION: "aws:sourceorgid aws:sourceorgpaths aws:vpceorgid aws:vpceorgpaths "
    "aws:principalorgid aws:principalorgpaths",
    Kind.PLACE: "aws:sourcevpc aws:sourcevpce aws:principalservicename "
    "aws:principalservicenameslist lambda:eventsourcetoken",
    Kind.ADDRESS: "aws:sourceip",
    Kind.USER_ID: "aws:userid",
    Kind.FLAG: "elasticfilesystem:accessedviamounttarget",
    # Keys that anybody's request can satisfy, in any account.
    Kind.NOBODY: "aws:securetransport aws:useragent aws:referer aws:currenttime aws:epochtime "
    "aws:tokenissuetime aws:requestedregion aws:tagkeys aws:multifactorauthpresent "
    "aws:multifactorauthage aws:username aws:principaltype aws:principalisawsservice "
    "aws:viaawsservice aws:calledvia aws:calledviafirst aws:calledvialast aws:vpcsourceip "
    "aws:resourceaccount aws:resourceorgid aws:resourceorgpaths aws:sourceidentity aws:assumedroot "
    "lambda:functionurlauthtype lambda:invokedviafunctionurl kms:viaservice "
    "kms:grantisforawsresource kms:encryptionalgorithm kms:encryptioncontextkeys kms:keyspec "
    "kms:keyusage kms:keyorigin kms:resourcealiases kms:requestalias s3:prefix s3:delimiter "
    "s3:max-keys s3:versionid s3:locationconstraint s3:authtype s3:signatureage "
    "s3:signatureversion s3:tlsversion s3:resourceaccount s3:object-lock-mode "
    "s3:accesspointnetworkorigin sns:protocol sts:externalid sts:rolesessionname "
    "sts:sourceidentity sts:transitivetagkeys elasticfilesystem:encrypted "
    "secretsmanager:versionstage secretsmanager:versionid",
}
_KIND_OF = {key: kind for kind, keys in _KINDS.items() for key in keys.split()}
_OPEN_PREFIXES = (
    *("aws:requesttag/", "aws:resourcetag/", "aws:principaltag/", "s3:x-amz-"),
    *("s3:existingobjecttag/", "s3:requestobjecttag", "kms:encryptioncontext:"),
    "secretsmanager:resourcetag/",
)
#: Services whose ARNs carry no account: the name in the resource part tells whose it is.
_ACCOUNTLESS = frozenset({"s3", "apigateway", "route53"})
_ACCOUNT = re.compile(r"\d{12}(?=$|\*)")
_UNIQUE_ID = re.compile(r"(?:AROA|AIDA|AGPA|AIPA)[A-Z0-9]{12,}|\d{12}")
_WILD = re.compile(r"[*?]")
#: More IPv4 addresses than sixteen /8 are no fixed place, and none of them is.
WIDE_IPV4 = 2**28
#: Broader prefixes than these are public in S3's reading.
_BROADEST = {4: 8, 6: 32}


def kind_of(key: str) -> Kind:
    """What the values of a key (in lower case) name."""
    if key.startswith(_OPEN_PREFIXES):
        return Kind.NOBODY
    name = key.rpartition(":")[0]
    if name in SHARED_ISSUERS:
        return Kind.CUSTOMER if names_customer(key) else Kind.NOBODY
    return _KIND_OF.get(key, Kind.UNKNOWN)


def names_somebody(key: str, value: str) -> bool:
    """Whether a value of the key, wildcards read, names fixed accounts, networks or resources."""
    kind = kind_of(key)
    if "${" in value or kind in (Kind.NOBODY, Kind.UNKNOWN):
        return False
    if kind is Kind.ARN:
        return _arn(value)
    if kind is Kind.CUSTOMER:
        return is_one_customer(value)
    if kind is Kind.ORGANIZATION:
        return not _WILD.search(value.partition("/")[0])
    if kind is Kind.USER_ID:
        return _UNIQUE_ID.match(value) is not None or not _WILD.search(value)
    if kind is Kind.FLAG:
        return value.lower() == "true"
    return not _WILD.search(value)


def _arn(value: str) -> bool:
    fields = value.split(":", 5)
    if len(fields) > 4 and _ACCOUNT.match(fields[4]):
        return True
    if len(fields) > 5 and fields[2] in _ACCOUNTLESS and fields[4] in ("", "*"):
        name = fields[5].lstrip("/")
        return not _WILD.search(name) or "/" in _WILD.split(name)[0]
    if len(fields) > 4 and fields[4] in ("aws", "cloudfront"):
        return True
    return not _WILD.search(value)


def fixed_networks(values: Iterable[str]) -> tuple[str, ...]:
    """The ranges narrow enough to be a place: none broader than S3 takes, few enough together.

    Private ranges never meet the internet and count as places.
    """
    found, total = [], 0
    for value in values:
        here = network(value)
        if here is None:
            continue
        private = here.is_private and here.prefixlen > 0
        if private or here.prefixlen >= _BROADEST[here.version]:
            found.append(value)
            total += here.num_addresses if here.version == 4 and not private else 0
    return tuple(found) if total <= WIDE_IPV4 else ()


def account_of(key: str, value: str) -> str:
    """The account that a value of the key names; empty where it names none."""
    if kind_of(key) is Kind.ACCOUNT:
        return value if value.isdigit() else ""
    fields = value.split(":", 5)
    found = _ACCOUNT.match(fields[4]) if len(fields) > 4 else None
    return found[0] if found else ""
