"""What an application is configured with."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from models.spec import AtPath, Name, PerSecond, PositiveDuration, StrictModel, YesNo

Resolver = Literal["consul", "system", "sentinel", "fixed"]
"""Who is asked for an address: the Consul agent's DNS, the C library (hosts file, then dnsmasq),
the Sentinels, or nobody (the configuration names the first master)."""

Runtime = Literal["libc", "go", "jvm", "nginx", "pool"]


class BufferSpec(StrictModel):
    """Holding requests back while the store cannot be reached (slide 92 of the talk).

    Up to ``size`` requests wait, each at most ``timeout``; then they fail, late.
    """

    kind: ClassVar[str] = "buffer"
    size: int = Field(ge=1)
    timeout: PositiveDuration


class StoreUseSpec(StrictModel):
    """A pool of persistent connections to the master of a data store.

    ``lookup`` is the name that is resolved; by default the name of the store's Consul service.
    The time-outs have no defaults: they differ from client to client, and the outcome hangs on
    them.
    """

    kind: ClassVar[str] = "store"
    resolver: Resolver
    lookup: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    write_rate: PerSecond = Field(gt=0)
    connect_timeout: PositiveDuration
    read_timeout: PositiveDuration
    retry_interval: PositiveDuration
    buffer: BufferSpec | None = None

    @model_validator(mode="after")
    def _looked_up_somewhere(self) -> StoreUseSpec:
        if self.lookup and self.resolver in ("sentinel", "fixed"):
            raise AtPath(("lookup",), f"resolver '{self.resolver}' looks no name up")
        return self


class CallSpec(StrictModel):
    """Requests to another application, found under the name of its Consul service.

    ``request-rate`` is that of one calling instance. ``runtime`` says when the name is resolved
    again (``consul.md`` section 8.2): at each connection (``libc``), or from a cache. With
    ``tries-next-address`` a request whose first address refuses or is silent goes to another one.
    """

    kind: ClassVar[str] = "call"
    resolver: Literal["consul", "system"]
    lookup: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    request_rate: PerSecond = Field(gt=0)
    runtime: Runtime = "libc"
    tries_next_address: YesNo = False

    @model_validator(mode="after")
    def _caches_what_the_library_says(self) -> CallSpec:
        if self.resolver == "consul" and self.runtime != "libc":
            raise AtPath(
                ("runtime",), "a runtime caches what resolver 'system' says; this asks Consul"
            )
        return self


class ApplicationSpec(StrictModel):
    """An application. ``instances``: name -> host; ``stores`` and ``calls``: what it depends on.

    ``traffic: public`` counts an instance only while its host is in touch with the public network
    (a host that is cut off serves nobody); ``internal`` works whenever it runs. ``capacity`` is how
    many requests a second one instance serves when others call it; more than that, and all wait.
    """

    kind: ClassVar[str] = "application"
    instances: dict[Name, Name] = Field(min_length=1)
    traffic: Literal["public", "internal"] = "public"
    stores: dict[Name, StoreUseSpec] = Field(default={})
    calls: dict[Name, CallSpec] = Field(default={})
    capacity: PerSecond | None = Field(default=None, gt=0)
