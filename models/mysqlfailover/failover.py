"""The failover itself, in the order of the program, with what each step does when it goes wrong.

Source: ``mysqlfailover.md`` section 1.6 (steps 1 to 14) and ``topology.py`` ``failover``. The
dominant facts: candidates are walked first and unguarded, the first eligible one is taken and not
the most advanced, the outcome of the catch-up is ignored, nothing fences the old master, and an
exception anywhere ends the tool with the topology as it is then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from models.mysqlfailover.registration import register, unregister_slaves
from models.mysqlfailover.servers import ManagedServer
from models.mysqlfailover.start import discover
from models.mysqlfailover.thread import ToolExit, Wait, Work
from sim.clock import NS_PER_S

if TYPE_CHECKING:
    from models.mysqlfailover.tool import MysqlFailover

# "Failover console will restart in 5 seconds", hard-coded.
_PAUSE_NS: Final = 5 * NS_PER_S


def fail_over(tool: MysqlFailover) -> Work[None]:
    """Promote another server; raises ToolExit if that fails, or is not wanted (mode fail)."""
    old = tool.master
    tool.record("master-is-confirmed-down", master=old.address)
    tool.master_link.close()
    if tool.mode == "fail":
        tool.record("failover-not-enabled")
        yield from _post_failover(tool, old, None)
        raise ToolExit("mode-fail")
    tool.record("failover-starting", mode=tool.mode)
    new = yield from _choose(tool)
    tool.record("will-become-the-new-master", server=new.address)
    yield from _check_slaves_status(tool)
    yield from _prepare(tool, new)
    tool.record("creating-replication-user", server=new.address)
    # From here on the tool takes the new one for the master, whatever happens next.
    tool.watched = new
    if not (yield from tool.connections.connect(tool.link(new))):
        raise ToolExit("new-master-unreachable")
    yield from tool.run_script("exec-before", tool.hooks.exec_before, old, new)
    yield from _switch(tool, new)
    yield from tool.run_script("exec-after", tool.hooks.exec_after, old, new)
    yield from _check_slaves(tool, new)
    tool.record("failover-complete", master=new.address)
    yield from _settle(tool, old, new)


# Steps 1 and 2: who ------------------------------------------------------------------------------


def _choose(tool: MysqlFailover) -> Work[ManagedServer]:
    connections = tool.connections
    for name in tool.command_line.candidates:
        candidate = tool.servers[name]
        if not (yield from connections.connect(tool.link(candidate))):
            tool.record("candidate-unreachable", server=candidate.address)
            raise ToolExit("candidate-unreachable")
        if candidate.is_eligible:
            return candidate
        tool.record("candidate-not-eligible", server=candidate.address)
    if tool.mode == "auto":
        for slave in tool.slaves:
            if (yield from connections.ask(tool.link(slave))) and slave.is_eligible:
                return slave
    tool.record("no-candidate-found")
    raise ToolExit("no-candidate-found")


# Steps 4 and 5: the slaves' state, and the catch-up ----------------------------------------------


def _live_slaves(tool: MysqlFailover) -> Work[tuple[ManagedServer, ...]]:
    """Ask every slave; one behind a black hole costs as long as TCP waits."""
    live: list[ManagedServer] = []
    for slave in tool.slaves:
        if (yield from tool.connections.ask(tool.link(slave))):
            live.append(slave)
    return tuple(live)


def _check_slaves_status(tool: MysqlFailover) -> Work[None]:
    """Warn of slaves that are dead or not applying; with ``--pedantic`` one ends the tool."""
    live = yield from _live_slaves(tool)
    for slave in tool.slaves:
        if slave not in live:
            problem = "not-alive"
        elif slave.master is None:
            problem = "no-slave"
        elif slave.relay_wait_ns() is None:
            problem = "sql-thread"
        else:
            continue
        tool.record("slave-problem", slave=slave.address, problem=problem)
        if tool.spec.pedantic:
            raise ToolExit("slave-problem")


def _prepare(tool: MysqlFailover, new: ManagedServer) -> Work[None]:
    """Bring to the candidate what any live slave has, as far as the time-outs allow."""
    tool.record("preparing-candidate", server=new.address)
    yield from _check_aliases(tool)
    for slave in tool.slaves:
        link = tool.link(slave)
        if not (yield from tool.connections.ask(link)):
            continue
        wait_ns = slave.relay_wait_ns()
        if wait_ns is not None:
            yield from tool.connections.sleep(min(wait_ns, tool.spec.timeout))
            yield from _demand(tool, slave, "relay-log-wait")
        if slave is not new:
            yield from _catch_up(tool, new, slave)


def _catch_up(tool: MysqlFailover, new: ManagedServer, slave: ManagedServer) -> Work[None]:
    sources = new.missing_sources(slave)
    if not sources:
        return
    yield from _demand(tool, new, "catch-up")
    new.stop_slave()
    # FLUSH TABLES WITH READ LOCK on the slave: no time-out.
    yield from _demand(tool, slave, "flush-tables")
    needed_ns = new.fetch_from(slave)
    # --timeout holds for the wait on each source UUID, one after the other.
    limit_ns = sources * tool.spec.timeout
    tool.record("catching-up", server=new.address, source=slave.address)
    yield from tool.connections.sleep(min(needed_ns, limit_ns))
    if needed_ns > limit_ns:
        # The wait returns -1, and nobody looks: what is missing now is lost.
        tool.record("catch-up-timed-out", server=new.address, source=slave.address)
    yield from _demand(tool, new, "catch-up")
    new.stop_slave()


def _check_aliases(tool: MysqlFailover) -> Work[None]:
    """Forward and reverse DNS for host names: nothing, or many resolver time-outs."""
    takes_ns = tool.spec.alias_check.sample_ns(tool.kernel.stream(tool.path, "alias-check"))
    yield from tool.connections.sleep(takes_ns)


def _demand(tool: MysqlFailover, server: ManagedServer, step: str) -> Work[None]:
    """A statement whose failure nobody catches."""
    if not (yield from tool.connections.ask(tool.link(server))):
        raise ToolExit(f"{step}-failed")


# Steps 8 to 11: the switch -----------------------------------------------------------------------


def _switch(tool: MysqlFailover, new: ManagedServer) -> Work[None]:
    tool.record("stopping-slaves")
    for slave in (yield from _live_slaves(tool)):
        slave.stop_slave()
    yield from _check_aliases(tool)
    tool.slaves = tuple(slave for slave in tool.slaves if slave is not new)
    tool.discovered = tuple(slave for slave in tool.discovered if slave is not new)
    tool.record("switching-slaves-to-new-master")
    for slave in (yield from _live_slaves(tool)):
        slow_factor = tool.process.host.slow_factor * slave.process.host.slow_factor
        takes_ns = round(tool.spec.query_times.change_master * slow_factor)
        yield from tool.connections.sleep(takes_ns)
        yield from _demand(tool, slave, "change-master")
        slave.change_master(new)
    yield from _demand(tool, new, "reset-slave-all")
    tool.record("disconnecting-new-master-as-slave", server=new.address)
    new.stop_slave()
    new.reset_slave_all()
    tool.record("starting-slaves")
    for slave in (yield from _live_slaves(tool)):
        slave.start_slave()


# Steps 13 and 14: afterwards ---------------------------------------------------------------------


def _check_slaves(tool: MysqlFailover, new: ManagedServer) -> Work[None]:
    """Wait up to ``--ping`` seconds for each slave to connect; it cannot fail (section 1.6)."""
    network = tool.connections.network
    for slave in (yield from _live_slaves(tool)):
        here, there = slave.process.host.name, new.process.host.name
        route = network.route(here, there)
        if not (route.open and new.process.running and new.listening):
            yield from tool.connections.sleep(tool.spec.ping)


def _settle(tool: MysqlFailover, old: ManagedServer, new: ManagedServer) -> Work[None]:
    tool.slaves = tuple(slave for slave in tool.slaves if slave not in tool.discovered)
    tool.discovered = ()
    yield from discover(tool)
    yield Wait(tool.kernel.now + _PAUSE_NS)
    yield from _post_failover(tool, old, new)
    unregister_slaves(tool)
    tool.record("registering", server=new.address)
    yield from _demand(tool, new, "register")
    register(tool)


def _post_failover(
    tool: MysqlFailover, old: ManagedServer, new: ManagedServer | None
) -> Work[None]:
    yield from tool.run_script("exec-post-failover", tool.hooks.exec_post_failover, old, new)
