"""Finds credentials among named settings (environment variables); only their kind is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

from sharedline.collect.secret_patterns import secret_kinds

#: Words of a name that promise a credential; a name is cut at `_`, `-`, `.` and camel case.
_WORDS = frozenset(
    re.findall(
        r"\w+",
        "password passwd passphrase pwd pass secret secrets token credential credentials apikey "
        "privatekey accesskey secretkey authkey",
    )
)
_PAIRS = frozenset(
    {"api key", "private key", "access key", "secret key", "auth key", "signing key", "master key"}
)
#: The last word of a name that is about a credential without holding it.
_ABOUT = frozenset(
    re.findall(
        r"\w+",
        "arn arns name names id ids path paths url uri file files ttl expiry expiration expires "
        "length size region table param parameter alias header endpoint timeout version type "
        "enabled policy prefix suffix algorithm audience issuer rotation days seconds minutes "
        "bucket store provider ref reference location limit count max min public scope scopes "
        "manager",
    )
)
_SPLIT = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")

#: Values that say where a secret is kept rather than what it is.
_REFERENCE = re.compile(
    r"^(?:arn:|ssm:|sm:|vault:|s3:|aws:|secretsmanager:|projects/|file:|/|\./|\{\{|\$|%|<)",
    re.IGNORECASE,
)
_URL = re.compile(r"^https?://", re.IGNORECASE)
_PATH = re.compile(r"^[a-z0-9_.-]+(?:/[a-z0-9_.-]+)+$")
_NOTHING = frozenset({"", "true", "false", "null", "none", "nil", "yes", "no", "on", "off", "n/a"})


def promises_secret(name: str) -> bool:
    """Whether a setting of this name is expected to hold a credential itself."""
    words = [word.lower() for word in _SPLIT.split(name) if word]
    if not words or words[-1] in _ABOUT or "public" in words:
        return False
    pairs = {f"{a} {b}" for a, b in pairwise(words)}
    return bool(_WORDS.intersection(words) or _PAIRS.intersection(pairs))


def is_reference(value: str) -> bool:
    """Whether a value points at a secret (an ARN, a path, a placeholder) or says nothing."""
    text = value.strip()
    return text.lower() in _NOTHING or bool(_REFERENCE.match(text) or _PATH.match(text))


def kind_of(name: str, value: str) -> str:
    """The kind of credential that a named setting holds, or `""`."""
    if is_reference(value):
        return ""
    found = secret_kinds(value)
    if found:
        return found[0]
    if not promises_secret(name) or _URL.match(value):
        return ""
    # Short numbers are limits and switches far more often than passwords.
    return "" if value.isdigit() and len(value) < 4 else "password or key by its name"


def kinds_by_name(settings: Mapping[str, str]) -> dict[str, str]:
    """Settings that hold a credential: name to kind, without the value."""
    found = {name: kind_of(name, str(value)) for name, value in settings.items()}
    return {name: kind for name, kind in sorted(found.items()) if kind}


def kinds_in_pairs(pairs: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The same for a list of `{name, value}`, as ECS and CodeBuild write their settings."""
    return kinds_by_name({str(p.get("name", "")): str(p.get("value", "")) for p in pairs})
