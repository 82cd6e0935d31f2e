"""The troubles of a cloud: starved hosts, detours, drifted stand-bys, what a boot overwrites."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from experiments.loading import SpecError, parse_spec
from experiments.profile import ProfileSpec
from models.effects import effect_of, host_struck
from models.fault_options import FaultOptions
from models.fault_targets import Targets
from models.host import Host
from models.process import Process
from models.sentinel.desk import Desk
from models.sentinel.timers import TILT_TRIGGER_NS
from sim.clock import NS_PER_MS, NS_PER_S, from_seconds, to_seconds
from sim.engine import Engine, Kernel
from sim.fault_sources import FaultSource, OccasionalSource, source_path
from sim.faults import Effect, Fault, FaultBoard, ScriptedFault
from sim.laws import Exponential, Fixed
from sim.network import Network
from sim.repair import Crew
from sim.trace import Trace
from tests.consul_worlds import ConsulWorld

S = NS_PER_S
STANDBY = "mysql@db02"


class World:
    """Two database hosts at two sites, a crew of one that takes 10 s and 90 s, and a board."""

    def __init__(self, engine: Engine = "audit", hosts: tuple[str, ...] = ("db01", "db02")) -> None:
        self.kernel = Kernel(engine=engine, seed=4)
        self.trace = Trace()
        sites = {name: f"site-{name}" for name in hosts}
        self.network = Network(
            self.kernel, sites, lambda _a, _b: NS_PER_MS, lambda _a, _b: Fixed(0.2)
        )
        self.hosts = {name: Host(self.kernel, name, self.trace, 250_000) for name in hosts}
        self.processes = {f"mysql@{name}": self._mysql(host) for name, host in self.hosts.items()}
        self.targets = Targets(self.hosts, self.processes, self.network)
        self.board = FaultBoard(self.kernel, self.trace)
        self.crew = Crew(self.kernel, "crew", 1, Fixed(10.0), Fixed(90.0), self.trace)

    def _mysql(self, host: Host) -> Process:
        process = Process(
            self.kernel, f"mysql@{host.name}", host, supervisor=None, boot=Fixed(30.0)
        )
        process.start()
        return process

    @property
    def standby(self) -> Process:
        return self.processes[STANDBY]

    def effect(self, kind: str, target: str, **options: object) -> Effect:
        return effect_of("drift", kind, target, self.targets, FaultOptions(**options))  # type: ignore[arg-type]

    def order(self, kind: str, target: str, at_s: float, lasts_s: float, **options: object) -> None:
        order = ScriptedFault(kind, target, from_seconds(at_s), from_seconds(lasts_s))
        self.board.script(order, self.effect(kind, target, **options))

    def drift(self, *, crew: bool = True, **options: object) -> FaultSource:
        """Latent faults of the stand-by, 1000 s after the last one was repaired."""
        members = [(STANDBY, self.effect("latent", STANDBY, **options))]
        path, lasts = source_path("drift", STANDBY), None if crew else Fixed(500.0)
        helper = self.crew if crew else None
        every = Fixed(1000.0)
        return FaultSource(
            self.kernel, self.board, path, "drift", "latent", members, every, lasts, helper
        )

    def at(self, at_s: float, call: Callable[[], object]) -> None:
        rank = self.kernel.claim_rank(f"test/{at_s}")
        self.kernel.call_at(from_seconds(at_s), rank, call)

    def fail_over(self, at_s: float) -> None:
        """Promote the stand-by: a drifted one does not serve, and that is seen."""

        def promote() -> None:
            if self.standby.latent_faults:
                self.standby.latent_noticed = True

        self.at(at_s, promote)

    def run(self, until_s: float) -> None:
        self.kernel.run_until(from_seconds(until_s) + 1)

    def told(self) -> list[tuple[float, str]]:
        """What the board and the crew traced: seconds and event."""
        return [
            (round(to_seconds(record.time_ns), 3), record.event)
            for record in self.trace.records
            if record.entity in ("faults", "crew")
        ]


# ------------------------------------------------------------------ counters


def test_faults_that_programs_act_out_are_counted() -> None:
    """If this fails, the end of one of two faults heals what the other still spoils."""
    world = World()
    host, process = world.hosts["db01"], world.processes["mysql@db01"]
    for at_s in (10.0, 20.0):
        world.order("resolv-conf", "db01", at_s, 30.0)
        world.order("logins", "mysql@db01", at_s, 30.0)
        world.order("latent", "mysql@db01", at_s, 30.0)
    seen = []
    for until_s in (5.0, 15.0, 25.0, 45.0, 55.0):
        world.run(until_s)
        seen.append((host.resolv_conf_lost, process.logins_refused, process.latent_faults))
    assert seen == [(0, 0, 0), (1, 1, 1), (2, 2, 2), (1, 1, 1), (0, 0, 0)]
    assert process.running


def test_a_new_process_has_the_old_ones_faults() -> None:
    """If this fails, a restart heals a drifted configuration or a wrong password."""
    world = World()
    world.order("logins", STANDBY, 10.0, 100.0)
    world.order("latent", STANDBY, 10.0, 100.0)
    world.order("restart", STANDBY, 20.0, 5.0)
    world.run(30.0)
    assert world.standby.incarnation == 2
    assert (world.standby.logins_refused, world.standby.latent_faults) == (1, 1)


# ------------------------------------------------------------------ starved hosts


def test_a_starved_host_is_slow_in_both_ways_and_recovers_exactly() -> None:
    """If this fails, an episode of I/O starvation leaves a host a little slow for ever."""
    world = World()
    host = world.hosts["db01"]
    world.order("starve", "db01", 10.0, 30.0, factor=20.0, added_fsync_ns=2 * S)
    world.order("slow", "db01", 20.0, 30.0, factor=1.1)
    world.order("disk-stall", "db01", 25.0, 4.0)
    seen = []
    for until_s in (15.0, 26.0, 45.0, 55.0):
        world.run(until_s)
        seen.append((host.slow_factor, host.added_fsync_ns // S))
    assert seen == [(20.0, 2), (pytest.approx(22.0), 6), (1.1, 0), (1.0, 0)]


def _starve(world: ConsulWorld, host: str, factor: float) -> Effect:
    targets = Targets(world.hosts, {}, world.network)
    options = FaultOptions(factor=factor, added_fsync_ns=3 * S)
    return effect_of("io", "starve", host, targets, options)


def test_a_starved_consul_leader_loses_its_leadership() -> None:
    """If this fails, a Consul server may stand on a loaded disk at no price."""
    world = ConsulWorld("abcde", 3, redis="de")
    world.run(100.0)
    leader = world.cluster.leader
    assert leader is not None
    _starve(world, leader.host, 20.0).begin()
    world.redis["d"].role, world.redis["e"].role = "slave", "master"
    world.run(60.0)
    assert [event.fields for event in world.events("leader-lost")] == [(("reason", "slow-fsync"),)]
    assert world.cluster.leader is not None
    assert world.cluster.leader.host != leader.host


def test_a_check_script_on_a_starved_host_times_out() -> None:
    """If this fails, a check is as quick on a loaded admin host as anywhere."""
    world = ConsulWorld("abcde", 3, redis="de")
    world.run(100.0)
    assert world.listed() == ("d",)
    effect = _starve(world, "d", 400.0)
    effect.begin()
    world.run(100.0)
    assert world.listed() == ()
    effect.end()
    world.run(100.0)
    assert world.listed() == ("d",)


def test_a_sentinel_on_a_starved_host_stands_still_long_enough_for_a_tilt() -> None:
    """If this fails, a Sentinel writes its configuration on a starved disk as on any other."""
    world = World()
    held_until: list[int] = []
    desk = Desk(world.kernel, world.standby, world.network, 1, held_until.append)
    desk.flush()
    world.order("starve", "db02", 10.0, 30.0, factor=20.0, added_fsync_ns=2 * S)
    world.run(20.0)
    desk.flush()
    quick_ns, slow_ns = held_until[0], held_until[1] - world.kernel.now
    assert quick_ns < TILT_TRIGGER_NS < slow_ns


# ------------------------------------------------------------------ detours


@pytest.mark.parametrize("target", ["db01-db02", "site-db02-site-db01"])
def test_a_detour_is_long_and_lossy_both_ways(target: str) -> None:
    """If this fails, the wandering VPN is only slow, or only lossy, or stays so."""
    world = World()
    world.order("detour", target, 10.0, 100.0, added_delay_ns=200 * NS_PER_MS, p_loss=1.0)
    paths = [world.network.path("db01", "db02"), world.network.path("db02", "db01")]
    world.run(9.0)
    assert [path.delay_ns // NS_PER_MS for path in paths] == [1, 1]
    world.run(60.0)
    assert [path.delay_ns // NS_PER_MS for path in paths] == [201, 201]
    # Loss without exception, so a black-out begins within seconds and never ends by itself.
    assert [path.open for path in paths] == [False, False]
    world.run(111.0)
    assert [(path.delay_ns // NS_PER_MS, path.open) for path in paths] == [(1, True)] * 2


def test_a_detour_draws_its_own_black_outs() -> None:
    """If this fails, packet loss and a detour of one cause share draws, and shift each other's."""

    def dark_at_ns(*kinds: str) -> dict[str, int]:
        world = World("fast")
        detour = world.effect("detour", "db01-db02", p_loss=0.05, added_delay_ns=NS_PER_MS)
        loss = world.effect("loss", "db01-db02", p_loss=0.05)
        for kind in kinds:
            {"loss": loss, "detour": detour}[kind].begin()
        world.kernel.settle()
        return {kind: _first_dark_ns(world) for kind in kinds}

    alone = {**dark_at_ns("loss"), **dark_at_ns("detour")}
    assert alone["loss"] != alone["detour"]
    assert set(dark_at_ns("loss", "detour").values()) == {min(alone.values())}


