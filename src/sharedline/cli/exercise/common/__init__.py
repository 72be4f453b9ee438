"""What running an exercise in a terminal is made of; no verbs."""
