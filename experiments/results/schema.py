"""The columns of a study's tables: the one place where each is named, typed and explained.

`RUNS` has a row a run, `INCIDENTS` a row an incident, `CAUSES` a row for each cause of downtime
or split brain in a run, `LOADS` a row a backend that others call, `STAGES` a row for each stage of
the outage in an incident, `CONTROLS` a row for each kind of draw in a run. Documentation is made
from these lists, and reading and writing checks against them, so that a column cannot exist
undescribed.

Which second counts for what: every second of a run has exactly one class, in the priority
split-brain > down > degraded > unprotected > good, so the five columns of `CLASS_COLUMNS` add up
to `horizon_s`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "integer", "number"]


@dataclass(frozen=True)
class Column:
    """One column of a table: its name, kind, unit ("" if it has none) and one line of meaning.

    In pandas, text is `str`, integer `Int64` and number `Float64`: the masked types, because a
    failed run has no measurements, and a NaN is not the same as none.
    """

    name: str
    kind: Kind
    unit: str
    description: str


def _text(name: str, description: str) -> Column:
    return Column(name, "text", "", description)


def _count(name: str, description: str) -> Column:
    return Column(name, "integer", "count", description)


def _seconds(name: str, description: str) -> Column:
    return Column(name, "number", "s", description)


POINT = (
    _text("design", "name of the design"),
    _text("profile", "name of the profile that it was put under"),
    Column("replication", "integer", "", "number of the replication: with the seed, it fixes all"),
)
"""What identifies a run, and opens every table."""

CLASS_COLUMNS = {
    "good": "good_s",
    "unprotected": "unprotected_s",
    "degraded": "degraded_s",
    "down": "downtime_s",
    "split-brain": "split_brain_s",
}
"""The column of `RUNS` that holds the seconds of each class, from the best to the worst."""

RUNS = (
    *POINT,
    _text("status", "ok or failed; a failed run has no measurements"),
    _text("error", "stage and traceback of a failed run, empty otherwise"),
    _seconds("horizon_s", "simulated time"),
    Column(
        "availability",
        "number",
        "share",
        "share of the requests to the applications that succeeded",
    ),
    _seconds("good_s", "seconds of class good: served, and a stand-by is ready"),
    _seconds("unprotected_s", "seconds of class unprotected: served, and no stand-by is ready"),
    _seconds("degraded_s", "seconds of class degraded: served in part"),
    _seconds("downtime_s", "seconds of class down: requests are not served"),
    _seconds("split_brain_s", "seconds of class split-brain: two or more masters accept writes"),
    _seconds("split_brain_unserved_s", "seconds of split brain in which requests are not served"),
    _seconds("split_brain_written_s", "seconds in which two or more masters received writes"),
    _count("failovers_true", "promotions while no other master accepted writes"),
    _count("failovers_false", "promotions while another master accepted writes"),
    _count("failovers_missed", "failures of the master that no failover answered in time"),
    _count("swaps", "planned swaps of master and stand-by that were carried out"),
    _count(
        "swaps_skipped", "planned swaps that were put off, or given up, because not all was well"
    ),
    _count("swaps_wrong", "planned swaps that went wrong"),
    _count("split_brains", "times that a split brain began"),
    Column("writes_acked", "number", "writes", "writes acknowledged to the application"),
    Column("writes_lost", "number", "writes", "acknowledged writes absent from what survived"),
    _seconds("name_empty_s", "seconds in which the published name had no answer"),
    _seconds("name_wrong_s", "seconds in which the published name led to a host not the master"),
    _seconds("name_double_s", "seconds in which the published name had two answers"),
    _seconds(
        "recovery_debt_s", "seconds from the end of an outage until a stand-by is ready again"
    ),
    _count("pages", "times that a person was called"),
    _count("interventions", "things that a person did to the running system"),
    _count("hosts_rewrites", "times that a hosts file was written anew, over all hosts"),
    _count("dnsmasq_restarts", "times that a dnsmasq was restarted for it, over all hosts"),
    Column(
        "requests_saved", "number", "requests", "requests that waited in a buffer and were served"
    ),
    Column(
        "requests_failed_late", "number", "requests", "requests that waited in a buffer in vain"
    ),
    _seconds("requests_waited_s", "seconds spent waiting in buffers, summed over the requests"),
    _count("faults", "faults that began"),
    _count("incidents", "incidents: from the first fault until the world is nominal again"),
    _count("kernel_events", "events that the kernel executed"),
)

CAUSES = (
    *POINT,
    _text("cause", "name of the fault that the seconds are charged to"),
    _seconds("downtime_s", "seconds of class down charged to the cause"),
    _seconds("split_brain_s", "seconds of class split-brain charged to the cause"),
    _count("incidents", "incidents that the cause began"),
)

LOADS = (
    *POINT,
    _text("application", "name of the application that was called"),
    _text("backend", "its instance, such as web1@foo-app01"),
    Column("requests", "number", "requests", "requests that arrived at this instance"),
    Column("share", "number", "share", "of the requests that arrived at all instances"),
    _seconds("overloaded_s", "seconds in which more arrived than it can serve"),
)

INCIDENTS = (
    *POINT,
    _count("incident", "number of the incident in its run, from 0"),
    _text("id", "design/profile/replication/incident"),
    _seconds("start_s", "start of the first fault, since the start of the run"),
    _seconds("end_s", "when the world was nominal again, since the start of the run"),
    _seconds("duration_s", "end_s - start_s"),
    _text("cause", "name of the first fault"),
    _text("target", "what the first fault struck"),
    _count("faults", "faults that began in the incident"),
    _seconds("downtime_s", "seconds of class down in the incident"),
    _seconds("split_brain_s", "seconds of class split-brain in the incident"),
    _seconds("degraded_s", "seconds of class degraded in the incident"),
    _seconds("unprotected_s", "seconds of class unprotected in the incident"),
    Column("writes_lost", "number", "writes", "acknowledged writes that the incident lost"),
    _count("failovers_true", "promotions while no other master accepted writes"),
    _count("failovers_false", "promotions while another master accepted writes"),
)

STAGES = (
    *POINT,
    _count("incident", "number of the incident in its run, from 0"),
    _text("stage", "stage of the outage"),
    Column("downtime_ns", "integer", "ns", "time of class down in the stage, exact"),
    _seconds("downtime_s", "the same in seconds"),
)

CONTROLS = (
    *POINT,
    _text("control", "what was drawn, such as every/vpn-flap or on-call/stuck/fix"),
    Column("value", "number", "s, or count", "what was drawn less its mean; 0 on average"),
)

TABLES: dict[str, tuple[Column, ...]] = {
    "runs": RUNS,
    "incidents": INCIDENTS,
    "causes": CAUSES,
    "loads": LOADS,
    "stages": STAGES,
    "controls": CONTROLS,
}
"""The tables of a study by the name of their file."""


def incident_id(design: str, profile: str, replication: int, incident: int) -> str:
    """The id of an incident, for example `deck-redis/cloud-2015/17/3`."""
    return f"{design}/{profile}/{replication}/{incident}"