def _first_dark_ns(world: World) -> int:
    path = world.network.path("db01", "db02")
    while path.open:
        world.kernel.step()
    return world.kernel.now


# ------------------------------------------------------------------ latent faults


def test_a_latent_fault_waits_until_it_is_noticed() -> None:
    """If this fails, a crew repairs a stand-by that nobody knows to be broken, or never does."""
    world = World()
    world.drift()
    heard: list[tuple[str, bool]] = []
    world.board.listen(lambda fault, began: heard.append((fault.kind, began)))
    world.fail_over(5000.0)
    world.run(4999.0)
    (begun, _), *_ = world.told()
    assert begun < 1000.0
    assert (world.standby.latent_faults, world.board.active, world.crew.pages) == (1, 0, 0)
    assert heard == []
    world.run(5050.0)
    assert (world.board.active, world.crew.pages) == (1, 1)
    assert heard == [("latent", True)]
    world.run(5101.0)
    assert world.told() == [
        (begun, "fault-begin"),
        (5000.0, "fault-noticed"),
        (5000.0, "page"),
        (5010.0, "acknowledged"),
        (5100.0, "fixed"),
        (5100.0, "fault-end"),
    ]
    assert heard == [("latent", True), ("latent", False)]
    assert (world.standby.latent_faults, world.standby.latent_noticed) == (0, False)
    # The next up time begins with the repair, and the next fault is as hidden as the first.
    world.run(7000.0)
    assert (6100.0, "fault-begin") in world.told()
    assert (world.board.active, world.crew.pages) == (0, 1)


