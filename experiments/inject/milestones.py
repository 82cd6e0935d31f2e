"""The milestones of a trial: one row, in the columns in which real failovers were measured.

Names and meanings are those of ``tests/fidelity/data/redis-real`` (README "Columns"): seconds
since the first fault, absent if it did not happen. ``S1_...`` is the process ``s1@...``.
"""

from __future__ import annotations

from typing import Final

from experiments.inject.event_log import EventLog
from experiments.inject.instruments import AS_USUAL, Instruments, Setup
from experiments.inject.mysql_milestones import mysql_milestones
from experiments.inject.trial import Trial
from sim.clock import NS_PER_S

Value = float | int | str
Milestones = dict[str, Value]

# Column -> the real log's event; "_first" and "_last" where more than one Sentinel may log it.
# SLAVEOF NO ONE is sent at the tick that goes on to wait for the promotion.
_ONCE: Final = {
    "elected": "+elected-leader",
    "selected_slave": "+selected-slave",
    "slaveof_noone_sent": "+failover-state-wait-promotion",
    "promoted": "+promoted-slave",
    "reconf_sent": "+slave-reconf-sent",
    "reconf_done": "+slave-reconf-done",
    "failover_end": "+failover-end",
    "convert_first": "+convert-to-slave",
}
_BY_SENTINEL: Final = {
    "odown": "+odown",
    "try": "+try-failover",
    "elected": "+elected-leader",
    "promoted": "+promoted-slave",
    "switch": "+switch-master",
    "convert": "+convert-to-slave",
}
_HOST_FAULTS: Final = ("down", "hang", "isolate")


def milestones(trial: Trial, setup: Setup = AS_USUAL) -> Milestones:
    """Return the row of a trial, as the instruments of ``setup`` would have read it.

    The measured columns are of the first Redis group, those of ``mysql_milestones`` of the first
    MySQL group; a design without data stores has none.
    """
    log = EventLog(trial.world.trace.records, trial.fault_ns)
    redis = _redis_milestones(trial, log, setup) if trial.world.redis else {}
    return redis | mysql_milestones(trial, log)


def _redis_milestones(trial: Trial, log: EventLog, setup: Setup) -> Milestones:
    instruments = Instruments(trial.world.kernel, setup)
    row = _detection(trial, log) | _sentinel_columns(trial, log)
    row |= _visible_addresses(trial, log, instruments)
    row |= _two_masters(trial, log, instruments, row)
    row |= _writes(trial, log, setup)
    return row | _counts(trial, log)


def _detection(trial: Trial, log: EventLog) -> Milestones:
    row: Milestones = {}
    downs = log.all("+sdown", role="master", name=trial.old_master)
    several = {"sdown": downs, "odown": log.all("+odown"), "try": log.all("+try-failover")}
    several["switch"] = log.all("+switch-master")
    for column, events in several.items():
        if events:
            row[f"{column}_first"], row[f"{column}_last"] = events[0].at_s, events[-1].at_s
    for column, name in _ONCE.items():
        if event := log.first(name):
            row[column] = event.at_s
    return row


def _sentinels(trial: Trial) -> dict[str, str]:
    """Return the columns' prefixes (``S1``) of the Sentinel processes (``s1@a``)."""
    return {one.name: one.name.partition("@")[0].upper() for one in trial.sentinels}


def _sentinel_columns(trial: Trial, log: EventLog) -> Milestones:
    row: Milestones = {}
    master = trial.old_master
    for process, prefix in _sentinels(trial).items():
        found = {
            column: log.first(name, entity=process) for column, name in _BY_SENTINEL.items()
        } | {
            "sdown": log.first("+sdown", entity=process, role="master", name=master),
            "unsdown": log.first("-sdown", entity=process, role="master", name=master),
            "sdown_replica": log.first("+sdown", entity=process, role="slave"),
            "sdown_sentinel": log.first("+sdown", entity=process, role="sentinel"),
        }
        row |= {f"{prefix}_{column}": event.at_s for column, event in found.items() if event}
    return row


def _visible_addresses(trial: Trial, log: EventLog, instruments: Instruments) -> Milestones:
    """The new address: at the leader from +promoted-slave on, at the others from +switch-master.

    First and last leave out the Sentinels of a host that was struck: the polls did not reach them.
    """
    row: Milestones = {}
    struck = {fault.target for fault in trial.order.faults if fault.kind in _HOST_FAULTS}
    in_touch = []
    for process, prefix in _sentinels(trial).items():
        promoted = log.first("+promoted-slave", entity=process)
        switched = log.first("+switch-master", entity=process)
        changed = min((event.at_s for event in (promoted, switched) if event), default=None)
        if changed is not None:
            row[f"{prefix}_addr_visible"] = read = instruments.address_read(changed)
            if process.partition("@")[2] not in struck:
                in_touch.append(read)
    if in_touch:
        row["addr_visible_first"], row["addr_visible_last"] = min(in_touch), max(in_touch)
    return row


