"""Composes a scenario from a scan: its own gaps as the story, or a library scenario recast."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sharedline import __version__
from sharedline.duties.catalogue import load as load_duties
from sharedline.errors import ConfigError, Error
from sharedline.exercise import gather, library
from sharedline.exercise.cast import recast
from sharedline.exercise.model import Made, Scenario
from sharedline.exercise.names import Names
from sharedline.exercise.read import of_data, plain, written
from sharedline.exercise.tell import Telling
from sharedline.exercise.truths import Runbook, Truths
from sharedline.model import NOBODY
from sharedline.results import Results

GAPS = "gaps"
#: The kinds of the injects of a story, in order; what a scan has none of is told as unmet.
STORY = ("incident", "unmet", "unmet", "path", "unowned", "unmet", "runbook", "unverified")
LEAST, MOST = 20, 240


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for."""

    source: str = GAPS
    team: str = ""
    seed: int = 1
    mask: bool = False
    minutes: int = 60
    name: str = ""


def new(results: Results, wish: Wish, runbooks: Sequence[Runbook] = ()) -> Scenario:
    """A scenario for the estate as the scan saw it; the same for the same scan and wish."""
    truths = Truths(results, runbooks)
    if wish.team and wish.team not in {*truths.register.teams, NOBODY}:
        known = ", ".join(sorted(truths.register.teams)) or "none"
        raise ConfigError(f"There is no team {wish.team!r}.", f"Teams of owners.toml: {known}.")
    names = Names(masked=wish.mask)
    # Chosen for a story, not for a secret.
    chance = random.Random(f"{wish.source} {wish.team} {wish.seed}")  # noqa: S311
    if wish.source == GAPS:
        if not LEAST <= wish.minutes <= MOST:
            raise ConfigError(
                f"{wish.minutes} minutes are no exercise.", f"Give {LEAST} to {MOST}."
            )
        made, harmless = _of_gaps(truths, wish, names, chance), ""
    else:
        template = library.load(wish.source)
        harmless = written(template)
        made = recast(template, truths, names, chance, wish.team)
    made = replace(made, id=wish.name or _name(results, wish), made=_made(results, wish))
    whole = of_data(plain(made), made.id)
    accounts = {*results.manifest.accounts, *_accounts(results)}
    names.refuse_leaks(written(whole), accounts, harmless)
    return whole


def _accounts(results: Results) -> set[str]:
    sql = "select distinct account_id as a from finding where account_id is not null"
    return {r["a"] for r in results.duck.query(sql).to_pylist() if len(r["a"]) > 3}


def _name(results: Results, wish: Wish) -> str:
    parts = [wish.source, *([wish.team.lower()] if wish.team else [])]
    word = "-".join("".join(c if c.isalnum() and c.isascii() else "-" for c in p) for p in parts)
    return f"{word[:40].strip('-')}-{results.manifest.as_of:%Y%m%d}-{wish.seed}"


def _made(results: Results, wish: Wish) -> Made:
    return Made(
        source=wish.source,
        scan=results.manifest.id,
        as_of=results.manifest.as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
        seed=wish.seed,
        team=wish.team,
        masked=wish.mask,
        version=__version__,
    )


def _of_gaps(truths: Truths, wish: Wish, names: Names, chance: random.Random) -> Scenario:
    chosen = choose(candidates(truths, wish.team), chance)
    if len(chosen) < 3:
        raise Error(
            f"The scan has {len(chosen)} gap(s) to tell: too few for a story.",
            "Choose a scenario of the library: `sharedline exercise library`.",
        )
    chosen = [gather.shown(truths, m, wish.team) if m.source == "cell" else m for m in chosen]
    return Telling(truths, names, wish.minutes, wish.team).scenario(chosen)


def candidates(truths: Truths, team: str = "") -> dict[str, list[gather.Material]]:
    """All that the scan has to tell, by kind."""
    results = truths.results
    return {
        "unmet": gather.unmet(results, team),
        "path": gather.paths(results),
        "incident": gather.incidents(results),
        "unowned": gather.cells(truths, "unowned", team),
        "unverified": gather.cells(truths, "unverified", team),
        "runbook": [
            m if m.duty in load_duties().duties else replace(m, duty="response.procedures")
            for m in gather.untested(truths.runbooks, results.manifest.as_of.date())
        ],
    }


def choose(
    found: Mapping[str, Sequence[gather.Material]], chance: random.Random
) -> list[gather.Material]:
    """One for each place of the story, the weighty rather, no duty twice while there are others."""
    left: dict[str, list[Any]] = {kind: list(items) for kind, items in found.items()}
    out: list[gather.Material] = []
    for wanted in STORY:
        kind = wanted if left.get(wanted) else "unmet"
        pool = left.get(kind, [])
        seen = {m.duty for m in out}
        fresh = [m for m in pool if m.duty not in seen] or pool
        if not fresh:
            continue
        taken = chance.choices(fresh, [m.weight for m in fresh])[0]
        pool.remove(taken)
        out.append(taken)
    return out
