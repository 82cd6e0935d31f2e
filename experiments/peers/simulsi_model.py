"""SimulSI: a process a node on its engine, with its own streams and laws."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from experiments.peers.question import MTBF_H, MTTR_H, NEEDED, NODES, YEAR_H, Found, found_of


def ask(replications: int, seed: int) -> Found:
    """Simulate so many years."""
    shares = [_down_h(seed + number) / YEAR_H for number in range(replications)]
    return found_of(np.array(shares))


def _down_h(seed: int) -> float:
    from simulsi import Simulation
    from simulsi.randomness import Exponential

    sim = Simulation(seed=seed)
    life, fix = Exponential(mean=MTBF_H), Exponential(mean=MTTR_H)
    system = {"up": float(NODES), "since_h": 0.0, "down_h": 0.0}

    def node(_: Any, name: str) -> Iterator[float]:
        stream = sim.stream(name)
        while True:
            yield life.sample(stream)
            system["up"] -= 1
            if system["up"] == NEEDED - 1:
                system["since_h"] = sim.now
            yield fix.sample(stream)
            system["up"] += 1
            if system["up"] == NEEDED:
                system["down_h"] += sim.now - system["since_h"]

    for number in range(NODES):
        sim.process(node(sim, f"node-{number}"))
    sim.run(until=YEAR_H)
    if system["up"] < NEEDED:
        system["down_h"] += YEAR_H - system["since_h"]
    return system["down_h"]