def test_a_watched_stand_by_is_repaired_at_once() -> None:
    """If this fails, a design that checks its stand-bys gains nothing by it."""
    world = World()
    world.drift(noticed="at-once")
    world.run(1000.0)
    events = [event for _, event in world.told()]
    assert events[:2] == ["fault-begin", "page"]
    assert "fault-noticed" not in events


def test_a_latent_fault_that_passes_unnoticed_was_never_active() -> None:
    """If this fails, an incident is open for months because a stand-by has drifted."""
    world = World()
    world.drift(crew=False)
    heard: list[bool] = []
    world.board.listen(lambda _fault, began: heard.append(began))
    world.run(10_000.0)
    assert [event for _, event in world.told()][:2] == ["fault-begin", "fault-end"]
    assert heard == []
    assert world.board.active == 0
    assert world.board.dormant == {fault.number for fault in world.board.faults}


def test_the_latent_faults_of_one_process_come_to_light_together() -> None:
    """If this fails, a second drift is left in a stand-by that is being looked into."""
    world = World()
    world.order("latent", STANDBY, 10.0, 1000.0)
    world.drift()
    world.fail_over(1500.0)
    world.run(990.0)
    assert world.standby.latent_faults == 2
    world.at(995.0, lambda: setattr(world.standby, "latent_noticed", True))
    world.run(996.0)
    assert world.board.active == 2
    # The ordered one ends at 1010 s; what remains is still known to be broken.
    world.run(1011.0)
    assert (world.standby.latent_faults, world.standby.latent_noticed) == (1, True)
    world.run(1096.0)
    assert (world.standby.latent_faults, world.standby.latent_noticed) == (0, False)
    assert world.board.active == 0


def test_a_latent_fault_that_begins_under_repair_is_noticed_at_once() -> None:
    """If this fails, whoever repairs a stand-by walks past what breaks under his hands."""
    world = World()
    world.order("latent", STANDBY, 10.0, 1000.0)
    world.fail_over(20.0)
    heard: list[Fault] = []
    world.board.listen(lambda fault, _began: heard.append(fault))
    world.order("latent", STANDBY, 30.0, 1000.0)
    world.run(31.0)
    assert [to_seconds(fault.start_ns) for fault in heard] == [10.0, 30.0]


