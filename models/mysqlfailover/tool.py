"""mysqlfailover as a component: asleep on its grid while all is calm, a program when it is not.

Program: mysqlfailover of MySQL Utilities 1.5.3 to 1.6.5, console and daemon. Source:
``mysqlfailover.md`` section 1. Model card: ``docs/models/mysqlfailover.md``.

While every query is answered as usual, the loop is six ticks a cycle that change nothing
(``rhythm.py``). At the first tick at which something is not as usual the tool leaves the grid and
runs its steps one by one (``loop.py``) with what they really take, until a cycle begins well again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Final, Literal, NamedTuple

from models.mysqlfailover.connections import Connections, Link
from models.mysqlfailover.hooks import Hook, Hooks
from models.mysqlfailover.loop import Loop
from models.mysqlfailover.registration import register, unregister, unregister_slaves
from models.mysqlfailover.rhythm import HEAD, Rhythm
from models.mysqlfailover.servers import ManagedServer
from models.mysqlfailover.spec import PINGTIME_NS, FailoverMode, MysqlFailoverSpec
from models.mysqlfailover.start import start_up
from models.mysqlfailover.thread import Thread, ToolExit, Wait, Work
from models.process import Process
from sim.grid import Regular, Stepped
from sim.network import Network
from sim.state import Entity, hidden, state
from sim.ticker import Ticker
from sim.trace import Trace

Phase = Literal["gone", "starting", "calm", "suspects", "failing-over"]


class CommandLine(NamedTuple):
    """The part of the command line that people change when the roles have changed."""

    master: str
    slaves: tuple[str, ...]
    candidates: tuple[str, ...]
    force: bool


class MysqlFailover(Entity):
    """One mysqlfailover, the program of ``process``.

    ``servers`` are all that it may meet, by the names that ``spec`` uses. ``phase`` is what a
    timeline shows; ``busy`` says that the loop is off its grid. ``mode`` is the failover mode now.
    """

    process: Final[Process]
    trace: Final[Trace]
    spec: Final[MysqlFailoverSpec]
    servers: Final[Mapping[str, ManagedServer]]
    hooks: Final[Hooks]
    connections: Final[Connections]
    links: Final[Mapping[str, Link]]
    thread: Final[Thread]
    loop: Final[Loop]
    ticker: Final[Ticker]
    strict: Final[Ticker]
    phase: Phase = state("gone")
    busy: bool = state(True)
    mode: FailoverMode = state("auto")
    watched: ManagedServer | None = state(None)
    slaves: tuple[ManagedServer, ...] = state(())
    discovered: tuple[ManagedServer, ...] = hidden(())
    errant_known: tuple[str, ...] = hidden(())
    rhythm: Rhythm | None = state(None)
    script_code: int | None = state(None)
    scripts: int = hidden(0)
    head_ns: int = hidden(0)
    alarm_ns: int = hidden(0)
    exits: bool = hidden(False)
    command_line: CommandLine = hidden(CommandLine("", (), (), force=False))

    def __init__(
        self,
        process: Process,
        network: Network,
        spec: MysqlFailoverSpec,
        servers: Mapping[str, ManagedServer],
        trace: Trace,
        hooks: Hooks | None = None,
        resolves: Callable[[ManagedServer], object] = lambda server: True,
    ) -> None:
        """``resolves(server)`` reads from observable state whether the tool finds its name."""
        kernel = process.kernel
        super().__init__(kernel, f"{process.path}/tool")
        self.process = process
        self.trace = trace
        self.spec = spec
        self.servers = dict(sorted(servers.items()))
        self.command_line = CommandLine(spec.master, spec.slaves, spec.candidates, force=spec.force)
        self.hooks = hooks or Hooks()
        self.connections = Connections(kernel, network, process.host.name, spec, resolves)
        self.links = {
            server.address: Link(kernel, f"{self.path}/link/{server.address}", server)
            for server in self.servers.values()
        }
        self.thread = Thread(f"{self.path}/thread", process, self._ended)
        self.loop = Loop(self)
        self._configure()
        grid = self.rhythm_now().grid(kernel.now)
        self.ticker = Ticker(kernel, f"{self.path}/loop", grid, self._would_matter, self._tick)
        self.strict = Ticker(kernel, f"{self.path}/pedantic", grid, self._minds, self._mind)
        process.program = self

    # What is true now ------------------------------------------------------------------------

    @property
    def master(self) -> ManagedServer:
        """The server that it watches as the master."""
        assert self.watched is not None
        return self.watched

    @property
    def master_link(self) -> Link:
        """The connection to the master."""
        return self.link(self.master)

    def link(self, server: ManagedServer) -> Link:
        """Return the connection to a server."""
        return self.links[server.address]

    def is_odd(self, slave: ManagedServer) -> bool:
        """Whether the report pings this slave: dead, or a slave of another master."""
        return not self.connections.answers(self.link(slave)) or slave.master is not self.master

    def is_steady(self, slave: ManagedServer) -> bool:
        """Whether asking this slave brings what it brought before, in the same time."""
        link = self.link(slave)
        dead = not link.incarnation and self.connections.standing(slave) in ("refused", "denied")
        return dead or self.connections.answers(link)

    def is_lost(self, slave: ManagedServer) -> bool:
        """Whether looking for this slave is in vain, and takes as long as it did before.

        Only of a sole slave: who comes after it is looked at later than usual. And only where
        echoes come back: without any, the tool doubts the master in each cycle, and says so.
        """
        alone = len(self.slaves) == 1 and self.spec.ping_answered
        gone = alone and not self.link(slave).incarnation
        return gone and self.connections.standing(slave) == "silent"

    def new_slaves(self) -> tuple[ManagedServer, ...]:
        """Return the slaves of the master that discovery would add now."""
        if not self.spec.discover_slaves_login:
            return ()
        return tuple(
            server
            for server in self.servers.values()
            if server is not self.master
            and server not in self.slaves
            and server.master is self.master
            and self.connections.standing(server) == "open"
        )

    def errant(self) -> tuple[str, ...]:
        """Return the slaves that hold transactions which no other live slave has.

        No guard may ask: what a server has executed is a matter of time, not of state.
        """
        live = [one for one in self.slaves if self.connections.answers(self.link(one))]
        if len(live) < 2:
            # The source compares slaves with each other: a single one is never errant.
            return ()
        return tuple(
            slave.address
            for slave in live
            if slave.errant_sources(tuple(other for other in live if other is not slave))
        )

    def all_is_well(self) -> bool:
        """Whether a whole cycle from now on would go as usual."""
        link = self.master_link
        return (
            self.hooks.exec_fail_check is None
            and link.current
            and self.connections.standing(self.master) == "open"
            and all(self.is_steady(slave) or self.is_lost(slave) for slave in self.slaves)
            and not self.new_slaves()
        )

    def may_sleep(self) -> bool:
        """Whether a cycle that begins now is one of the grid."""
        return self.all_is_well() and self.rhythm_now().can_be_slept_through

    @property
    def seeks_a_slave(self) -> bool:
        """Whether a lost slave is looked for in each cycle of the grid."""
        return self.rhythm is not None and bool(self.rhythm.looks_ns)

    def rhythm_now(self) -> Rhythm:
        """Return the rhythm of the loop as slow as the hosts are now."""
        times, own_factor = self.spec.query_times, self.process.host.slow_factor
        master_factor = own_factor * self.master.process.host.slow_factor
        slowest = max((slave.process.host.slow_factor for slave in self.slaves), default=1.0)
        odd = [slave for slave in self.slaves if self.is_odd(slave)]
        looks_ns: tuple[int, ...] = ()
        report_slaves_ns = round(times.report_slaves * own_factor * slowest)
        if odd and self.is_lost(odd[0]):
            looks_ns = self.connections.looks_ns(odd[0])
            report_slaves_ns = round(times.report_slaves * own_factor)
        else:
            report_slaves_ns += len(odd) * PINGTIME_NS
        return Rhythm(
            alive_check_ns=round(times.alive_check * master_factor),
            errant_check_ns=round(times.errant_check * own_factor * slowest),
            report_master_ns=round(times.report_master * master_factor),
            report_slaves_ns=report_slaves_ns,
            interval_ns=self.spec.interval,
            daemon=self.spec.daemon,
            looks_ns=looks_ns,
        )

    # On the grid and off it ------------------------------------------------------------------

    def _would_matter(self) -> bool:
        if self.busy or not self.process.running:
            return False
        return not (self.all_is_well() and self.rhythm == self.rhythm_now())

    def _tick(self) -> None:
        if self._would_matter():
            self._leave_grid(self.kernel.now)

    def _leave_grid(self, tick_ns: int) -> None:
        """Go on from where the tool is at this tick of the grid."""
        assert self.rhythm is not None
        tick = self.rhythm.ticks[self._grid().step_at(tick_ns)]
        self.alarm_ns = tick_ns - tick.offset_ns + self.rhythm.period_ns
        if tick.step == HEAD:
            self.master_link.close()
        self.busy = True
        self.thread.run(self.loop.run(tick, tick_ns))

    def _minds(self) -> bool:
        # Without --pedantic errant transactions are a line in the log, and not worth a tick.
        return (
            self.spec.pedantic and not self.busy and self.process.running and len(self.slaves) > 1
        )

    def _mind(self) -> None:
        """Look for errant transactions, at each end of the errant check."""
        if self._minds() and self.errant():
            self._leave_grid(self.kernel.now)

    def enter_grid(self, head_ns: int) -> None:
        """A cycle began at ``head_ns``, and all is well: sleep on the grid."""
        self.phase, self.busy = "calm", False
        self.rhythm, self.head_ns = self.rhythm_now(), head_ns
        grid = self._grid()
        self.ticker.regrid(grid)
        self.strict.regrid(Regular(head_ns + self.rhythm.searched_ns, grid.period_ns))

    def _grid(self) -> Stepped:
        """Return the grid on which it sleeps, or last slept."""
        assert self.rhythm is not None
        return self.rhythm.grid(self.head_ns)

    def settle(self, into_cycle_ns: int | None = None) -> None:
        """Be watching as in the steady state, so far into a cycle (None: drawn).

        For the start of a run, with the process started: connected to all, registered.
        """
        self.thread.stop()
        self._configure()
        self.discovered = self.new_slaves()
        self.slaves = (*self.slaves, *self.discovered)
        for server in (self.master, *self.slaves):
            if self.connections.standing(server) == "open":
                self.link(server).open()
        if self.master.failover_console == self.process.path:
            # Its own, of the start that this replaces.
            self.master.failover_console = ""
        unregister_slaves(self)
        register(self, clear=self.command_line.force)
        self.errant_known = self.errant()
        if into_cycle_ns is None:
            period_ns = self.rhythm_now().period_ns
            into_cycle_ns = self.kernel.stream(self.path, "phase").between(0, period_ns)
        self.enter_grid(self.kernel.now - into_cycle_ns)

    # What the steps share --------------------------------------------------------------------

    def run_script(
        self, name: str, hook: Hook | None, old: ManagedServer, new: ManagedServer | None
    ) -> Work[int]:
        """Run a script and wait for its end, however long it takes; returns its exit code."""
        if hook is None:
            return 0
        self.scripts += 1
        number = self.scripts
        self.script_code = None

        def done(code: int) -> None:
            if number == self.scripts:
                self.script_code = code

        self.record(name, old=old.address, new="" if new is None else new.address)
        hook(old, new, done)
        yield Wait(None, lambda: self.script_code is not None)
        code = self._code_of_script()
        threshold = self.spec.script_threshold
        if threshold is not None and code >= threshold and name != "exec-fail-check":
            self.record("script-failed", script=name, code=code)
            if not self.spec.survives_scripts:
                raise ToolExit("script-threshold")
        return code

    def _code_of_script(self) -> int:
        return 0 if self.script_code is None else self.script_code

    def record(self, event: str, **fields: object) -> None:
        """Trace a line of its log."""
        self.trace.add(self.kernel.now, self.process.path, event, **fields)

    # Life ------------------------------------------------------------------------------------

    def _configure(self) -> None:
        """Take everything from the command line again: nothing else survives the process."""
        for link in self.links.values():
            link.close()
        self.mode = self.spec.failover_mode
        line = self.command_line
        self.watched = self.servers[line.master]
        self.slaves = tuple(self.servers[name] for name in line.slaves)
        self.discovered, self.errant_known = (), ()
        self.exits = False

    def restart_with(self, master: str, slaves: tuple[str, ...]) -> None:
        """Somebody stops it, and starts it for these servers (names as in ``spec``) with --force.

        Of the candidates those stay that are slaves now: an old list may name the new master, and
        one that is down would keep it from starting. Mode elect cannot do without any.
        """
        candidates = tuple(name for name in self.spec.candidates if name in slaves)
        if self.spec.failover_mode == "elect":
            candidates = candidates or slaves
        self.command_line = CommandLine(master, slaves, candidates, force=True)
        self.process.stop()
        self.process.enabled = True
        self.process.start()

    def started(self) -> None:
        """Start from the command line, whatever has been promoted since it was written."""
        self._configure()
        self.phase, self.busy = "starting", True
        self.thread.run(self._life())

    def _life(self) -> Generator[Wait, None, None]:
        yield from start_up(self)
        yield from self.loop.begin()

    def stopped(self) -> None:
        """Die. A normal stop tries to unregister, which needs a connection to the master."""
        on_purpose = self.exits or not self.process.enabled
        if on_purpose and self.phase not in ("gone", "starting") and self._can_unregister():
            unregister(self)
        self.thread.stop()
        self.scripts += 1
        self.phase, self.busy = "gone", True

    def _can_unregister(self) -> bool:
        if self.spec.reconnects_to_unregister:
            return self.connections.standing(self.master) == "open"
        if self.busy:
            connected = self.master_link.current
        else:
            grid = self._grid()
            connected = grid.step_at(self.kernel.now) < len(grid.offsets_ns) - 1
        return connected and self.connections.answers(self.master_link)

    def resumed(self, paused_ns: int) -> None:
        """Go on after standing still: with what fell due meanwhile, at once."""
        if self.busy:
            self.thread.resumed()
            return
        missed_ns = self.ticker.grid.after(self.kernel.now - paused_ns)
        if missed_ns <= self.kernel.now:
            self._leave_grid(missed_ns)

    def _ended(self, reason: str) -> None:
        """Nothing has caught the exception: the process ends (a daemon without a word)."""
        self.exits = True
        self.record("exit", reason=reason)
        self.process.kill()
