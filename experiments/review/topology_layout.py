"""Where the hosts of a design stand in its drawing, and where lines meet them. Units: pixels.

Two columns for the two sites with most of the data (for one site: its masters and its others), and
one between them for all further sites, below the rows in which a master faces its stand-by. So
replication runs straight across, and what watches from a third site comes from below.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from experiments.review.topology import Relation, Topology

Column = Literal["left", "middle", "right"]

HOST_WIDTH: Final = 226
PADDING: Final = 14
SITE_HEAD: Final = 34
HOST_HEAD: Final = 27
LINE: Final = 20
PORT: Final = 15
ROW_GAP: Final = 16
GAP: Final = 170
NARROW_GAP: Final = 104
MARGIN: Final = 56
"""At the sides, for lines between hosts of one column."""


class Box(NamedTuple):
    """A rectangle."""

    x: int
    y: int
    width: int
    height: int


class Line(NamedTuple):
    """A relation and the points it joins; ``bend``: how far it swings out, 0 between columns."""

    relation: Relation
    start: tuple[int, int]
    end: tuple[int, int]
    bend: int


class Layout(NamedTuple):
    """The size of the drawing, the boxes by site and host, the lines, and the bands of paths."""

    width: int
    height: int
    sites: dict[str, Box]
    hosts: dict[str, Box]
    lines: list[Line]
    bands: list[tuple[str, str, Box]]


def layout_of(topology: Topology) -> Layout:
    """Places for everything; equal designs get equal drawings."""
    columns = _columns(topology)
    rows = _rows(topology, columns)
    ports = _ports(topology, columns, rows)
    heights = {
        host: max(
            HOST_HEAD + LINE * max(len(programs), 1) + 8,
            HOST_HEAD + PORT * max((used for (one, _), used in ports.used.items() if one == host),
                                   default=0) + 8,
        )
        for host, programs in topology.programs.items()
    }  # fmt: skip
    middle = any(column == "middle" for column in columns.values())
    one_site = len(topology.sites) == 1
    bent = {
        _sides(one.source, one.target, columns)[0]
        for one in topology.relations
        if columns[one.source] == columns[one.target]
    }
    lefts = _column_lefts(middle=middle, margin=MARGIN if "left" in bent else 2)
    tops, bottom = _tops(topology, columns, rows, heights)
    hosts = {
        host: Box(lefts[columns[host]], tops[host], HOST_WIDTH, heights[host])
        for host in topology.programs
    }
    sites = {
        site: _site_box(
            [hosts[one] for one in names],
            bottom=bottom,
            whole=one_site or columns[names[0]] != "middle",
        )
        for site, names in topology.sites.items()
    }
    width = max(box.x + box.width for box in sites.values()) + (MARGIN if "right" in bent else 2)
    lines = [_line(relation, hosts, columns, ports) for relation in topology.relations]
    return Layout(width, bottom + PADDING + 2, sites, hosts, lines, _bands(topology, sites))


def _columns(topology: Topology) -> dict[str, Column]:
    if len(topology.sites) == 1:
        masters = {group[0] for group in topology.groups}
        (hosts,) = topology.sites.values()
        others = [host for host in hosts if not any(host in group for group in topology.groups)]
        found: dict[str, Column] = {
            host: "left" if host in masters else "right" for host in hosts if host not in others
        }
        return found | {host: ("left", "right")[i % 2] for i, host in enumerate(others)}
    stored = {host for group in topology.groups for host in group}
    order = sorted(
        topology.sites,
        key=lambda site: (
            -sum(host in stored for host in topology.sites[site]),
            -len(topology.sites[site]),
        ),
    )
    # The site of the first master is on the left, as one reads.
    first_two = [site for site in topology.sites if site in order[:2]]
    places: dict[str, Column] = {site: "middle" for site in topology.sites}
    places[first_two[0]], places[first_two[1]] = "left", "right"
    return {host: places[site] for site, hosts in topology.sites.items() for host in hosts}


def _rows(topology: Topology, columns: dict[str, Column]) -> dict[str, int]:
    rows: dict[str, int] = {}
    free: dict[Column, int] = {"left": 0, "right": 0, "middle": 0}
    for group in topology.groups:
        top = max(free["left"], free["right"])
        outside = [host for host in group if host not in rows and columns[host] != "middle"]
        for host in outside:
            row = max(top, free[columns[host]])
            rows[host] = row
            free[columns[host]] = row + 1
    free["middle"] = max(free["left"], free["right"])
    for hosts in topology.sites.values():
        for host in hosts:
            if host not in rows:
                rows[host] = free[columns[host]]
                free[columns[host]] += 1
    return rows


class _Ports(NamedTuple):
    """Which port of which side of a host a relation uses, and how many each side has."""

    at: dict[tuple[Relation, str], int]
    used: dict[tuple[str, Column], int]


def _sides(one: str, other: str, columns: dict[str, Column]) -> tuple[Column, Column]:
    """The sides at which a line leaves one host and reaches the other."""
    mine, theirs = columns[one], columns[other]
    if mine == theirs:
        side: Column = "left" if mine == "left" else "right"
        return side, side
    order: tuple[Column, ...] = ("left", "middle", "right")
    rightwards = order.index(theirs) > order.index(mine)
    return ("right", "left") if rightwards else ("left", "right")


def _ports(topology: Topology, columns: dict[str, Column], rows: dict[str, int]) -> _Ports:
    at: dict[tuple[Relation, str], int] = {}
    used: dict[tuple[str, Column], int] = {}

    def straight(relation: Relation) -> bool:
        return rows[relation.source] == rows[relation.target]

    # Lines within a row first: both ends get the same number, so that they are level.
    for relation in sorted(topology.relations, key=lambda one: not straight(one)):
        one, other = _sides(relation.source, relation.target, columns)
        ends = ((relation.source, one), (relation.target, other))
        numbers = [used.get(end, 0) for end in ends]
        if straight(relation):
            numbers = [max(numbers)] * 2
        for end, number in zip(ends, numbers, strict=True):
            at[relation, end[0]] = number
            used[end] = number + 1
    return _Ports(at, used)


def _column_lefts(*, middle: bool, margin: int) -> dict[Column, int]:
    left = margin + PADDING
    if not middle:
        return {"left": left, "middle": left, "right": left + HOST_WIDTH + GAP + 2 * PADDING}
    step = HOST_WIDTH + NARROW_GAP + 2 * PADDING
    return {"left": left, "middle": left + step, "right": left + 2 * step}


def _tops(
    topology: Topology, columns: dict[str, Column], rows: dict[str, int], heights: dict[str, int]
) -> tuple[dict[str, int], int]:
    """The upper edge of each host, and the lower edge of all.

    Rows of stores are level over all columns; below them each column is stacked by itself.
    """
    stored = {host for group in topology.groups for host in group if columns[host] != "middle"}
    first_free = max((rows[host] + 1 for host in stored), default=0)
    tops: dict[str, int] = {}
    y = SITE_HEAD + 12
    for row in range(first_free):
        within = [host for host, place in rows.items() if place == row]
        tops.update(dict.fromkeys(within, y))
        y += max((heights[host] for host in within), default=0) + ROW_GAP
    below: dict[Column, int] = {"left": y, "middle": y, "right": y}
    for hosts in topology.sites.values():
        for host in (one for one in hosts if one not in tops):
            tops[host] = below[columns[host]]
            below[columns[host]] += heights[host] + ROW_GAP
        below["middle"] += SITE_HEAD + PADDING
    return tops, max(tops[host] + heights[host] for host in tops) + PADDING


def _site_box(hosts: list[Box], *, bottom: int, whole: bool) -> Box:
    left = min(box.x for box in hosts) - PADDING
    right = max(box.x + box.width for box in hosts) + PADDING
    if whole:
        return Box(left, 2, right - left, bottom - 2)
    top = min(box.y for box in hosts) - SITE_HEAD + 4
    lowest = max(box.y + box.height for box in hosts) + PADDING
    return Box(left, top, right - left, lowest - top)


def _line(
    relation: Relation, hosts: dict[str, Box], columns: dict[str, Column], ports: _Ports
) -> Line:
    sides = _sides(relation.source, relation.target, columns)
    points = []
    for host, side in zip((relation.source, relation.target), sides, strict=True):
        box = hosts[host]
        y = box.y + HOST_HEAD + 6 + PORT * ports.at[relation, host]
        points.append((box.x + (box.width if side == "right" else 0), y))
    bend = 0
    if sides[0] == sides[1]:
        bend = (MARGIN - 8) * (1 if sides[0] == "right" else -1)
    return Line(relation, points[0], points[1], bend)


def _bands(topology: Topology, sites: dict[str, Box]) -> list[tuple[str, str, Box]]:
    """Where the path between two sites is drawn: across the gap, at the head of the lower one."""
    bands = []
    for one, other in topology.paths:
        left, right = sorted((one, other), key=lambda site: sites[site].x)
        start, end = sites[left].x + sites[left].width, sites[right].x
        if end > start:
            y = max(sites[left].y, sites[right].y) + 6
            bands.append((one, other, Box(start, y, end - start, 20)))
    return bands
