"""How a run went, as numbers that open: parts, weights, teams, agreement, calibration."""

from sharedline.exercise.score.model import (
    PARTS,
    TITLES,
    Agreed,
    Band,
    Part,
    Row,
    Score,
    Targets,
    TeamScore,
)
from sharedline.exercise.score.total import score

__all__ = [
    "PARTS",
    "TITLES",
    "Agreed",
    "Band",
    "Part",
    "Row",
    "Score",
    "Targets",
    "TeamScore",
    "score",
]
