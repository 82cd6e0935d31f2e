"""What the harness of the measurements did besides the fault, repeated in simulated trials.

Source: ``tests/fidelity/data/redis-real``, README "Set-up" and "Caveats".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from experiments.inject.trial import Attach, Trial
from models.sentinel.timers import INFO_CYCLE_NS
from sim.clock import from_seconds
from sim.watch import Watch

Measured = Sequence[Mapping[str, str]]
"""The rows of a configuration's CSV."""

_STRIDE: Final = 61
"""The measured trials are taken in steps of this, coprime to their number: any number of simulated
trials then has the mixture of the measured ones."""

_INFO_AFTER_S: Final = (16.5, 17.5)
"""From the end of the wait for a cluster that is complete to an INFO of its Sentinels, s.

A trial waited until every Sentinel knew the replicas, which it learns by INFO; then for the time
in column ``settle``; then 3 to 4 s for the writer. So how long it settled says where in its cycle
of 10 s an INFO was when the fault struck. The 17.0 s are read off C1_crash_da5 and C3_hostA_down:
+promoted-slave comes early where an INFO fell between the fault and +odown (C1, settled for 16 to
17 s and for more than 21.7 s) or in the last second before it (C3, for 21.0 to 22.9 s) and nowhere
else. The second is that of the writer.
"""


def restarter(measured: Measured) -> Attach:
    """Restart the old master as the harness did, one measured trial after another.

    A fixed 4 s after it had seen the switch in trials 0 to 99, a random time after it in 100 to
    159 (README "Caveats"): the same time after the simulated run's own first switch.
    """

    def attach(trial: Trial) -> None:
        kernel = trial.world.kernel
        (store,) = trial.world.redis.values()
        old = store.first_master
        rank = kernel.claim_rank("inject/harness/restart")
        row = _row_of(trial, measured)
        wait_ns = from_seconds(float(row["t_restart"]) - float(row["switch_first"]))

        def switched() -> bool:
            return any(one.master != old.address for one in trial.sentinels)

        def restart(_: bool) -> None:
            kernel.call_at(kernel.now + wait_ns, rank, old.process.start)

        Watch(kernel, "inject/harness/switched", switched, restart, initial=False)

    return attach


def info_after_settling(measured: Measured) -> Attach:
    """Let INFO be where the measured trial's settling time puts it when the fault strikes."""

    def attach(trial: Trial) -> None:
        stream = trial.world.kernel.stream("inject", "harness", "info")
        low_s, high_s = _INFO_AFTER_S
        after_s = stream.uniform() * (high_s - low_s) + low_s
        due_s = after_s - float(_row_of(trial, measured)["settle"])
        first_ns = (trial.fault_ns + from_seconds(due_s)) % INFO_CYCLE_NS
        for sentinel in trial.sentinels:
            for view in sentinel.views:
                view.count_info_from(first_ns)

    return attach


def _row_of(trial: Trial, measured: Measured) -> Mapping[str, str]:
    return measured[trial.order.replication * _STRIDE % len(measured)]
