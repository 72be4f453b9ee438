"""Thresholds from history: what a rule would have cost, and what keeps it within a budget."""
