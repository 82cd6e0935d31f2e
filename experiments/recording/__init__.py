"""Turning a run into records: seconds by class, incidents, failovers, writes."""
