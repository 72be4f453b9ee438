"""What runs by itself: scans, notices and tickets at their times, one at a time, each run kept."""
