"""What every request passes: keys, limits, log, counters, headers, kept answers."""
