"""The row in ``mysql.failover_console``, by which a second tool finds out that it is the second.

Source: ``mysqlfailover.md`` section 1.8. The row lives on the master, is not replicated, survives
the tool, and makes whoever finds it fall back to mode ``fail``: also the same tool after a restart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.mysqlfailover.tool import MysqlFailover


def register(tool: MysqlFailover, *, clear: bool = False) -> bool:
    """Write the row on the master, or fall back to mode fail; returns whether the mode changed.

    ``clear`` drops the table first, whoever's row is in it (``--force``, at the start only).
    """
    if tool.mode == "fail":
        return False
    master = tool.master
    if clear:
        master.failover_console = ""
    if master.failover_console:
        tool.mode = "fail"
        tool.record("failover-mode", mode="fail", registered=master.failover_console)
        return True
    master.failover_console = tool.process.path
    return False


def unregister_slaves(tool: MysqlFailover) -> None:
    """Drop the table on the slaves that are connected, whoever wrote it."""
    if tool.mode == "fail":
        return
    for slave in tool.slaves:
        if tool.connections.answers(tool.link(slave)):
            slave.failover_console = ""


def unregister(tool: MysqlFailover) -> None:
    """Drop the table on the master, at the end of a tool that was not in mode fail."""
    if tool.mode != "fail":
        tool.master.failover_console = ""
