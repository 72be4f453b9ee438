"""How a verdict names principals and times."""

from __future__ import annotations

from sharedline.incident.model import Step


def who(step: Step) -> str:
    """A step's principal in words."""
    arn = step.issuer or step.principal
    if ":role/" in arn:
        return f"the role {arn.split(':role/')[-1].split('/')[-1]}"
    if ":assumed-role/" in arn:
        return f"the role {arn.split(':assumed-role/')[-1].split('/')[0]}"
    if ":user/" in arn:
        return f"the user {arn.split(':user/')[-1].split('/')[-1]}"
    if arn.endswith(":root"):
        return "the root user"
    identity = step.row.get("useridentity") or {}
    other = str(identity.get("accountid") or "")
    if other.isdigit() and other != step.account and not arn.startswith("arn:"):
        return f"somebody of account {other}"
    if not arn or "anonymous" in arn.lower():
        return "somebody without credentials"
    return arn


def by_service(step: Step) -> bool:
    """Whether a service of AWS acted, as for delivering credentials, and no principal."""
    return (step.row.get("useridentity") or {}).get("type") == "AWSService"
