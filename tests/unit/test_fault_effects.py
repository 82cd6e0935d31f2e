"""The table of faults, row by row: the state of what is struck during the fault and after it."""

from pathlib import Path as FilePath
from typing import NamedTuple

import pytest

from models.effects import FAULT_KINDS, effect_of, effect_table
from models.fault_options import FaultOptions
from models.fault_targets import Targets
from models.host import Host
from models.packet_loss import RETRY_TIMES_S, try_fails
from models.process import Process
from sim.clock import NS_PER_MS, NS_PER_S, from_seconds, to_seconds
from sim.engine import Engine, Kernel
from sim.faults import Effect, Fault, FaultBoard, ScriptedFault
from sim.laws import Fixed
from sim.network import Network
from sim.trace import Trace

S = NS_PER_S
SUPERVISOR_S, BOOT_S, FSYNC_NS = 5.0, 20.0, 250_000


class Memory:
    """A program that keeps a log of its life and forgets when it stops."""

    def __init__(self) -> None:
        self.turns: list[str] = []

    def started(self) -> None:
        self.turns.append("started")

    def stopped(self) -> None:
        self.turns.append("stopped")

    def resumed(self, paused_ns: int) -> None:
        self.turns.append(f"resumed after {to_seconds(paused_ns):g}s")


class World:
    """Three hosts at two sites: a supervised and an unsupervised process on the first, one more."""

    def __init__(self, engine: Engine = "audit") -> None:
        self.kernel = Kernel(engine=engine, seed=1)
        self.trace = Trace()
        sites = {"a01": "east", "a02": "east", "b01": "west"}
        self.network = Network(self.kernel, sites, lambda _a, _b: NS_PER_MS, lambda _a, _b: FIXED)
        self.hosts = {name: Host(self.kernel, name, self.trace, FSYNC_NS) for name in sites}
        self.memory: dict[str, Memory] = {}
        self.processes = {
            name: self._process(name, supervisor)
            for name, supervisor in {
                "redis@a01": Fixed(SUPERVISOR_S),
                "s1@a01": None,
                "mysql@a02": None,
            }.items()
        }
        self.targets = Targets(self.hosts, self.processes, self.network)
        self.board = FaultBoard(self.kernel, self.trace)

    def _process(self, name: str, supervisor: Fixed | None) -> Process:
        host = self.hosts[name.split("@")[1]]
        process = Process(self.kernel, name, host, supervisor=supervisor, boot=Fixed(BOOT_S))
        self.memory[name] = Memory()
        process.program = self.memory[name]
        process.start()
        self.memory[name].turns.clear()
        return process

    def order(
        self, kind: str, target: str, at_s: float, lasts_s: float | None, **options: object
    ) -> None:
        """Schedule a fault."""
        effect = effect_of("script", kind, target, self.targets, FaultOptions(**options))  # type: ignore[arg-type]
        lasts_ns = None if lasts_s is None else from_seconds(lasts_s)
        self.board.script(ScriptedFault(kind, target, from_seconds(at_s), lasts_ns), effect)

    def run(self, until_s: float) -> None:
        """Run to just after an instant."""
        self.kernel.run_until(from_seconds(until_s) + 1)

    def closed(self) -> dict[str, str]:
        """Return the paths that are not open, and whether they drop or refuse."""
        return {
            f"{source}>{target}": "refuse" if path.refusing else "drop"
            for (source, target), path in self.network.paths.items()
            if not path.open
        }


FIXED = Fixed(0.5)


class Look(NamedTuple):
    """All that others can see of a process."""

    alive: bool
    hung: int
    running: bool
    listening: bool
    refuses: bool
    incarnation: int


def look(process: Process) -> Look:
    return Look(
        process.alive,
        process.hung,
        process.running,
        process.listening,
        process.refuses,
        process.incarnation,
    )


WELL = Look(True, 0, True, True, False, 1)
AGAIN = WELL._replace(incarnation=2)
DEAD = Look(False, 0, False, False, True, 1)
SILENT = Look(False, 0, False, False, False, 1)
HUNG = Look(True, 1, False, True, False, 1)
PAUSED = Look(True, 0, False, False, False, 1)
DIES = ["stopped", "started"]

