"""How the C library of the hosts is configured: ``consul.md`` section 8.1."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from models.spec import PositiveDuration, StrictModel, YesNo
from sim.clock import from_seconds


class ResolverSpec(StrictModel):
    """nsswitch.conf (``hosts``), host.conf (``multi``), resolv.conf (``timeout``, ``attempts``).

    ``multi`` off is glibc's built-in default; Debian 12 and the RHEL family ship a host.conf that
    turns it on. ``hosts: dns`` is a client that asks dnsmasq alone, to compare with. ``call`` is
    what programs use: getaddrinfo sorts what it has found (rule 9), gethostbyname does not.
    ``nscd`` on keeps negative answers for 20 s. All defaults from section 8.1.
    """

    kind: ClassVar[str] = "resolver"
    hosts: Literal["files dns", "dns"] = "files dns"
    multi: YesNo = False
    call: Literal["getaddrinfo", "gethostbyname"] = "getaddrinfo"
    timeout: PositiveDuration = from_seconds(5)
    attempts: int = Field(default=2, ge=1)
    nscd: YesNo = False

    @property
    def silence_ns(self) -> int:
        """How long a lookup takes to fail when the one nameserver says nothing."""
        return self.timeout * self.attempts
