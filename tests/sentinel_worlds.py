"""Trials of ``sentinel-3-hosts``: hosts a, b, c with a Sentinel and a Redis each, master on a."""

from __future__ import annotations

from experiments.catalogue import load_design
from experiments.inject.event_log import Event, EventLog
from experiments.inject.trial import Attach, Trial, TrialOrder, parse_script, run_trial
from sim.clock import NS_PER_S
from sim.engine import Engine


def trial(
    *faults: str,
    until_s: int,
    replication: int = 0,
    sets: tuple[str, ...] = (),
    engine: Engine = "fast",
    attach: tuple[Attach, ...] = (),
) -> Trial:
    """Run the design with these values changed, under this script."""
    _, spec = load_design("sentinel-3-hosts", sets)
    order = TrialOrder(spec, parse_script(spec, faults), until_s * NS_PER_S, 0, replication, engine)
    return run_trial(order, *attach)


def log_of(done: Trial) -> EventLog:
    """Return what was logged from the first fault on, in seconds since then."""
    return EventLog(done.world.trace.records, done.fault_ns)


def only(event: Event | None) -> Event:
    """Return an event that must have happened."""
    assert event is not None
    return event