# What is ordered at 10 s for 30 s; what redis@a01 looks like during, and at 40 s and 100 s; the
# turns of its program's life.
ROWS = [
    ("kill", "redis@a01", 0.0, DEAD, AGAIN, AGAIN, DIES),
    ("restart", "redis@a01", 30.0, DEAD, AGAIN, AGAIN, DIES),
    ("down", "redis@a01", 30.0, DEAD, AGAIN, AGAIN, DIES),
    ("down", "a01", 30.0, SILENT, DEAD, AGAIN, DIES),
    ("hang", "redis@a01", 30.0, HUNG, WELL, WELL, ["resumed after 30s"]),
    ("hang", "a01", 30.0, PAUSED, WELL, WELL, ["resumed after 30s"]),
    ("slow", "a01", 30.0, WELL, WELL, WELL, []),
    ("disk-stall", "a01", 30.0, WELL, WELL, WELL, []),
    ("isolate", "a01", 30.0, WELL, WELL, WELL, []),
    ("cut", "a01-a02", 30.0, WELL, WELL, WELL, []),
    ("loss", "a01", 30.0, WELL, WELL, WELL, []),
    ("loss", "east-west", 30.0, WELL, WELL, WELL, []),
    ("delay", "a01", 30.0, WELL, WELL, WELL, []),
    ("delay", "east-west", 30.0, WELL, WELL, WELL, []),
    ("starve", "a01", 30.0, WELL, WELL, WELL, []),
    ("detour", "east-west", 30.0, WELL, WELL, WELL, []),
    ("resolv-conf", "a01", 30.0, WELL, WELL, WELL, []),
    ("latent", "redis@a01", 30.0, WELL, WELL, WELL, []),
    ("logins", "mysql@a02", 30.0, WELL, WELL, WELL, []),
]
OPTIONS: dict[str, dict[str, object]] = {
    "slow": {"factor": 10.0},
    "loss": {"p_loss": 1.0},
    "delay": {"added_delay_ns": 80 * NS_PER_MS},
    "starve": {"factor": 20.0, "added_fsync_ns": 2 * S},
    "detour": {"added_delay_ns": 80 * NS_PER_MS, "p_loss": 1.0},
}


@pytest.mark.parametrize(("kind", "target", "lasts_s", "during", "after", "late", "turns"), ROWS)
def test_what_a_fault_does_to_a_process(
    kind: str, target: str, lasts_s: float, during: Look, after: Look, late: Look, turns: list[str]
) -> None:
    """If this fails, silence, refusal, memory or restart are not what the table promises."""
    world = World()
    redis = world.processes["redis@a01"]
    world.order(kind, target, 10.0, lasts_s, **OPTIONS.get(kind, {}))
    world.run(9.0)
    assert look(redis) == WELL
    world.run(12.0)
    assert look(redis) == during
    assert world.hosts["a01"].running == (target != "a01" or kind not in ("down", "hang"))
    world.run(40.0)
    assert look(redis) == after
    assert world.hosts["a01"].running
    world.run(100.0)
    assert look(redis) == late
    assert world.memory["redis@a01"].turns == turns
    assert (world.board.active, world.closed()) == (0, {})


def test_every_row_of_the_table_is_tested() -> None:
    """If this fails, a kind of fault was added that no test looks at."""
    world = World()
    tested = set()
    for kind, target, *_ in ROWS:
        tested.add((kind, world.targets.names.resolve(target, tuple(FAULT_KINDS[kind].rows)).sort))
    assert tested == {(kind, sort) for kind, item in FAULT_KINDS.items() for sort in item.rows}


