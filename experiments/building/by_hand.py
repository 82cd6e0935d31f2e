"""Failover by people: called when nobody accepts writes, or two do, and putting in order after."""

from __future__ import annotations

from functools import partial
from typing import Final

from experiments.building.hands import Hands
from models.operator import Operator, OperatorSpec, RestoreSpec
from sim.clock import to_seconds
from sim.laws import Fixed
from sim.repair import Crew
from sim.trace import Trace
from sim.watch import Watch


class HandPromotion:
    """The arm of comparison without automation: page, acknowledge, look, promote.

    A master that has come back meanwhile is left alone. If nobody serves afterwards either, people
    are called again after as long as before.
    """

    kind: Final = "promote"

    def __init__(self, spec: OperatorSpec, hands: Hands, crew: Crew, trace: Trace) -> None:
        self.hands = hands
        self.crew = crew
        self.job = f"{self.kind}/{hands.store.name}"
        self.patience = Fixed(to_seconds(spec.alert_after))
        self.operator = Operator(crew.kernel, self.job, trace)
        over = partial(crew.withdraw, self.job)
        self.operator.mind(self._nobody_serves, spec.alert_after, self._call, over)

    def _nobody_serves(self) -> bool:
        hands = self.hands
        return not (hands.planned or hands.store.accepting) and hands.candidate() is not None

    def _call(self) -> None:
        if self._nobody_serves() and self.job not in self.crew.open_jobs:
            self.crew.call(self.job, self._promote)

    def _promote(self) -> None:
        candidate = self.hands.candidate()
        if self.hands.store.accepting or candidate is None:
            return
        self.operator.record("promotes", server=candidate.address)
        self.hands.promote(candidate)
        if self._nobody_serves():
            # It is master and does not work; the condition has not ceased, so nothing else calls.
            self.operator.do_after(self.patience, self._call)


class TwoMasters:
    """Somebody is called when two masters accept writes, and no Sentinel will demote one."""

    kind: Final = "two-masters"

    def __init__(self, spec: OperatorSpec, hands: Hands, crew: Crew, trace: Trace) -> None:
        self.hands = hands
        self.crew = crew
        self.job = f"{self.kind}/{hands.store.name}"
        self.patience = Fixed(to_seconds(spec.alert_after))
        self.operator = Operator(crew.kernel, self.job, trace)
        over = partial(crew.withdraw, self.job)
        self.operator.mind(self._two, spec.alert_after, self._call, over)

    def _two(self) -> bool:
        return not self.hands.planned and len(self.hands.store.accepting) > 1

    def _call(self) -> bool:
        if self._two() and self.job not in self.crew.open_jobs:
            self.crew.call(self.job, self._put_right, wanted=self._two)
        return False

    def _put_right(self) -> None:
        if self._two():
            self.operator.record("puts-right", what=" ".join(self.hands.astray()))
            self.hands.put_right()
            # Nothing changes that would call again if one of them was out of reach.
            self.operator.do_after(self.patience, self._call)


class Restorer:
    """Puts a store in order some time after it has gone out of order.

    ``busy``: somebody will get round to it; what goes astray meanwhile is put right as well.
    """

    def __init__(self, spec: RestoreSpec, hands: Hands, operator: Operator) -> None:
        self.spec = spec
        self.hands = hands
        self.operator = operator
        self.busy = False
        kernel = operator.kernel
        nothing: tuple[str, ...] = ()
        Watch(kernel, f"{operator.path}/astray", hands.astray, self._seen, initial=nothing)

    def _seen(self, astray: tuple[str, ...]) -> None:
        if not astray:
            self.busy = False
            self.operator.rest()
        elif not self.busy:
            self._plan()

    def _plan(self) -> None:
        self.busy = True
        self.operator.do_after(self.spec.after, self._restore)

    def _restore(self) -> bool:
        self.busy = False
        astray = self.hands.astray()
        able = bool(astray) and bool(self.hands.store.accepting)
        if able:
            self.operator.record("restores", what=" ".join(astray))
            self.hands.put_right()
        if self.hands.astray():
            self._plan()
        return able
