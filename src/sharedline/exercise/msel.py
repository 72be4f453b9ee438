"""A scenario as the rows of a master scenario events list, and back: one row for each part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sharedline.errors import ConfigError
from sharedline.exercise import model
from sharedline.exercise.model import Scenario
from sharedline.exercise.read import of_data, plain
from sharedline.exercise.shape import Shape, shapes

Row = dict[str, str]
#: The column that says what a row is, and that which says what it belongs to.
KIND, OF = "row", "part of"
#: Kinds of rows in the order of a workbook's sheets, with the key that holds them and the parent.
KINDS: Mapping[str, tuple[type, str, str]] = {
    "scenario": (model.Scenario, "", ""),
    "objective": (model.Objective, "objectives", "scenario"),
    "phase": (model.Phase, "phases", "scenario"),
    "inject": (model.Inject, "injects", "scenario"),
    "question": (model.Question, "questions", "inject"),
    "provenance": (model.Provenance, "provenance", "inject"),
    "decision": (model.Decision, "decisions", "scenario"),
    "option": (model.Option, "options", "decision"),
    "action": (model.ExpectedAction, "expected", "scenario"),
    "actor": (model.Actor, "cast", "scenario"),
}
#: How other tools head the columns of a plain list, in small letters.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "minute": ("minute", "time", "start time", "time (min)", "minutes", "t+"),
    "id": ("id", "inject", "inject no", "inject number", "number", "#", "event #", "no"),
    "from": ("from", "sender", "sent by", "source"),
    "to": ("to", "recipient", "responsible", "player", "audience"),
    "channel": ("channel", "method", "delivery", "mode", "delivery method"),
    "title": ("title", "subject", "event", "event description", "summary"),
    "text": ("text", "message", "inject text", "description", "script", "content"),
    "duty": ("duty",),
    "service": ("service",),
    "expected": ("expected action", "expected actions", "expected response", "expected outcome"),
    "notes": ("notes", "comments", "remarks"),
}


def columns(kind: str) -> list[str]:
    """The columns of a kind of row: texts, numbers, lists of words, and values laid flat."""
    found = [OF] if KINDS[kind][2] not in ("", "scenario") else []
    for key, shape in shapes(KINDS[kind][0]).items():
        if shape.kind == "value":
            assert shape.of is not None
            found += [f"{key}.{inner}" for inner in shapes(shape.of)]
        elif shape.kind != "values":
            found.append(key)
    return found


def rows(scenario: Scenario) -> Iterator[tuple[str, Row]]:
    """Every part with its kind; parts of parts follow theirs."""
    yield from _rows("scenario", plain(scenario), "")


def _rows(kind: str, data: Mapping[str, Any], parent: str) -> Iterator[tuple[str, Row]]:
    row = {OF: parent} if KINDS[kind][2] not in ("", "scenario") else {}
    for key, shape in shapes(KINDS[kind][0]).items():
        if key not in data:
            continue
        if shape.kind == "value":
            row |= {f"{key}.{k}": _cell(v) for k, v in data[key].items()}
        elif shape.kind != "values":
            row[key] = _cell(data[key])
    yield kind, row
    for child, (_, key, above) in KINDS.items():
        for one in data.get(key, ()) if above == kind else ():
            yield from _rows(child, one, data.get("id", ""))


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "\n".join(value) if isinstance(value, list) else str(value)


def scenario_of(found: Iterable[tuple[str, Row]], where: str) -> Scenario:
    """The scenario of rows as `rows` gives them, in whatever order the kinds come."""
    by_kind: dict[str, list[Row]] = {kind: [] for kind in KINDS}
    for kind, row in found:
        if kind not in by_kind:
            raise ConfigError(
                f"{where}: a row is of the kind {kind!r}.", f"Allowed: {', '.join(KINDS)}."
            )
        by_kind[kind].append(row)
    if len(by_kind["scenario"]) != 1:
        raise ConfigError(
            f"{where}: it has {len(by_kind['scenario'])} rows of the kind scenario.", "Give it one."
        )
    data = _data("scenario", by_kind["scenario"][0], where)
    _children("scenario", data, by_kind, where)
    taken = sum(len(v) for v in by_kind.values())
    if taken:
        kind = next(k for k, v in by_kind.items() if v)
        above = by_kind[kind][0].get(OF, "")
        raise ConfigError(
            f"{where}: a {kind} is part of {above!r}, which is not there.",
            f"Name the {KINDS[kind][2]} that it belongs to in the column {OF!r}.",
        )
    # Whoever adds a row to a spreadsheet adds it at the end.
    for key, at in (("phases", "start"), ("injects", "minute")):
        if all(isinstance(one.get(at), int) for one in data[key]):
            data[key].sort(key=lambda one, at=at: one[at])
    return of_data(data, where)


def _children(kind: str, data: dict[str, Any], by_kind: dict[str, list[Row]], where: str) -> None:
    """Hangs the rows that belong to a part into it, and takes them from `by_kind`."""
    if kind == "scenario":
        by_kind["scenario"] = []
    for child, (_, key, above) in KINDS.items():
        if above != kind:
            continue
        mine = [r for r in by_kind[child] if kind == "scenario" or r.get(OF) == data.get("id")]
        if not mine:
            # What must be there may be empty: a list without objectives is one all the same.
            if shapes(KINDS[kind][0])[key].required:
                data[key] = []
            continue
        by_kind[child] = [r for r in by_kind[child] if r not in mine]
        data[key] = [_data(child, r, where) for r in mine]
        for one in data[key]:
            _children(child, one, by_kind, where)


def _data(kind: str, row: Row, where: str) -> dict[str, Any]:
    known = columns(kind)
    extra = sorted(k for k, v in row.items() if v and k not in known)
    if extra:
        raise ConfigError(
            f"{where}: a row of the kind {kind} fills the column {', '.join(extra)}.",
            f"Its columns: {', '.join(known)}.",
        )
    out: dict[str, Any] = {}
    for key, shape in shapes(KINDS[kind][0]).items():
        if shape.kind == "value":
            assert shape.of is not None
            inner = {k: (s, row.get(f"{key}.{k}", "")) for k, s in shapes(shape.of).items()}
            if any(text for _, text in inner.values()):
                out[key] = {k: _parsed(s, t) for k, (s, t) in inner.items() if t}
        elif row.get(key):
            out[key] = _parsed(shape, row[key])
    return out


def _parsed(shape: Shape, text: str) -> Any:
    """A cell as its field's kind; what does not fit is left for the reader to refuse."""
    if shape.kind == "words":
        return text.split("\n")
    if shape.kind == "flag" and text in ("yes", "no"):
        return text == "yes"
    if shape.kind == "number":
        try:
            return int(text)
        except ValueError:
            return text
    return text