def test_the_documentation_shows_the_table() -> None:
    """If this fails, docs/models/faults.md promises other effects than the simulator has."""
    page = FilePath(__file__).parents[2] / "docs" / "models" / "faults.md"
    assert effect_table() in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("kind", "target", "options", "closed"),
    [
        ("isolate", "a01", {}, ["a01>a02", "a01>b01", "a02>a01", "b01>a01"]),
        ("isolate", "a01", {"direction": "inbound"}, ["a02>a01", "b01>a01"]),
        ("isolate", "a01", {"direction": "outbound"}, ["a01>a02", "a01>b01"]),
        ("cut", "a01-a02", {}, ["a01>a02", "a02>a01"]),
        ("cut", "a02-a01", {"one_way": True}, ["a02>a01"]),
        ("cut", "east-west", {}, ["a01>b01", "a02>b01", "b01>a01", "b01>a02"]),
        ("cut", "west-east", {"one_way": True}, ["b01>a01", "b01>a02"]),
        ("cut", "a01-west", {}, ["a01>b01", "b01>a01"]),
        ("cut", "a01-east", {}, ["a01>a02", "a02>a01"]),
    ],
)
@pytest.mark.parametrize("refuse", [False, True])
def test_which_paths_a_cut_closes(
    kind: str, target: str, options: dict[str, object], closed: list[str], refuse: bool
) -> None:
    """If this fails, a partition cuts other paths than ordered, or refuses where it should drop."""
    world = World()
    world.order(kind, target, 10.0, 30.0, refuse=refuse, **options)
    world.run(11.0)
    assert world.closed() == dict.fromkeys(closed, "refuse" if refuse else "drop")
    world.run(40.0)
    assert world.closed() == {}


def test_slowness_and_stalls_of_a_host_add_up_and_end_exactly() -> None:
    """If this fails, overlapping slow episodes leave a host a little slow for ever."""
    world = World()
    host = world.hosts["a01"]
    world.order("slow", "a01", 10.0, 30.0, factor=3.0)
    world.order("slow", "a01", 20.0, 30.0, factor=1.1, added_fsync_ns=300 * NS_PER_MS)
    world.order("disk-stall", "a01", 25.0, 4.0)
    seen = []
    for at_s in (15.0, 22.0, 26.0, 45.0, 60.0):
        world.run(at_s)
        seen.append((host.slow_factor, host.fsync_ns - FSYNC_NS))
    assert seen == [
        (3.0, 0),
        (pytest.approx(3.3), 300 * NS_PER_MS),
        (pytest.approx(3.3), 4 * S + 300 * NS_PER_MS),
        (1.1, 300 * NS_PER_MS),
        (1.0, 0),
    ]


def test_a_stall_of_unknown_length_is_as_long_as_linux_waits_for_a_command() -> None:
    """If this fails, a disk that a crew will repair stalls no fsync at all."""
    world = World()
    world.order("disk-stall", "a01", 10.0, None)
    world.run(11.0)
    assert world.hosts["a01"].added_fsync_ns == 30 * S


