"""Incident mode: one incident at a time from the world at rest, the rare ones forced.

A run of a year spends itself on incidents that are alike. Here each incident is simulated by
itself, how it begins is chosen, and weights undo the choice: so that those which decide a rare
metric come often.

    metrics.py     what can be estimated
    conditions.py  when it is exact, and what says that it is not
    chances.py     how an incident begins: nature's chances, and ours
    rest.py        the state of a world at rest
    stream.py      many incidents one after the other, in one world
    table.py       weighted incidents as columns: states, strata, means
    estimate.py    the mean a year, with its interval
    study.py       a pilot that learns the chances, and the main part
    render.py      tables and rows
"""

from experiments.incident_mode.conditions import NotExact
from experiments.incident_mode.estimate import Estimate
from experiments.incident_mode.metrics import METRICS, Metric, metric_of
from experiments.incident_mode.study import IncidentStudy, Order, run_incident_study

__all__ = [
    "METRICS",
    "Estimate",
    "IncidentStudy",
    "Metric",
    "NotExact",
    "Order",
    "metric_of",
    "run_incident_study",
]
