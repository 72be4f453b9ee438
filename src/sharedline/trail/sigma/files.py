"""Rule files into rules: whatever cannot be used is a problem with its file, and nothing is fatal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.policy import SigmaPolicy
from sigma.policy.regex_engine import RE2RegexEngine, RegexPattern
from sigma.rule import SigmaRule

from sharedline.errors import Error
from sharedline.trail.sigma.conditions import NotUnderstoodError, tree
from sharedline.trail.sigma.correlations import Linked, link
from sharedline.trail.sigma.fields import place
from sharedline.trail.sigma.matches import Exists
from sharedline.trail.sigma.model import LEVELS, Problem, Rule, Rules
from sharedline.trail.sigma.tree import Known, Leaf, every, never, some

#: What pySigma and PyYAML raise over text that is no rule, found by handing them such texts.
UNREADABLE = (
    SigmaError,
    yaml.YAMLError,
    RecursionError,
    AttributeError,
    TypeError,
    KeyError,
    IndexError,
    ValueError,
    OverflowError,
)
_OURS = re.compile(r"\.test\.ya?ml$")
_TECHNIQUE = re.compile(r"^t\d{4}(\.\d{3})?$")
_NAME = re.compile(rb"^(?:id|name):\s*['\"]?([^\s'\"]+)", re.MULTILINE)
_FOREIGN = "foreign"
#: What a rule tells its reader and nothing here reads: pySigma refuses whole rules for the form of
#: these, as it did one of the public rules for AWS (false positives as one text, 2026-11-22).
_ASIDE = (
    *("author", "date", "modified", "references", "related", "fields", "falsepositives"),
    *("license", "scope", "taxonomy"),
)
#: A file larger than this is no rule.
_LARGEST = 1 << 20


class _Quiet(RE2RegexEngine):
    """RE2 that does not write to the terminal what it cannot read."""

    def compile(self, pattern: str, flags: int = 0) -> RegexPattern:
        """Compiles a pattern; its own way has told the terminal of each that is none."""
        options = self._re2.Options()
        options.log_errors = False
        try:
            self._re2.compile(pattern, options)
        except self._re2.error as error:
            what = f"the pattern {pattern!r} cannot be run ({error.args[0].decode()})"
            raise NotUnderstoodError(what) from error
        return super().compile(pattern, flags)


def load(paths: Iterable[Path | str] | None = None) -> Rules:
    """The rules below the paths, or those that ship with the product."""
    found: list[tuple[str, str, Any]] = []
    problems: list[Problem] = []
    unusable: dict[str, str] = {}
    foreign = 0
    for path in _files(paths):
        try:
            documents = _documents(path)
            if isinstance(documents, list):
                foreign += 1
                unusable.update(dict.fromkeys(documents, _FOREIGN))
                continue
            for number, given in enumerate(documents.rules):
                name = path.stem if not number else f"{path.stem}/{number + 1}"
                found.append((str(path), name, given))
        except UNREADABLE as error:
            problems.append(Problem(str(path), told(error)))
        except OSError as error:
            problems.append(Problem(str(path), str(error.strerror)))
    made: list[Rule] = []
    places: dict[str, int] = {}
    linked: list[tuple[str, str, SigmaCorrelationRule]] = []
    for path_name, name, given in found:
        if isinstance(given, SigmaCorrelationRule):
            linked.append((path_name, name, given))
            continue
        keys = [str(k) for k in (given.id, given.name) if k]
        try:
            rule = _rule(given, path_name, name)
        except UNREADABLE as error:
            problems.append(Problem(path_name, told(error)))
            unusable.update(dict.fromkeys(keys, "cannot be used itself"))
            continue
        if rule is None:
            foreign += 1
            unusable.update(dict.fromkeys(keys, _FOREIGN))
            continue
        places.update(dict.fromkeys(keys, len(made)))
        made.append(rule)
    for path_name, name, given in linked:
        try:
            _link(given, path_name, name, made, places, unusable)
        except _ForeignError:
            foreign += 1
        except UNREADABLE as error:
            problems.append(Problem(path_name, told(error)))
    return Rules(tuple(_named(made)), tuple(problems), foreign)


class _ForeignError(ValueError):
    """A correlation over rules of other log sources."""


def told(error: BaseException) -> str:
    """Why a rule cannot be used, in one line."""
    if isinstance(error, yaml.YAMLError):
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        return f"it is not YAML{where}: {getattr(error, 'problem', None) or error}"
    if isinstance(error, SigmaError):
        return str(error.args[0]) if error.args else type(error).__name__
    if isinstance(error, NotUnderstoodError):
        return f"not understood: {error}"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return f"it is not a Sigma rule ({error})"


def _files(paths: Iterable[Path | str] | None) -> Iterator[Path]:
    if paths is None:
        yield from _below(Path(str(resources.files("sharedline.trail"))) / "rules")
        return
    for given in map(Path, paths):
        if not given.exists():
            raise Error(f"There is no {given}.", "Give a rule file or a folder of them.")
        if given.is_dir():
            yield from _below(given)
        else:
            yield given


def _below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*.y*ml")):
        if path.suffix in (".yml", ".yaml") and not _OURS.search(path.name) and path.is_file():
            yield path


def _documents(path: Path) -> SigmaCollection | list[str]:
    """The rules of a file as pySigma reads them; of one for other products the names only."""
    if path.stat().st_size > _LARGEST:
        raise ValueError("the file is too large")
    data = path.read_bytes()
    # A checkout of all public rules has thousands for other products: these are not parsed.
    if not any(word in data.lower() for word in (b"aws", b"cloudtrail", b"correlation")):
        return [n.decode("utf-8", "replace") for n in _NAME.findall(data)]
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    documents = [d for d in yaml.load_all(data, loader) if d is not None]
    for document in documents:
        if not isinstance(document, dict):
            raise TypeError("a document is no mapping")
    if documents and all(map(_elsewhere, documents)):
        return [str(d[key]) for d in documents for key in ("id", "name") if d.get(key)]
    for document in documents:
        for key in _ASIDE:
            document.pop(key, None)
        _refuse(document)
    policy = SigmaPolicy(regex_engine=_Quiet())
    read = SigmaCollection.from_dicts(documents, resolve_references=False, policy=policy)
    if not read.rules:
        raise ValueError("there is no rule in it")
    return read


def _elsewhere(document: Mapping[str, Any]) -> bool:
    """Whether a rule is of another log source: then whatever else it says is no problem of ours."""
    source = document.get("logsource")
    if not isinstance(source, dict):
        return False
    named = [source.get(key) for key in ("product", "service", "category")]
    if not any(named) or not all(isinstance(name, str) for name in named if name):
        return False
    return not _ours(named[0], named[1])


def _ours(product: str | None, service: str | None) -> bool:
    """Whether a log source is CloudTrail: older rules name the service alone."""
    names = ((product or "").lower(), (service or "").lower())
    return names in (("aws", ""), ("aws", "cloudtrail"), ("", "cloudtrail"))


def _refuse(document: Mapping[str, Any]) -> None:
    detection = document.get("detection")
    if isinstance(detection, dict):
        conditions = detection.get("condition")
        several = conditions if isinstance(conditions, list) else [conditions]
        if any("|" in str(c) for c in several):
            raise NotUnderstoodError("an aggregation after `|`; write it as a Sigma correlation")
        if "timeframe" in detection:
            raise NotUnderstoodError("a timeframe; write it as a Sigma correlation")


def _rule(given: SigmaRule, path: str, name: str) -> Rule | None:
    if not _ours(given.logsource.product, given.logsource.service):
        return None
    # Several conditions are several queries of one rule: an event of any of them is a match.
    condition = some([tree(c.parsed) for c in given.detection.parsed_condition])
    if isinstance(condition, Known) and not condition.value:
        raise NotUnderstoodError("its placeholders stand for nothing here: it can never fire")
    rule = _described(given, path, name)
    if rule.outcome == "success":
        condition = every([condition, never(Leaf(place("errorCode"), Exists()))])
    return replace(rule, condition=condition)


def _described(given: SigmaRule | SigmaCorrelationRule, path: str, name: str) -> Rule:
    own = (given.custom_attributes or {}).get("sharedline") or {}
    if not isinstance(own, dict):
        raise TypeError("`sharedline` is no mapping")
    tags = [(t.namespace.lower(), t.name.lower()) for t in given.tags or ()]
    attack = [tag for namespace, tag in tags if namespace == "attack"]
    level = given.level.name.lower() if given.level else "medium"
    return Rule(
        id=str(given.id or given.name or name),
        name=name,
        title=given.title or name,
        path=path,
        level=level if level in LEVELS else "medium",
        status=given.status.name.lower() if given.status else "",
        description=given.description or "",
        duty=str(own.get("duty", "")),
        outcome=str(own.get("outcome", "")),
        noise=str(own.get("noise", "")),
        techniques=tuple(t.upper() for t in attack if _TECHNIQUE.match(t)),
        tactics=tuple(t.replace("_", "-") for t in attack if not re.match(r"^[tsg]\d{4}", t)),
    )


def _link(
    given: SigmaCorrelationRule,
    path: str,
    name: str,
    made: list[Rule],
    places: Mapping[str, int],
    unusable: Mapping[str, str],
) -> None:
    """Adds a correlation to the rules, and to the rules it counts what it needs of their events."""
    linked: Linked = link(given)
    numbers = []
    for reference in linked.rules:
        if reference not in places:
            if unusable.get(reference) == _FOREIGN:
                raise _ForeignError(reference)
            why = unusable.get(reference, "is not there")
            raise NotUnderstoodError(f"the rule {reference!r} that it counts {why}")
        numbers.append(places[reference])
    for position, number in enumerate(numbers):
        rule = made[number]
        keys = {**rule.keys, len(made): linked.keys[position]}
        made[number] = replace(rule, keys=keys, shown=rule.shown and given.generate)
    window = replace(linked.window, rules=tuple(numbers))
    made.append(replace(_described(given, path, name), window=window))


def _named(made: list[Rule]) -> list[Rule]:
    """The one shown rule of a file has the file's name, wherever it stands in it."""
    shown: dict[str, list[int]] = {}
    for number, rule in enumerate(made):
        if rule.shown:
            shown.setdefault(rule.path, []).append(number)
    for path, numbers in shown.items():
        if len(numbers) == 1:
            made[numbers[0]] = replace(made[numbers[0]], name=Path(path).stem)
    return made
