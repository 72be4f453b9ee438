"""Who can do what over a whole scan: the estate, bulk answers, administrators, explanations."""
