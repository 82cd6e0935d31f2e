"""Planned swaps of master and stand-by: the rite that keeps the way of failing over in use.

Source: ``deck.md`` 2.1 (the philosophy: swap on a schedule, so that a real failover succeeds) and
section 5, row 20. Each swap costs a gap, may find that the stand-by would not have worked, and may
itself go wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from experiments.building.hands import Hands
from models.application.pool import Pool, Server
from models.operator import Operator, SwapSpec
from sim.engine import Kernel
from sim.repair import Crew
from sim.state import Entity, hidden, state
from sim.watch import Watch


class PlannedSwaps(Entity):
    """The swaps of one store; ``published``: whether its name leads to the master that serves.

    ``done``, ``skipped`` and ``wrong`` count swaps. Without a ``crew`` nobody mends one that went
    wrong.
    """

    spec: Final[SwapSpec]
    hands: Final[Hands]
    pools: Final[tuple[Pool, ...]]
    crew: Final[Crew | None]
    operator: Final[Operator]
    published: Final[Callable[[], bool]]
    rank: Final[int]
    waits_for_name: bool = state(False)
    number: int = hidden(0)
    done: int = hidden(0)
    skipped: int = hidden(0)
    wrong: int = hidden(0)

    def __init__(
        self,
        kernel: Kernel,
        spec: SwapSpec,
        hands: Hands,
        pools: tuple[Pool, ...],
        crew: Crew | None,
        operator: Operator,
        published: Callable[[], bool],
    ) -> None:
        super().__init__(kernel, f"swaps/{hands.store.name}")
        self.spec = spec
        self.hands = hands
        self.pools = pools
        self.crew = crew
        self.operator = operator
        self.published = published
        self.rank = kernel.claim_rank(self.path)
        Watch(kernel, f"{self.path}/name", self._name_is_right, self._restart_clients, False)
        # The stores take turns over the period: one person cannot swap them all at once.
        place = spec.stores.index(hands.store.name)
        self._after(spec.every + spec.every * place // len(spec.stores), self._begin)

    def _after(self, wait_ns: int, call: Callable[[], object]) -> None:
        self.kernel.call_at(self.kernel.now + wait_ns, self.rank, call)

    def _next_day(self) -> None:
        self._after(self.spec.every, self._begin)

    def _begin(self) -> None:
        """Stop writes, if all is well; in doubt the healthier way is to wait for the next date."""
        self._next_day()
        if not self.hands.ready_to_swap():
            self.skipped += 1
            self.operator.record("swap-skipped")
            return
        self.number += 1
        self.operator.acts += 1
        self.operator.record("swap-begins", number=self.number)
        self.hands.planned = True
        self.hands.stop_writes()
        stream = self.kernel.stream(self.path, "takes")
        self._after(self.spec.takes.sample_ns(stream), self._take_over)

    def _take_over(self) -> None:
        """Promote the stand-by, unless things have changed: in doubt, go back."""
        candidate = self.hands.candidate()
        ready = candidate is not None and self.hands.caught_up(candidate)
        if self.hands.store.accepting or candidate is None or not ready:
            self._give_up()
            return
        slip = self.kernel.stream(self.path, "goes-wrong").uniform_at(self.number)
        if slip < self.spec.p_goes_wrong:
            self.wrong += 1
            self.operator.record("swap-goes-wrong")
            if self.crew is not None:
                self.crew.call(f"{self.path}/{self.number}", self._mend)
            return
        self._promote(candidate)

    def _give_up(self) -> None:
        """Let writes go on where they were stopped; whoever accepts them already keeps them."""
        self.skipped += 1
        self.operator.record("swap-given-up")
        if not self.hands.store.accepting:
            self.hands.resume_writes()
        self.hands.planned = False

    def _mend(self) -> None:
        """Whoever was called finds the missed step, and takes it."""
        candidate = self.hands.candidate()
        if candidate is not None and not self.hands.store.accepting:
            self._promote(candidate)
            return
        if not self.hands.store.accepting:
            self.hands.resume_writes()
        self.hands.planned = False

    def _promote(self, server: Server) -> None:
        self.done += 1
        self.operator.record("swap-done", master=server.address)
        self._hand_over(server)

    def _hand_over(self, server: Server) -> None:
        """Make it the master, and look once more after as long as a takeover takes."""
        number = self.number
        self.hands.promote(server)
        self.waits_for_name = True
        stream = self.kernel.stream(self.path, "takes")
        self._after(self.spec.takes.sample_ns(stream), lambda: self._look_back(number))

    def _look_back(self, number: int) -> None:
        """Go back if the new master does not work, or has never become one."""
        if number != self.number:
            return
        if not self.hands.store.accepting:
            self.operator.record("swap-back")
            self.hands.resume_writes()
        twin = self.hands.candidate()
        if self.hands.store.accepting or twin is None:
            self.hands.planned = False
        else:
            self._hand_over(twin)

    def _name_is_right(self) -> bool:
        return self.waits_for_name and len(self.hands.store.accepting) == 1 and self.published()

    def _restart_clients(self, name_is_right: bool) -> None:
        """The last step: connections that still lead to the old master are broken."""
        if name_is_right:
            self.waits_for_name = False
            for pool in self.pools:
                if pool.writes_to is None:
                    pool.disconnect("swap")
            self.hands.ready_stand_by()
            self.hands.planned = False
