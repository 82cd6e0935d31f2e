"""SimPy as one writes it in twenty lines: a process a node, the system's downtime by hand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import simpy

from experiments.peers.question import MTBF_H, MTTR_H, NEEDED, NODES, YEAR_H, Found, found_of
from sim.streams import Stream, Streams


class _System:
    def __init__(self, env: simpy.Environment) -> None:
        self.env = env
        self.up = NODES
        self.down_h = 0.0
        self.since_h = 0.0

    def node(self, stream: Stream) -> Iterator[simpy.Event]:
        while True:
            yield self.env.timeout(-MTBF_H * np.log(stream.uniform()))
            self.up -= 1
            if self.up == NEEDED - 1:
                self.since_h = self.env.now
            yield self.env.timeout(-MTTR_H * np.log(stream.uniform()))
            self.up += 1
            if self.up == NEEDED:
                self.down_h += self.env.now - self.since_h


def ask(replications: int, seed: int) -> Found:
    """Simulate so many years."""
    shares = [_down_h(Streams(seed, number)) / YEAR_H for number in range(replications)]
    return found_of(np.array(shares))


def _down_h(streams: Streams) -> float:
    env = simpy.Environment()
    system = _System(env)
    for number in range(NODES):
        env.process(system.node(streams.stream("node", str(number))))  # type: ignore[arg-type]
    env.run(until=YEAR_H)
    if system.up < NEEDED:
        system.down_h += YEAR_H - system.since_h
    return system.down_h
