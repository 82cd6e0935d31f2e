"""Options of Redis Sentinel for one monitored master, by sentinel.conf's own names."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from models.spec import Duration, Name, PositiveDuration, StrictModel
from sim.clock import from_seconds


class SentinelSpec(StrictModel):
    """Defaults are those of sentinel.conf (``sentinel.md`` section 1).

    ``version: "2015"`` selects 2.8/3.0 behaviour (``sentinel.md`` section 15). ``processes``
    places the Sentinels: name -> host. ``started_apart`` and ``started_ago`` say how they were
    started, for a cluster too young for their PINGs to have become independent of each other.
    """

    kind: ClassVar[str] = "sentinel"
    version: Literal["7.0", "2015"] = "7.0"
    quorum: int = Field(ge=1)
    down_after_milliseconds: PositiveDuration = from_seconds(30)
    failover_timeout: PositiveDuration = from_seconds(180)
    parallel_syncs: int = Field(default=1, ge=1)
    processes: dict[Name, Name]
    started_apart: Duration | None = None
    started_ago: Duration = 0
