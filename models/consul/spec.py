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


class ServiceSpec(StrictModel):
    """A service definition, the same file on each host that runs it; ``id`` defaults to name."""

    kind: ClassVar[str] = "service"
    name: Name
    id: Name | None = None
    tags: tuple[Name, ...] = ()
    check: CheckSpec


class GossipSpec(StrictModel):
    """memberlist's LAN settings (``consul.md`` section 2.1); None: the era's default."""

    kind: ClassVar[str] = "gossip"
    probe_interval: PositiveDuration = from_seconds(1)
    suspicion_mult: int | None = Field(default=None, ge=1)


class ConsulSpec(StrictModel):
    """``servers`` are the hosts whose agent runs in server mode; all other agents are clients.

    ``raft_multiplier`` None is the era's default: 1 in 2015 (not settable then), 5 in new
    (``consul.md`` section 5.1). ``commit_time`` is RPC, raft and fsync of one catalogue write
    (section 1.2: 5 to 50 ms).
    """

    kind: ClassVar[str] = "consul"
    era: Era = "2015"
    servers: tuple[Name, ...] = Field(min_length=1)
    raft_multiplier: int | None = Field(default=None, ge=1, le=10)
    datacenter: Name = "dc1"
    gossip: GossipSpec = GossipSpec()
    commit_time: Duration = from_seconds(0.05)

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
