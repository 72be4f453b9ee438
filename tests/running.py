"""Runs the command line in the test's own process, as a shell would."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from sharedline.cli.main import main


class Ended(NamedTuple):
    """How a run of the command line ended: its exit code and what it wrote."""

    code: int
    out: str
    err: str


Run = Callable[..., Ended]


def runner(
    capsys: pytest.CaptureFixture[str], *before: object, after: tuple[object, ...] = ()
) -> Run:
    """What runs `sharedline` with words before and after those given; a traceback fails the test."""

    def run(*arguments: object) -> Ended:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in (*before, *arguments, *after)])
        shown = capsys.readouterr()
        assert "Traceback" not in shown.err
        return Ended(int(ended.value.code or 0), shown.out, shown.err)

    return run
