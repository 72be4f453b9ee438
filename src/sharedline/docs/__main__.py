"""Writes everything that is generated, or with `--check` says what is not current."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from sharedline.checks import sql
from sharedline.checks.load import load
from sharedline.checks.schemas import schemas
from sharedline.collect import schema
from sharedline.collect.catalogue import shipped
from sharedline.docs import commands, editors, frameworks, pages

ROOT = Path(__file__).parents[3]


def generated() -> Mapping[str, str]:
    """The text of every generated file by its path in the checkout."""
    return {
        "src/sharedline/collect/schema.json": schema.dump(shipped()),
        "src/sharedline/checks/compiled.json": sql.dump(load(), schemas()),
        "docs/reference/README.md": pages.index(),
        "docs/reference/tables.md": pages.tables(),
        "docs/reference/checks.md": pages.checks(),
        "docs/reference/duties.md": pages.duties(),
        "docs/reference/lines.md": pages.lines(),
        "docs/reference/frameworks.md": frameworks.text(),
        "docs/reference/commands.md": commands.text(),
        **{
            f"docs/reference/schema/{name}.schema.json": text
            for name, text in editors.all_schemas().items()
        },
    }


def stale(root: Path, files: Mapping[str, str]) -> list[str]:
    """The files that are missing or say something else, and those that nothing generates."""
    found = [
        path
        for path, text in files.items()
        if not (root / path).is_file() or (root / path).read_text("utf-8") != text
    ]
    reference = root / "docs" / "reference"
    there = {p.relative_to(root).as_posix() for p in reference.rglob("*") if p.is_file()}
    return sorted({*found, *(there - set(files))})


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 where `--check` finds a difference."""
    files = generated()
    if list(arguments) == ["--check"]:
        differing = stale(ROOT, files)
        for path in differing:
            print(f"{path} is not current: run make docs", file=sys.stderr)
        return 1 if differing else 0
    if arguments:
        print("Usage: python -m sharedline.docs [--check]", file=sys.stderr)
        return 2
    for path, text in files.items():
        target = ROOT / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
