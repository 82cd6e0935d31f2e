"""What each figure draws of a small table: heights, places, words. Data and not pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from experiments.plots import (
    NotDrawable,
    convergence_table,
    metrics_table,
    new_figure,
    plot_convergence,
    plot_downtime_distribution,
    plot_heat,
    plot_loads,
    plot_name_states,
    plot_nines,
    plot_paired,
    plot_pareto,
    plot_tornado,
    plot_waterfall,
)
from experiments.plots.convergence import step_sizes
from experiments.plots.heading import fitted, rounded
from experiments.plots.paired import bin_edges, differences
from experiments.plots.pareto import trades_of
from experiments.plots.tables import METRICS, swept_values
from experiments.plots.waterfall import ALL
from experiments.results import DesignSummary, table_from_rows
from experiments.results.schema import INCIDENTS, RUNS
from experiments.statistics import Interval

YEAR_S = 365.25 * 86_400
NAN = float("nan")


def metrics(*rows: tuple[str, str, float, float, float, int]) -> pd.DataFrame:
    """A table of numbers: (design, metric, estimate, low, high, events); no events: never seen."""
    data = [
        (design, "cloud", 100, "year", metric, estimate, low, high, float(events), events < 30,
         NAN if events else 0.03, "")
        for design, metric, estimate, low, high, events in rows
    ]  # fmt: skip
    return pd.DataFrame(data, columns=list(METRICS))


def both_harms(design: str, downtime: float, split_brain: float) -> list[tuple]:  # type: ignore[type-arg]
    """The two numbers of a trade, with intervals from half to double; 0 was never seen."""
    return [
        (design, metric, value, value / 2, value * 2 or 9.0, 99 if value else 0)
        for metric, value in (
            ("downtime_minutes_per_year", downtime),
            ("split_brain_s_per_year", split_brain),
        )
    ]


def all_numbers(design: str, downtime: float) -> list[tuple]:  # type: ignore[type-arg]
    """The numbers of the nines table."""
    return [
        (design, "availability", 0.99975, 0.9996, 0.9998, 50),
        (design, "nines", 3.6, 3.4, 3.7, 50),
        (design, "downtime_minutes_per_year", downtime, downtime - 2, downtime + 2, 50),
        (design, "downtime_minutes_p95", 300.0, 200.0, NAN, 50),
        (design, "split_brain_s_per_year", 0.0, 0.0, 12.0, 0),
        (design, "writes_lost_per_year", 50.0, 5.0, 7_654_321.0, 12),
    ]


def stages() -> pd.DataFrame:
    """Two designs of which one promotes and the other waits for repair."""
    rows = [
        ("auto", "cloud", "elect", 3.0),
        ("auto", "cloud", "detect", 6.0),
        ("auto", "cloud", "repair", 1.0),
        ("hand", "cloud", "detect", 2.0),
        ("hand", "cloud", "repair", 38.0),
    ]
    return pd.DataFrame(rows, columns=["design", "profile", "stage", "downtime_min_per_year"])


def runs_of(design: str, minutes: list[float], **columns: list[float]) -> pd.DataFrame:
    """Finished years with the given minutes of downtime."""
    table = pd.DataFrame({"downtime_s": [60.0 * m for m in minutes], **columns})
    table["replication"] = range(len(minutes))
    return table.assign(design=design, profile="cloud", status="ok", horizon_s=YEAR_S)


def named_runs() -> pd.DataFrame:
    """Two years of each of two designs, with names that were not right."""
    first = {
        "name_empty_s": [60.0, 180.0],
        "name_wrong_s": [30.0, 30.0],
        "name_double_s": [0.0] * 2,
    }
    other = {"name_empty_s": [6.0, 6.0], "name_wrong_s": [600.0, 0.0], "name_double_s": [6.0] * 2}
    parts = [runs_of("a", [0.0] * 2, **first), runs_of("b", [0.0] * 2, **other)]
    return pd.concat(parts, ignore_index=True)


def loads() -> pd.DataFrame:
    """Two runs of three backends, of which the first gets most."""
    rows = [
        ("deck", "cloud", run, "app", f"web{n}@h{n}", requests, requests / 1000, 0.0)
        for run, split in enumerate([(900.0, 60.0, 40.0), (700.0, 160.0, 140.0)])
        for n, requests in enumerate(split, start=1)
    ]
    columns = ["design", "profile", "replication", "application", "backend", "requests", "share"]
    return pd.DataFrame(rows, columns=[*columns, "overloaded_s"])


def sensitivity() -> pd.DataFrame:
    """Three values of a design, given out of order."""
    rows = [
        ("crew", "1", "3", 11.0, 10.0, 10.0),
        ("down-after", "1s", "60s", 25.0, 6.0, 10.0),
        ("flaps", "0/year", "24/year", 4.0, 17.0, 10.0),
    ]
    columns = ["parameter", "low", "high", "at_low", "at_high", "base"]
    return pd.DataFrame(rows, columns=columns).assign(metric="downtime_minutes_per_year")


def sweep() -> pd.DataFrame:
    """Four points over two values, one of them without any downtime."""
    values = {("1s", "1"): 40.0, ("1s", "2"): 20.0, ("30s", "1"): 10.0, ("30s", "2"): 0.0}
    rows = [
        (f"down-after={d}, quorum={q}", "downtime_minutes_per_year", value, value * 0.9,
         value * 1.1 or 3.3, 99 if value else 0)
        for (d, q), value in values.items()
    ]  # fmt: skip
    return metrics(*rows)


def steps() -> pd.DataFrame:
    """Two designs whose means settle."""
    rows = [
        (design, "cloud", n, value, value - width / n, value + width / n, False, "downtime", True)
        for design, value, width in (("a", 100.0, 200.0), ("b", 90.0, 100.0))
        for n in (2, 10, 100)
    ]
    columns = ["design", "profile", "years", "estimate", "low", "high", "thin", "metric", "seen"]
    return pd.DataFrame(rows, columns=columns)


@dataclass(frozen=True)
class Drawn:
    """A figure and its axes."""

    figure: Figure
    ax: Axes

    def widths(self) -> dict[str, float]:
        """Width (of lying bars) by gid."""
        return {
            str(patch.get_gid()): patch.get_width()
            for patch in self.ax.patches
            if isinstance(patch, Rectangle) and patch.get_gid()
        }

    def lines(self) -> dict[str, tuple[list[float], list[float]]]:
        """Line data by gid."""
        return {
            str(line.get_gid()): (list(line.get_xdata()), list(line.get_ydata()))  # type: ignore[arg-type]
            for line in self.ax.get_lines()
            if line.get_gid()
        }

    def written(self) -> list[Text]:
        """Every text that is drawn: title, labels, ticks within the axes, notes, legend."""
        found = [*self.ax.texts, *self.ax.findobj(lambda one: one is self.ax._left_title)]  # type: ignore[attr-defined]
        legend = self.ax.get_legend()
        found += legend.get_texts() if legend is not None else []
        if self.ax.axison:
            found += [self.ax.xaxis.label, self.ax.yaxis.label]
            for axis in (self.ax.xaxis, self.ax.yaxis):
                least, most = sorted(axis.get_view_interval())
                found += [t.label1 for t in axis.get_major_ticks() if least <= t.get_loc() <= most]
        return [text for text in found if text.get_text().strip() and text.get_visible()]

    @property
    def words(self) -> list[str]:
        """All that is written inside and around, but for the axes' own labels."""
        return [text.get_text() for text in self.ax.texts]

    @property
    def title(self) -> str:
        """The title in one line."""
        return self.ax.get_title("left").replace("\n", " ")


