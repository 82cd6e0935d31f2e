"""The worst incidents: what happened in each, as a sentence, a picture and a table of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from experiments.durations import clock, lasting
from experiments.review.lanes import MOST_EVENTS, USERS, Event, Lane, events_of, lanes_of
from experiments.review.markup import Html, element, joined, paragraphs, section, table
from experiments.review.swim_lane import swim_lanes, views
from experiments.statistics import short_number

if TYPE_CHECKING:
    from experiments.review.material import Material
    from experiments.review.shown_incidents import ShownIncident

DAY_S: Final = 86_400.0


def incidents_section(material: Material) -> Html:
    """Each incident with its timeline, by design and profile."""
    several = len(material.profiles) > 1
    return section(
        "incidents",
        "The worst incidents",
        paragraphs(
            "Each picture is one incident of the simulated years, run again with its timeline. "
            "A row is a host, a program, a published name, or (the last row) what users get; its "
            "colours and patterns are states, the marks above are what the programs logged. "
            "Choose a picture and zoom with + and −, move with the arrow keys, 0 shows all.",
        ),
        *(
            joined(
                element("h3", f"{design}, {profile}" if several else design),
                *_of_point(material, design, profile),
            )
            for profile in material.profiles
            for design in material.designs
        ),
    )


def _of_point(material: Material, design: str, profile: str) -> list[Html]:
    found = [one for one in material.incidents if (one.design, one.profile) == (design, profile)]
    if not found:
        return [element("p", "No incident with downtime or split brain in these years.")]
    return [_incident(one) for one in found]


def _incident(incident: ShownIncident) -> Html:
    lanes, left_out = lanes_of(incident)
    bars = incident.timeline.intervals
    window = (
        float(bars["start_s"].min()) - incident.start_s,
        float(bars["end_s"].max()) - incident.start_s,
    )
    whole, view = views(incident.harm_end_s - incident.start_s, window)
    events = events_of(incident, lanes)
    title = f"{incident.why[:1].upper()}{incident.why[1:]}: {_cause_words(incident)}"
    return element(
        "article",
        element("h4", title),
        element("p", told(incident)),
        swim_lanes(lanes, whole, view, f"Timeline of {incident.id}"),
        element("p", _caption(lanes, left_out), class_="note"),
        element(
            "details",
            element("summary", f"Table of events ({len(events)})"),
            _events(events, incident.id),
        ),
        class_="incident",
        id=f"incident-{incident.id}".replace("/", "-"),
    )


def _cause_words(incident: ShownIncident) -> str:
    target = f" on {incident.target}" if incident.target not in ("", "-") else ""
    return f"{incident.cause}{target}"


def told(incident: ShownIncident) -> str:
    """What happened, in a few sentences."""
    day = int(incident.start_s // DAY_S) + 1
    more = incident.faults - 1
    also = f" {more} more fault{'s' * (more > 1)} began meanwhile." if more > 0 else ""
    harm = [
        f"down for {lasting(incident.downtime_s)}" if incident.downtime_s else "",
        f"with two masters for {lasting(incident.split_brain_s)}" if incident.split_brain_s else "",
    ]
    said = " and ".join(words for words in harm if words) or "never down"
    lost = (
        f" {short_number(float(round(incident.writes_lost)))} acknowledged writes were lost."
        if round(incident.writes_lost)
        else ""
    )
    failovers = (
        f" Failovers: {incident.failovers_true} true, {incident.failovers_false} false."
        if incident.failovers_true or incident.failovers_false
        else " Nothing was failed over."
    )
    return (
        f"It began on day {day} of simulated year {incident.replication} with "
        f"{_cause_words(incident)}.{also} The service was {said}; the last of it was over "
        f"{lasting(incident.harm_end_s - incident.start_s)} after the first fault.{lost}{failovers}"
    )


def _caption(lanes: list[Lane], left_out: int) -> str:
    dropped = f" {left_out} rows in which less happens are left out." if left_out else ""
    return f"Hours:minutes:seconds since the first fault; {len(lanes)} rows.{dropped}"


def _events(events: list[Event], identity: str) -> Html:
    shown = events
    if len(events) > MOST_EVENTS:
        # What users get is never left out; of the rest, the beginning tells most.
        users = [one for one in events if one.who == USERS][:MOST_EVENTS]
        others = [one for one in events if one.who != USERS][: max(0, MOST_EVENTS - len(users))]
        shown = sorted([*users, *others])
    rest = len(events) - len(shown)
    return joined(
        table(
            ["since the first fault", "who", "what"],
            [[clock(one.time), one.who, one.what] for one in shown],
            caption=f"Events of {identity}",
            class_="events",
        ),
        element("p", f"{rest} more are left out.", class_="note") if rest else None,
    )
