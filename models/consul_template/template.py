"""The talk's template of /etc/hosts (slide 84, ``deck.md`` section 2.6), rendered.

Two lines a node, its short name and its name under ``.node``, then for each service a line an
instance. Tags are not in it, so a tagged name such as ``master.foo-redis.service.dc1.consul`` is
never in the file. The fixed lines at its top (localhost) are left out.
"""

from __future__ import annotations

from functools import lru_cache

from models.consul_template.view import Entries, Line


@lru_cache(maxsize=256)
def render(
    nodes: Entries, services: tuple[tuple[str, Entries], ...], datacenter: str
) -> tuple[Line, ...]:
    """Return the lines of the file, from the top."""
    lines: list[Line] = []
    for name, address in nodes:
        lines.append((address, (name,)))
        lines.append((address, (f"{name}.node.{datacenter}.consul",)))
    for service, instances in services:
        full = f"{service}.service.{datacenter}.consul"
        lines += [(address, (full,)) for _, address in instances]
    return tuple(lines)
