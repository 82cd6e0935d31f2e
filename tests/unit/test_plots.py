"""What the figures draw, checked on the data in them and not on pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation

from experiments.plots import (
    LOOKS,
    house_style,
    new_figure,
    plot_downtime_distribution,
    plot_timeline,
    save,
)
from experiments.plots.mark_labels import place_labels, text_width_px
from experiments.plots.style import FONT_POINTS, SMALL_POINTS

YEAR_S = 365.25 * 86_400
NO_MARKS = pd.DataFrame({"lane": [], "time_s": [], "label": []})
FAILOVER = (
    (50.0, "+sdown"),
    (51.0, "+odown"),
    (51.2, "+new-epoch"),
    (51.3, "+try-failover"),
    (51.6, "+vote-for-leader"),
    (54.0, "+switch-master"),
    (179.0, "reconnected"),
)


def runs_of(design: str, minutes: list[float]) -> pd.DataFrame:
    """Finished years with the given minutes of downtime."""
    rows = {"design": design, "profile": "cloud", "status": "ok", "horizon_s": YEAR_S}
    return pd.DataFrame({"downtime_s": [60.0 * m for m in minutes]}).assign(**rows)


def incident() -> pd.DataFrame:
    """A crash seen by a class lane (given first), a host, a Sentinel."""
    rows = [
        ("class", "class", "good", 1000.0, 1020.0),
        ("class", "class", "down", 1020.0, 1062.0),
        ("class", "class", "split-brain", 1062.0, 1180.0),
        ("host a01", "host", "up", 1000.0, 1020.0),
        ("host a01", "host", "down", 1020.0, 1180.0),
        ("sentinel s1", "sentinel", "ok", 1000.0, 1050.0),
        ("sentinel s1", "sentinel", "sdown", 1050.0, 1051.0),
        ("sentinel s1", "sentinel", "ok", 1051.0, 1180.0),
    ]
    return pd.DataFrame(rows, columns=["lane", "kind", "state", "start_s", "end_s"])


def marks(*lanes: str) -> pd.DataFrame:
    """The log of a failover, on each of the lanes."""
    rows = [(lane, 1000.0 + time, label) for lane in lanes for time, label in FAILOVER]
    return pd.DataFrame(rows, columns=["lane", "time_s", "label"])


def bars(ax: Axes) -> dict[str, list[tuple[float, float, float]]]:
    """The bars by "lane/state": (start, end, lower edge)."""
    found: dict[str, list[tuple[float, float, float]]] = {}
    for patch in ax.patches:
        if isinstance(patch, Rectangle) and patch.get_gid():
            start, width = patch.get_x(), patch.get_width()
            found.setdefault(str(patch.get_gid()), []).append((start, start + width, patch.get_y()))
    return found


def lightness(colour: str) -> float:
    """Grey value from 0 to 1, as a copier sees it."""
    return float(np.dot(to_rgb(colour), (0.299, 0.587, 0.114)))


def test_the_curve_is_the_share_of_years_with_more_downtime() -> None:
    """The figure would promise fewer bad years than were simulated."""
    _, ax = new_figure()
    minutes = [0.0] * 60 + [float(m) for m in range(1, 41)]
    assert plot_downtime_distribution(runs_of("deck", minutes), ax) is ax
    curve = ax.get_lines()[0]
    x, y = np.asarray(curve.get_xdata()), np.asarray(curve.get_ydata())
    assert y[0] == pytest.approx(0.40)
    for level in (1.0, 10.0, 35.0, 39.0):
        assert y[np.flatnonzero(x == level)[0]] == pytest.approx((40 - level) / 100)
    assert np.isnan(y[-1])


def test_percentiles_are_marked_where_the_sample_reaches_them() -> None:
    """A p99 would be drawn for ten years, or a median of zero on a logarithmic axis."""
    _, ax = new_figure()
    plot_downtime_distribution(runs_of("deck", [0.0] * 60 + [5.0] * 40), ax)
    found = {
        line.get_marker(): line.get_xydata()[0]
        for line in ax.get_lines()
        if line.get_marker() in "os^"
    }
    assert set(found) == {"s", "^"}
    assert found["s"] == pytest.approx((5.0, 0.05))
    _, few = new_figure()
    plot_downtime_distribution(runs_of("deck", [1.0] * 10), few)
    assert [line.get_marker() for line in few.get_lines() if line.get_marker() in "os^"] == ["o"]


def test_years_without_downtime_and_the_finding_are_in_words() -> None:
    """The years that a logarithmic axis cannot show would be forgotten."""
    _, ax = new_figure()
    runs = pd.concat(
        [runs_of("weak", [float(m) for m in range(100)]), runs_of("calm", [0.0] * 100)]
    )
    plot_downtime_distribution(runs, ax)
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        "weak: 1 % of 100 years without downtime",
        "calm: 100 % of 100 years without downtime",
    ]
    title = ax.get_title("left")
    assert "One year in 20 is down for more than 94 min with weak" in title
    assert "not at all with calm" in title
    assert ax.get_xlabel() == "downtime x, minutes a year"


def test_failed_runs_are_not_years_without_downtime() -> None:
    """A crash of the simulator would make the design look better."""
    _, ax = new_figure()
    failed = runs_of("deck", [0.0] * 50).assign(status="failed")
    plot_downtime_distribution(pd.concat([runs_of("deck", [3.0] * 50), failed]), ax)
    legend = ax.get_legend()
    assert legend is not None
    assert legend.get_texts()[0].get_text() == "deck: 0 % of 50 years without downtime"
    with pytest.raises(ValueError, match="no finished run"):
        plot_downtime_distribution(failed, ax)


def test_lanes_stand_in_order_with_the_classes_last() -> None:
    """The reader would look for the verdict among the hosts."""
    _, ax = new_figure()
    assert plot_timeline(incident(), NO_MARKS, ax) is ax
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["host a01", "sentinel s1", "class"]
    heights = list(ax.get_yticks())
    assert heights == sorted(heights, reverse=True)
    drawn = bars(ax)
    assert drawn["class/down"][0][:2] == pytest.approx((20.0, 62.0))
    assert len(drawn["sentinel s1/ok"]) == 2
    assert ax.get_xlabel() == "time, s"


def test_a_legend_that_is_too_wide_has_fewer_columns() -> None:
    """The last entries would be cut off at the edge of the picture."""
    states = [(kind, state) for kind, looks in LOOKS.items() for state in looks]
    times = [{"start_s": float(n), "end_s": n + 1.0} for n in range(len(states))]
    rows = [
        {"lane": kind, "kind": kind, "state": state, **time}
        for (kind, state), time in zip(states, times, strict=True)
    ]
    figure, ax = new_figure()
    plot_timeline(pd.DataFrame(rows), NO_MARKS, ax)
    figure.draw_without_rendering()
    legend = ax.get_legend()
    assert legend is not None
    assert legend.get_window_extent().x1 <= figure.bbox.x1


def test_every_look_that_is_drawn_is_in_the_legend() -> None:
    """A second of `sdown`, or a bar too narrow for its name, would be a colour without meaning."""
    _, ax = new_figure()
    plot_timeline(incident(), NO_MARKS, ax)
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        "good, up, ok",
        "down",
        "split-brain",
        "sdown",
    ]
    drawn = {to_rgb(p.get_facecolor()[:3]) for p in ax.patches if p.get_gid()}
    assert drawn == {to_rgb(patch.get_facecolor()[:3]) for patch in legend.get_patches()}
    written = [text.get_text() for text in ax.texts]
    assert "split-brain" in written and "sdown" not in written


@pytest.mark.parametrize("lanes", [("sentinel s1",), ("sentinel s1", "host a01", "class")])
def test_labels_of_marks_do_not_collide(lanes: tuple[str, ...]) -> None:
    """The log of a failover, nine lines in four seconds, would be unreadable."""
    figure, ax = new_figure()
    plot_timeline(incident(), marks(*lanes), ax)
    figure.draw_without_rendering()
    boxes = [t.get_window_extent() for t in ax.texts if isinstance(t, Annotation)]
    assert len(boxes) == len(FAILOVER) * len(lanes)
    for number, box in enumerate(boxes):
        assert box.x1 <= figure.bbox.x1
        assert not any(
            min(box.x1, other.x1) > max(box.x0, other.x0)
            and min(box.y1, other.y1) > max(box.y0, other.y0) + 1
            for other in boxes[number + 1 :]
        )


def test_marks_beyond_the_lines_are_counted() -> None:
    """Lines of the log would vanish without a word."""
    _, ax = new_figure()
    ax.set_xlim(0, 180)
    placed = place_labels([10.0] * 5, list("abcde"), ax, most_levels=2)
    assert [mark.text for mark in placed] == ["e", "d (+3)", "", "", ""]
    assert text_width_px("+switch-master", ax) > text_width_px("+sdown", ax) > 0


def test_a_mark_needs_its_lane() -> None:
    """A misspelt lane would drop the marks that explain the incident."""
    _, ax = new_figure()
    with pytest.raises(ValueError, match="nowhere"):
        plot_timeline(incident(), marks("nowhere"), ax)
    with pytest.raises(ValueError, match="no intervals"):
        plot_timeline(incident().iloc[:0], NO_MARKS, ax)


def test_a_long_incident_is_in_hours() -> None:
    """A power cut of a day would be drawn in 86,400 seconds."""
    _, ax = new_figure()
    day = incident().assign(start_s=lambda t: t["start_s"] * 500, end_s=lambda t: t["end_s"] * 500)
    plot_timeline(day, NO_MARKS, ax)
    assert ax.get_xlabel() == "time, h"
    assert ax.get_xlim()[1] == pytest.approx(25.0)


def test_no_two_states_of_a_lane_look_the_same_in_grey() -> None:
    """On a copy, or to a colour-blind reader, down would look like frozen."""
    for kind, looks in LOOKS.items():
        # Two words for the same thing may share a look.
        states = {(look.face, look.hatch): (state, look) for state, look in looks.items()}
        for state, look in states.values():
            for other, theirs in states.values():
                if state < other and look.hatch == theirs.hatch:
                    gap = abs(lightness(look.face) - lightness(theirs.face))
                    assert gap > 0.1, f"{kind}: {state} and {other}"
    classes = [lightness(look.face) for look in LOOKS["class"].values()]
    assert classes == sorted(classes, reverse=True)


def test_text_is_legible_on_a_slide() -> None:
    """The back row would see grey fur."""
    figure, ax = new_figure()
    plot_timeline(incident(), marks("sentinel s1"), ax)
    assert figure.get_size_inches()[0] / figure.get_size_inches()[1] == pytest.approx(16 / 9, 1e-3)
    assert min(FONT_POINTS, SMALL_POINTS) >= 12
    sizes = [text.get_fontsize() for text in [*ax.texts, *ax.get_xticklabels()]]
    assert min(sizes) >= 12


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_equal_figures_are_equal_files(tmp_path: Path, ending: str) -> None:
    """Every rebuild of the report would be a change in the repository."""
    written = []
    for name in ("a", "b"):
        figure, ax = new_figure()
        plot_timeline(incident(), marks("sentinel s1"), ax)
        written.append(save(figure, tmp_path / f"{name}.{ending}").read_bytes())
    assert written[0] == written[1]


def test_other_endings_are_refused_and_the_style_does_not_leak(tmp_path: Path) -> None:
    """A typing error would end in a format nobody asked for, or restyle the caller's figures."""
    import matplotlib

    with pytest.raises(ValueError, match=r"\.png or \.svg"):
        save(Figure(), tmp_path / "figure.jpeg")
    before = matplotlib.rcParams["font.size"]
    with house_style():
        assert matplotlib.rcParams["font.size"] == FONT_POINTS
    assert matplotlib.rcParams["font.size"] == before
