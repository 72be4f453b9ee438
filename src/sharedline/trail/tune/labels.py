"""Events that people labelled: which were an incident's, by their ids."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from sharedline.errors import ConfigError

_BAD = frozenset({"true", "incident", "malicious", "attack", "bad", "positive", "yes", "fire"})
_GOOD = frozenset({"false", "benign", "good", "negative", "no", "quiet", "noise", "ordinary"})
_NAMES = ("label", "malicious", "incident", "expected")


def read(path: Path) -> frozenset[str]:
    """The ids of the events that are labelled as an incident's.

    The file is a list (JSON, YAML, or one a line) of event ids, or of events or `{event, label}`;
    an entry without a label is one of an incident. What `incident --format json` prints will do.
    """
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read ({error}).", "Check --labelled.") from error
    found = {name for entry in _entries(text, path) if (name := _bad(entry, path))}
    if not found:
        raise ConfigError(f"{path} labels no event as an incident's.", "Check --labelled.")
    return frozenset(found)


def _entries(text: str, path: Path) -> Iterator[Any]:
    try:
        given = json.loads(text)
    except ValueError:
        given = _lines(text, path)
    if isinstance(given, Mapping):
        given = given.get("Records", given.get("events", given.get("chain", [given])))
    if not isinstance(given, list):
        raise ConfigError(f"{path} is no list of events.", "Check --labelled.")
    yield from given


def _lines(text: str, path: Path) -> Any:
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        return [json.loads(line) for line in lines]
    except ValueError:
        pass
    if all(" " not in line.strip() and ":" not in line for line in lines):
        return [line.strip() for line in lines]
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        said = str(error).splitlines()[0]
        raise ConfigError(f"{path} is neither JSON nor YAML ({said}).", "Check it.") from error


def _bad(entry: Any, path: Path) -> str:
    """The id of the event, where its label says that it was an incident's."""
    if isinstance(entry, str):
        return entry
    if not isinstance(entry, Mapping):
        raise ConfigError(f"{path} holds something that is no event.", "Give ids or events.")
    event = entry.get("event", entry)
    name = event.get("eventID") if isinstance(event, Mapping) else event
    name = name or entry.get("eventID") or entry.get("event_id")
    if not isinstance(name, str):
        raise ConfigError(f"{path} holds an event without eventID.", "Give each event its id.")
    for key in _NAMES:
        if key in entry:
            said = str(entry[key]).strip().lower()
            if said not in _BAD | _GOOD:
                known = ", ".join(sorted(_BAD | _GOOD))
                raise ConfigError(f"{path}: {key} {said!r} is not understood.", f"Use {known}.")
            return name if said in _BAD else ""
    return name
