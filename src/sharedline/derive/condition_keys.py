"""The condition keys whose meaning is known: who they name, or that they name nobody.

From the global condition keys of the IAM user guide and the key lists of S3, KMS, Lambda, SNS, EFS
and STS (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html,
read 2026-11-21). A key that is not here is unknown, and so is what it does.
"""

from __future__ import annotations

from enum import Enum, auto


class Kind(Enum):
    """What the values of a key name."""

    ACCOUNT = auto()
    PRINCIPAL_ACCOUNT = auto()
    ARN = auto()
    PRINCIPAL_ARN = auto()
    ORGANIZATION = auto()
    PRINCIPAL_ORGANIZATION = auto()
    ADDRESS = auto()
    FIXED = auto()
    USER_ID = auto()
    TRUE = auto()
    OPEN = auto()
    UNKNOWN = auto()


_KINDS = {
    Kind.ACCOUNT: "aws:sourceaccount aws:sourceowner aws:vpceaccount s3:dataaccesspointaccount",
    Kind.PRINCIPAL_ACCOUNT: "aws:principalaccount kms:calleraccount",
    Kind.ARN: "aws:sourcearn s3:dataaccesspointarn lambda:sourcefunctionarn "
    "elasticfilesystem:accesspointarn aws:federatedprovider",
    Kind.PRINCIPAL_ARN: "aws:principalarn",
    Kind.ORGANIZATION: "aws:sourceorgid aws:sourceorgpaths aws:vpceorgid aws:vpceorgpaths",
    Kind.PRINCIPAL_ORGANIZATION: "aws:principalorgid aws:principalorgpaths",
    Kind.ADDRESS: "aws:sourceip",
    Kind.FIXED: "aws:sourcevpc aws:sourcevpce aws:sourcevpcarn aws:principalservicename "
    "aws:principalservicenameslist lambda:eventsourcetoken",
    Kind.USER_ID: "aws:userid",
    Kind.TRUE: "aws:principalisawsservice elasticfilesystem:accessedviamounttarget",
}
_KIND_OF = {key: kind for kind, keys in _KINDS.items() for key in keys.split()}

#: Keys that anybody's request can satisfy, in any account.
_OPEN = (
    "aws:securetransport aws:useragent aws:referer aws:currenttime aws:epochtime "
    "aws:tokenissuetime aws:requestedregion aws:tagkeys aws:multifactorauthpresent "
    "aws:multifactorauthage aws:username aws:principaltype aws:viaawsservice aws:calledvia "
    "aws:calledviafirst aws:calledvialast aws:vpcsourceip aws:resourceaccount aws:resourceorgid "
    "aws:resourceorgpaths aws:sourceidentity aws:assumedroot "
    "lambda:functionurlauthtype lambda:invokedviafunctionurl "
    "kms:viaservice kms:grantisforawsresource kms:encryptionalgorithm kms:encryptioncontextkeys "
    "kms:keyspec kms:keyusage kms:keyorigin kms:resourcealiases kms:requestalias "
    "s3:prefix s3:delimiter s3:max-keys s3:versionid s3:locationconstraint s3:authtype "
    "s3:signatureage s3:signatureversion s3:tlsversion s3:resourceaccount s3:object-lock-mode "
    "s3:accesspointnetworkorigin "
    "sns:protocol sts:externalid sts:rolesessionname sts:sourceidentity sts:transitivetagkeys "
    "elasticfilesystem:encrypted secretsmanager:versionstage secretsmanager:versionid"
)
OPEN_KEYS = frozenset(_OPEN.split())
OPEN_PREFIXES = (
    "aws:requesttag/",
    "aws:resourcetag/",
    "aws:principaltag/",
    "s3:x-amz-",
    "s3:existingobjecttag/",
    "s3:requestobjecttag",
    "kms:encryptioncontext:",
    "secretsmanager:resourcetag/",
)


def kind_of(key: str) -> Kind:
    """What the values of a key (in lower case) name."""
    if key in OPEN_KEYS or key.startswith(OPEN_PREFIXES):
        return Kind.OPEN
    return _KIND_OF.get(key, Kind.UNKNOWN)
