"""The post-mortem of an incident, in Markdown: impact, causes, what happened, who believed what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from experiments.durations import clock, lasting
from experiments.stages import STAGES
from experiments.statistics import short_number
from sim.clock import to_seconds

if TYPE_CHECKING:
    from experiments.incidents.replaying import Replay

BELIEVERS: Final = {
    "sentinel": "Sentinel",
    "monitor": "mysqlfailover",
    "consul": "Consul",
    "name": "published name",
    "names": "names on a host",
    "application": "application",
    "load": "load",
}
"""Kinds of lanes that say what somebody holds for true, as opposed to what is true."""

MOST_STATES: Final = 12
"""Of an observer who changes its mind more often, the first so many are told."""


def post_mortem(replay: Replay) -> str:
    """Write the post-mortem; times are h:mm:ss since the first fault."""
    parts = [
        _head(replay),
        _impact(replay),
        _causes(replay),
        _happened(replay),
        _believed(replay),
        _again(replay),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(replay: Replay) -> str:
    row = replay.incident
    began = began_with(row)
    day, year = int(row["start_s"] // 86_400) + 1, int(row["replication"])
    more = int(row["faults"]) - 1
    others = "" if more < 1 else f" {more} more fault{'s' * (more > 1)} began meanwhile."
    return (
        f"# Post-mortem: {began}\n\n"
        f"Incident `{row['id']}`: design {row['design']} under {row['profile']}. It began on day "
        f"{day} of simulated year {year} with {began} and was over after "
        f"{lasting(row['duration_s'])}.{others} Times below are hours:minutes:seconds since then."
    )


def began_with(row: Mapping[str, Any]) -> str:
    """What an incident began with; an aftermath begins without any fault at work."""
    if row["cause"] == "aftermath":
        return "the aftermath of something that was over"
    return f"{row['cause']} on {row['target']}"


def _impact(replay: Replay) -> str:
    row = replay.incident
    rows = [
        ("down", lasting(row["downtime_s"])),
        ("split brain: two masters accepted writes", lasting(row["split_brain_s"])),
        ("degraded", lasting(row["degraded_s"])),
        ("served without a stand-by", lasting(row["unprotected_s"])),
        ("acknowledged writes lost", short_number(row["writes_lost"])),
        ("failovers", f"{row['failovers_true']} true, {row['failovers_false']} false"),
    ]
    return f"## Impact\n\n{_table(('what', 'how much'), rows)}"


def _causes(replay: Replay) -> str:
    faults = [
        (
            clock(to_seconds(one.start_ns - replay.start_ns)),
            f"{one.kind} on {one.target}",
            one.cause,
            _until(one.lasts_ns),
        )
        for one in replay.faults
    ]
    struck = _table(("began", "fault", "cause", "lasted"), faults)
    stages = [
        (stage, lasting(seconds), STAGES[stage])  # type: ignore[index]
        for stage, seconds in replay.stages.items()
    ]
    if not stages:
        return f"## Causes\n\n{struck}"
    waited = _table(("stage", "down for", "a second in which"), stages)
    return f"## Causes\n\n{struck}\n\nWhat the time down was spent on:\n\n{waited}"


def _until(lasts_ns: int | None) -> str:
    if lasts_ns is None:
        return "beyond the end of the incident"
    return lasting(to_seconds(lasts_ns)) if lasts_ns else "at once over"


def _happened(replay: Replay) -> str:
    """The marks of the timeline, and what users got, in order of time."""
    origin_s = replay.timeline.origin_s
    marks = replay.timeline.marks
    told = [
        (float(time_s) - origin_s, str(lane), str(label))
        for lane, time_s, label in marks[["lane", "time_s", "label"]].itertuples(index=False)
    ]
    told += [(at_s, "users", f"**{state}**") for at_s, state in _changes(replay, "class")]
    rows = [(clock(at_s), who, what) for at_s, who, what in sorted(told, key=lambda one: one[0])]
    return f"## What happened\n\n{_table(('when', 'who', 'what'), rows)}"


def _changes(replay: Replay, kind: str) -> Iterator[tuple[float, str]]:
    bars = replay.timeline.intervals
    of_kind = bars[bars["kind"] == kind]
    for state, start_s in of_kind[["state", "start_s"]].itertuples(index=False):
        yield float(start_s) - replay.timeline.origin_s, str(state)


def _believed(replay: Replay) -> str:
    """Of every observer that changed its mind: what it held for true, and from when on."""
    bars = replay.timeline.intervals
    rows = []
    for lane, of_lane in bars.groupby("lane", sort=False):
        kind = str(of_lane["kind"].iloc[0])
        if kind not in BELIEVERS or of_lane["state"].nunique() < 2:
            continue
        states = [
            f"{state} ({clock(float(start_s) - replay.timeline.origin_s)})"
            for state, start_s in of_lane[["state", "start_s"]].itertuples(index=False)
        ]
        left = len(states) - MOST_STATES
        more = f", and {left} more" if left > 0 else ""
        rows.append((BELIEVERS[kind], str(lane), ", ".join(states[:MOST_STATES]) + more))
    if not rows:
        return ""
    heads = ("kind", "observer", "what it held for true (from when on)")
    return f"## Who believed what\n\n{_table(heads, rows)}"


def _again(replay: Replay) -> str:
    name = replay.incident["id"]
    return (
        "## To see it again\n\n```sh\n"
        f"sengu replay DIR {name} --timeline incident.png   # the picture\n"
        f"sengu shrink DIR {name}   # the fewest faults that still cause it\n```"
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(_cell(text) for text in line)} |" for line in lines)


def _cell(text: str) -> str:
    """A text that does not end its cell: a name may hold any character."""
    return text.replace("|", "\\|").replace("\n", " ")