def test_delay_is_added_each_way() -> None:
    """If this fails, a slow link is slow one way only, or stays slow."""
    world = World()
    world.order("delay", "east-west", 10.0, 30.0, added_delay_ns=80 * NS_PER_MS)
    world.order("delay", "a01", 20.0, 30.0, added_delay_ns=NS_PER_MS)
    path, back = world.network.path("a01", "b01"), world.network.path("b01", "a01")
    seen = []
    for at_s in (15.0, 30.0, 45.0, 60.0):
        world.run(at_s)
        seen.append((path.delay_ns // NS_PER_MS, back.delay_ns // NS_PER_MS))
    assert seen == [(81, 81), (82, 82), (2, 2), (1, 1)]


@pytest.mark.parametrize(
    ("first", "second", "during", "between", "after"),
    [
        (("down", "redis@a01"), ("restart", "redis@a01"), DEAD, DEAD, AGAIN),
        (("down", "redis@a01"), ("down", "redis@a01"), DEAD, DEAD, AGAIN),
        (("hang", "redis@a01"), ("hang", "redis@a01"), HUNG._replace(hung=2), HUNG, WELL),
        (("down", "a01"), ("down", "a01"), SILENT, SILENT, DEAD),
        (("hang", "a01"), ("hang", "a01"), PAUSED, PAUSED, WELL),
        # A host that boots while its process is held down leaves it down.
        (("down", "a01"), ("down", "redis@a01"), SILENT, DEAD, AGAIN),
        # A process that was hung when its host lost power comes back sound.
        (("hang", "redis@a01"), ("down", "a01"), SILENT, SILENT, DEAD),
    ],
)
def test_overlapping_faults_end_one_by_one(
    first: tuple[str, str], second: tuple[str, str], during: Look, between: Look, after: Look
) -> None:
    """If this fails, the end of one fault heals what another still holds down."""
    world = World()
    world.order(*first, 10.0, 30.0)
    world.order(*second, 20.0, 60.0)
    redis = world.processes["redis@a01"]
    looks = []
    for at_s in (25.0, 70.0, 80.0):
        world.run(at_s)
        looks.append(look(redis))
    assert looks == [during, between, after]
    world.run(200.0)
    assert redis.running


def test_overlapping_cuts_end_one_by_one() -> None:
    """If this fails, a link opens at the end of the first of two cuts."""
    world = World()
    world.order("isolate", "a01", 10.0, 30.0)
    world.order("cut", "east-west", 20.0, 60.0, refuse=True)
    world.run(30.0)
    assert world.network.refuses("a01", "b01") is False
    world.run(41.0)
    assert world.closed() == dict.fromkeys(["a01>b01", "a02>b01", "b01>a01", "b01>a02"], "refuse")
    world.run(81.0)
    assert world.closed() == {}


def test_a_hung_process_that_is_killed_comes_back_sound() -> None:
    """If this fails, SIGSTOP strikes a successor, or its SIGCONT resumes what was never stopped."""
    world = World()
    redis = world.processes["redis@a01"]
    world.order("hang", "redis@a01", 10.0, 30.0)
    world.order("kill", "redis@a01", 20.0, 0.0)
    world.run(30.0)
    assert look(redis) == AGAIN
    world.run(50.0)
    assert look(redis) == AGAIN


def test_a_kill_without_a_supervisor_is_for_good() -> None:
    """If this fails, a process that nobody watches comes back by itself."""
    world = World()
    world.order("kill", "s1@a01", 10.0, 0.0)
    world.run(1000.0)
    assert look(world.processes["s1@a01"]) == DEAD


def test_a_process_stopped_on_purpose_is_not_started_by_the_end_of_a_fault() -> None:
    """If this fails, maintenance that took a service out ends with somebody else's fault."""
    world = World()
    world.processes["s1@a01"].stop()
    world.order("down", "s1", 10.0, 30.0)
    world.order("restart", "s1", 20.0, 30.0)
    world.run(100.0)
    assert not world.processes["s1@a01"].alive


def test_black_outs_last_until_a_retransmission_passes() -> None:
    """If this fails, lost packets are not felt, or for other times than TCP's back-off."""
    world = World()
    world.order("loss", "east-west", 10.0, 900.0, p_loss=0.4)
    path, route = world.network.path("a01", "b01"), world.network.route("a01", "b01")
    lengths_s, dark_at_ns = [], -1
    while world.kernel.peek() < 1000 * S:
        world.kernel.step()
        if not path.open and dark_at_ns < 0:
            dark_at_ns = world.kernel.now
        if path.open and dark_at_ns >= 0:
            lengths_s.append(to_seconds(world.kernel.now - dark_at_ns))
            dark_at_ns = -1
    assert len(lengths_s) > 50
    # The last may have been cut short by the end of the episode.
    assert {round(length, 6) for length in lengths_s[:-1]} <= {round(t, 6) for t in RETRY_TIMES_S}
    passes = 1 - try_fails(0.4)
    share = sum(round(length, 6) == 1.4 for length in lengths_s) / len(lengths_s)
    assert abs(share - passes) < 3 * (passes * (1 - passes) / len(lengths_s)) ** 0.5
    assert route.tcp
    assert world.closed() == {}


def test_tcp_gives_up_when_linux_does() -> None:
    """If this fails, the back-off of TCP is not the one that is documented."""
    assert RETRY_TIMES_S[:6] == pytest.approx((0.2, 0.6, 1.4, 3.0, 6.2, 12.6))
    assert RETRY_TIMES_S[-1] == pytest.approx(924.6)


def test_tcp_goes_on_as_soon_as_a_black_out_is_over() -> None:
    """If this fails, the wait of TCP's back-off is counted twice after each black-out."""
    world = World()
    world.order("loss", "a01-b01", 10.0, 300.0, p_loss=1.0)
    world.run(100.0)
    assert not world.network.route("a01", "b01").tcp
    world.run(310.0)
    assert world.network.route("a01", "b01").tcp
    world.order("cut", "a01-b01", 400.0, 10.0)
    world.run(410.0)
    assert not world.network.route("a01", "b01").tcp


def test_the_board_tells_causes_before_consequences() -> None:
    """If this fails, the trace of an incident begins with a symptom."""
    world = World()
    heard: list[tuple[str, bool, int]] = []
    world.board.listen(lambda fault, began: heard.append((fault.kind, began, world.board.active)))
    world.trace.records.clear()
    world.order("down", "a01", 10.0, 30.0)
    world.order("kill", "redis@a01", 15.0, 0.0)
    world.run(45.0)
    assert heard == [("down", True, 1), ("kill", True, 2), ("kill", False, 1), ("down", False, 0)]
    assert [record.event for record in world.trace.records] == [
        *("fault-begin", "down", "lost", "lost", "fault-begin", "fault-end", "fault-end", "up"),
    ]
    assert str(world.trace.records[0]).split()[1:] == [
        *("faults", "fault-begin", "cause=script", "kind=down", "target=a01", "fault=1"),
    ]


def test_the_board_refuses_what_cannot_be() -> None:
    """If this fails, an effect is begun twice and undone once, or a fault ends twice."""
    world = World()
    effect = Effect(lambda: None, lambda: None)
    fault = world.board.begin("c", "down", "a01", effect)
    assert world.board.faults == (Fault(1, "c", "down", "a01", 0),)
    with pytest.raises(ValueError, match="at work already"):
        world.board.begin("c", "down", "a01", effect)
    world.board.end(fault)
    with pytest.raises(ValueError, match="is not standing"):
        world.board.end(fault)
    world.run(10.0)
    with pytest.raises(ValueError, match="in the past"):
        world.board.script(ScriptedFault("down", "a01", 5, None), effect)


@pytest.mark.parametrize(
    ("kind", "target", "options", "message"),
    [
        ("explode", "a01", {}, "unknown kind of fault 'explode'; there are kill, restart"),
        ("kill", "a01", {}, "'a01' is a host, not a process"),
        ("isolate", "a01", {"one_way": True}, "isolate has no option one_way"),
        ("loss", "a01", {}, "loss needs p_loss"),
        ("slow", "a01", {}, "slow needs factor or added_fsync_ns"),
        ("starve", "a01", {"factor": 20.0}, "starve needs added_fsync_ns"),
        ("detour", "east-west", {"p_loss": 0.1}, "detour needs added_delay_ns"),
        ("detour", "a01", {"p_loss": 0.1, "added_delay_ns": 1}, "'a01' is a host, not a pair"),
        ("logins", "s1@a01", {}, "logins strikes a process of mysql or redis, not 's1@a01'"),
        ("kill", "redis@a01", {"noticed": "at-once"}, "kill has no option noticed"),
    ],
)
def test_an_effect_that_makes_no_sense_is_refused(
    kind: str, target: str, options: dict[str, object], message: str
) -> None:
    """If this fails, an option of a profile is accepted that nothing reads."""
    world = World()
    with pytest.raises(ValueError, match=message):
        effect_of("c", kind, target, world.targets, FaultOptions(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong", [{"factor": 0.5}, {"p_loss": 0.0}, {"p_loss": 1.1}, {"added_delay_ns": 0}]
)
def test_options_are_checked(wrong: dict[str, float]) -> None:
    """If this fails, a profile can speed a host up or lose packets with 110 %."""
    with pytest.raises(ValueError):
        FaultOptions(**wrong)  # type: ignore[arg-type]
