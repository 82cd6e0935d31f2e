"""A small design model with one of everything, on which the reading of specs is tested."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from models.spec import (
    AtPath,
    Duration,
    LawField,
    Name,
    PerSecond,
    PositiveDuration,
    Probability,
    Rate,
    StrictModel,
    YesNo,
)
from sim.clock import NS_PER_S


class Disk(StrictModel):
    kind = "disk"
    size_gb: int = Field(ge=1, le=1000)
    failures: LawField | None = None


class Host(StrictModel):
    kind = "host"
    name: Name
    site: Literal["east", "west"] = "east"
    disk: Disk | None = None
    weights: tuple[tuple[int, ...], ...] = ()


class Sentinel(StrictModel):
    kind = "sentinel"
    quorum: int = Field(gt=0)
    down_after_milliseconds: PositiveDuration = 30 * NS_PER_S
    failover_timeout: Duration = 180 * NS_PER_S
    appendonly: YesNo = False
    master: Name | None = None


class Shell(StrictModel):
    kind = "check"
    type: Literal["shell"]
    command: str = Field(min_length=1, max_length=20)


class Tcp(StrictModel):
    kind = "check"
    type: Literal["tcp"]
    port: int = Field(lt=65536)


class Load(StrictModel):
    writes: PerSecond = 1.0
    faults: Rate = 0.0
    p_lost: Probability = 0.0


class Design(StrictModel):
    kind = "design"
    name: Name
    hosts: tuple[Host, ...] = Field(min_length=1)
    sentinels: dict[Name, Sentinel] = Field(default={})
    checks: tuple[Annotated[Shell | Tcp, Field(discriminator="type")], ...] = ()
    load: Load = Load()
    pair: tuple[int, int] = (0, 0)
    verbose: bool = False
    note: str = ""

    @model_validator(mode="after")
    def masters_are_hosts(self) -> Design:
        names = [host.name for host in self.hosts]
        for key, sentinel in self.sentinels.items():
            if sentinel.master is not None and sentinel.master not in names:
                message = f"sentinel '{key}' watches '{sentinel.master}', which is no host"
                raise AtPath(("sentinels", key, "master"), message)
        return self


HEAD = "name: two\nhosts:\n  - name: a01\n"
"""Three lines that are a valid `Design`; a case goes on from line 4."""
