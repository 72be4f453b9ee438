"""The runbooks there are: those that ship, and the project's own, which win by the same id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from sharedline.errors import ConfigError, Error
from sharedline.runbooks.cacao import cacao
from sharedline.runbooks.model import Problem, Runbook
from sharedline.runbooks.read import markdown

_READERS = {".md": markdown, ".json": cacao}
#: The folder of a project that holds its runbooks.
FOLDER = "runbooks"


@dataclass(frozen=True)
class Library:
    """Runbooks by id, and the files that are none."""

    runbooks: Mapping[str, Runbook]
    problems: tuple[Problem, ...] = ()

    def get(self, name: str) -> Runbook:
        """The runbook of an id; `Error` names those that are near."""
        found = self.runbooks.get(name)
        if found is None:
            near = [n for n in self.runbooks if name in n or n in name] or list(self.runbooks)
            raise Error(f"There is no runbook {name!r}.", f"For example {', '.join(near[:5])}.")
        return found

    def answering(self, kind: str, name: str) -> tuple[Runbook, ...]:
        """The runbooks that answer a finding type, a detection or a check."""
        return tuple(one for one in self.runbooks.values() if one.answers(kind, name))


def starter() -> Path:
    """The folder of the runbooks that ship."""
    return Path(str(resources.files("sharedline.runbooks"))) / "starter"


def load(folder: Path | None = None) -> Library:
    """The starter set, and over it the runbooks of a project's folder."""
    found: dict[str, Runbook] = {}
    problems: list[Problem] = []
    for root, ships in ((starter(), True), (folder, False)):
        own: dict[str, Runbook] = {}
        for path, name in _files(root):
            if name in own:
                what = f"{path}: {own[name].path} has the same id."
                problems.append(Problem(name, str(path), what, "Keep one."))
                continue
            try:
                own[name] = _READERS[path.suffix](path, name, starter=ships)
            except ConfigError as error:
                problems.append(Problem(name, str(path), error.message, error.advice))
                found.pop(name, None)  # the project's is broken: the starter's is not its answer
        found.update(own)
    return Library(dict(sorted(found.items())), tuple(problems))


def _files(root: Path | None) -> Iterator[tuple[Path, str]]:
    if root is None or not root.is_dir():
        return
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        hidden = any(part.startswith(".") for part in inside.parts)
        if path.suffix in _READERS and path.stem != "README" and path.is_file() and not hidden:
            yield path, inside.with_suffix("").as_posix()


def resolve(folder: Path | None, name: str) -> Path | None:
    """The file of a runbook: the project's own, else the one that ships; None where none is."""
    for root in (folder, starter()):
        for suffix in _READERS:
            path = root / f"{name}{suffix}" if root else None
            if path is not None and path.is_file():
                return path
    return None
