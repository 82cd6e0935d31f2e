"""The deck's Redis check, exactly as printed: three conditions, of which one can never fire.

Source: ``consul.md`` sections 10.1 and 10.5. The script, run on each Redis host every 30 s:

1. ``host -W 1 master.<service>...``, more than one line with "has": exit 2. Without an answer
   there are 0 lines, so the condition passes whenever DNS or Consul is down (fail-open). ``host``
   asks the name server of resolv.conf and does not read /etc/hosts.
2. ``netstat -l | grep -w 6379`` is nil: exit 2. Ruby's backticks never give nil, so this never
   fires, and nothing of it is left here.
3. ``redis-cli info`` says role:master: exit 0; anything else, no answer included: exit 2.

Whether the one address listed is this host's own is not asked. ``redis-cli`` has no timeout: a
Redis that hangs holds the script up until the agent's timeout.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from models.consul.check_body import Outcome
from models.consul.names import DnsAnswer
from models.consul.spec import Script

RoleProbe = Callable[[], Literal["master", "slave", "down", "hung"]]
"""What ``redis-cli info`` on the host of the check would say; reads observable state only."""


class DeckCheck:
    """The script on one host; ``resolve`` is what ``host`` gets there for the tagged name."""

    def __init__(
        self, script: Script, host: str, resolve: Callable[[], DnsAnswer], probe: RoleProbe
    ) -> None:
        self.script = script
        self.host = host
        self.resolve = resolve
        self.probe = probe

    def outcome(self) -> Outcome:
        """Return how a run that reads DNS and role at this instant ends; pure."""
        role = self.probe()
        # The script asks DNS first; of a slave, or of no Redis, its answer changes nothing.
        if role not in ("master", "hung") or self._refused_by_dns():
            return "critical"
        return "hung" if role == "hung" else "passing"

    def hangs(self) -> bool:
        """Whether ``redis-cli`` waits for ever."""
        return self.probe() == "hung"

    def by_probe(self) -> Literal["passing", "critical"]:
        """Condition 3 alone: where a run goes on that has waited for Redis."""
        return "passing" if self.probe() == "master" else "critical"

    def _refused_by_dns(self) -> bool:
        if self.script == "role-only":
            return False
        addresses = self.resolve().addresses
        if self.script == "yield":
            return any(address != self.host for address in addresses)
        return len(addresses) > 1
