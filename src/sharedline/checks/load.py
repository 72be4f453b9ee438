"""Reads check files: TOML front matter in the leading comment, then one SELECT."""

from __future__ import annotations

import fnmatch
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from sharedline.errors import ConfigError
from sharedline.model import SEVERITIES, Check

REQUIRED = ("title", "severity", "duty", "why", "fix")
OPTIONAL = ("controls", "params", "population", "tolerates")
_KINDS = (
    ("population", str, "the name of a table"),
    ("params", dict, "a table of names and defaults"),
    ("tolerates", list, "a list of table names"),
)
_FRONT = re.compile(r"\A\s*/\*(.*?)\*/", re.DOTALL)


def parse(text: str, check_id: str, path: str) -> Check:
    """A check from a file's text; `ConfigError` names the file and what is allowed."""

    def bad(what: str, advice: str) -> ConfigError:
        return ConfigError(f"{path}: {what}", advice)

    match = _FRONT.match(text)
    if not match:
        raise bad("there is no front matter.", 'Begin the file with /* title = "…" … */.')
    try:
        front = tomllib.loads(match.group(1))
    except tomllib.TOMLDecodeError as error:
        raise bad(f"the front matter is not TOML: {error}.", "Correct that line.") from error
    unknown = sorted(set(front) - {*REQUIRED, *OPTIONAL})
    if unknown:
        allowed = ", ".join((*REQUIRED, *OPTIONAL))
        raise bad(f"unknown key {', '.join(unknown)}.", f"Allowed keys: {allowed}.")
    missing = [key for key in REQUIRED if not isinstance(front.get(key), str) or not front[key]]
    if missing:
        raise bad(f"{', '.join(missing)} must be a text.", "Add it to the front matter.")
    for key, kind, said in _KINDS:
        if not isinstance(front.get(key, kind()), kind):
            raise bad(f"{key} must be {said}.", "Correct it in the front matter.")
    if front["severity"] not in SEVERITIES:
        raise bad(f"severity {front['severity']!r} is unknown.", f"Use {', '.join(SEVERITIES)}.")
    return Check(
        id=check_id,
        title=front["title"],
        severity=front["severity"],
        duty=front["duty"],
        why=front["why"].strip(),
        fix=front["fix"].strip(),
        # The tokenizer of sqlglot 30 loses a text that ends in '' where $names occur before it.
        sql=text[match.end() :].strip().rstrip(";") + "\n",
        controls=_controls(front.get("controls", {}), bad),
        params=dict(front.get("params", {})),
        population=front.get("population", ""),
        tolerates=tuple(front.get("tolerates", ())),
        path=path,
    )


def _controls(value: Any, bad: Any) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(value, dict) or not all(isinstance(v, list) for v in value.values()):
        raise bad("controls must be lists by framework.", 'Write aws-fsbp = ["S3.8"].')
    return {str(k): tuple(str(c) for c in v) for k, v in value.items()}


def folder() -> Path:
    """The folder of the checks that ship."""
    return Path(str(resources.files("sharedline.checks")))


@cache
def _read(root: Path) -> dict[str, Check]:
    found = {}
    for path in sorted(root.rglob("*.sql")):
        check_id = path.relative_to(root).with_suffix("").as_posix()
        shown = path.name if root == folder() else str(path)
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError as error:
            raise ConfigError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from error
        label = f"checks/{check_id}.sql" if root == folder() else shown
        found[check_id] = parse(text, check_id, label)
    return found


def load(patterns: Iterable[str] = (), custom: Path | None = None) -> dict[str, Check]:
    """The shipped and the user's checks whose ids match any of the globs, by id."""
    found = dict(_read(folder()))
    if custom and custom.is_dir():
        for check_id, check in _read(custom).items():
            if check_id in found:
                raise ConfigError(
                    f"{check.path}: a check {check_id} ships already.", "Rename your file."
                )
            found[check_id] = check
    globs = list(patterns)
    if not globs:
        return found
    chosen = {i: c for i, c in found.items() if any(fnmatch.fnmatchcase(i, g) for g in globs)}
    if not chosen:
        areas = ", ".join(sorted({i.split("/")[0] for i in found}))
        raise ConfigError(
            f"No check matches {', '.join(globs)}.", f"Ids are paths such as s3/*; areas: {areas}."
        )
    return chosen
