"""RePyability: a repairable block diagram, simulated.

Its mean is exact where parts are independent, as here; what is timed are the simulated years behind
its other results.
"""

from __future__ import annotations

import numpy as np

from experiments.peers.question import MTBF_H, MTTR_H, NEEDED, NODES, YEAR_H, Found, found_of


def ask(replications: int, seed: int) -> Found:
    """Simulate so many years."""
    import surpyval
    from repyability.rbd.repairable_rbd import RepairableRBD

    law = surpyval.Exponential.from_params
    names = [f"node-{number}" for number in range(NODES)]
    edges = [("in", name) for name in names] + [(name, "out") for name in names]
    parts = {
        name: {"reliability": law([1 / MTBF_H]), "repairability": law([1 / MTTR_H])}
        for name in names
    }
    diagram = RepairableRBD(edges, parts, k={"out": NEEDED})
    result = diagram.availability(YEAR_H, mc_samples=replications, seed=seed, n_jobs=1)
    return found_of(1 - np.asarray(result.uptimes, dtype=np.float64) / YEAR_H)
