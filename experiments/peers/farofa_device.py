"""farofa knows no k of n: it is asked for the years of three single devices, which is less."""

from __future__ import annotations

import numpy as np

from experiments.peers.question import MTBF_H, MTTR_H, NODES, YEAR_H, Found, found_of


def ask(replications: int, seed: int) -> Found:
    """Simulate so many years of three devices; the share is that of one of them."""
    import farofa

    shares = []
    for number in range(NODES):
        device = farofa.SimpleDevice()
        device.set_failure_dist("exponential", 1 / MTBF_H)
        device.set_repair_dist("exponential", 1 / MTTR_H)
        device.set_mission_time(YEAR_H)
        result = device.simulate(reps=replications, seed=seed + number)
        shares.append(1 - np.asarray(result.availability_per_rep, dtype=np.float64))
    return found_of(np.concatenate(shares))
