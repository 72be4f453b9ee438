"""After an incident: the events that belong together, and whose gap allowed them."""
