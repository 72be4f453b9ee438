"""Improvement items: proposed from what went wrong, claimed by people, closed by scans only."""

from sharedline.exercise.improve.model import Improvement, Step
from sharedline.exercise.improve.propose import DAYS, propose
from sharedline.exercise.improve.store import any_there, change, claim, items
from sharedline.exercise.improve.verify import Change, after_scan, verify

__all__ = [
    "DAYS",
    "Change",
    "Improvement",
    "Step",
    "after_scan",
    "any_there",
    "change",
    "claim",
    "items",
    "propose",
    "verify",
]
