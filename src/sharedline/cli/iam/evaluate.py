"""`sharedline iam evaluate`: a file of cases, each with its answer and whether it agrees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharedline.cli.common import format_option
from sharedline.cli.iam.common import results, show

if TYPE_CHECKING:
    from sharedline.iam.cases import Case
    from sharedline.iam.request import Deciding, Policies


@click.command(name="evaluate")
@click.option(
    "--cases",
    "path",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file of cases, one JSON record a line.",
)
@format_option("text", "json")
def command(path: Path, fmt: str) -> int:
    """Evaluate a file of cases: requests with their policies.

    One result a line, in order; the last line of text counts those that agree with what was
    expected. A case tagged dubious is evaluated, not counted. A malformed line is named, and the
    others are evaluated. Exit code 1 where a case does not agree, 2 where a line is malformed.
    """
    from sharedline.cli import out
    from sharedline.iam import selftest

    selftest.check()
    count: Counter[str] = Counter()
    for found in results(path, _result):
        count.update(_kinds(found))
        show(found, path, fmt, _line)
    (out.note if fmt == "json" else out.line)(_summary(count))
    if count["malformed"]:
        return 2
    return 1 if count["differs"] else 0


def _result(case: Case) -> dict[str, Any]:
    from sharedline.iam.cases import agrees, request_of
    from sharedline.iam.evaluate import evaluate

    request, policies = request_of(case.record, case.line)
    decision = evaluate(request, policies)
    expected = case.record.get("expected")
    counted = isinstance(expected, str) and not case.dubious
    found: dict[str, Any] = {
        "id": case.id,
        "answer": decision.answer.value,
        "reason": decision.reason,
        "deciding": [_deciding(one) for one in decision.deciding],
        "blocking": decision.blocking,
        "depends": [str(one) for one in decision.depends],
        "expected": expected,
        "agrees": agrees(decision.answer, str(expected)) if counted else None,
    }
    notes = list(_notes(request.action, policies))
    if notes:
        found["notes"] = notes
    if case.dubious:
        found["skipped"] = "dubious"
    return found


def _deciding(one: Deciding) -> dict[str, Any]:
    return {
        "layer": one.layer,
        "level": one.level,
        "policy": one.policy.name,
        "statement": one.statement.sid or one.statement.index + 1,
        "effect": one.statement.effect,
    }


def _notes(action: str, policies: Policies) -> Iterator[str]:
    """What is odd about a case and does not stop it."""
    from sharedline.iam import actions

    if actions.find(action) is None:
        yield f"AWS lists no action {action}"
    several = [*policies.identity, *(policies.boundary or ()), *(policies.session or ())]
    several += [one for level in (*policies.scps, *policies.rcps) for one in level]
    several += [*(policies.vpce or ()), *([policies.resource] if policies.resource else ())]
    for policy in several:
        yield from (f"policy {policy.name}: {problem}" for problem in policy.problems)


def _kinds(found: dict[str, Any]) -> list[str]:
    if "error" in found:
        return ["malformed"]
    if "skipped" in found:
        return ["dubious"]
    return ["all", {True: "agrees", False: "differs", None: "open"}[found["agrees"]]]


def _line(found: dict[str, Any]) -> str:
    mark = {True: "✓", False: "✗", None: " "}[found["agrees"]]
    expected = f", expected {found['expected']}" if found["agrees"] is False else ""
    skipped = " (dubious, not counted)" if "skipped" in found else ""
    notes = "".join(f" Note: {one}." for one in found.get("notes", ()))
    return f"{mark} {found['id']}  {found['answer']}{expected}{skipped}: {found['reason']}{notes}"


def _summary(count: Counter[str]) -> str:
    labelled = count["agrees"] + count["differs"]
    parts = [f"{count['agrees']} of {labelled} agree" if labelled else f"{count['all']} evaluated"]
    if count["open"]:
        parts.append(f"{count['open']} without an expected answer")
    if count["dubious"]:
        parts.append(f"{count['dubious']} dubious skipped")
    if count["malformed"]:
        parts.append(f"{count['malformed']} malformed")
    return f"{', '.join(parts)}."
