"""How long Linux itself waits: the only time-outs that bound a mysqlfailover of 2015.

Source: ``mysqlfailover.md`` section 1.4. Neither the tool nor Connector/Python sets a time-out, so
a connect ends by the SYN retries (or ARP), and a query on a connection whose peer has vanished by
``tcp_retries2``.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Final

from sim.clock import NS_PER_S, from_seconds

# RTO of an established connection on a LAN: 200 ms at the least, doubled up to 120 s
# (include/net/tcp.h: TCP_RTO_MIN, TCP_RTO_MAX); the 16 waits of tcp_retries2 = 15 add to 924.6 s.
_FIRST_RTO_NS: Final = from_seconds(0.2)
_LONGEST_RTO_NS: Final = 120 * NS_PER_S

# A neighbour that does not answer: three ARP requests a second apart, then EHOSTUNREACH
# (net.ipv4.neigh.*.mcast_solicit = 3, retrans_time_ms = 1000).
ARP_TRIES_NS: Final = (0, NS_PER_S, 2 * NS_PER_S)
ARP_GIVES_UP_NS: Final = 3 * NS_PER_S


def syn_tries_ns(retries: int) -> tuple[int, ...]:
    """Return when each SYN of one connect is sent, ns after the first."""
    return tuple((2**turn - 1) * NS_PER_S for turn in range(retries + 1))


def syn_gives_up_ns(retries: int) -> int:
    """Return when a connect into silence fails, ns: 127 s for 6 retries, 63 s for 5."""
    return int((2 ** (retries + 1) - 1) * NS_PER_S)


def segment_tries_ns(retries2: int) -> tuple[int, ...]:
    """Return when an unacknowledged segment is sent again, ns, and last when TCP gives up."""
    waits = (min(_FIRST_RTO_NS << turn, _LONGEST_RTO_NS) for turn in range(retries2 + 1))
    return tuple(accumulate(waits))
