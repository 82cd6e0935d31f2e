"""consul-template, row by row of ``consul.md`` section 6, against a catalogue that a test turns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest

from models.consul_template.program import ConsulTemplate
from models.consul_template.spec import ConsulTemplateSpec, Version, WaitSpec
from models.consul_template.template import render
from models.consul_template.view import Entries, Line
from models.host import Host
from models.hosts_file import HostsFile
from models.process import Process
from sim.clock import from_seconds, to_seconds
from sim.engine import Kernel
from sim.laws import Fixed, Law
from sim.state import Entity, state
from sim.trace import Trace

Standing = Literal["answered", "error", "silent"]


class Catalogue(Entity):
    """A catalogue that a test turns by hand."""

    word: Standing = state("answered")
    listed: Entries = state((("a", "a"),))
    offered: tuple[tuple[str, Entries], ...] = state(())

    def ask(self) -> int:
        return 0

    def standing(self, asked: int) -> Standing:
        return self.word

    def nodes(self) -> Entries:
        return self.listed

    def services(self) -> tuple[tuple[str, Entries], ...]:
        return self.offered


class Desk:
    """One host with consul-template, whose command takes ``command_s`` and exits with ``code``."""

    def __init__(
        self,
        version: Version = "0.10",
        *,
        wait: WaitSpec | None = None,
        fetch_s: float = 0.01,
        command_s: float = 0.1,
        supervisor: Law | None = None,
        settled: bool = True,
        seed: int = 1,
    ) -> None:
        self.kernel = Kernel(seed=seed)
        self.trace = Trace()
        self.host = Host(self.kernel, "a", self.trace, 250_000)
        self.catalogue = Catalogue(self.kernel, "catalogue")
        self.file = HostsFile(self.kernel, "a")
        self.process = Process(
            self.kernel, "consul-template@a", self.host, supervisor=supervisor, boot=Fixed(20.0)
        )
        self.command_s, self.code = command_s, 0
        self.started: list[float] = []
        self.rank = self.kernel.claim_rank("command")
        spec = ConsulTemplateSpec(version=version, wait=wait, fetch_delay=Fixed(fetch_s))
        self.program = ConsulTemplate(
            self.process, self.trace, spec, "dc1", self.catalogue, self._write, self._command
        )
        self.written: list[float] = []
        if settled:
            self.process.start()
            self.program.settle()
            self.written.clear()
        self.kernel.settle()

    def _write(self, lines: tuple[Line, ...]) -> bool:
        changed = self.file.write(lines)
        if changed:
            self.written.append(to_seconds(self.kernel.now))
        return changed

    def _command(self, ended: Callable[[int], None]) -> None:
        self.started.append(to_seconds(self.kernel.now))
        code, at_ns = self.code, self.kernel.now + from_seconds(self.command_s)
        self.kernel.call_at(at_ns, self.rank, lambda: ended(code))

    def run(self, seconds: float) -> None:
        self.kernel.run_until(self.kernel.now + from_seconds(seconds))

    def at(self, seconds: float, call: Callable[[], object]) -> None:
        rank = self.kernel.claim_rank(f"test/{seconds}")
        self.kernel.call_at(from_seconds(seconds), rank, call)

    def nodes(self, *names: str) -> None:
        self.catalogue.listed = tuple((name, name) for name in names)

    def nodes_at(self, seconds: float, *names: str) -> None:
        self.at(seconds, lambda: self.nodes(*names))

    def says(self, word: Standing) -> None:
        self.catalogue.word = word

    def exits(self) -> list[tuple[float, dict[str, object]]]:
        return [
            (to_seconds(record.time_ns), dict(record.fields))
            for record in self.trace.records
            if record.event == "exit"
        ]


def test_a_change_is_rendered_after_the_fetch() -> None:
    """If this fails, a commit is not on disk 5 to 50 ms later, or the command does not run."""
    desk = Desk(fetch_s=0.03)
    desk.nodes_at(5.0, "a", "b")
    desk.run(10.0)
    assert desk.written == desk.started == [pytest.approx(5.03)]
    assert desk.program.rewrites == 1


def test_the_template_is_that_of_slide_84() -> None:
    """If this fails, the file has other names, or another order, than the talk's."""
    lines = render(
        (("a01", "a01"), ("foo-db-master", "db01")),
        (("bar-app", ()), ("foo-app", (("a01", "a01"), ("a02", "a02")))),
        "dc1",
    )
    assert lines == (
        ("a01", ("a01",)),
        ("a01", ("a01.node.dc1.consul",)),
        ("db01", ("foo-db-master",)),
        ("db01", ("foo-db-master.node.dc1.consul",)),
        ("a01", ("foo-app.service.dc1.consul",)),
        ("a02", ("foo-app.service.dc1.consul",)),
    )


