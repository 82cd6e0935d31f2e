"""The scripts that mysqlfailover calls, which is where a design ties in names and addresses.

Source: ``mysqlfailover.md`` sections 1.1 and 1.6. No script has a time-out. One that ends with a
code of ``--script-threshold`` or more ends the tool where it stands (half-way through a failover);
from 1.6.5 on that is only logged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from models.mysqlfailover.servers import ManagedServer

Hook: TypeAlias = Callable[[ManagedServer, "ManagedServer | None", Callable[[int], object]], object]
"""``hook(old, new, done)``: begins; calls ``done(exit_code)``, at once or later, when it ends."""


class Hooks(NamedTuple):
    """The scripts of one mysqlfailover; None: not given.

    ``exec_fail_check`` replaces all built-in checks, and runs in every loop: other than 0 is an
    immediate failover. ``exec_before`` comes after the candidate has caught up and before anything
    is switched, ``exec_after`` once the slaves have been started, ``exec_post_failover`` 5 s later,
    and also (without a new master) when the tool ends in mode fail.
    """

    exec_fail_check: Hook | None = None
    exec_before: Hook | None = None
    exec_after: Hook | None = None
    exec_post_failover: Hook | None = None
