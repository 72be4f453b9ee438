"""Imports go only along the flow: collect, inventory, derive, checks, duties, what joins them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "src" / "sharedline"
#: Each may import what stands before it, and itself.
ORDER = (
    "errors",
    "model",
    "text",
    "files",
    "yaml12",
    "pages",
    "collect",
    "inventory",
    "iam",
    "derive",
    "checks",
    "trail",
    "duties",
    "project",
    "state",
    "people",
    "intent",
    "describe",
    "assess",
    "results",
    "resource",
    "incident",
    "scanning",
    "permissions",
    "formats",
    "report",
    "comply",
    "runbooks",
    "exercise",
    "browse",
    "notices",
    "jobs",
    "demo",
    "web",
    "cli",
    "docs",
    "__main__",
)
#: These import nothing of ours, so that anything may import them.
ALONE = frozenset({"errors", "model", "text", "files"})
FILES = sorted(p for p in ROOT.rglob("*.py") if p != ROOT / "__init__.py")


def unit(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def _is_for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def imported(tree: ast.AST) -> Iterator[str]:
    """The modules that run when the module runs, whether at its top or in a function."""
    for node in ast.iter_child_nodes(tree):
        if _is_for_types_only(node):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            module = node.module or ""
            if module == "sharedline":
                yield from (f"{module}.{alias.name}" for alias in node.names)
            else:
                yield module
        else:
            yield from imported(node)


def ours(path: Path) -> set[str]:
    names = imported(ast.parse(path.read_text("utf-8")))
    parts = (name.split(".") for name in names)
    return {p[1] for p in parts if p[0] == "sharedline" and len(p) > 1} - {"__version__"}


def test_every_unit_has_its_place() -> None:
    assert {unit(path) for path in FILES} <= set(ORDER)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_imports_go_along_the_flow(path: Path) -> None:
    before = set(ORDER[: ORDER.index(unit(path))])
    allowed = set() if unit(path) in ALONE else before | {unit(path)}
    assert sorted(ours(path) - allowed) == []


def test_the_test_sees_an_import_in_a_function_and_skips_those_for_types() -> None:
    tree = ast.parse(
        "if TYPE_CHECKING:\n    from sharedline.cli import main\n"
        "def f():\n    from sharedline import duties, results\n    import sharedline.checks.sql\n"
    )
    assert list(imported(tree)) == [
        "sharedline.duties",
        "sharedline.results",
        "sharedline.checks.sql",
    ]