def drawn(draw: Callable[[Axes], Axes]) -> Drawn:
    """The figure, checked to have come back on the same axes."""
    figure, ax = new_figure()
    assert draw(ax) is ax
    return Drawn(figure, ax)


FIGURES: dict[str, Callable[[Axes], Axes]] = {
    "nines": lambda ax: plot_nines(
        metrics(
            *all_numbers("sentinel-3-hosts", 60.0), *all_numbers("deck-redis-never-moved", 90.0)
        ),
        ax,
        seed=7,
    ),
    "ccdf": lambda ax: plot_downtime_distribution(
        runs_of("deck", [float(m) for m in range(100)]), ax, seed=7
    ),
    "waterfall": lambda ax: plot_waterfall(stages(), ax, sample="100 years, seed 7"),
    "steps": lambda ax: plot_waterfall(stages().query("design == 'auto'"), ax, sample="seed 7"),
    "tornado": lambda ax: plot_tornado(sensitivity(), ax, sample="seed 7"),
    "heat": lambda ax: plot_heat(sweep(), ax, seed=7),
    "pareto": lambda ax: plot_pareto(
        metrics(*both_harms("a", 10, 100), *both_harms("b", 11, 90), *both_harms("c", 12, 0)),
        {"a": 3, "b": 3, "c": 5},
        ax,
        seed=7,
    ),
    "pareto of many": lambda ax: plot_pareto(
        metrics(*(one for n in range(9) for one in both_harms(f"design-{n}", 10 + n / 9, 100))),
        {f"design-{n}": 3 for n in range(9)},
        ax,
        seed=7,
    ),
    "paired": lambda ax: plot_paired(
        pd.concat([runs_of("a", [3.0, 0.5, 10.0, 0.0]), runs_of("b", [1.0, 0.5, 70.0, 4.0])]),
        ax,
        first="a",
        second="b",
        seed=7,
    ),
    "convergence": lambda ax: plot_convergence(
        steps(), ax, stopped_at=100, error_share=0.05, seed=7
    ),
    "names": lambda ax: plot_name_states(named_runs(), ax, seed=7),
    "load": lambda ax: plot_loads(loads(), ax, seed=7),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_explains_itself_and_nothing_overlaps(name: str) -> None:
    """A slide would have words on words, text beyond its edge, or numbers from who knows where."""
    found = drawn(FIGURES[name])
    found.figure.draw_without_rendering()
    assert found.title
    assert any("seed 7" in text for text in found.words)
    if name != "nines":
        assert found.ax.get_xlabel()
    texts = found.written()
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    page = found.figure.bbox
    for text, box in boxes:
        inside = box.x0 >= page.x0 and box.x1 <= page.x1 and box.y0 >= page.y0 and box.y1 <= page.y1
        assert inside, f"beyond the edge: {text!r}"
    for (one, its), (other, theirs) in combinations(boxes, 2):
        apart = (
            min(its.x1, theirs.x1) <= max(its.x0, theirs.x0) + 1
            or min(its.y1, theirs.y1) <= max(its.y0, theirs.y0) + 2
        )
        assert apart, f"{one!r} lies on {other!r}"
    assert min(text.get_fontsize() for text in texts) >= 12


def test_the_stages_of_a_bar_add_up_and_stand_in_their_order() -> None:
    """The minutes of a stage would be drawn under the name of another."""
    found = drawn(lambda ax: plot_waterfall(stages(), ax))
    widths = found.widths()
    assert widths == {
        "0/detect": 6.0, "0/elect": 3.0, "0/repair": 1.0, "1/detect": 2.0, "1/repair": 38.0,
    }  # fmt: skip
    lefts = [p.get_x() for p in found.ax.patches if str(p.get_gid()).startswith("0/")]  # type: ignore[attr-defined]
    assert lefts == [0.0, 6.0, 9.0]
    assert {"10 min", "40 min"} <= set(found.words)
    legend = found.ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["detect", "elect", "repair"]
    assert found.title == ("Greatest part of the downtime: detect with auto; repair with hand")


def test_one_design_falls_in_steps() -> None:
    """The steps would not lead from nothing to the whole downtime."""
    found = drawn(lambda ax: plot_waterfall(stages().query("design == 'auto'"), ax))
    assert found.widths() == {"0/detect": 6.0, "1/elect": 3.0, "2/repair": 1.0, f"3/{ALL}": 10.0}
    assert "3 min, 30 %" in found.words
    assert found.title == "auto: 60 % of 10 min of downtime a year is detect"


def test_too_many_causes_become_one_and_the_sum_stays() -> None:
    """Twenty colours that nobody can tell apart, or minutes that vanish."""
    rows = [("deck", "cloud", f"cause-{n:02}", float(20 - n)) for n in range(20)]
    parts = pd.DataFrame(rows, columns=["design", "profile", "cause", "downtime_min_per_year"])
    found = drawn(lambda ax: plot_waterfall(parts, ax, by="cause"))
    widths = found.widths()
    assert widths["8/12 other causes"] == sum(range(1, 13))
    assert widths[f"9/{ALL}"] == sum(range(1, 21))


def test_bars_of_the_tornado_lead_from_the_base_and_the_widest_is_on_top() -> None:
    """The value that decides would stand at the bottom, or on the wrong side."""
    found = drawn(FIGURES["tornado"])
    assert [label.get_text() for label in found.ax.get_yticklabels()] == [
        "down-after", "flaps", "crew",
    ]  # fmt: skip
    widths = found.widths()
    assert (widths["down-after/low"], widths["down-after/high"]) == (15.0, -4.0)
    assert (widths["flaps/low"], widths["flaps/high"]) == (-6.0, 7.0)
    assert found.title == "down-after matters most: downtime, min/year: from 6 to 25"
    with pytest.raises(NotDrawable, match="at_low"):
        drawn(lambda ax: plot_tornado(sensitivity().drop(columns="at_low"), ax))


def test_the_map_has_a_field_a_point_and_never_seen_is_not_zero() -> None:
    """A field would be drawn at another point's place, or a lucky sample as a safe design."""
    found = drawn(FIGURES["heat"])
    image = found.ax.images[0].get_array()
    assert np.ma.filled(image, -1.0).tolist() == [[40.0, 10.0], [20.0, -1.0]]
    assert [t.get_text() for t in found.ax.get_xticklabels()] == ["1s", "30s"]
    assert [t.get_text() for t in found.ax.get_yticklabels()] == ["1", "2"]
    assert (found.ax.get_xlabel(), found.ax.get_ylabel()) == ("down-after", "quorum")
    assert "none seen" in found.words and "at most 3.3" in found.words
    assert any("not zero" in text for text in found.words)
    with pytest.raises(NotDrawable, match="two values"):
        drawn(lambda ax: plot_heat(metrics(*both_harms("deck", 1.0, 1.0)), ax))


def test_what_was_varied_is_read_from_the_name_of_a_point() -> None:
    """Values with commas of their own would be torn apart."""
    assert swept_values("down-after=5s, quorum=2") == {"down-after": "5s", "quorum": "2"}
    assert swept_values("hosts=[a, b], x.y=1") == {"hosts": "[a, b]", "x.y": "1"}
    assert swept_values("deck-redis") == {}


def test_the_best_are_those_that_nothing_beats() -> None:
    """A design that is worse in all would be offered as a choice."""
    table = metrics(
        *both_harms("cheap", 30, 300), *both_harms("good", 10, 100), *both_harms("worse", 11, 100),
        *both_harms("calm", 40, 0), *both_harms("twin", 10, 100),
    )  # fmt: skip
    hosts = {"cheap": 2, "good": 3, "worse": 3, "calm": 5, "twin": 3}
    trades = trades_of(table, hosts)
    assert {trade.name for trade in trades if trade.best} == {"cheap", "good", "calm", "twin"}
    found = drawn(lambda ax: plot_pareto(table, hosts, ax))
    crosses = found.lines()
    assert crosses["good/downtime"] == ([5.0, 20.0], [100.0, 100.0])
    assert crosses["good/split_brain"] == ([10.0, 10.0], [50.0, 200.0])
    assert crosses["calm/split_brain"][1][1] == 9.0
    assert found.title == "4 of 5 are beaten by none in hosts, downtime and split brain"
    assert any("which is not zero" in text for text in found.words)
    with pytest.raises(NotDrawable, match="twin"):
        trades_of(table, {name: 1 for name in hosts if name != "twin"})


def test_differences_are_of_the_same_year() -> None:
    """Years would be paired with others, and the common luck would not cancel."""
    first = runs_of("a", [3.0, 0.5, 10.0, 0.0])
    other = runs_of("b", [4.0, 70.0, 0.5, 1.0]).iloc[::-1].assign(replication=[0, 1, 2, 3])
    unfinished = other.assign(status=["ok", "ok", "ok", "failed"])
    found = differences(pd.concat([first, unfinished]), "a", "b", "downtime_s")
    assert found.values.tolist() == pytest.approx([2.0, 0.0, -60.0])
    assert found.mean.estimate == pytest.approx(-58 / 3)
    with pytest.raises(NotDrawable, match="no year"):
        differences(first, "a", "b", "downtime_s")


def test_each_difference_falls_into_a_bin() -> None:
    """Years would fall out of the histogram at its ends."""
    values = np.array([-1000.0, -0.02, 0.0, 0.02, 1.0, 999.0])
    edges = bin_edges(values)
    assert np.histogram(values, edges)[0].sum() == values.size
    assert edges == pytest.approx(-edges[::-1])
    found = drawn(FIGURES["paired"])
    bars = [patch for patch in found.ax.patches if isinstance(patch, Rectangle)]
    heights = [bar.get_height() for bar in bars if bar.get_gid() != "interval"]
    assert sum(heights) == 4
    assert found.lines()["mean"][0][0] == pytest.approx((2 + 0 - 60 - 4) / 4)
    assert any("a had more in 1 of 4 years" in text for text in found.words)


def test_convergence_ends_at_the_estimate_of_all_years() -> None:
    """The curve would settle at another number than the one in the table."""
    rows = [
        {"design": "deck", "profile": "cloud", "replication": n, "status": "ok"}
        | {
            column.name: 0
            for column in RUNS
            if column.kind != "text" and column.name != "replication"
        }
        | {"horizon_s": YEAR_S, "downtime_s": 60.0 * (n % 3), "good_s": YEAR_S - 60.0 * (n % 3)}
        for n in range(40)
    ]
    incidents = [
        {"design": "deck", "profile": "cloud", "replication": n, "id": f"deck/cloud/{n}/0"}
        | {column.name: 0 for column in INCIDENTS if column.kind != "text"}
        | {"replication": n, "downtime_s": 60.0 * (n % 3)}
        for n in range(40)
    ]
    table = convergence_table(
        table_from_rows("runs", rows), table_from_rows("incidents", incidents)
    )
    assert list(table["years"]) == step_sizes(40)
    assert step_sizes(40)[-1] == 40
    assert table["estimate"].iloc[-1] == pytest.approx(39 / 40)
    last = table.iloc[-1]
    assert last["low"] < last["estimate"] < last["high"]


def test_convergence_marks_the_stop() -> None:
    """Nobody would see whether the study stopped or was stopped."""
    found = drawn(FIGURES["convergence"])
    lines = found.lines()
    assert lines["a"] == ([2.0, 10.0, 100.0], [100.0] * 3)
    assert lines["stop"][0] == [100, 100]
    assert "stopped at 100 years\nwithin 5 %" in found.words
    assert found.title == "After 100 years the mean downtime may be up to 2 % higher than it looks"
    told = drawn(lambda ax: plot_convergence(steps(), ax))
    assert any("years that it was told" in text for text in told.words)


def test_names_have_their_minutes_a_year() -> None:
    """A wrong name would look like an empty one, or a year like a run."""
    found = drawn(FIGURES["names"])
    labels = [text for text in found.words if text.startswith(("empty:", "wrong:", "double:"))]
    assert labels[:6] == [
        "empty: 2 min", "wrong: 0.5 min", "double: none seen",
        "empty: 0.1 min", "wrong: 5 min", "double: 0.1 min",
    ]  # fmt: skip
    assert found.title == "A name is wrong for 5 min a year with b, for 0.5 with a"
    silent = named_runs().assign(name_empty_s=0.0, name_wrong_s=0.0, name_double_s=0.0)
    with pytest.raises(NotDrawable, match="no name"):
        drawn(lambda ax: plot_name_states(silent, ax))


def test_shares_of_the_load_are_of_all_requests() -> None:
    """A quiet run would count as much as a busy one, or the spread would be hidden."""
    found = drawn(FIGURES["load"])
    widths = found.widths()
    assert widths == pytest.approx({"web1@h1": 80.0, "web2@h2": 11.0, "web3@h3": 9.0})
    assert found.lines()["web1@h1/runs"][0] == pytest.approx([70.0, 90.0])
    assert found.lines()["fair"][0] == pytest.approx([100 / 3, 100 / 3])
    assert found.title == (
        "web1@h1 gets 80 % of the requests to app with deck; an even share would be 33.3 %"
    )


def test_the_table_of_nines_says_what_it_knows() -> None:
    """A zero, or a mean of a dozen, would be quoted as if it were a number."""
    found = drawn(FIGURES["nines"])
    assert found.words.count("none seen") == 2
    assert found.words.count("at most 12") == 2
    assert found.words.count("only 12 seen") == 2
    assert found.words.count("5 to 7.65 million") == 2
    assert found.words.count("at least 200") == 2
    assert found.title == "sentinel-3-hosts is down least: 60 min a year"
    close = metrics(*all_numbers("a", 60.0), *all_numbers("b", 61.0))
    assert drawn(lambda ax: plot_nines(close, ax)).title == "Availability and harm a year"


def test_the_table_of_numbers_keeps_bounds_and_their_absence() -> None:
    """What has no bound would get one on the way to the figure."""
    numbers = {
        "nines": Interval(3.5, 3.1, float("inf"), "m", 10, 40),
        "downtime_minutes_per_year": Interval(0.0, 0.0, None, "m", 10, 0, True, 0.26),
    }
    table = metrics_table([DesignSummary("d", "p", 10, 0, 10.0, "year", 0, numbers)])
    assert list(table.columns) == list(METRICS)
    assert list(table["metric"]) == list(numbers)
    assert table["high"].isna().tolist() == [False, True]
    assert table["p_any_high"].isna().tolist() == [True, False]
    assert table["thin"].tolist() == [False, True]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (45.64, "45.6"), (1234.0, "1,230"), (248_272.0, "248,000"),
     (5_713_070.0, "5.71 million"), (999_999.0, "1 million")],
)  # fmt: skip
def test_numbers_have_three_digits(value: float, text: str) -> None:
    """7,760,816 seconds, of which six digits are luck, would stand on a slide."""
    assert rounded(value) == text


def test_a_long_title_has_lines_of_about_equal_length() -> None:
    """A title would leave the slide, or leave one word alone in a line."""
    lines = fitted("word " * 24).splitlines()
    assert [len(line) for line in lines] == [64, 54] or max(map(len, lines)) <= 84
    assert min(map(len, lines)) > 40
