"""What a Consul deployment is configured with, under Consul's own option names.

``era: "2015"`` is consul v0.5.2 (memberlist, serf and raft as pinned by it); ``era: "new"`` is
v1.19.2 (``consul.md`` section 0). What an era fixes is a property here and not an option.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from models.spec import Duration, Name, PositiveDuration, StrictModel
from sim.clock import from_seconds

Era = Literal["2015", "new"]
Status = Literal["passing", "warning", "critical"]
Script = Literal["three-conditions", "role-only", "yield"]

# A script check that names no timeout is given 30 s (consul.md section 1.1, both eras).
_SCRIPT_TIMEOUT_NS = from_seconds(30)
# An HTTP check without one (section 1.1, both eras).
_HTTP_TIMEOUT_NS = from_seconds(10)


class CheckSpec(StrictModel):
    """One script check. ``id`` defaults to ``name``; ``status`` is the status before the first run.

    ``script`` chooses the body: the deck's ``three-conditions``, or the variants ``role-only``
    (without condition 1) and ``yield`` (fail if any *other* host is listed), ``consul.md``
    sections 10.1 and 10.5. ``script_run_time`` is how long it runs after it has read DNS and role.
    """

    kind: ClassVar[str] = "check"
    name: Name
    id: Name | None = None
    interval: PositiveDuration = from_seconds(30)
    timeout: PositiveDuration | None = None
    status: Status = "critical"
    script: Script = "three-conditions"
    script_run_time: Duration = from_seconds(0.1)

    @property
    def check_id(self) -> str:
        """The id under which the agent keeps it."""
        return self.id or self.name

    @property
    def interval_ns(self) -> int:
        """The interval, never below 1 s: Consul raises it silently (``consul.md`` section 1.1)."""
        return max(self.interval, from_seconds(1))

    def timeout_ns(self, era: Era) -> int:
        """How long a run may take; 2015 ignores ``timeout`` for scripts (section 1.1)."""
        if era == "2015" or self.timeout is None:
            return _SCRIPT_TIMEOUT_NS
        return self.timeout

    @property
    def run_time_ns(self) -> int:
        """How long a run takes that is answered."""
        return self.script_run_time


class HttpCheckSpec(StrictModel):
    """One HTTP check of an application on the agent's own host (``consul.md`` section 1.1).

    ``id`` and ``status`` as for a script. ``latency`` is how long the application takes to
    answer; it belongs to the application, so there is no default.
    """

    kind: ClassVar[str] = "http-check"
    name: Name
    id: Name | None = None
    interval: PositiveDuration = from_seconds(30)
    timeout: PositiveDuration | None = None
    status: Status = "critical"
    latency: Duration

    @property
    def check_id(self) -> str:
        """The id under which the agent keeps it."""
        return self.id or self.name

    @property
    def interval_ns(self) -> int:
        """The interval, never below 1 s (section 1.1)."""
        return max(self.interval, from_seconds(1))

    def timeout_ns(self, era: Era) -> int:
        """How long an answer may take: ``timeout``, or 10 s.

        2015 takes no timeout as long as the interval, and never waits longer than one (section
        1.1).
        """
        if era == "new":
            return self.timeout or _HTTP_TIMEOUT_NS
        if self.timeout is not None and self.timeout < self.interval_ns:
            return self.timeout
        return min(_HTTP_TIMEOUT_NS, self.interval_ns)

    @property
    def run_time_ns(self) -> int:
        """How long a run takes that is answered."""
        return self.latency


class GossipSpec(StrictModel):
    """memberlist's LAN settings (``consul.md`` section 2.1); None: the era's default."""

    kind: ClassVar[str] = "gossip"
    probe_interval: PositiveDuration = from_seconds(1)
    suspicion_mult: int | None = Field(default=None, ge=1)


class ConsulSpec(StrictModel):
    """``servers`` are the hosts whose agent runs in server mode; all other agents are clients.

    ``raft_multiplier`` None is the era's default: 1 in 2015 (not settable then), 5 in new
    (``consul.md`` section 5.1). ``commit_time`` is RPC, raft and fsync of one catalogue write
    (section 1.2: 5 to 50 ms). ``external_nodes`` are registered at the start: the name of each
    node without an agent, and the host to which it points (section 4).
    """

    kind: ClassVar[str] = "consul"
    era: Era = "2015"
    servers: tuple[Name, ...] = Field(min_length=1)
    raft_multiplier: int | None = Field(default=None, ge=1, le=10)
    datacenter: Name = "dc1"
    gossip: GossipSpec = GossipSpec()
    commit_time: Duration = from_seconds(0.05)
    external_nodes: dict[Name, Name] = Field(default={})

    @property
    def multiplier(self) -> int:
        """The factor on all raft timers."""
        if self.raft_multiplier is not None:
            return self.raft_multiplier
        return 1 if self.era == "2015" else 5

    @property
    def suspicion_multiplier(self) -> int:
        """The suspicion mult: 5 in 2015, 4 since 0.9 (``consul.md`` section 2.1)."""
        if self.gossip.suspicion_mult is not None:
            return self.gossip.suspicion_mult
        return 5 if self.era == "2015" else 4