def test_engines_agree_on_latent_faults() -> None:
    """If this fails, who notices a drift depends on which ticks were slept through."""

    def story(engine: Engine) -> list[str]:
        world = World(engine)
        world.drift()
        for at_s in (3000.0, 3050.0, 9000.0):
            world.fail_over(at_s)
        world.run(20_000.0)
        return [str(record) for record in world.trace.records]

    naive = story("naive")
    assert len(naive) > 10
    assert story("fast") == story("audit") == naive


# ------------------------------------------------------------------ what a boot brings


def _boots(
    p_strikes: float, *, lasts: Fixed | Exponential | None, hosts: tuple[str, ...] = ("db01",)
) -> World:
    """Boot each host every 1000 s; resolv.conf is overwritten with this probability."""
    world = World(hosts=hosts)
    for host in hosts:
        source = OccasionalSource(
            world.kernel,
            world.board,
            source_path("dhcp", host),
            "dhcp",
            "resolv-conf",
            (host, effect_of("dhcp", "resolv-conf", host, world.targets)),
            p_strikes,
            lasts,
            None if lasts else world.crew,
        )
        host_struck("resolv-conf", host, world.targets).at_boot(source.occasion)
        down = [(host, effect_of("power", "down", host, world.targets))]
        path = source_path("power", host)
        args = (world.kernel, world.board, path, "power", "down", down)
        FaultSource(*args, Fixed(900.0), Fixed(100.0))
    return world


def _struck_s(world: World, host: str) -> list[float]:
    return [
        round(to_seconds(record.time_ns), 3)
        for record in world.trace.records
        if record.event == "fault-begin"
        and {("kind", "resolv-conf"), ("target", host)} <= set(record.fields)
    ]


def _booted_s(world: World, host: str) -> list[float]:
    return [
        round(to_seconds(record.time_ns), 3)
        for record in world.trace.records
        if record.event == "up" and record.entity == f"host/{host}"
    ]


def test_a_boot_brings_the_fault_at_that_instant() -> None:
    """If this fails, a fault of the boot comes at some other time, or not at all."""
    world = _boots(1.0, lasts=Fixed(200.0))
    world.run(10_000.0)
    booted_s = _booted_s(world, "db01")
    assert len(booted_s) >= 9
    assert _struck_s(world, "db01") == booted_s
    host = world.hosts["db01"]
    world.run(booted_s[-1] + 1100.0)
    assert host.resolv_conf_lost == 1
    world.run(booted_s[-1] + 1250.0)
    assert host.resolv_conf_lost == 0


def test_a_boot_while_the_fault_stands_adds_none() -> None:
    """If this fails, a host that boots twice has to be repaired twice."""
    world = _boots(1.0, lasts=Fixed(2500.0))
    world.run(20_000.0)
    booted_s = _booted_s(world, "db01")
    assert _struck_s(world, "db01") == booted_s[::3]


def test_a_fault_of_the_boot_waits_for_the_crew() -> None:
    """If this fails, what a boot has broken heals by itself."""
    world = _boots(1.0, lasts=None)
    world.run(2000.0)
    struck_s = _struck_s(world, "db01")
    assert [at_s for at_s, event in world.told() if event == "page"] == struck_s
    assert (round(struck_s[0] + 100.0, 3), "fixed") in world.told()


def test_the_share_of_bad_boots() -> None:
    """If this fails, the probability of a profile is not the share of boots that go wrong."""
    world = _boots(0.3, lasts=Fixed(1.0))
    world.run(400_000.0)
    struck, boots = len(_struck_s(world, "db01")), len(_booted_s(world, "db01"))
    assert boots == 400
    assert abs(struck - 120) < 4 * (400 * 0.3 * 0.7) ** 0.5


def test_another_host_or_a_longer_fault_changes_no_boot() -> None:
    """If this fails, adding a host decides whether this one finds its resolv.conf overwritten."""
    alone = _boots(0.3, lasts=Fixed(1.0))
    both = _boots(0.3, lasts=Fixed(1500.0), hosts=("db02", "db01"))
    for world in (alone, both):
        world.run(100_000.0)
    often, rarely = _struck_s(alone, "db01"), _struck_s(both, "db01")
    assert _booted_s(alone, "db01") == _booted_s(both, "db01")
    assert set(rarely) <= set(often)
    # Only a boot within a fault that stands is missing.
    missing = set(often) - set(rarely)
    assert all(any(0 < late - at_s <= 1500.0 for at_s in rarely) for late in missing)
    assert len(rarely) > 10


