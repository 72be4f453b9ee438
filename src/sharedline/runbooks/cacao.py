"""Reads a runbook that is a CACAO 2.0 playbook: checked by schema, its workflow walked in order.

What Sharedline needs and CACAO has no property for (duty, owner, what is answered, tests) is an
extension of the playbook under our id, with the same keys as the front matter of Markdown.
Ref: https://docs.oasis-open.org/cacao/security-playbooks/v2.0/security-playbooks-v2.0.html,
2026-11-22.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sharedline.errors import ConfigError
from sharedline.runbooks.model import PHASES, Mention, Runbook, Step
from sharedline.runbooks.read import ACTION, TYPE, made, text_of

if TYPE_CHECKING:
    import jsonschema_rs

#: The id of our extension: of a playbook it holds the metadata, of a step `{"phase": …}`.
EXTENSION = "extension-definition--5a3f1f6e-0f0b-4d3b-9d53-6f1d2c7b8e41"
#: The phase of a step that names none, by the activity of its first command (CACAO 3.1.2).
_ACTIVITIES = {
    **dict.fromkeys(("prepare-engagement", "identify-audience", "identify-channel"), "prepare"),
    **dict.fromkeys(
        ("scan-system", "match-indicator", "analyze-collected-data", "identify-indicators"),
        "detect",
    ),
    **dict.fromkeys(("restore-data", "restore-capabilities", "revert-system"), "recover"),
    **dict.fromkeys(("analyze-engagement-results", "identify-steps"), "improve"),
}
#: Where a step goes on, in the order in which a person would read on.
_NEXT = ("on_true", "next_steps", "cases", "on_false", "on_completion", "on_success", "on_failure")


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    import jsonschema_rs

    file = resources.files("sharedline.runbooks") / "cacao.schema.json"
    return jsonschema_rs.Draft202012Validator(json.loads(file.read_text("utf-8")))


def cacao(path: Path, name: str, *, starter: bool = False) -> Runbook:
    """A runbook from a CACAO 2.0 playbook; `ConfigError` says where it is none."""
    try:
        playbook = json.loads(text_of(path))
    except (json.JSONDecodeError, RecursionError) as error:
        raise ConfigError(f"{path} is not JSON ({error}).", "Correct it.") from error
    wrong = _wrong(playbook)
    if wrong:
        raise ConfigError(
            f"{path} is no CACAO 2.0 playbook: {wrong}.", "Correct it; the standard is at OASIS."
        )
    ours = playbook.get("playbook_extensions", {}).get(EXTENSION)
    if ours is None:
        raise ConfigError(
            f"{path}: nothing says which duty it is for.",
            f"Add playbook_extensions with {EXTENSION}: {{duty, owner, guardduty, …}}.",
        )
    order = list(_walk(playbook))
    return made(
        {"title": playbook["name"], **ours},
        name,
        str(path),
        starter=starter,
        steps=tuple(_step(one) for one in order if one["type"] not in ("start", "end")),
        mentions=tuple(_mentions(playbook, order)),
    )


def _wrong(playbook: Any) -> str:
    """The first thing that is wrong: by the schema, then what a schema cannot say."""
    for error in _validator().iter_errors(playbook):
        where = ".".join(str(part) for part in error.instance_path)
        return f"{where}: {error.message}" if where else str(error.message)
    workflow = playbook["workflow"]
    if playbook["workflow_start"] not in workflow:
        return f"workflow_start: there is no step {playbook['workflow_start']}"
    kinds = {step["type"] for step in workflow.values()}
    if "end" not in kinds or not kinds & {"action", "playbook-action"}:
        return "workflow: it needs a start, an action and an end"
    for key, step in workflow.items():
        lost = [target for target in _targets(step) if target not in workflow]
        if lost:
            return f"{key}: there is no step {lost[0]}"
        for part, place in (("agent", "agent_definitions"), ("targets", "target_definitions")):
            given = step.get(part, [])
            for each in [given] if isinstance(given, str) else given:
                if each not in playbook.get(place, {}):
                    return f"{key}: there is no {each} in {place}"
    if playbook["modified"] < playbook["created"]:
        return "modified: it is before created"
    return ""


def _targets(step: Mapping[str, Any]) -> Iterator[str]:
    for key in _NEXT:
        given = step.get(key, ())
        if isinstance(given, str):
            yield given
        else:
            yield from given.values() if isinstance(given, dict) else given


def _walk(playbook: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The steps that can be reached, each once, in the order of reading."""
    waiting, seen = [playbook["workflow_start"]], set()
    while waiting:
        key = waiting.pop()
        if key in seen:
            continue
        seen.add(key)
        step = playbook["workflow"][key]
        yield step
        waiting += reversed(list(_targets(step)))


def _step(step: Mapping[str, Any]) -> Step:
    said = step.get("step_extensions", {}).get(EXTENSION, {}).get("phase", "")
    activity = next((c.get("playbook_activity", "") for c in step.get("commands", ())), "")
    phase = said if said in PHASES else _ACTIVITIES.get(activity, "respond")
    parts = [step.get("name", ""), step.get("description", "")]
    parts += [_command(c) for c in step.get("commands", ())]
    return Step(phase, ": ".join(" ".join(p.split()) for p in parts if p))


def _command(command: Mapping[str, Any]) -> str:
    if "command_b64" not in command:
        return str(command.get("command", ""))
    try:
        return base64.b64decode(command["command_b64"], validate=True).decode("utf-8", "replace")
    except binascii.Error:
        return ""


def _mentions(playbook: Mapping[str, Any], order: list[Mapping[str, Any]]) -> Iterator[Mention]:
    texts = [playbook.get("description", "")]
    for step in order:
        texts += [step.get("name", ""), step.get("description", "")]
        texts += [_command(c) for c in step.get("commands", ())]
    for text in texts:
        yield from (Mention("type", m[0]) for m in TYPE.finditer(text))
        words = text.replace("`", " ").split()
        cleaned = [word.strip(".,;()") for word in words]
        yield from (Mention("action", w) for w in cleaned if ACTION.fullmatch(w))
        for number, word in enumerate(words[:-2]):
            if word == "aws" and words[number + 1].isascii() and words[number + 1].islower():
                yield Mention("command", " ".join(words[number + 1 : number + 3]))