def test_equal_contents_are_not_rendered() -> None:
    """If this fails, a change that changes nothing restarts dnsmasq."""
    desk = Desk()
    desk.catalogue.offered = (("foo-app", ()),)
    desk.run(1.0)
    desk.nodes_at(2.0, "a", "b")
    desk.nodes_at(2.005, "a")
    desk.run(10.0)
    assert desk.written == []


def test_errors_are_retried_each_5_s_for_ever_in_2015() -> None:
    """If this fails, 0.10 gives up, retries faster, or touches the file meanwhile."""
    desk = Desk()
    desk.run(1.0)
    desk.says("error")
    desk.nodes("a", "b")
    desk.run(86402.0)
    assert desk.written == []
    assert desk.process.alive
    # The grid of retries is at 1 s + k * 5 s.
    desk.says("answered")
    desk.run(10.0)
    assert desk.written == [pytest.approx(86406.01)]


def test_silence_is_waited_out_without_a_retry() -> None:
    """If this fails, a query that hangs is taken for one that fails."""
    desk = Desk()
    desk.says("silent")
    desk.nodes("a", "b")
    desk.run(7.3)
    desk.says("answered")
    desk.run(1.0)
    assert desk.written == [pytest.approx(7.31)]


def test_new_versions_back_off_and_end_after_12_attempts() -> None:
    """If this fails, a leaderless Consul does not end 0.39 after about 304 s."""
    desk = Desk("0.39")
    desk.run(1.0)
    desk.says("error")
    desk.run(1000.0)
    ((at_s, fields),) = desk.exits()
    assert at_s == pytest.approx(1.0 + 303.75)
    assert fields["reason"] == "consul"
    assert not desk.process.alive


def test_new_versions_count_anew_after_a_success() -> None:
    """If this fails, attempts add up over outages that have nothing to do with each other."""
    desk = Desk("0.39")
    desk.says("error")
    desk.run(300.0)
    desk.says("answered")
    desk.run(100.0)
    desk.says("error")
    desk.run(300.0)
    assert desk.exits() == []


def test_a_start_without_consul_renders_nothing() -> None:
    """If this fails, a booting host wipes its hosts file when Consul is not there."""
    desk = Desk(settled=False)
    desk.file.write((("old", ("old",)),))
    desk.says("error")
    desk.process.start()
    desk.run(100.0)
    assert desk.file.lines == (("old", ("old",)),)
    desk.says("answered")
    desk.run(5.1)
    assert desk.file.lines[0] == ("a", ("a",))


def test_nothing_is_rendered_before_every_query_is_answered() -> None:
    """If this fails, a start renders half a file: nodes without services."""
    desk = Desk(settled=False)
    desk.catalogue.offered = (("bar-app", (("b", "b"),)), ("foo-app", (("a", "a"),)))
    desk.process.start()
    desk.run(1.0)
    assert len(desk.written) == 1
    assert len(desk.file.lines) == 4


def test_a_restart_on_an_unchanged_catalogue_runs_no_command() -> None:
    """If this fails, each restart of consul-template restarts dnsmasq."""
    desk = Desk(supervisor=Fixed(1.0))
    desk.process.kill()
    desk.run(5.0)
    assert desk.process.alive
    assert desk.started == []


def test_changes_pile_up_behind_the_command() -> None:
    """If this fails, a burst makes a restart for each change, or loses the last of them."""
    desk = Desk(command_s=2.0)
    for place in range(8):
        desk.nodes_at(5.0 + 0.1 * place, "a", *(f"n{i}" for i in range(place + 1)))
    desk.run(20.0)
    assert desk.started == [pytest.approx(5.01), pytest.approx(7.01)]
    assert len(desk.file.lines) == 2 * 9