def _two_masters(
    trial: Trial, log: EventLog, instruments: Instruments, known: Milestones
) -> Milestones:
    """The new master's first write; the old one's return, demotion and link."""
    row: Milestones = {}
    old = trial.old_master
    if "slaveof_noone_sent" in known:
        begun = [
            at_ns
            for address, meter in trial.servers.items()
            if address != old and (at_ns := meter.accepts_from(trial.fault_ns)) is not None
        ]
        if begun:
            writable_s = (min(begun) - trial.fault_ns) / NS_PER_S
            row["new_master_first_write"] = instruments.first_write(writable_s)
    demotion = log.first("role", entity=old, role="slave")
    if demotion is None:
        return row
    demoted_s = instruments.role_read(demotion.at_s, killed=True)
    row["old_demoted"] = demoted_s
    returns = {
        "restart": log.first("started", entity=old),
        "cont": log.first("resumed", entity=old),
        "heal": log.first("fault-end", kind="isolate") or log.first("fault-end", kind="cut"),
    }
    for how, event in returns.items():
        if event:
            row[f"demote_after_{how}"] = demoted_s - event.at_s
    linked = [event.at_s for event in log.all("link-up", entity=old) if event.at_s >= demotion.at_s]
    if linked:
        row["old_link_up"] = linked_s = instruments.role_read(linked[0])
        if back := returns["restart"]:
            row["linkup_after_restart"] = linked_s - back.at_s
    served = [start for start, _ in trial.servers[old].accepting if start < trial.end_ns]
    if served and "new_master_first_write" in row:
        back_s = (served[-1] - trial.fault_ns) / NS_PER_S
        row["dual_master_s"] = demoted_s - max(back_s, float(row["new_master_first_write"]))
    return row


def _writes(trial: Trial, log: EventLog, setup: Setup) -> Milestones:
    """Acknowledged writes: of the writer on the old master, and of one that follows its restart.

    What is lost was acknowledged last: by the old master after its restart (``ret_lost``), else
    after the fault, and only then before it. A restart without a failover is the exception: it
    loses what was there before.
    """
    meter = trial.servers[trial.old_master]
    back = log.first("started", entity=trial.old_master)
    failed_over = log.first("+switch-master") is not None
    stop_ns = trial.end_ns
    if not failed_over:
        stop_ns = min(stop_ns, trial.fault_ns + round(min(setup.writer_stops_s, 1e6) * NS_PER_S))
    back_ns = trial.fault_ns + round(back.at_s * NS_PER_S) if back else trial.end_ns
    acked_before = meter.acked(0, trial.fault_ns)
    acked_until_back = meter.acked(trial.fault_ns, min(back_ns, stop_ns))
    acked_back = meter.acked(back_ns, stop_ns)
    lost = trial.store.lost if trial.store is not None else 0.0
    row: Milestones = {
        "w_acked_before_fault": acked_before,
        "w_acked_after_fault": acked_until_back + (0 if failed_over else acked_back),
    }
    if back is not None and failed_over:
        row["ret_lost"] = returned_lost = min(lost, acked_back)
        lost -= returned_lost
    after = 0.0 if back is not None and not failed_over else min(lost, acked_until_back)
    return row | {"lost_before_fault": lost - after, "lost_after_fault": after}


def _counts(trial: Trial, log: EventLog) -> Milestones:
    tries = log.all("+try-failover")
    master = trial.old_master
    row: Milestones = {
        "failover": int(bool(log.all("+switch-master"))),
        "n_try": len(tries),
        "n_switch": len(log.all("+switch-master")),
        "n_sdown": len(log.all("+sdown", role="master", name=master)),
        "n_unsdown": len(log.all("-sdown", role="master", name=master)),
        "final_master": _final_master(trial),
    }
    if tries:
        # Whoever tries has just logged the epoch that it opened.
        epochs = [log.all("+new-epoch", entity=one.entity) for one in tries]
        opened = [
            max((e for e in own if e.at_s <= one.at_s), key=lambda e: e.at_s).words["epoch"]
            for one, own in zip(tries, epochs, strict=True)
        ]
        row["n_candidates_first_epoch"] = opened.count(opened[0])
        failed = log.first("-failover-abort-not-elected")
        won = log.first("+elected-leader")
        row["first_election_failed"] = int(
            failed is not None and (won is None or failed.at_s < won.at_s)
        )
    return row


def _final_master(trial: Trial) -> str:
    """Return the address that most of the running Sentinels give at the end."""
    running = [one.answer for one in trial.sentinels if one.process.running]
    return max(sorted(set(running)), key=running.count, default="")
