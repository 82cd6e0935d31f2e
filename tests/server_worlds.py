"""What the small worlds of database servers have in common, and random stories in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from hypothesis import strategies as st

from models.process import Process
from sim.clock import from_seconds
from sim.engine import Kernel
from sim.network import Network
from sim.state import Entity, state

COMMON = ("kill", "power", "isolate", "heal", "hang", "proceed", "write", "quiet")
"""What can be done to a server of any kind."""

Acts = Mapping[str, tuple[object, Callable[[], object]]]
"""By its name: whether it can be done now, and how."""

Story = list[tuple[str, int, float]]
"""Acts, each on the server of this number, and the seconds that pass after it."""


class Clients(Entity):
    """Clients connected to one server, writing at a rate that a test sets."""

    rate_per_s: float = state(0.0)


class ServerWorld:
    """Servers on hosts of their own, each with clients."""

    kernel: Kernel
    network: Network
    clients: dict[str, Clients]

    def run(self, seconds: float) -> None:
        """Go on for that long."""
        self.kernel.run_until(self.kernel.now + from_seconds(seconds))

    def write(self, name: str, rate_per_s: float) -> None:
        """Have the clients of one server write at this rate from now on."""
        self.clients[name].rate_per_s = rate_per_s
        self.kernel.settle()

    def isolate(self, name: str, by: int = 1) -> None:
        """Drop everything to and from a host (``by=-1``: heal)."""
        for path in self.network.around(name):
            path.dropping += by


def stories(acts: Sequence[str]) -> st.SearchStrategy[Story]:
    """Return stories of up to 25 acts on three servers."""
    step = st.tuples(st.sampled_from(acts), st.integers(0, 2), st.floats(0.0, 90.0))
    return st.lists(step, max_size=25)


def common_acts(world: ServerWorld, name: str, process: Process) -> Acts:
    """Return what can be done to the process, the host and the clients of a server."""
    host = process.host

    def power_cycle() -> None:
        host.power_off()
        host.power_on()

    cut_off = all(path.dropping for path in world.network.around(name))
    return {
        "kill": (process.alive, process.kill),
        "power": (not host.down, power_cycle),
        "isolate": (True, lambda: world.isolate(name)),
        "heal": (cut_off, lambda: world.isolate(name, -1)),
        "hang": (process.alive and not process.hung, process.hang),
        "proceed": (process.hung > 0, process.proceed),
        "write": (True, lambda: world.write(name, 50.0)),
        "quiet": (True, lambda: world.write(name, 0.0)),
    }
