"""The measuring instruments of the real set-up: what they add to the moment that they measure.

Source: ``tests/fidelity/data/redis-real``, README "Set-up", and the columns named below. Nothing
of this is part of a model; simulated milestones pass through it only to be compared with measured
ones, and every delay is keyed to the trial.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from sim.engine import Kernel

ADDRESS_POLL_S: Final = 0.05
"""get-master-addr-by-name is polled each 50 ms at all live Sentinels in one go (Set-up)."""

WRITE_POLL_S: Final = 0.02
"""SET is polled each 20 ms at every replica (Set-up)."""

# The promotion kills the poll's connection: one poll finds it closed, the next reconnects, and in
# 3 of 4 cases one more goes by. Measured (new_master_first_write - slaveof_noone_sent of
# C1_crash_da5): quartiles 0.042, 0.049, 0.054 s, extremes 0.024 and 0.063.
_WRITE_LATE_S: Final = 0.002
_P_ONE_POLL_MORE: Final = 0.75


@dataclass(frozen=True)
class Setup:
    """How one configuration was measured.

    ``role_poll_s``: how often the old master is asked for its ROLE. Not stated, but the readings
    lie 0.05 to 0.10 s after +convert-to-slave in C1 and C7 (the conversion kills the connection,
    which costs one poll) and 0.02 to 0.04 s after it in C6. ``writer_stops_s``: when the writer
    was stopped if no failover had come, s since the fault (``w_last_ack``).
    """

    role_poll_s: float = 0.05
    writer_stops_s: float = math.inf


AS_USUAL: Final = Setup()
"""The set-up of most configurations."""


class Instruments:
    """The instruments of one trial; times in s since its first fault."""

    def __init__(self, kernel: Kernel, setup: Setup) -> None:
        self.setup = setup
        stream = kernel.stream("inject", "instruments")
        self._address_phase_s = stream.uniform() * ADDRESS_POLL_S
        self._role_phase_s = stream.uniform() * setup.role_poll_s
        self._write_s = _WRITE_LATE_S + WRITE_POLL_S * (1 + stream.uniform())
        if stream.uniform() < _P_ONE_POLL_MORE:
            self._write_s += WRITE_POLL_S

    def address_read(self, changed_s: float) -> float:
        """Return when the poll of the Sentinels reads an address that changed at ``changed_s``."""
        return _next_poll(changed_s, self._address_phase_s, ADDRESS_POLL_S)

    def first_write(self, promoted_s: float) -> float:
        """Return when a polled SET first succeeds on a server promoted at ``promoted_s``."""
        return promoted_s + self._write_s

    def role_read(self, changed_s: float, *, killed: bool = False) -> float:
        """Return when the poll of the old master reads a change of role or link.

        ``killed``: the change has closed the poll's connection, which costs one poll.
        """
        period_s = self.setup.role_poll_s
        return _next_poll(changed_s, self._role_phase_s, period_s) + killed * period_s


def _next_poll(at_s: float, phase_s: float, period_s: float) -> float:
    return phase_s + math.ceil((at_s - phase_s) / period_s) * period_s
