"""The embedded control system of the PRISM benchmarks (``failures.md`` section 2.7).

Sensors feed an input processor, that a main processor, that an output processor with actuators.
Every minute (in the mean) the main processor looks whether it has completed a cycle since the last
time-out; three skipped in a row shut the system down. Input and output processors have transient
faults that a reboot ends. How requests are passed on is that of the published model (Muppala,
Ciardo and Trivedi 1994; prism-benchmarks ``embedded.sm``); its time-outs are a ticker here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.validation.exact.markov import Chain
from experiments.validation.exact.model import Family, Model
from experiments.validation.exact.parts import board_of, exponential_h, hours, wear
from experiments.validation.exact.poisson_grid import PoissonGrid
from experiments.validation.exact.row import Row, Samples, mean_of, share_of
from sim.clock import NS_PER_S
from sim.engine import Kernel
from sim.faults import Effect
from sim.laws import Fixed
from sim.metering import StateMeter
from sim.state import Entity, state
from sim.ticker import Ticker

MAX_COUNT: Final = 2
SENSORS, LEAST_SENSORS = 3, 2
ACTUATORS, LEAST_ACTUATORS = 2, 1
PROCESSOR_H: Final = 365 * 24.0
SENSOR_H: Final = 30 * 24.0
ACTUATOR_H: Final = 60 * 24.0
TRANSIENT_H: Final = 24.0
REBOOT_H: Final = 30 / 3600
CYCLE_NS: Final = 60 * NS_PER_S
BOUND_H: Final = 12.0

OK, REBOOTING, BROKEN = 2, 1, 0
"""What an input or output processor can be, numbered as in the published model."""


class System(NamedTuple):
    """All that the system is: parts that work, skipped cycles, and who waits for whom.

    ``complete``: a cycle was completed since the last time-out; ``asks``: the input processor has
    data for the main one; ``owed``: the output processor has instructions waiting.
    """

    sensors: int = SENSORS
    entry: int = OK
    actuators: int = ACTUATORS
    outlet: int = OK
    main: bool = True
    skipped: int = 0
    complete: bool = True
    asks: bool = True
    owed: bool = False

    @property
    def reads(self) -> bool:
        """Whether the input processor delivers."""
        return self.entry == OK and self.sensors >= LEAST_SENSORS

    @property
    def writes(self) -> bool:
        """Whether the output processor takes instructions."""
        return self.outlet == OK and self.actuators >= LEAST_ACTUATORS

    @property
    def condition(self) -> str:
        """``up``, ``danger`` (a reboot is under way), or the cause of the shut-down."""
        if not self.main:
            return "main"
        if self.skipped > MAX_COUNT:
            return "I/O"
        if self.entry == OK and self.sensors < LEAST_SENSORS:
            return "sensors"
        if self.outlet == OK and self.actuators < LEAST_ACTUATORS:
            return "actuators"
        return "danger" if REBOOTING in (self.entry, self.outlet) else "up"

    def timed_out(self) -> System:
        """Return what a time-out of the main processor makes of it."""
        acts = self.asks and self.main
        return self._replace(
            skipped=0 if self.complete else min(self.skipped + 1, MAX_COUNT + 1),
            complete=acts and not self.owed,
            asks=self.reads or (self.asks and (self.owed or not self.main)),
            owed=not self.writes and (self.owed or acts),
        )

    def entry_rebooted(self) -> System:
        """Return it with the input processor up again: it has data to deliver."""
        return self._replace(
            entry=OK,
            complete=self.complete or (self.main and not self.owed),
            asks=True,
            owed=not self.writes and (self.owed or self.main),
        )

    def outlet_rebooted(self) -> System:
        """Return it with the output processor up again: it takes what was waiting."""
        return self._replace(
            outlet=OK,
            complete=self.complete or (self.asks and self.main),
            asks=self.reads or (self.asks and not self.main),
            owed=False,
        )


DOWN: Final = ("sensors", "actuators", "I/O", "main")


def is_down(system: System) -> bool:
    """Return whether the system has shut down."""
    return system.condition in DOWN


def _rates(system: System) -> Iterator[tuple[float, System]]:
    """Rates an hour. A processor without enough sensors or actuators neither fails nor reboots."""
    if system.sensors >= LEAST_SENSORS:
        yield system.sensors / SENSOR_H, system._replace(sensors=system.sensors - 1)
    if system.actuators:
        yield system.actuators / ACTUATOR_H, system._replace(actuators=system.actuators - 1)
    if system.main:
        yield 1 / PROCESSOR_H, system._replace(main=False)
    if system.sensors >= LEAST_SENSORS and system.entry != BROKEN:
        yield 1 / PROCESSOR_H, system._replace(entry=BROKEN)
        if system.entry == OK:
            yield 1 / TRANSIENT_H, system._replace(entry=REBOOTING)
        else:
            yield 1 / REBOOT_H, system.entry_rebooted()
    if system.actuators >= LEAST_ACTUATORS and system.outlet != BROKEN:
        yield 1 / PROCESSOR_H, system._replace(outlet=BROKEN)
        if system.outlet == OK:
            yield 1 / TRANSIENT_H, system._replace(outlet=REBOOTING)
        else:
            yield 1 / REBOOT_H, system.outlet_rebooted()
    yield 3600 * NS_PER_S / CYCLE_NS, system.timed_out()


def chain_of(until: Callable[[System], bool] = lambda _: False) -> Chain[System]:
    """Return the system as a Markov chain that begins with everything good."""
    return Chain(System(), _rates, until=until)


@cache
def exact() -> dict[str, float]:
    """Return the exact value of each figure, by the name of its row."""
    chain = chain_of(until=is_down)
    spent_h, ends = chain.absorption()
    soon, _ = chain.transient(BOUND_H)

    def in_condition(condition: str) -> float:
        return float(spent_h @ chain.where(lambda one: one.condition == condition))

    values = {"hours up": in_condition("up"), "hours in danger": in_condition("danger")}
    for cause in DOWN:
        failed = chain.where(lambda one, cause=cause: one.condition == cause)  # type: ignore[misc]
        values[f"P(shut down by {cause})"] = float(ends @ failed)
        values[f"P(by {cause}, in {BOUND_H:g} h)"] = float(soon @ failed)
    values[f"P(any, in {BOUND_H:g} h)"] = float(soon @ chain.where(is_down))
    return values


PRINTED: Final = {
    "P(shut down by sensors)": ".621383703683",
    "P(shut down by actuators)": ".0876781903733",
    "P(shut down by I/O)": ".242520582774",
    "P(shut down by main)": ".0484175231698",
    "hours up": "423.844317281",
    "hours in danger": ".293185686242",
    "P(any, in 12 h)": ".009035237302",
    "P(by I/O, in 12 h)": ".006797071997",
    "P(by main, in 12 h)": ".0013638819",
    "P(by sensors, in 12 h)": ".0008058411396",
    "P(by actuators, in 12 h)": "6.844226e-5",
}


class Controller(Entity):
    """The system on the kernel: faults and time-outs change it until it has shut down."""

    system: System = state(System())

    def become(self, system: System) -> None:
        """Change, unless it has shut down."""
        if not is_down(self.system):
            self.system = system

    def time_out(self) -> None:
        """Let the main processor's timer expire."""
        self.become(self.system.timed_out())

    def would_matter(self) -> bool:
        """Return whether a time-out would change anything."""
        return not is_down(self.system) and self.system.timed_out() != self.system

    def lose_sensor(self) -> None:
        """Lose a sensor; with too few the last one does not count any more."""
        if self.system.sensors >= LEAST_SENSORS:
            self.become(self.system._replace(sensors=self.system.sensors - 1))

    def lose_actuator(self) -> None:
        """Lose an actuator."""
        self.become(self.system._replace(actuators=self.system.actuators - 1))

    def lose_main(self) -> None:
        """Lose the main processor."""
        self.become(self.system._replace(main=False))

    def strike_entry(self, into: int) -> None:
        """Break the input processor, or have it reboot."""
        if self.system.sensors >= LEAST_SENSORS and self.system.entry > into:
            self.become(self.system._replace(entry=into))

    def strike_outlet(self, into: int) -> None:
        """Break the output processor, or have it reboot."""
        if self.system.actuators >= LEAST_ACTUATORS and self.system.outlet > into:
            self.become(self.system._replace(outlet=into))

    def mend_entry(self) -> None:
        """End the input processor's reboot, if that is still under way."""
        if self.system.entry == REBOOTING and self.system.sensors >= LEAST_SENSORS:
            self.become(self.system.entry_rebooted())

    def mend_outlet(self) -> None:
        """End the output processor's reboot, if that is still under way."""
        if self.system.outlet == REBOOTING and self.system.actuators >= LEAST_ACTUATORS:
            self.become(self.system.outlet_rebooted())


