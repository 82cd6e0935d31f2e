"""The state of a world at rest: what decides how the next incident will go.

At rest nothing is scheduled. What has been left over from earlier incidents is still there: who is
master, where the Sentinels are and whom they count, what nobody restarts, what is struck and has
not been noticed. Left out, and so taken as it comes in the states that are told apart: which Consul
server leads, errant GTIDs, options that somebody has given to a tool since. They were seen to
change little; each would multiply the states.
"""

from __future__ import annotations

import json

from experiments.building.world import World


def state_at_rest(world: World) -> str:
    """The state in words, as JSON."""
    members = [one for group in world.sentinels for one in group.members]
    sentinels = {one.process.path for group in world.sentinels for one in group.ever}
    state = {
        "second": world.service.second,
        "masters": {name: sorted(store.masters) for name, store in world.stores.items()},
        "sentinels": sorted(
            (one.process.host.name, one.process.running, len(one.peers), one.master)
            for one in members
        ),
        "dead": sorted(
            name
            for name, process in world.processes.items()
            if not process.alive and process.path not in sentinels
        ),
        "standing": sorted(f"{fault.cause}/{fault.target}" for fault in world.board.faults),
    }
    return json.dumps(state, sort_keys=True)
