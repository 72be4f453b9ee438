"""Is anyone looking: who read which logs and when, from the trail itself."""