_FOR_EVER: Final = Fixed(1e11)
"""How long what nobody repairs stays broken: three thousand years."""

_STRIDE_H: Final = 250.0


def _add_faults(kernel: Kernel, controller: Controller) -> None:
    board = board_of(kernel)

    def breaks(target: str, mean_h: float, begin: Callable[[], object]) -> None:
        effect = Effect(begin, lambda: None)
        wear(kernel, board, target, effect, exponential_h(mean_h), lasts=_FOR_EVER)

    def reboots(target: str, begin: Callable[[], object], end: Callable[[], object]) -> None:
        every, lasts = exponential_h(TRANSIENT_H), exponential_h(REBOOT_H)
        wear(kernel, board, target, Effect(begin, end), every, lasts=lasts, cause="transient")

    for number in range(SENSORS):
        breaks(f"sensor/{number}", SENSOR_H, controller.lose_sensor)
    for number in range(ACTUATORS):
        breaks(f"actuator/{number}", ACTUATOR_H, controller.lose_actuator)
    breaks("main", PROCESSOR_H, controller.lose_main)
    breaks("entry", PROCESSOR_H, partial(controller.strike_entry, BROKEN))
    breaks("outlet", PROCESSOR_H, partial(controller.strike_outlet, BROKEN))
    reboots("entry", partial(controller.strike_entry, REBOOTING), controller.mend_entry)
    reboots("outlet", partial(controller.strike_outlet, REBOOTING), controller.mend_outlet)


