"""Names under ``.consul`` taken apart, and what an answer to one looks like.

``[tag.]service.service[.datacenter].consul`` and ``host.node[.datacenter].consul``: ``consul.md``
sections 3 and 4.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, NamedTuple

DnsStatus = Literal["noerror", "empty", "nxdomain", "servfail", "refused", "timeout"]


class DnsAnswer(NamedTuple):
    """``addresses`` (host names) are empty unless ``status`` is ``noerror``.

    ``empty`` is NOERROR without records; ``refused``: no agent process listens on that host;
    ``timeout``: it listens or its host is silent, but no answer comes.
    """

    status: DnsStatus
    addresses: tuple[str, ...] = ()


class Question(NamedTuple):
    """A name taken apart; ``kind`` "" is a name that Consul does not serve."""

    kind: Literal["service", "node", ""]
    name: str = ""
    tag: str = ""


@lru_cache(maxsize=4096)
def parse(name: str, datacenter: str) -> Question:
    """Take a DNS name apart; a final dot, and the case of tag and node, do not matter."""
    labels = name.rstrip(".").split(".")
    if labels.pop().lower() != "consul":
        return Question("")
    if labels[-1:] and labels[-1].lower() == datacenter.lower():
        labels.pop()
    if len(labels) < 2:
        return Question("")
    kind = labels.pop().lower()
    if kind == "service":
        # Labels before the service's name are joined with "." as one tag (section 4).
        return Question("service", labels[-1], ".".join(labels[:-1]).lower())
    if kind == "node":
        return Question("node", ".".join(labels).lower())
    return Question("")
