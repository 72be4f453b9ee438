"""What a secret looks like in plain text: patterns with names, for user data and settings.

Only the names of the kinds found leave this module, so that scanning never copies a secret.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib

#: Values that stand for a secret without being one: references, variables, examples, empty.
_NOT_A_VALUE = re.compile(
    r"^(?:\$|`|%|<|\{|\[|\*|arn:|ssm:|secretsmanager:|resolve:|vault:|file:|https?:|/"
    r"|(?:change_?me|example|your[-_ ]|xxx|none$|null$|true$|false$|yes$|no$|prompt$|ask$))",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?P<name>[A-Za-z0-9_.\-]*(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key"
    r"|access[_-]?key|private[_-]?key|credentials?)[A-Za-z0-9_.\-]*)"
    r"[\"']?\s{0,4}(?:=|:)\s{0,4}(?P<value>\"[^\"\n]{1,400}\"|'[^'\n]{1,400}'|[^\s\"'&|;,<>]{1,400})",
    re.IGNORECASE,
)
#: Names that contain one of the words and hold no secret: where it is, how it is handled.
_HARMLESS = re.compile(
    r"(?:arn|name|id|path|file|dir|url|uri|endpoint|policy|length|expir\w*|ttl|type|region"
    r"|version|rotation|enabled|authentication|auth|hop|manager|count|age|days|seconds|minutes|hours|prefix|suffix)$",
    re.IGNORECASE,
)
_ACCESS_KEY_ID = re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])")
_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("private key", re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----")),
    ("GitHub token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{60,})")),
    ("GitLab token", re.compile(r"\bglpat-[\w-]{20}")),
    ("Slack token", re.compile(r"\bxox[abeoprs]-[\w-]{10,}")),
    ("Slack webhook", re.compile(r"hooks\.slack\.com/services/T\w+/B\w+/\w{20,}")),
    ("Stripe key", re.compile(r"\b[rs]k_live_[A-Za-z0-9]{20,}")),
    ("Google API key", re.compile(r"\bAIza[\w-]{35}")),
    ("JSON web token", re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}")),
    ("password in a URL", re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@$]{1,80}:[^\s/@$]{3,}@")),
    ("password option", re.compile(r"(?:--password[= ]|sshpass\s+-p\s*)[\"']?[^\s$<{\"'-]\S{3,}")),
)
#: User data is at most 16 KB; a compressed one that grows past this is not a script.
_MOST = 1 << 20


def _named(text: str) -> set[str]:
    kinds = set()
    for match in _NAMED.finditer(text):
        name, value = match["name"], match["value"].strip("\"'")
        if len(value) < 4 or _NOT_A_VALUE.match(value) or _HARMLESS.search(name):
            continue
        low = name.lower().replace("-", "_")
        if "access_key" in low or "accesskey" in low:
            if "secret" in low:
                kinds.add("AWS secret access key")
            continue  # the id of a key is found by its shape
        if "pass" in low or "pwd" in low:
            kinds.add("password")
        elif "token" in low:
            kinds.add("token")
        else:
            kinds.add("secret")
    return kinds


def secret_kinds(text: str) -> list[str]:
    """The kinds of secret in the text, sorted; empty when none is recognised."""
    kinds = _named(text)
    if _ACCESS_KEY_ID.search(text):
        kinds.add("AWS access key")
    kinds.update(name for name, shape in _SHAPES if shape.search(text))
    return sorted(kinds)


def _decoded(encoded: str) -> str:
    try:
        raw = base64.b64decode(encoded, validate=False)
    except (binascii.Error, ValueError):
        return encoded
    if raw[:2] == b"\x1f\x8b":  # cloud-init accepts gzip
        try:
            raw = zlib.decompressobj(wbits=31).decompress(raw, _MOST)
        except zlib.error:
            return ""
    return raw.decode("utf-8", errors="replace")


def secret_kinds_in_user_data(encoded: str) -> list[str]:
    """The kinds of secret in base64 user data (gzip inside it is opened)."""
    return secret_kinds(_decoded(encoded)) if encoded else []