def from_plain(found: Iterable[Mapping[str, str]], name: str, where: str) -> Scenario:
    """A plain list of another tool, of which each row is an inject; duties are to be added."""
    injects: list[dict[str, Any]] = []
    expected: list[tuple[dict[str, Any], str]] = []
    for n, given in enumerate(found, 1):
        row = _known(given)
        if not any(row.values()):
            continue
        number = f"inject-{n}"
        text = row.get("text") or row.get("title") or ""
        injects.append(
            {
                "id": number,
                "minute": _minute(row.get("minute", ""), f"{where}, row {n + 1}"),
                "phase": "exercise",
                "from": row.get("from") or "facilitator",
                "to": row.get("to") or "all",
                "channel": _channel(row.get("channel", "")),
                "title": (row.get("title") or text.partition("\n")[0])[:300],
                "text": text,
                # A list of another tool names no duties: that of the exercise itself until then.
                "duty": row.get("duty") or "response.practice",
                "service": row.get("service") or "account",
                **({"notes": row["notes"]} if row.get("notes") else {}),
            }
        )
        if row.get("expected"):
            expected.append((injects[-1], row["expected"]))
    injects.sort(key=lambda i: i["minute"])
    end = max((i["minute"] for i in injects), default=0) + 10
    return of_data(
        {
            "id": name,
            "title": name,
            "summary": f"Imported from {where}.",
            "minutes": end,
            "objectives": [],
            "phases": [{"id": "exercise", "title": "Exercise", "start": 0}],
            "injects": injects,
            "expected": [
                {
                    "id": f"action-{n}",
                    "inject": inject["id"],
                    "by": end,
                    "who": inject["to"],
                    "text": text,
                    "duty": inject["duty"],
                }
                for n, (inject, text) in enumerate(expected, 1)
            ],
        },
        where,
    )


def _known(given: Mapping[str, str]) -> dict[str, str]:
    heads = {head: key for key, names in HEADINGS.items() for head in names}
    out: dict[str, str] = {}
    for head, value in given.items():
        key = heads.get(head.strip().lower())
        if key and value and key not in out:
            out[key] = value.strip()
    return out


def _minute(text: str, where: str) -> int:
    """Minutes from the start: `15`, `15.0`, `00:15`, `T+15`, `01:15:00`."""
    parts = text.lower().removeprefix("t+").removesuffix("min").strip().split(":")
    try:
        if len(parts) == 1:
            return int(float(parts[0] or "0"))
        return int(parts[0]) * 60 + int(parts[1])
    except (ValueError, OverflowError) as error:
        raise ConfigError(
            f"{where}: {text!r} is no time from the start.", "Write minutes, or 01:15."
        ) from error


def _channel(text: str) -> str:
    word = text.strip().lower().replace(" ", "-")
    known = {"e-mail": "email", "call": "phone", "telephone": "phone", "face-to-face": "in-person"}
    word = known.get(word, word)
    channels = shapes(model.Inject)["channel"].choices
    return word if word in channels else "in-person"
