"""What mysqlfailover is started with, under its own option names, and what its host adds.

Source: ``mysqlfailover.md`` section 1.1 (options and defaults), 1.4 (time-outs of the operating
system), 1.5 (how long the queries take). ``--connection-timeout`` is not offered, because it never
reaches the connector (section 0, fact 5), nor is what only colours the report (``--max-position``,
``--seconds-behind``, ``--report-values``).
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from models.spec import (
    AtPath,
    Duration,
    LawField,
    Name,
    PositiveDuration,
    StrictModel,
    YesNo,
)
from sim.clock import NS_PER_S, from_seconds
from sim.laws import Fixed

Version = Literal["1.5.3", "1.6.2", "1.6.5"]
FailoverMode = Literal["auto", "elect", "fail"]

# Hard-coded: the loops read the option key "pingtime", which the command line never sets
# (mysqlfailover.md section 0, facts 1 and 2).
PINGTIME_NS = 3 * NS_PER_S
ATTEMPTS = 3

# ping sends an echo a second; -w 3 ends it after 3 s whatever came back.
ECHOES = 3


def _whole_seconds(value_ns: int) -> int:
    if value_ns % NS_PER_S:
        raise ValueError("the tool takes whole seconds")
    return value_ns


def _at_least_five(value_ns: int) -> int:
    if value_ns < 5 * NS_PER_S:
        raise ValueError("the tool's own parser wants 5s or more")
    return value_ns


_Seconds = Annotated[PositiveDuration, AfterValidator(_whole_seconds)]
_Interval = Annotated[_Seconds, AfterValidator(_at_least_five)]


class QueryTimes(StrictModel):
    """How long the tool's queries take on an idle host. Not options of the tool.

    They sum to the q = 0.22 s of the executed table (``mysqlfailover.md`` section 1.5). How they
    share it is inferred from that table: 0.7 to 0.8 % of the crashes fall between the errant check
    and the last query on the master; a console's longest detection is 0.1 s below interval + 24 s,
    a daemon's 0.07 s above; one crash in 4000 fell into the alive check. ``change_master`` is for
    each slave (section 5).
    """

    kind: ClassVar[str] = "query-times"
    alive_check: PositiveDuration = from_seconds(0.005)
    errant_check: PositiveDuration = from_seconds(0.041)
    report_master: PositiveDuration = from_seconds(0.1)
    report_slaves: PositiveDuration = from_seconds(0.074)
    change_master: Duration = from_seconds(0.05)


class MysqlFailoverSpec(StrictModel):
    """One mysqlfailover. ``master``, ``slaves`` and ``candidates`` name servers, in their order.

    ``daemon``: started with ``--daemon`` and not as a console. ``discover_slaves_login``: discover
    slaves in every loop. ``tcp_syn_retries`` and ``tcp_retries2`` are sysctls of the tool's host
    (6: a connect gives up after 127 s; 15: an open connection after 924 s). ``connector_timeout``
    is what no version passes on to Connector/Python: it bounds each connect and each read.
    ``ping_answered``: no firewall drops ICMP echo. ``alias_check`` is what one round of forward and
    reverse DNS look-ups takes, of which a failover makes two (section 1.6: nothing with clean DNS,
    50 to 70 s each where reverse look-ups fail).
    """

    kind: ClassVar[str] = "mysqlfailover"
    version: Version = "1.5.3"
    daemon: YesNo = False
    master: Name
    slaves: tuple[Name, ...] = ()
    discover_slaves_login: YesNo = False
    candidates: tuple[Name, ...] = ()
    failover_mode: FailoverMode = "auto"
    interval: _Interval = 15 * NS_PER_S
    ping: _Seconds = 3 * NS_PER_S
    timeout: _Seconds = 300 * NS_PER_S
    master_fail_retry: _Seconds | None = None
    script_threshold: int | None = None
    force: YesNo = False
    pedantic: YesNo = False
    tcp_syn_retries: int = Field(default=6, ge=1, le=8)
    tcp_retries2: int = Field(default=15, ge=3, le=15)
    connector_timeout: PositiveDuration | None = None
    ping_answered: YesNo = True
    alias_check: LawField = Fixed(0.0)
    query_times: QueryTimes = QueryTimes()

    @model_validator(mode="after")
    def _as_the_parser_wants(self) -> Self:
        if not self.slaves and not self.discover_slaves_login:
            raise AtPath(("slaves",), "name the slaves, or discover-slaves-login: yes")
        if self.failover_mode == "elect" and not self.candidates:
            raise AtPath(("failover_mode",), "elect needs candidates")
        if self.master in (*self.slaves, *self.candidates):
            raise AtPath(("master",), f"{self.master} is also among its slaves or candidates")
        if self.master_fail_retry is not None:
            if self.version != "1.6.5":
                raise AtPath(("master_fail_retry",), "came with 1.6.4")
            if self.daemon:
                raise AtPath(("master_fail_retry",), "has no effect in a daemon; leave it out")
        return self

    @property
    def survives_scripts(self) -> bool:
        """Whether a script over the threshold is logged only (>= 1.6.5) and not the tool's end."""
        return self.version == "1.6.5"

    @property
    def reconnects_to_unregister(self) -> bool:
        """Whether a normal stop takes its row away although the master is disconnected."""
        return self.version == "1.6.5"
