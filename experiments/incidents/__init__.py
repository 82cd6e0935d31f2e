"""Incidents of a study on disk: which were the worst, and the row of one.

worst_incidents   the worst by a column, as a table; reads any study with little memory
find_incident     the row of an incident, by its id or the beginning of one
IncidentError     what the caller can put right, in one line
"""

from experiments.incidents.errors import IncidentError
from experiments.incidents.listing import find_incident, worst_incidents

__all__ = ["IncidentError", "find_incident", "worst_incidents"]
