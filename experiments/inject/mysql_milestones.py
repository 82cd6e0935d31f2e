"""The milestones of a trial that concern a MySQL group: columns that begin with ``db_``.

Seconds since the first fault, absent if it did not happen; of several groups, the first one.
"""

from __future__ import annotations

from typing import Final

from experiments.building.mysql_store import MySqlStore
from experiments.inject.event_log import EventLog
from experiments.inject.trial import Trial
from sim.clock import NS_PER_S

Value = float | int | str
Milestones = dict[str, Value]

# Column -> the event in the monitor's log (``models/mysqlfailover``).
_OF_THE_MONITOR: Final = {
    "db_suspected": "master-may-be-down",
    "db_confirmed": "master-is-confirmed-down",
    "db_exec_before": "exec-before",
    "db_exec_after": "exec-after",
    "db_failover_complete": "failover-complete",
    "db_monitor_exit": "exit",
}


def mysql_milestones(trial: Trial, log: EventLog) -> Milestones:
    """Return the columns of a trial's first MySQL group; empty without one."""
    store = next(iter(trial.world.mysql.values()), None)
    if store is None:
        return {}
    row: Milestones = {
        column: event.at_s for column, name in _OF_THE_MONITOR.items() if (event := log.first(name))
    }
    row |= _names(store, log)
    old = store.first_master.address
    promoted = [event for event in log.all("role", role="master") if event.entity in store.servers]
    new = next((event for event in promoted if event.entity != old), None)
    if new is not None:
        row["db_promoted"] = new.at_s
        served_ns = trial.servers[new.entity].acks_from(trial.fault_ns)
        if served_ns is not None:
            row["db_first_write"] = (served_ns - trial.fault_ns) / NS_PER_S
    row["db_failover"] = int(new is not None)
    row["db_final_master"] = store.line.address if store.line is not None else ""
    row["db_lost"] = store.lost
    return row


def _names(store: MySqlStore, log: EventLog) -> Milestones:
    """When the master's name was taken away and given back."""
    if store.spec.published is None:
        return {}
    name = store.spec.published.master_name
    gone, back = log.first("deregister-node", node=name), log.first("register-node", node=name)
    found = {"db_name_gone": gone, "db_name_back": back}
    return {column: event.at_s for column, event in found.items() if event}
