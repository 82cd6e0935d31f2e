"""Failover by people: they are called when nobody accepts writes, and promote the stand-by."""

from __future__ import annotations

from experiments.building.hands import Hands
from models.operator import Operator, OperatorSpec, RestoreSpec
from sim.repair import Crew
from sim.trace import Trace
from sim.watch import Watch


class HandPromotion:
    """The arm of comparison without automation: page, acknowledge, look, promote.

    A master that has come back meanwhile is left alone; a stand-by that is not there either is
    looked for again after as long as it took to be called.
    """

    def __init__(self, spec: OperatorSpec, hands: Hands, crew: Crew, trace: Trace) -> None:
        self.hands = hands
        self.crew = crew
        self.job = f"promote/{hands.store.name}"
        self.operator = Operator(crew.kernel, self.job, trace)
        self.operator.mind(self._nobody_serves, spec.alert_after, self._call)

    def _nobody_serves(self) -> bool:
        return not self.hands.store.accepting and self.hands.candidate() is not None

    def _call(self) -> None:
        if self.job not in self.crew.open_jobs:
            self.crew.call(self.job, self._promote)

    def _promote(self) -> None:
        candidate = self.hands.candidate()
        if self.hands.store.accepting or candidate is None:
            return
        self.operator.record("promotes", server=candidate.address)
        self.hands.promote(candidate)


class Restorer:
    """Puts a store in order some time after it has gone out of order."""

    def __init__(self, spec: RestoreSpec, hands: Hands, operator: Operator) -> None:
        self.spec = spec
        self.hands = hands
        self.operator = operator
        kernel = operator.kernel
        nothing: tuple[str, ...] = ()
        Watch(kernel, f"{operator.path}/astray", hands.astray, self._seen, initial=nothing)

    def _seen(self, astray: tuple[str, ...]) -> None:
        if astray:
            self.operator.do_after(self.spec.after, self._restore)
        else:
            self.operator.rest()

    def _restore(self) -> None:
        astray = self.hands.astray()
        if astray and self.hands.store.accepting:
            self.operator.record("restores", what=" ".join(astray))
            self.hands.put_right()
        if self.hands.astray():
            self.operator.do_after(self.spec.after, self._restore)
