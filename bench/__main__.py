"""Runs the benchmarks named on the command line, or all of them."""

from __future__ import annotations

import importlib
import sys

from bench.machine import describe

NAMES = ("cli", "checks", "replay", "iam", "trail", "detect", "evidence", "package",
         "pages_data", "pages", "room")


def main(argv: list[str]) -> int:
    """Runs each benchmark in turn; an unknown name is refused with the known ones."""
    unknown = [name for name in argv if name not in NAMES]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}; there are: {', '.join(NAMES)}.")
        return 2
    for name in argv or NAMES:
        print(f"== {name}: {describe()}", flush=True)
        importlib.import_module(f"bench.{name}").main()
        print(flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
