"""Building a world: a design under a profile, wired and ready to run."""
