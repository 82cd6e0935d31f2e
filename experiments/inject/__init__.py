"""Trials: a design at rest is struck by ordered faults; the milestones of what follows."""
