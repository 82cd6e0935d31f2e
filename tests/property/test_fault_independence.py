"""Failures belong to what they strike: nothing else in the world changes them."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from models.effects import effect_of
from models.fault_options import FaultOptions
from models.fault_targets import Targets
from models.host import Host
from sim.clock import NS_PER_S
from sim.engine import Kernel
from sim.fault_sources import FaultSource, source_path
from sim.faults import Effect, FaultBoard
from sim.laws import Exponential, Fixed, Weibull
from sim.network import Network
from sim.repair import Crew
from sim.trace import Trace

HORIZON_NS = 20_000 * NS_PER_S
TARGETS = ("a01", "a02", "db-1", "redis@a01")
History = dict[str, list[tuple[int, str]]]


def _private(targets: list[str]) -> History:
    """Run private faults of these targets; return each target's own history."""
    kernel, trace = Kernel(seed=5, replication=2), Trace()
    board = FaultBoard(kernel, trace)
    for target in targets:
        FaultSource(
            kernel,
            board,
            source_path("crash", target),
            "crash",
            "down",
            [(target, Effect(lambda: None, lambda: None))],
            Weibull.from_mean_shape(500.0, 0.7),
            Exponential(60.0),
        )
    kernel.run_until(HORIZON_NS)
    return _histories(trace)


def _grouped(targets: list[str]) -> History:
    """Run one common cause that strikes these targets; return each target's own history."""
    kernel, trace = Kernel(seed=5, replication=2), Trace()
    members = [(target, Effect(lambda: None, lambda: None)) for target in targets]
    board, every = FaultBoard(kernel, trace), Exponential(500.0)
    path = source_path("power", "rack")
    FaultSource(kernel, board, path, "power", "down", members, every, Exponential(60.0))
    kernel.run_until(HORIZON_NS)
    return _histories(trace)


def _histories(trace: Trace) -> History:
    histories: History = {}
    for record in trace.records:
        target = str(dict(record.fields)["target"])
        histories.setdefault(target, []).append((record.time_ns, record.event))
    return histories


@settings(max_examples=20, deadline=None)
@given(st.permutations(TARGETS), st.integers(min_value=1, max_value=4))
def test_another_target_or_order_changes_nobodys_failures(order: list[str], count: int) -> None:
    """If this fails, two designs that share a host do not see the same failures of it."""
    everything = _private(list(TARGETS))
    some = _private(order[:count])
    assert some == {target: everything[target] for target in order[:count]}
    assert all(len(history) > 10 for history in some.values())


@settings(max_examples=20, deadline=None)
@given(st.permutations(TARGETS))
def test_the_order_of_a_group_decides_nothing(order: list[str]) -> None:
    """If this fails, sorting a list in the profile changes the numbers."""
    assert _grouped(order) == _grouped(list(TARGETS))


def test_a_group_draws_a_duration_for_each_member_by_its_own_name() -> None:
    """If this fails, one more host in a rack changes how long the others take to come back."""
    one, both = _grouped(["a01"])["a01"], _grouped(["a01", "a02"])["a01"]
    # The first strike is at the same time, and takes a01 down for as long, with a02 or without;
    # later strikes wait for the last to recover.
    assert one[:2] == both[:2]
    lengths = [[end[0] - begin[0] for begin, end in pairwise(run)][::2] for run in (one, both)]
    shorter = min(map(len, lengths))
    assert shorter > 10
    assert lengths[0][:shorter] == lengths[1][:shorter]


@settings(max_examples=10, deadline=None)
@given(st.permutations(("a", "b", "c")))
def test_a_jobs_times_do_not_depend_on_the_queue(order: list[str]) -> None:
    """If this fails, a page for another host changes how long this repair takes."""
    kernel, trace = Kernel(seed=9), Trace()
    crew = Crew(kernel, "crew/all", 1, Fixed(0.0), Exponential(100.0), trace)
    for name in order:
        crew.call(name, lambda: None)
    kernel.run_until(HORIZON_NS)
    done_ns = [record.time_ns for record in trace.records if record.event == "fixed"]
    lengths = dict(zip(order, [done_ns[0], *(b - a for a, b in pairwise(done_ns))], strict=True))
    alone: dict[str, int] = {}
    for name in order:
        kernel = Kernel(seed=9)
        crew = Crew(kernel, "crew/all", 1, Fixed(0.0), Exponential(100.0), Trace())
        crew.call(name, lambda name=name, kernel=kernel: alone.setdefault(name, kernel.now))  # type: ignore[misc]
        kernel.run_until(HORIZON_NS)
    assert lengths == alone


def _blackouts(hosts: tuple[str, ...]) -> list[int]:
    """Run a lossy link between sites; return when the path a01 > b01 opened or closed."""
    kernel, trace = Kernel(seed=4), Trace()
    site_of = {host: "east" if host.startswith("a") else "west" for host in hosts}
    network = Network(kernel, site_of, lambda _one, _other: 1_000_000, lambda _a, _b: Fixed(0.1))
    machines = {name: Host(kernel, name, trace, 250_000) for name in hosts}
    options = FaultOptions(p_loss=0.3)
    effect = effect_of("wan", "loss", "east-west", Targets(machines, {}, network), options)
    FaultBoard(kernel, trace).begin("wan", "loss", "east-west", effect)
    changes: list[int] = []
    path = network.path("a01", "b01")
    was_open = True
    while kernel.peek() < 600 * NS_PER_S:
        kernel.step()
        if path.open != was_open:
            was_open = path.open
            changes.append(kernel.now)
    return changes


def test_another_host_of_the_site_changes_nobodys_black_outs() -> None:
    """If this fails, adding a replica moves the packet loss between the hosts that were there."""
    alone = _blackouts(("a01", "b01"))
    assert len(alone) > 20
    assert _blackouts(("b02", "b01", "a01", "a00")) == alone
