"""What dnsmasq runs under, and how long a restart of it takes: ``consul.md`` section 7."""

from __future__ import annotations

from typing import ClassVar, Final, Literal

from models.spec import StrictModel
from sim.clock import NS_PER_S
from sim.laws import Fixed, Law, Uniform

Init = Literal["bare", "sysv-debian", "rhel", "systemd"]

# From the end of the old process to the first answer of the new one, measured on 7 lines: median
# 11 to 12 ms (section 7, [E]).
_PROCESS_S: Final = 0.0115
# The Debian script sleeps 2 s between stop and start (section 7, [S]).
_DEBIAN_SLEEP_S: Final = 2.0

GAPS: Final[dict[Init, Law]] = {
    "bare": Fixed(_PROCESS_S),
    "sysv-debian": Fixed(_DEBIAN_SLEEP_S + _PROCESS_S),
    # No sleep in it (section 7, [K]: general knowledge).
    "rhel": Fixed(_PROCESS_S),
    # With the configuration check and the auxiliary scripts: 0.05 to 0.3 s (section 7, [K]).
    "systemd": Uniform(0.05, 0.3),
}
"""How long the port is closed during a restart, by init system."""

STOP_TIMEOUT_NS: Final[dict[Init, int]] = {
    # Section 7: the Debian script waits up to 30 s for TERM; the other scripts are taken to do the
    # same. systemd's is DefaultTimeoutStopSec, 90 s (systemd-system.conf(5)).
    "bare": 30 * NS_PER_S,
    "sysv-debian": 30 * NS_PER_S,
    "rhel": 30 * NS_PER_S,
    "systemd": 90 * NS_PER_S,
}
"""How long a process that does not react is asked to end before it is killed."""

START_LIMIT_BURST: Final = 5
START_LIMIT_INTERVAL_NS: Final = 10 * NS_PER_S
"""systemd starts a unit at most so often in that time, restarts by hand included (section 7)."""


class DnsmasqSpec(StrictModel):
    """``init``: what ``service dnsmasq restart`` goes through, ``bare`` being the process alone.

    There is no default: 2015 has sysv-debian (a hole of 2 s) and rhel beside each other.
    """

    kind: ClassVar[str] = "dnsmasq"
    init: Init
