"""Where in its cycles a Sentinel is when a run begins.

The replicas of one Sentinel are found together, so its INFOs to them fall on the same ticks; its
PINGs are independent from link to link (``roster.py``). Between Sentinels the phases are
independent once they have run for long. A cluster that was started a minute ago still remembers
the order in which it was started: cycles drift apart only by the jitter of the wait for a tick.
(In the measured clusters S2 and S3 ping half a cycle apart more often than together: mean
resultant length 0.167 +- 0.058 at 0.50 s over the 300 trials of ``C3_hostA_down``.)
"""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

from models.sentinel.spec import SentinelSpec
from models.sentinel.timers import HELLO_NS, INFO_NS, WAIT_SD_S, ping_cycle_ns
from sim.clock import NS_PER_S
from sim.streams import Stream


class Phases(NamedTuple):
    """When the first PING, INFO and hello fall due, ns."""

    ping_ns: int
    info_ns: int
    hello_ns: int


def draw_phases(stream: Stream, now_ns: int, spec: SentinelSpec, place: int) -> Phases:
    """Draw the phases of the Sentinel that was started as number ``place`` (0, 1, ...)."""
    cycle_ns = ping_cycle_ns(spec.down_after_milliseconds)
    ping_u, info_u, hello_u = stream.uniform(), stream.uniform(), stream.uniform()
    if spec.started_apart is None:
        ping_ns = round(ping_u * cycle_ns)
    else:
        turns = spec.started_ago / cycle_ns
        drift_s = NormalDist().inv_cdf(ping_u) * WAIT_SD_S * sqrt(turns)
        ping_ns = round(place * spec.started_apart + drift_s * NS_PER_S) % cycle_ns
    info_ns, hello_ns = round(info_u * INFO_NS), round(hello_u * HELLO_NS)
    return Phases(now_ns + ping_ns, now_ns + info_ns, now_ns + hello_ns)
