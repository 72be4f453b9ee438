"""Identity providers that serve many customers under one issuer, and the claims that tell them apart.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/
id_roles_providers_oidc_secure-by-default.html (read 2026-11-21).
"""

from __future__ import annotations

import re

from sharedline.iam.language import Condition, Statement

#: Issuer to the claim that names the customer.
SHARED_ISSUERS = {
    "cognito-identity.amazonaws.com": "aud",
    "accounts.google.com": "aud",
    "graph.facebook.com": "app_id",
    "www.amazon.com": "app_id",
    "token.actions.githubusercontent.com": "sub",
    "vstoken.actions.githubusercontent.com": "sub",
    "oidc-configuration.audit-log.githubusercontent.com": "sub",
    "gitlab.com": "sub",
    "app.terraform.io": "sub",
    "agent.buildkite.com": "sub",
    "oidc.codefresh.io": "sub",
    "studio.datachain.ai/api": "sub",
    "scalr.io": "sub",
    "tokens.cloud.shisho.dev": "sub",
    "proidc.upbound.io": "sub",
    "api.pulumi.com/oidc": "aud",
    "sandboxes.cloud": "aud",
    "oidc.vercel.com": "aud",
}
#: Other claims that name the same customer as the subject does.
_EQUIVALENT = frozenset(
    (
        *("repository", "repository_id", "repository_owner", "repository_owner_id"),
        *("job_workflow_ref", "organization_id", "project_id", "namespace_id", "sub"),
    )
)
_OF_COMPANIES = frozenset(("accounts.google.com", "graph.facebook.com", "www.amazon.com"))
#: `repo:owner/`, `organization:name:`: the customer's name must stand whole before any wildcard.
_TENANT = re.compile(r"[^:/]+:[^:/]+[:/]")


def issuer(principal: str) -> str:
    """The issuer of a federated principal; empty for a SAML provider."""
    if ":oidc-provider/" in principal:
        return principal.partition(":oidc-provider/")[2].lower()
    return principal.lower() if ":" not in principal else ""


def is_shared(principal: str) -> bool:
    """Whether anybody can be a customer of the provider."""
    return issuer(principal) in SHARED_ISSUERS


def names_customer(key: str) -> bool:
    """Whether a condition key (`token.actions.githubusercontent.com:sub`) is such a claim."""
    name, _, claim = key.rpartition(":")
    return name in SHARED_ISSUERS and _tells_apart(name, claim)


def _tells_apart(name: str, claim: str) -> bool:
    """Whether a claim of any issuer says whose token it is; of most it is the subject."""
    of_company = name in _OF_COMPANIES and claim in ("oaud", "azp", "user_id")
    return claim == SHARED_ISSUERS.get(name) or claim in _EQUIVALENT or of_company


def issuers(statement: Statement) -> list[str]:
    """The OpenID Connect issuers that a statement names."""
    listed = (issuer(p.value) for p in statement.principals or () if p.kind == "Federated")
    return [] if statement.not_principal else [one for one in listed if one]


def says_whose(statement: Statement, name: str) -> bool:
    """Whether a statement says which subjects (or customers) of an issuer it means."""
    return any(
        one.key.rpartition(":")[0] == name
        and _tells_apart(name, one.key.rpartition(":")[2])
        and _pins(one)
        for one in statement.conditions
    )


def _pins(condition: Condition) -> bool:
    """Whether a condition holds for fixed values alone, and not where there is none."""
    if condition.if_exists or condition.quantifier == "forallvalues" or not condition.values:
        return False
    if condition.operator == "stringlike":
        return all(map(is_one_customer, condition.values))
    return condition.operator in ("stringequals", "stringequalsignorecase")


def is_one_customer(value: str) -> bool:
    """Whether a value of such a claim, wildcards read, names one customer."""
    start = re.split(r"[*?]", value, maxsplit=1)[0]
    return start == value or _TENANT.match(start) is not None
