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
LONGEST_LOG: Final = 20_000


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
    """Knobs turned by drawn events, and tickers, alarms and watches that turn further knobs.

    Whatever happens is a line of ``log``, so that a test can also see what a seed has exercised.
    """

    def __init__(self, kernel: Kernel, seed: int) -> None:
        self.kernel = kernel
        self.log: Log = []
        draw = Streams(seed, 0).stream("shape")
        self.draw = draw
        self.knobs = tuple(Knob(kernel, f"knob/{n}") for n in range(draw.between(2, 6)))
        self.lower = tuple(
            Lower(kernel, f"lower/{n}", tuple(self._knob() for _ in range(draw.between(1, 4))))
            for n in range(2)
        )
        self.upper = Upper(kernel, "upper", self.lower, self.knobs[0])
        self.watches: list[Watch[int]] = []
        self.alarms = tuple(Alarm(kernel, f"alarm/{n}") for n in range(2))
        for n in range(draw.between(2, 7)):
            self._ticker(n)
        for n in range(draw.between(0, 6)):
            self._watch(n)
        self._turns(seed)

    def turn_from_outside(self) -> None:
        """Change and read things in no event at all, as whoever builds a world does."""
        for _ in range(self.draw.between(0, 4)):
            knob = self._knob()
            knob.value = self.draw.between(0, 4)
            self._note("outside", self.upper.chosen)
            knob.other = self.draw.between(0, 3)
        if self.draw.between(0, 2):
            self.alarms[0].arm(self.kernel.now + self.draw.between(0, 4))

    def _note(self, what: str, value: int) -> None:
        self.log.append((self.kernel.now, what, value))
        # Ten times the longest: a kernel that is broken on purpose may never get past an instant.
        assert len(self.log) < LONGEST_LOG, "the model does not come to an end"

    def _knob(self) -> Knob:
        return self.draw.choice(self.knobs)

    def _reading(self) -> Callable[[], int]:
        """Return a random short-circuiting condition over cells and alarms."""
        a, b = self._knob(), self._knob()
        alarm = self.draw.choice(self.alarms)
        level = self.draw.between(0, 3)
        forms: tuple[Callable[[], int], ...] = (
            lambda: a.value > level and b.value != a.other,
            lambda: a.value == level or self.upper.chosen > level,
            lambda: alarm.due and a.other != b.value,
            lambda: self.knobs[a.value % len(self.knobs)].other == level,
            lambda: self.lower[b.other % 2].smallest < a.value,
            lambda: self.upper.chosen % 2 == b.other % 2,
        )
        return self.draw.choice(forms)

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
        grid = self.draw.choice(kinds)
        self._note(f"grid {type(grid).__name__}", n)
        return grid

    def _ticker(self, n: int) -> None:
        guard, target = self._reading(), self._knob()
        modulus = self.draw.between(2, 5)
        after = self._aftermath(f"tick/{n}", modulus, lambda: ticker)

        def act() -> None:
            if not guard():
                return
            self._note(f"tick/{n}", self.upper.chosen)
            target.value = (target.value + 1) % modulus
            # In the middle of the event: cells that have just become out of date are read.
            self._note("middle", self.upper.chosen + self.lower[1].smallest)
            after(target)

        ticker = Ticker(self.kernel, f"tick/{n}", self._grid(n), guard, act)

    def _aftermath(
        self, path: str, modulus: int, ticker: Callable[[], Ticker]
    ) -> Callable[[Knob], None]:
        """Return what else a tick does, drawn once."""
        alarm = self.draw.choice(self.alarms)
        soon = self._soon(path, lambda other: (other + 1) % 3)

        def arm(_: Knob) -> None:
            self._note("arm", alarm.due)
            alarm.arm(self.kernel.now + modulus - 2)

        def disarm(_: Knob) -> None:
            self._note("disarm", alarm.due)
            alarm.disarm()

        def turn(target: Knob) -> None:
            target.other = (target.other + 1) % modulus

        def regrid(_: Knob) -> None:
            self._note("regrid", modulus)
            ticker().regrid(Regular(self.kernel.now + modulus - 2, modulus))

        def retire(_: Knob) -> None:
            self._note("retire", modulus)
            ticker().retire()
            if self.watches:
                self.watches[0].retire()

        return self.draw.choice((arm, arm, disarm, turn, turn, soon, soon, regrid, retire))

    def _soon(self, path: str, turned: Callable[[int], int]) -> Callable[[Knob], None]:
        """Return a zero-delay cascade: an event of another rank at this very instant."""
        rank = self.kernel.claim_rank(f"soon/{path}")

        def cascade(target: Knob) -> None:
            def turn() -> None:
                self._note(f"soon/{path}", target.value)
                target.other = turned(target.other)

            self.kernel.call_at(self.kernel.now, rank, turn)

        return cascade

    def _watch(self, n: int) -> None:
        """Watch something; reactions only ever raise, so that settling comes to an end."""
        reading, target = self._reading(), self._knob()
        alarm, wait = self.draw.choice(self.alarms), self.draw.between(1, 4)
        kind = self.draw.between(0, 4)
        soon = self._soon(f"watch/{n}", lambda other: max(other, 2))

        def react(new: int) -> None:
            self._note(f"watch/{n}", int(new))
            if kind == 0 and new:
                target.other = max(target.other, 2)
            elif kind == 1 and new:
                target.value = max(target.value, wait)
            elif kind == 2 and new:
                alarm.arm(self.kernel.now + wait)
            elif kind == 3 and new:
                soon(target)

        self.watches.append(Watch(self.kernel, f"watch/{n}", reading, react, initial=0))

    def _turns(self, seed: int) -> None:
        """Schedule the drawn events from outside that start everything."""
        draw = Streams(seed, 1).stream("turns")
        for n in range(25):
            knob = draw.choice(self.knobs)
            value, at = draw.between(0, 4), draw.between(0, 150)

            def turn(knob: Knob = knob, value: int = value, n: int = n) -> None:
                self._note(f"turn/{n}", value)
                knob.value = value

            self.kernel.call_at(at, self.kernel.claim_rank(f"turn/{n}"), turn)


def run_model(seed: int, engine: Engine) -> Log:
    """Return the log of the random model ``seed`` under ``engine``."""
    kernel = Kernel(engine=engine, seed=seed)
    model = RandomModel(kernel, seed)
    model.turn_from_outside()
    kernel.run_until(80)
    model.turn_from_outside()
    kernel.run_until(160)
    return model.log