def _run(until_h: float, kernel: Kernel) -> list[float]:
    """Hours up, hours in danger, and the number of the cause of the shut-down; -1 if none.

    Ends with the shut-down, or when ``until_h`` hours have passed without one.
    """
    controller = Controller(kernel, "controller")
    _add_faults(kernel, controller)
    grid = PoissonGrid(CYCLE_NS, kernel.stream("controller", "time-outs"))
    Ticker(kernel, "controller/time-out", grid, controller.would_matter, controller.time_out)
    meter = StateMeter(kernel, "condition", lambda: controller.system.condition, "up")
    end_ns = hours(until_h)
    while not is_down(controller.system) and kernel.now < end_ns:
        kernel.run_until(min(kernel.now + hours(_STRIDE_H), end_ns))
    up_h, danger_h = (meter.totals_ns.get(one, 0) / hours(1) for one in ("up", "danger"))
    condition = controller.system.condition
    return [up_h, danger_h, DOWN.index(condition) if condition in DOWN else -1]


def _share_row(name: str, happened: NDArray[np.bool_]) -> Row:
    value = exact()[name]
    share = share_of(happened.astype(np.float64), value)
    return Row(name, value, *share, printed=PRINTED[name])


def _rows(samples: Samples) -> list[Row]:
    up_h, danger_h, cause = samples.T
    shares = [
        _share_row(f"P(shut down by {name})", cause == number) for number, name in enumerate(DOWN)
    ]
    times = [
        Row(name, exact()[name], *mean_of(seen), "h", PRINTED[name])
        for name, seen in (("hours up", up_h), ("hours in danger", danger_h))
    ]
    return [*shares, *times]


def _soon_rows(samples: Samples) -> list[Row]:
    cause = samples[:, -1]
    rows = [_share_row(f"P(any, in {BOUND_H:g} h)", cause >= 0)]
    for number, name in enumerate(DOWN):
        rows.append(_share_row(f"P(by {name}, in {BOUND_H:g} h)", cause == number))
    return rows


FAMILY: Final = Family(
    f"PRISM embedded control system, MAX_COUNT {MAX_COUNT}",
    (
        Model("embedded-control", partial(_run, 1e6), _rows, 10_000, 150),
        Model("embedded-control/soon", partial(_run, BOUND_H), _soon_rows, 75_000, 1500),
    ),
)
