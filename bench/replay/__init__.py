"""Collection of the example estate from recorded answers, with a set latency, over 17 Regions."""

from bench.replay.run import main

__all__ = ["main"]
