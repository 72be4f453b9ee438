"""A second evaluator for complete contexts: slow, on raw documents, written to be checked by eye.

It shares no code with the engine. It answers `Allowed`, `ExplicitlyDenied` or `ImplicitlyDenied`,
and raises `Unclear` where AWS's documentation does not say.
"""

from __future__ import annotations

from typing import Any

from tests.iam.reference_values import (
    UnclearError,
    as_list,
    condition,
    pattern_of,
    resource_like,
    wild,
)

Document = dict[str, Any]


def action_fits(statement: Document, action: str) -> bool:
    name = "NotAction" if "NotAction" in statement else "Action"
    listed = [pattern_of(one.lower(), {}, "") or [] for one in as_list(statement[name])]
    found = any(wild(one, action.lower()) for one in listed)
    return found is (name == "Action")


def resource_fits(
    statement: Document, resource: str, context: dict[str, list[str]], version: str
) -> bool:
    name = "NotResource" if "NotResource" in statement else "Resource"
    if name not in statement:
        return True
    found = False
    for one in as_list(statement[name]):
        pattern = pattern_of(one, context, version)
        found = found or (pattern is not None and resource_like(pattern, resource))
    return found is (name == "Resource")


def conditions_fit(statement: Document, context: dict[str, list[str]], version: str) -> bool:
    return all(
        condition(operator, key, as_list(wanted), context, version)
        for operator, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    )


def fits(statement: Document, request: Document, version: str) -> bool:
    context = request["context"]
    return (
        action_fits(statement, request["action"])
        and resource_fits(statement, request["resource"], context, version)
        and conditions_fit(statement, context, version)
    )


NOBODY, ACCOUNT, ROLE, SELF = range(4)


def named(statement: Document, request: Document) -> int:
    """How directly Principal names the caller (users and sessions of roles without a path)."""
    principal, arn, account = statement.get("Principal"), request["principal"], request["account"]
    if principal == "*":
        return SELF
    found = NOBODY
    for one in as_list((principal or {}).get("AWS", [])):
        if one in ("*", arn):
            found = max(found, SELF)
        elif one == role_of(arn):
            found = max(found, ROLE)
        elif one in (account, f"arn:aws:iam::{account}:root"):
            found = max(found, ACCOUNT)
    return found


def role_of(arn: str) -> str:
    if ":assumed-role/" not in arn:
        return ""
    account, name = arn.split(":")[4], arn.split("/")[1]
    return f"arn:aws:iam::{account}:role/{name}"


def not_named(statement: Document, request: Document, bounded: bool) -> bool:
    """Whether a Deny with NotPrincipal takes in the caller."""
    listed = as_list(statement["NotPrincipal"].get("AWS", []))
    arn, account = request["principal"], request["account"]
    if "*" in listed:
        return False
    if bounded:
        return True
    of_account = account in listed or f"arn:aws:iam::{account}:root" in listed
    own = (role_of(arn) or arn) in listed
    if own and of_account:
        return False
    if own or arn in listed:
        raise UnclearError
    return True


def statements(document: Document, effect: str) -> list[Document]:
    return [one for one in as_list(document["Statement"]) if one["Effect"] == effect]


def evaluate(request: Document, policies: Document) -> str:
    """`request`: principal, account, resource_account, action, resource, context (lower keys)."""
    if any(denies(layer, document, request, policies) for layer, document in all_of(policies)):
        return "ExplicitlyDenied"

    def allows(documents: list[Document]) -> bool:
        return any(
            fits(one, request, document.get("Version", ""))
            for document in documents
            for one in statements(document, "Allow")
        )

    levels = policies["scps"]
    if takes_part("rcps", request):
        levels = [*levels, *policies["rcps"]]
    if policies["vpce"] is not None:
        levels = [*levels, policies["vpce"]]
    if not all(allows(level) for level in levels):
        return "ImplicitlyDenied"

    strength = resource_strength(request, policies)
    identity = allows(policies["identity"])
    limits = [policies[name] for name in ("boundary", "session") if policies[name] is not None]
    within = all(allows(one) for one in limits)
    if request["account"] != request["resource_account"]:
        return "Allowed" if strength > NOBODY and identity and within else "ImplicitlyDenied"
    if strength == SELF or (strength == ROLE and within):
        return "Allowed"
    service, resource = request["action"].split(":")[0].lower(), request["resource"]
    guarded = (service == "kms" and ":key/" in resource) or (
        service == "sts" and ":role/" in resource
    )
    if guarded and strength == NOBODY:
        return "ImplicitlyDenied"
    return "Allowed" if identity and within else "ImplicitlyDenied"


def all_of(policies: Document) -> list[tuple[str, Document]]:
    found = [("identity", one) for one in policies["identity"]]
    for name in ("boundary", "session", "vpce"):
        found += [(name, one) for one in policies[name] or []]
    for name in ("scps", "rcps"):
        found += [(name, one) for level in policies[name] for one in level]
    if policies["resource"] is not None:
        found.append(("resource", policies["resource"]))
    return found


def takes_part(layer: str, request: Document) -> bool:
    """RCPs bind some services' resources; trust policies speak of sts alone."""
    service = request["action"].split(":")[0].lower()
    if layer == "rcps":
        return service in ("s3", "sqs", "kms", "sts", "logs") and request["resource"] != "*"
    own = request["account"] == request["resource_account"]
    return not (
        layer == "resource" and service == "iam" and ":role/" in request["resource"] and own
    )


def denies(layer: str, document: Document, request: Document, policies: Document) -> bool:
    if not takes_part(layer, request):
        return False
    for one in statements(document, "Deny"):
        if layer == "resource":
            if "NotPrincipal" in one:
                if not not_named(one, request, policies["boundary"] is not None):
                    continue
            elif named(one, request) == NOBODY:
                continue
        if fits(one, request, document.get("Version", "")):
            return True
    return False


def resource_strength(request: Document, policies: Document) -> int:
    document = policies["resource"]
    if document is None or not takes_part("resource", request):
        return NOBODY
    return max(
        (
            named(one, request)
            for one in statements(document, "Allow")
            if fits(one, request, document.get("Version", ""))
        ),
        default=NOBODY,
    )
