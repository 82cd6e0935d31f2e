"""Whom a Sentinel knows: records of Redis servers and of other Sentinels, made and forgotten.

Source: ``sentinel.md`` sections 5 and 14: a Sentinel that was ever seen counts towards the
majority until a SENTINEL RESET.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.process import Process
from models.sentinel.hello import HelloChannel
from models.sentinel.instance import Instance
from models.sentinel.link import Link
from models.sentinel.part import Part
from models.sentinel.peer_view import PeerView
from models.sentinel.redis_view import RedisView
from models.sentinel.timers import ping_cycle_ns

if TYPE_CHECKING:
    from models.sentinel.sentinel import Sentinel


def watch_instance(me: Sentinel, instance: Instance) -> RedisView:
    """Make a record of a Redis server and a connection to it."""
    base = f"{me.name}>{instance.address}"
    link = _link(me, base, instance.process)
    view = RedisView(me.kernel, f"{base}/view", me, instance, link)
    me.views = (*me.views, view)
    _open_channel(me, base, link, instance.address)
    return view


def meet(me: Sentinel, other: Sentinel) -> PeerView:
    """Make a record of another Sentinel; from now on it counts as known."""
    base = f"{me.name}>{other.name}"
    link = _link(me, base, other.process)
    peer = PeerView(me.kernel, f"{base}/view", me, other, link)
    me.peers = (*me.peers, peer)
    _open_channel(me, base, link, other.name)
    me.record("+sentinel", name=other.name)
    return peer


def discover(me: Sentinel, replica: str) -> bool:
    """Make a record of a replica that the master lists; return whether it was unknown."""
    if any(view.address == replica for view in me.views):
        return False
    me.record("+slave", name=replica)
    watch_instance(me, me.group.instances[replica])
    return True


def forget_all(me: Sentinel) -> None:
    """Drop the records of all other Sentinels and of all replicas."""
    replicas = tuple(view for view in me.views if not view.is_master)
    forgotten = {peer.address for peer in me.peers} | {view.address for view in replicas}
    closed = tuple(channel for channel in me.channels if channel.target in forgotten)
    parts: tuple[Part, ...] = (*me.peers, *replicas, *closed)
    for part in parts:
        part.retire()
    me.channels = tuple(channel for channel in me.channels if channel not in closed)
    me.peers = ()
    me.views = (me.master_view,)


def _link(me: Sentinel, base: str, peer: Process) -> Link:
    route = me.network.route(me.process.host.name, peer.host.name)
    return Link(
        me.kernel,
        f"{base}/link",
        (me.process, peer, route),
        me.ticks,
        _ping_phase_ns(me, base, peer),
        me.spec.down_after_milliseconds,
        every_tick=me.spec.version == "2015",
    )


def _ping_phase_ns(me: Sentinel, base: str, peer: Process) -> int:
    """The first master's PINGs keep the phase of the start; each other link has its own.

    In ``C4_hostB_down`` the +sdown of a replica and of a Sentinel of the same host share a tick in
    26 of 100 trials, as independent cycles would.
    """
    if peer.path == me.group.first_master:
        return me.phases.ping_ns
    cycle_ns = ping_cycle_ns(me.spec.down_after_milliseconds)
    return me.kernel.now + me.kernel.stream(base, "ping").between(0, cycle_ns)


def _open_channel(me: Sentinel, base: str, link: Link, target: str) -> None:
    channel = HelloChannel(me.kernel, f"{base}/hello", me, link, target)
    me.channels = (*me.channels, channel)