def test_a_source_of_occasions_is_checked() -> None:
    """If this fails, a fault of the boot may have no end, or two."""
    world = World()
    member = ("db01", world.effect("resolv-conf", "db01"))
    args = (world.kernel, world.board, "fault/dhcp/db01", "dhcp", "resolv-conf", member)
    with pytest.raises(ValueError, match="either lasts a drawn time or is repaired"):
        OccasionalSource(*args, 0.5, None)
    with pytest.raises(ValueError, match="either lasts a drawn time or is repaired"):
        OccasionalSource(*args, 0.5, Fixed(1.0), world.crew)
    with pytest.raises(ValueError, match=r"between 0 and 1, not 1\.5"):
        OccasionalSource(*args, 1.5, Fixed(1.0))


def test_whose_boot_brings_a_fault() -> None:
    """If this fails, a fault of the boot listens to another host than the one that it strikes."""
    world = World()
    assert host_struck("resolv-conf", "db01", world.targets) is world.hosts["db01"]
    assert host_struck("latent", STANDBY, world.targets) is world.hosts["db02"]
    with pytest.raises(ValueError, match="'db01-db02' is a pair, which never boots"):
        host_struck("loss", "db01-db02", world.targets)


# ------------------------------------------------------------------ in a profile

PROFILE = """\
title: Drift
faults:
  trouble:
    {fault}
    source: assumed
people:
  crew: 1
  acknowledge: 4min
  fix: 75min
  restart: 3min
  manual-failover: 32min
  source: assumed
"""


def _profile(fault: str) -> ProfileSpec:
    return parse_spec(PROFILE.format(fault=fault.replace("; ", "\n    ")), "p.yaml", ProfileSpec)


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        (
            "fault: starve; on: busy-hosts; every: 30d; lasts: 30s; factor: 20; fsync: 2s",
            FaultOptions(factor=20, added_fsync_ns=2 * S),
        ),
        (
            "fault: detour; on: site-paths; every: 30d; lasts: 30min; delay: 50ms; p-loss: 5%",
            FaultOptions(added_delay_ns=50 * NS_PER_MS, p_loss=0.05),
        ),
        ("fault: resolv-conf; on: names-hosts; at-boot: 10%; lasts: 44min", FaultOptions()),
        ("fault: latent; on: mysql; every: 365d; repaired-by: crew", FaultOptions()),
        (
            "fault: latent; on: stores; every: 365d; repaired-by: crew; noticed: at-once",
            FaultOptions(noticed="at-once"),
        ),
        ("fault: logins; on: [mysql@db01]; every: 365d; lasts: 10min", FaultOptions()),
    ],
)
def test_a_profile_may_have_these_troubles(fault: str, options: FaultOptions) -> None:
    """If this fails, what can be injected cannot be drawn."""
    assert _profile(fault).faults["trouble"].options == options


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("fault: resolv-conf; on: hosts; lasts: 1h", "'resolv-conf' needs either every or at-boot"),
        (
            "fault: resolv-conf; on: hosts; lasts: 1h; every: 30d; at-boot: 10%",
            "'resolv-conf' needs either every or at-boot",
        ),
        ("fault: resolv-conf; on: hosts; at-boot: 10%", "needs either lasts or repaired-by: crew"),
        ("fault: kill; on: mysql; at-boot: 10%", "'kill' is over before anything runs again"),
        (
            "fault: cut; on: site-paths; at-boot: 10%; lasts: 1h",
            "'cut' strikes paths here, which never boot",
        ),
        (
            "fault: resolv-conf; on: hosts; at-boot: 10%; lasts: 1h; together: yes",
            "each host boots by itself; 'at-boot' strikes it alone",
        ),
        (
            "fault: latent; on: mysql; every: 365d; lasts: 30d; noticed: at-once",
            "'noticed' pages a crew, and this fault has none",
        ),
        (
            "fault: resolv-conf; on: hosts; every: 30d; repaired-by: crew; noticed: at-once",
            "resolv-conf has no option noticed",
        ),
        ("fault: starve; on: hosts; every: 30d; lasts: 1h; factor: 2", "needs fsync"),
        ("fault: latent; on: mysql; every: 365d", "needs either lasts or repaired-by: crew"),
    ],
)
def test_a_profile_that_makes_no_sense_is_refused(fault: str, message: str) -> None:
    """If this fails, a fault of a profile has an option that nothing reads, or no end."""
    with pytest.raises(SpecError) as caught:
        _profile(fault)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
