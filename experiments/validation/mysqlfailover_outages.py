"""How long an outage must last to cause a needless failover: the published probabilities.

Source: ``mysqlfailover.md`` section 1.5 (console, interval 15 s) and ``deck.md`` section 3.2e (the
1.5.3 daemon, errors returned at once, 0.05 s a query).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from experiments.validation.mysqlfailover_bench import Bench, Trouble
from models.mysqlfailover.spec import MysqlFailoverSpec, QueryTimes
from sim.clock import from_seconds


@dataclass(frozen=True)
class Outages:
    """One kind of outage: pairs of (length in s, percent of the phases that fail over).

    ``rounding_share``: half the last digit of what is published, where a difference may hang on it.
    """

    title: str
    spec: MysqlFailoverSpec
    trouble: Trouble
    false_percent: tuple[tuple[float, float], ...]
    delay_s: float = 0.0
    rounding_share: float = 0.0

    def bench(self, lasts_s: float) -> Bench:
        """Return the set-up with an outage of that length."""
        routed = self.trouble == "silence"
        return Bench(self.spec, self.trouble, routed=routed, lasts_s=lasts_s, delay_s=self.delay_s)


def _spec(retries: int = 6) -> MysqlFailoverSpec:
    return MysqlFailoverSpec(
        master="master", slaves=("slave",), failover_mode="fail", tcp_syn_retries=retries
    )


# A connect that fails after 3 s is one with a single SYN retry: that is what the published closed
# form reckons with, and not ARP, whose third request comes 1 s later than the last SYN.
OUTAGES: Final = (
    Outages(
        "mysqld restarts, its port refuses meanwhile",
        _spec(),
        "crash",
        (
            *((5, 0), (9, 16), (15, 16), (20, 16), (24, 34), (26, 44), (28, 56)),
            *((30, 66), (32, 78), (35, 94), (38, 100)),
        ),
    ),
    Outages(
        "the network is cut, a connect fails after 3 s",
        _spec(1),
        "silence",
        ((35, 0), (42, 12), (45, 28), (48, 44), (50, 56), (55, 83), (60, 83)),
    ),
    Outages(
        "the network is cut, a connect fails after 63 s",
        _spec(5),
        "silence",
        ((400, 0), (440, 56), (465, 83)),
    ),
    Outages(
        "the network is cut, a connect fails after 127 s",
        _spec(6),
        "silence",
        ((800, 0), (880, 83)),
    ),
)

# deck.md says 0.05 s a query, also for one that fails (its least detection is 9.2 s: a query and
# three connects), and not how many there are: two in the alive check, about two for errant
# transactions, four on the master and two on the slave are assumed.
DECK_SPEC: Final = MysqlFailoverSpec(
    master="master",
    slaves=("slave",),
    failover_mode="fail",
    version="1.5.3",
    daemon=True,
    query_times=QueryTimes(
        alive_check=from_seconds(0.1),
        errant_check=from_seconds(0.1),
        report_master=from_seconds(0.2),
        report_slaves=from_seconds(0.1),
    ),
)

DECK: Final = Outages(
    "the talk's 1.5.3 daemon, errors at once",
    DECK_SPEC,
    "crash",
    ((5, 0), (8, 9), (10, 15), (15, 16), (20, 16), (22, 19), (24, 31), (26, 43), (30, 67)),
    delay_s=0.025,
    # Published as 0.67 for 30 s, from another bench than the table of section 1.5 (deck.md 3.2e).
    rounding_share=0.005,
)

DECK_DETECTION: Final = (9.2, 28.4, 39.5)
"""Least, mean and longest time from a killed mysqld to the verdict, s."""
