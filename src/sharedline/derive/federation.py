"""Trust in identity providers: which roles a stranger with a token of the provider may assume.

The providers that serve many customers under one issuer, and the claim that tells the customers
apart, are those of https://docs.aws.amazon.com/IAM/latest/UserGuide/
id_roles_providers_oidc_secure-by-default.html (read 2026-11-21).
"""

from __future__ import annotations

import re

from sharedline.derive.document import Condition, Statement
from sharedline.derive.patterns import has_wildcard, literal_prefix

#: Issuer to the claim that names the customer; for any other issuer the subject is looked at.
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
EQUIVALENT = {"repository", "repository_id", "repository_owner", "repository_owner_id"}
EQUIVALENT |= {"job_workflow_ref", "organization_id", "project_id", "namespace_id"}
_POSITIVE = frozenset({"stringequals", "stringequalsignorecase", "stringlike"})
#: `repo:owner/`, `organization:name:`: the customer's name must stand whole before any wildcard.
_TENANT = re.compile(r"[^:/]+:[^:/]+[:/]")


def issuer(principal: str) -> str:
    """The issuer of a federated principal; empty for a SAML provider."""
    if ":oidc-provider/" in principal:
        return principal.partition(":oidc-provider/")[2].lower()
    return principal.lower() if ":" not in principal else ""


def _fixed(condition: Condition) -> bool:
    literal = condition.base != "stringlike"
    return bool(condition.values) and all(
        literal or not has_wildcard(v) or _TENANT.match(literal_prefix(v)) for v in condition.values
    )


def _claims(statement: Statement, name: str) -> set[str]:
    """The claims of an issuer that the statement pins to fixed values."""
    pinned = set()
    for condition in statement.conditions:
        key, _, claim = condition.key.rpartition(":")
        required = not condition.if_exists and condition.quantifier != "forallvalues"
        if key == name and condition.base in _POSITIVE and required and _fixed(condition):
            pinned.add(claim)
    return pinned


def subject_pinned(statement: Statement, name: str) -> bool:
    """Whether the statement says which subjects (or customers) of the issuer it trusts."""
    wanted = {"sub", SHARED_ISSUERS.get(name, "sub")}
    if name in ("accounts.google.com", "graph.facebook.com", "www.amazon.com"):
        wanted |= {"oaud", "azp", "user_id"}
    return bool(_claims(statement, name) & (wanted | EQUIVALENT))


def oidc_issuers(statement: Statement) -> list[str]:
    """The OpenID Connect issuers that a statement trusts."""
    names = (issuer(value) for kind, value in statement.principals if kind == "Federated")
    return [name for name in names if name]


def open_federation(statement: Statement) -> bool:
    """Whether any customer of a shared issuer may assume the role."""
    return any(
        name in SHARED_ISSUERS and not subject_pinned(statement, name)
        for name in oidc_issuers(statement)
    )
