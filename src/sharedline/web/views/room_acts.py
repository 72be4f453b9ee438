"""A form's fields as an act of the room: texts become the numbers and keys that the act carries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, get_args

from sharedline.errors import Error
from sharedline.exercise.model import Channel
from sharedline.exercise.session.acts import ACTS, Field, act_of
from sharedline.exercise.session.model import RunState

#: What a facilitator gives of a message that they add; the rest is filled in.
ADDED = ("title", "text", "from", "to", "channel")


def act(kind: str, form: Mapping[str, str], state: RunState) -> dict[str, Any]:
    """What a form of this kind says; `Error` where a number is none."""
    fields = act_of(kind).fields
    data = {
        name: _value(name, one, form[name])
        for name, one in fields.items()
        if name in form and (form[name].strip() or one.default is ...) and one.kind != "keys"
    }
    if kind == "answered":
        data["answer"] = _as_offered(state, data)
    if kind == "added":
        data |= {"inject": added(form, state), "release": form.get("release", "yes") == "yes"}
    return data


def _value(name: str, field: Field, text: str) -> Any:
    if field.kind == "flag":
        return text == "yes"
    if field.kind not in ("whole", "number"):
        return text
    try:
        return int(text) if field.kind == "whole" else float(text)
    except ValueError:
        raise Error(f"{name} is {text[:40]!r}.", "Give a number.") from None


def _as_offered(state: RunState, data: Mapping[str, Any]) -> str:
    """An answer as its choices write it: capitals and blanks are forgiven to who types."""
    said = str(data.get("answer", "")).strip()
    for inject in state.scenario.injects:
        for question in inject.questions:
            if (inject.id, question.id) == (data.get("inject"), data.get("question")):
                offered = {" ".join(c.split()).casefold(): c for c in question.choices}
                return offered.get(" ".join(said.split()).casefold(), said)
    return said


def added(form: Mapping[str, str], state: RunState) -> dict[str, Any]:
    """A message that the facilitator adds, about what the story is about already."""
    released = [i for i in state.scenario.injects if state.released(i.id)]
    near = released[-1] if released else state.scenario.injects[0]
    given = {name: form.get(name, "").strip() for name in ADDED}
    if given["channel"] not in get_args(Channel):
        raise Error(f"{given['channel'][:40]!r} is no channel.", "Choose one of the list.")
    for name in ("title", "text"):
        if not given[name]:
            raise Error(f"The new message has no {name}.", "Write one.")
    given["from"] = given["from"] or "Facilitator"
    given["to"] = given["to"] or "Everybody"
    mark = hashlib.sha256(f"{form.get('key', '')}{given}".encode("utf-8", "replace")).hexdigest()[
        :8
    ]
    made: dict[str, Any] = {
        **given, "id": f"added-{mark}", "duty": near.duty, "service": near.service,
    }  # fmt: skip
    if form.get("minute", "").strip():
        made["minute"] = _value("minute", Field("whole"), form["minute"])
    return made


def key_of(me: str, kind: str, data: Mapping[str, Any], form: Mapping[str, str]) -> str:
    """The key under which an act is kept, of this seat alone.

    A browser with our script makes one for each act. Without it the form's own mark and what it
    says make it: the same sent twice is done once, another word is another act.
    """
    given = form.get("key", "")
    if given:
        return f"{me}.{given}"
    said = json.dumps([kind, data, form.get("once", "")], sort_keys=True)
    return f"{me}.{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:40]}"


def knows(kind: str) -> bool:
    """Whether there is such an act."""
    return kind in ACTS
