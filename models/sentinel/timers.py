"""Sentinel's constants, all from ``sentinel.md`` section 1 (7.0.15; 2.8/3.0 the same)."""

from __future__ import annotations

from math import sqrt
from typing import Final

from sim.clock import NS_PER_MS, NS_PER_S, from_seconds
from sim.grid import Grid, Regular, RoundedUp, Timer

# The event loop serves its timer a little late (its wait is in whole milliseconds, rounded up, and
# other processes run): +elected-leader and SLAVEOF NO ONE come 1.4 to 2 ms a tick later than the
# gaps alone make them (means of C1_crash_da5 and C3_hostA_down: 0.218 and 0.220 s for three ticks).
_LATENESS_NS: Final = from_seconds(1.5e-3)

# The timer runs at hz drawn from 10..19 anew at each tick: 1000/hz ms, in whole milliseconds.
TICK_GAPS_NS: Final = tuple(1000 // hz * NS_PER_MS + _LATENESS_NS for hz in range(10, 20))

PING_NS: Final = NS_PER_S
INFO_NS: Final = 10 * NS_PER_S
FAST_INFO_NS: Final = NS_PER_S
HELLO_NS: Final = 2 * NS_PER_S
ASK_NS: Final = NS_PER_S
ANSWER_VALID_NS: Final = 5 * ASK_NS
RECONNECT_NS: Final = NS_PER_S
MIN_RECONNECT_NS: Final = 15 * NS_PER_S
SILENT_SUBSCRIPTION_NS: Final = 3 * HELLO_NS
MAX_DESYNC_NS: Final = NS_PER_S
MAX_ELECTION_NS: Final = 10 * NS_PER_S
RECONF_TIMEOUT_NS: Final = 10 * NS_PER_S
TILT_TRIGGER_NS: Final = 2 * NS_PER_S
TILT_NS: Final = 30 * NS_PER_S
CONVERT_WAIT_NS: Final = 4 * HELLO_NS
MASTER_SANE_INFO_NS: Final = 2 * INFO_NS
WRONG_ROLE_GRACE_NS: Final = 2 * INFO_NS
FRESH_NS: Final = 5 * PING_NS
FRESH_CALM_INFO_NS: Final = 3 * INFO_NS
FSYNCS_PER_FLUSH: Final = {"7.0": 3, "2015": 1}

_MEAN_GAP_S: Final = sum(TICK_GAPS_NS) / len(TICK_GAPS_NS) / NS_PER_S
_MEAN_SQUARE_S2: Final = sum((gap / NS_PER_S) ** 2 for gap in TICK_GAPS_NS) / len(TICK_GAPS_NS)

# Work that falls due between two ticks waits for the next one; on average the residual life of a
# gap, 38 ms (measured: PING every 1.035 s, not 1.000).
MEAN_WAIT_NS: Final = from_seconds(_MEAN_SQUARE_S2 / (2 * _MEAN_GAP_S))

_MEAN_CUBE_S3: Final = sum((gap / NS_PER_S) ** 3 for gap in TICK_GAPS_NS) / len(TICK_GAPS_NS)

# Standard deviation of that wait, 23 ms: by so much two Sentinels' cycles drift apart each turn.
WAIT_SD_S: Final = sqrt(
    _MEAN_CUBE_S3 / (3 * _MEAN_GAP_S) - (_MEAN_SQUARE_S2 / (2 * _MEAN_GAP_S)) ** 2
)

# Such cycles forget in a few minutes where they began. Those that are counted from a phase would
# never forget, so each new phase has a cycle of its own, longer or shorter by what the mean of 150
# waits may be: after 150 turns it has moved as far as a real one, whose standard deviation is then
# 0.28 s, about that of a phase of which nothing is known (a cycle of PINGs / sqrt(12), 0.30 s).
_FORGETFUL_TURNS: Final = 150
DRIFT_SD_S: Final = WAIT_SD_S / sqrt(_FORGETFUL_TURNS)

# Closed at the first tick after 15 s, opened at the tick after that.
REOPENED_EVERY_NS: Final = MIN_RECONNECT_NS + MEAN_WAIT_NS + from_seconds(_MEAN_GAP_S)

# The next turn counts from the reply and compares whole milliseconds strictly: together 6 ms a
# cycle on the measured machines (+promoted-slave - +try-failover of C3_hostA_down: median 1.044 s,
# where 1 s and the mean wait make 1.038).
TURNAROUND_NS: Final = 6 * NS_PER_MS

INFO_CYCLE_NS: Final = INFO_NS + TURNAROUND_NS + MEAN_WAIT_NS


def every(period_ns: int, phase_ns: int, ticks: Timer) -> Grid:
    """Return the ticks at which work of this period is done: due from ``phase_ns`` on, in ns.

    The real program takes the next period from the tick at which it served the last one. Counting
    mean cycles from a fixed phase has the same mean and lets a sleeper compute its next turn.
    """
    return RoundedUp(Regular(phase_ns, period_ns + TURNAROUND_NS + MEAN_WAIT_NS), ticks)


def ping_period_ns(down_after_ns: int) -> int:
    """Return how often an instance is pinged, ns: a short down-after shortens the second."""
    return min(PING_NS, down_after_ns)


def ping_cycle_ns(down_after_ns: int) -> int:
    """Return the mean time from PING to PING, ns."""
    return ping_period_ns(down_after_ns) + TURNAROUND_NS + MEAN_WAIT_NS