@pytest.mark.parametrize(("version", "code"), [("0.10", 15), ("0.39", 14)])
def test_a_failed_command_ends_the_program(version: Version, code: int) -> None:
    """If this fails, consul-template survives a command that fails, which no version does."""
    desk = Desk(version, supervisor=Fixed(3.0))
    desk.code = 1
    desk.nodes_at(5.0, "a", "b")
    desk.run(6.0)
    assert desk.exits() == [(pytest.approx(5.11), {"reason": "command-failed", "code": code})]
    assert not desk.process.alive
    desk.run(10.0)
    # Started again it finds the file as it should be, and runs nothing.
    assert desk.process.alive
    assert len(desk.started) == 1


def test_a_command_of_30_s_ends_the_program() -> None:
    """If this fails, a restart that hangs holds consul-template up for ever."""
    desk = Desk(command_s=45.0)
    desk.nodes_at(5.0, "a", "b")
    desk.run(100.0)
    assert desk.exits() == [(pytest.approx(35.01), {"reason": "command-timeout", "code": 15})]


def test_a_hung_program_renders_when_it_goes_on() -> None:
    """If this fails, a program that stands still works, or forgets what it missed."""
    desk = Desk()
    desk.nodes_at(5.0, "a", "b")
    desk.at(5.005, desk.process.hang)
    desk.run(50.0)
    assert desk.written == []
    desk.process.proceed()
    desk.run(1.0)
    assert desk.written == [pytest.approx(50.0)]


# Quiescence ----------------------------------------------------------------------------------


def _wait(low_s: float, high_s: float | None = None) -> WaitSpec:
    high = None if high_s is None else from_seconds(high_s)
    return WaitSpec(min=from_seconds(low_s), max=high)


def test_2015_renders_an_isolated_change_at_once() -> None:
    """If this fails, the quirk of 0.10 is gone: its longest wait runs from the last render."""
    desk = Desk(wait=_wait(2.0, 8.0))
    desk.nodes_at(100.0, "a", "b")
    desk.nodes_at(103.0, "a", "b", "c")
    desk.run(200.0)
    assert desk.written == [pytest.approx(100.01), pytest.approx(105.01)]


def test_new_versions_wait_min_for_the_first_change() -> None:
    """If this fails, 0.39 renders an isolated change at once."""
    desk = Desk("0.39", wait=_wait(2.0, 8.0))
    desk.nodes_at(100.0, "a", "b")
    desk.run(200.0)
    assert desk.written == [pytest.approx(102.01)]


def test_new_versions_wait_4_min_at_most() -> None:
    """If this fails, changes without end put a render off for ever, or max is not 4 min."""
    desk = Desk("0.39", wait=_wait(2.0))
    for place in range(10):
        desk.nodes_at(100.0 + place, "a", *(f"n{i}" for i in range(place + 1)))
    desk.run(200.0)
    assert desk.written == [pytest.approx(108.01, abs=0.2), pytest.approx(111.01, abs=0.2)]


def test_there_is_no_quiescence_by_default() -> None:
    """If this fails, changes some seconds apart are merged, which neither version does."""
    for version in ("0.10", "0.39"):
        desk = Desk(version, command_s=0.01)
        for place in range(5):
            desk.nodes_at(100.0 + place, "a", *(f"n{i}" for i in range(place + 1)))
        desk.run(200.0)
        assert desk.program.rewrites == 5


def test_new_versions_leave_100_ms_between_fetches() -> None:
    """If this fails, 0.39 renders two changes of one view within 100 ms."""
    old, new = Desk("0.10", command_s=0.001), Desk("0.39", command_s=0.001)
    for desk in (old, new):
        desk.nodes_at(100.0, "a", "b")
        desk.nodes_at(100.04, "a", "b", "c")
        desk.run(200.0)
    assert old.written[1] - old.written[0] == pytest.approx(0.04)
    assert 0.1 <= new.written[1] - new.written[0] <= 0.12
