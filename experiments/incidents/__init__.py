"""Incidents of a study on disk: which were the worst, what happened in one, what it needed.

worst_incidents   the worst by a column, as a table; reads any study with little memory
find_incident     the row of an incident, by its id or the beginning of one
replay            runs its run again: trace, timeline, post-mortem
Replay            what a replay gives; its row is exactly the stored one
shrink            the fewest of its faults that still cause it
Shrunk            those faults, and how many runs it took to find them
IncidentError     what the caller can put right, in one line
NotReproduced     a run that came out otherwise than the study has it
"""

from experiments.incidents.errors import IncidentError, NotReproduced
from experiments.incidents.listing import find_incident, worst_incidents
from experiments.incidents.replaying import Replay, replay
from experiments.incidents.shrinking import Shrunk, shrink

__all__ = [
    "IncidentError",
    "NotReproduced",
    "Replay",
    "Shrunk",
    "find_incident",
    "replay",
    "shrink",
    "worst_incidents",
]
