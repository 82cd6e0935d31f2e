"""What mysqlfailover does before its loop: connect, discover, check, register.

Source: ``mysqlfailover.md`` section 1.2; ``topology.py`` ``check_privileges`` for the candidates,
each of which must be reachable when the tool starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from models.mysqlfailover.registration import register, unregister_slaves
from models.mysqlfailover.thread import ToolExit, Work
from sim.clock import NS_PER_S

if TYPE_CHECKING:
    from models.mysqlfailover.tool import MysqlFailover

# "Failover console will start in 10 seconds", after the mode has changed to fail.
_NOTICE_NS: Final = 10 * NS_PER_S


def start_up(tool: MysqlFailover) -> Work[None]:
    """Do all that; raises ToolExit if the master (or a candidate) cannot be reached."""
    connections = tool.connections
    if not (yield from connections.connect(tool.master_link)):
        raise ToolExit("master-unreachable")
    for slave in tool.slaves:
        # A slave that cannot be reached is left out of the topology until a report finds it.
        yield from connections.connect(tool.link(slave))
    yield from discover(tool)
    for name in tool.command_line.candidates:
        link = tool.link(tool.servers[name])
        if not link.current and not (yield from connections.connect(link)):
            raise ToolExit("candidate-unreachable")
    unregister_slaves(tool)
    tool.record("registering", server=tool.master.address)
    if register(tool, clear=tool.command_line.force):
        yield from connections.sleep(_NOTICE_NS)
    check_errant(tool)
    tool.record("started", mode=tool.mode, master=tool.master.address)
    tool.phase = "calm"


def discover(tool: MysqlFailover) -> Work[None]:
    """Add the slaves that the master knows of, if the tool was started to discover them."""
    for server in tool.new_slaves():
        if (yield from tool.connections.connect(tool.link(server))):
            tool.slaves = (*tool.slaves, server)
            tool.discovered = (*tool.discovered, server)
            tool.record("discovered", slave=server.address)


def check_errant(tool: MysqlFailover) -> None:
    """Warn of errant transactions when they change; with ``--pedantic`` they end the tool."""
    found = tool.errant()
    if found != tool.errant_known:
        tool.errant_known = found
        if found:
            tool.record("errant-transactions", slaves=" ".join(found))
    if found and tool.spec.pedantic:
        raise ToolExit("errant-transactions")
