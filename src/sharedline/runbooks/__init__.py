"""Response procedures: which finding each answers, whose it is, when it was tested and how."""

from sharedline.runbooks.library import Library, load
from sharedline.runbooks.model import Runbook

__all__ = ["Library", "Runbook", "load"]
