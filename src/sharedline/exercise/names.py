"""How resources and accounts are named in a scenario: as they are, or by masks without a trace."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sharedline.errors import Error
from sharedline.text import brief, visible

_ARN = re.compile(r"arn:[^:]*:([^:]*):([^:]*):([^:]*):(.*)", re.DOTALL)
#: What S3 and others leave out of their ARNs.
_KIND = {"s3": "bucket", "sns": "topic", "sqs": "queue", "execute-api": "api"}


class Names:
    """Masks are numbered as they are met: unlike a digest, a number cannot be guessed back."""

    def __init__(self, *, masked: bool) -> None:
        self.masked = masked
        self._given: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def _mask(self, real: str, kind: str) -> str:
        if real not in self._given:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._given[real] = f"{kind}-{self._counts[kind]}"
        return self._given[real]

    def resource(self, arn: str) -> str:
        """A resource by ARN, or the mask that stands for it."""
        return self._mask(arn, _kind(arn)) if self.masked and arn else visible(arn, lines=False)

    def short(self, arn: str) -> str:
        """A resource as people call it."""
        if self.masked and arn:
            return self._mask(arn, _kind(arn))
        found = _ARN.fullmatch(arn)
        if not found or ":region/" in arn or arn.endswith(":*"):
            return visible(brief(arn, 0) if found else arn, lines=False)
        rest = found[4]
        if rest == "root":
            return f"the root user of {found[3]}"
        return visible(re.split(r"[:/]", rest, maxsplit=1)[-1] or rest, lines=False)

    def account(self, account: str) -> str:
        """An account by number, or its mask."""
        if not account:
            return "no single account"
        return self._mask(account, "account") if self.masked else f"account {account}"

    def refuse_leaks(self, text: str, accounts: Iterable[str], harmless: str = "") -> None:
        """`Error` where a masked text still names what is real: nothing is written then."""
        if not self.masked:
            return
        real = {r for r in self._given if len(r) > 3} | set(accounts)
        found = sorted(r for r in real if r in text and r not in harmless)
        if found:
            raise Error(
                f"The masked scenario would name {len(found)} real thing(s), {found[0]} first.",
                "Nothing was written. Report this, and leave --mask out to use it inside.",
            )


def _kind(arn: str) -> str:
    found = _ARN.fullmatch(arn)
    if not found:
        return "resource"
    service, rest = found[1], found[4]
    kind = (
        re.split(r"[:/]", rest)[0] if re.search(r"[:/]", rest) else _KIND.get(service, "resource")
    )
    word = re.sub(r"[^a-z0-9-]", "", kind.lower())
    # A kind is a word of AWS's; what is none could be a name.
    return (
        f"{service}-{word}"
        if word and len(word) < 24 and not re.search(r"\d{4}", word)
        else service
    )
