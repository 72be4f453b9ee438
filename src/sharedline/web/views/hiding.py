"""What a person's scope hides of texts and names that a page is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sharedline.people.model import Scope

OUTSIDE = "outside your accounts"
_ACCOUNT = re.compile(r"(?<![0-9A-Za-z])\d{12}(?![0-9A-Za-z])")
#: Shorter names would hide common words.
_LEAST = 4


def account_of(arn: str) -> str:
    """The account that an ARN names; empty where it names none."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) > 5 and parts[0] == "arn" else ""


class Hiding:
    """Hides texts that name accounts outside a scope, or things that were found to lie there."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self._names: set[str] = set()

    def sees(self, account: str, owner: str = "") -> bool:
        """Whether an account is within the scope; what names none is not hidden by it."""
        return self.scope.everything or not account or self.scope.covers(account, owner)

    def outside(self, names: Iterable[str]) -> None:
        """Takes names of things that lie outside: an ARN counts with its last part, too."""
        for name in names:
            for one in (name, re.split(r"[:/]", name)[-1]):
                if len(one) >= _LEAST and one not in ("root", "user", "role", "global"):
                    self._names.add(one)

    def hides(self, text: str) -> bool:
        """Whether a text names something outside."""
        if self.scope.everything or not text:
            return False
        if any(not self.sees(account) for account in _ACCOUNT.findall(text)):
            return True
        return any(name in text for name in self._names)

    def text(self, text: str) -> str:
        """The text, or that it is about what lies outside."""
        return OUTSIDE if self.hides(text) else text
