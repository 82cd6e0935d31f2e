"""What others get to read of a Sentinel: its log, and the address of the master.

It does one thing at a time: what it notes down after a flush is written when the flush has ended
(``sentinel.c`` of 7.0: ``sentinelVoteLeader``, ``sentinelProcessHelloMessage`` and
``sentinelRefreshInstanceInfo`` flush first and tell afterwards, a switch is told first), and a
client that asks meanwhile is answered then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sim.engine import Kernel
from sim.state import Entity, state
from sim.watch import Watch

if TYPE_CHECKING:
    from models.sentinel.peer_view import PeerView
    from models.sentinel.redis_view import RedisView
    from models.sentinel.sentinel import Sentinel


class Voice(Entity):
    """``master`` is the answer to ``get-master-addr-by-name``."""

    sentinel: Final[Sentinel]
    change: Final[Watch[str]]
    master: str = state("")

    def __init__(self, kernel: Kernel, sentinel: Sentinel) -> None:
        super().__init__(kernel, f"{sentinel.name}/voice")
        self.sentinel = sentinel
        self.master = sentinel.current_master
        self.change = Watch(
            kernel,
            f"{self.path}/master",
            lambda: sentinel.current_master,
            lambda _: sentinel.desk.say(self.speak_anew),
            initial=self.master,
        )

    def speak_anew(self) -> None:
        """Name the master that it believes in now."""
        self.master = self.sentinel.current_master

    def record(self, event: str, about: RedisView | PeerView | None, **more: object) -> None:
        """Log an event under the name that the real log gives it, as soon as it is free."""
        fields: dict[str, object] = {}
        if about is not None:
            fields = {"role": about.role, "name": about.address}
        sentinel = self.sentinel
        trace, kernel = sentinel.process.host.trace, sentinel.kernel
        sentinel.desk.say(lambda: trace.add(kernel.now, sentinel.name, event, **fields, **more))

    def retire(self) -> None:
        """Say no more."""
        self.change.retire()
