"""Random models that exercise the kernel alone, on a time grid so coarse that ties are the rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sim.alarm import Alarm
from sim.engine import Engine, Kernel
from sim.grid import Grid, Paired, Regular, RoundedUp, Shuffled
from sim.state import Entity, computed, state
from sim.streams import Stream, Streams
from sim.ticker import Ticker
from sim.watch import Watch

Log = list[tuple[int, str, int]]


class Knob(Entity):
    """A bit of state that events turn, and that guards read."""

    value: int = state(0)
    other: int = state(0)


class Lower(Entity):
    """A first layer of computed cells over knobs."""

    knobs: Final[tuple[Knob, ...]]

    def __init__(self, kernel: Kernel, path: str, knobs: tuple[Knob, ...]) -> None:
        super().__init__(kernel, path)
        self.knobs = knobs

    @computed
    def smallest(self) -> int:
        """Changes seldom although its inputs change often."""
        return min(knob.value for knob in self.knobs)


class Upper(Entity):
    """A second layer, which reads the first through a changing index."""

    lower: Final[tuple[Lower, ...]]
    knob: Final[Knob]

    def __init__(self, kernel: Kernel, path: str, lower: tuple[Lower, ...], knob: Knob) -> None:
        super().__init__(kernel, path)
        self.lower = lower
        self.knob = knob

    @computed
    def chosen(self) -> int:
        """Reads another cell each time the knob is turned."""
        return self.lower[self.knob.other % len(self.lower)].smallest


class RandomModel:
    """Knobs turned by drawn events, and tickers, alarms and watches that turn further knobs."""

    def __init__(self, kernel: Kernel, seed: int) -> None:
        self.kernel = kernel
        self.log: Log = []
        draw = Streams(seed, 0).stream("shape")
        self.draw = draw
        self.knobs = tuple(Knob(kernel, f"knob/{n}") for n in range(draw.between(2, 6)))
        self.lower = tuple(
            Lower(
                kernel,
                f"lower/{n}",
                tuple(
                    self.knobs[draw.between(0, len(self.knobs))] for _ in range(draw.between(1, 4))
                ),
            )
            for n in range(2)
        )
        self.upper = Upper(kernel, "upper", self.lower, self.knobs[0])
        self.alarms = tuple(Alarm(kernel, f"alarm/{n}") for n in range(2))
        for n in range(draw.between(2, 7)):
            self._ticker(n)
        for n in range(draw.between(0, 3)):
            self._watch(n)
        self._turns(seed)

    def _reading(self) -> Callable[[], int]:
        """Return a random short-circuiting condition over cells and alarms."""
        a, b = (self.knobs[self.draw.between(0, len(self.knobs))] for _ in range(2))
        alarm = self.alarms[self.draw.between(0, 2)]
        level = self.draw.between(0, 3)
        forms: tuple[Callable[[], int], ...] = (
            lambda: a.value > level and b.value != a.other,
            lambda: a.value == level or self.upper.chosen > level,
            lambda: alarm.due and a.other != b.value,
            lambda: self.knobs[a.value % len(self.knobs)].other == level,
            lambda: self.lower[b.other % 2].smallest < a.value,
        )
        return forms[self.draw.between(0, len(forms))]

    def _grid(self, n: int) -> Grid:
        phase, period = self.draw.between(0, 5), self.draw.between(1, 6)
        regular = Regular(phase, period)
        stream: Stream = self.kernel.stream("grid", str(n))
        kinds: tuple[Grid, ...] = (
            regular,
            regular,
            Shuffled(phase, (1, 2, 3, 1), stream),
            Paired(phase, 2, 5, stream),
            RoundedUp(Regular(phase, 7), Shuffled(1, (1, 2, 2), stream)),
        )
        return kinds[self.draw.between(0, len(kinds))]

    def _ticker(self, n: int) -> None:
        guard, target = self._reading(), self.knobs[self.draw.between(0, len(self.knobs))]
        modulus, alarm = self.draw.between(2, 5), self.alarms[self.draw.between(0, 2)]
        kind = self.draw.between(0, 4)

        def act() -> None:
            if not guard():
                return
            self.log.append((self.kernel.now, f"tick/{n}", self.upper.chosen))
            target.value = (target.value + 1) % modulus
            if kind == 0:
                alarm.arm(self.kernel.now + modulus)
            elif kind == 1:
                target.other = (target.other + 1) % modulus
            elif kind == 2:
                self._soon(n, target)
            elif modulus == 4:
                ticker.regrid(Regular(self.kernel.now + 2, modulus))

        ticker = Ticker(self.kernel, f"tick/{n}", self._grid(n), guard, act)

    def _soon(self, n: int, target: Knob) -> None:
        """A zero-delay cascade: an event of another rank at this very instant."""

        def turn() -> None:
            self.log.append((self.kernel.now, f"soon/{n}", target.value))
            target.other = (target.other + 1) % 3

        self.kernel.call_at(self.kernel.now, self.kernel.claim_rank(f"soon/{n}"), turn)

    def _watch(self, n: int) -> None:
        reading, target = self._reading(), self.knobs[self.draw.between(0, len(self.knobs))]

        def react(new: int) -> None:
            self.log.append((self.kernel.now, f"watch/{n}", int(new)))
            if new and target.other < 2:
                target.other += 1

        Watch(self.kernel, f"watch/{n}", reading, react, initial=0)

    def _turns(self, seed: int) -> None:
        """Schedule the drawn events from outside that start everything."""
        draw = Streams(seed, 1).stream("turns")
        for n in range(25):
            knob = self.knobs[draw.between(0, len(self.knobs))]
            value, at = draw.between(0, 4), draw.between(0, 150)

            def turn(knob: Knob = knob, value: int = value, n: int = n) -> None:
                self.log.append((self.kernel.now, f"turn/{n}", value))
                knob.value = value

            self.kernel.call_at(at, self.kernel.claim_rank(f"turn/{n}"), turn)


def run_model(seed: int, engine: Engine) -> Log:
    """Return the log of the random model ``seed`` under ``engine``."""
    kernel = Kernel(engine=engine, seed=seed)
    model = RandomModel(kernel, seed)
    kernel.run_until(160)
    return model.log
