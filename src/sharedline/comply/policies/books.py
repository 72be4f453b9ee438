"""The frameworks that a policy asks for, each read once and each spelling looked up once."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from sharedline.comply.catalogue import ids, load, part_of
from sharedline.comply.model import Framework, Part


class Books:
    """Frameworks with a project's own; a policy of 20,000 clauses asks for the same parts often."""

    def __init__(self, own: Path | None = None) -> None:
        self._own = own
        self._books: dict[str, Framework] = {}
        self._parts: dict[tuple[str, str], Part | None] = {}
        self._leaves: dict[tuple[str, str], list[Part]] = {}

    @cached_property
    def ids(self) -> list[str]:
        """The ids of all that there are."""
        return ids(self._own)

    def framework(self, name: str) -> Framework:
        """A framework by its id."""
        if name not in self._books:
            self._books[name] = load(name, self._own)
        return self._books[name]

    def part(self, framework: str, spelled: str) -> Part | None:
        """The part that a spelling names, if any."""
        key = (framework, spelled)
        if key not in self._parts:
            self._parts[key] = part_of(self.framework(framework), spelled)
        return self._parts[key]

    def leaves(self, framework: str, spelled: str) -> list[Part]:
        """What a control asks for, part by part; nothing where there is no such control."""
        from sharedline.comply.standing import leaves

        key = (framework, spelled)
        if key not in self._leaves:
            part = self.part(framework, spelled)
            self._leaves[key] = leaves(self.framework(framework), part) if part else []
        return self._leaves[key]
