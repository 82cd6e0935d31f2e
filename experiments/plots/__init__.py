"""Figures for a design review. Each takes tables and an `ax`, and returns the `ax`.

    figure         function                                        its table
    nines          plot_nines(metrics, ax)                         metrics_table(summaries)
    ccdf           plot_downtime_distribution(runs, ax)            runs of a study
    waterfall      plot_waterfall(parts, ax, by="stage"|"cause")   design, profile, stage or cause,
                                                                   downtime_min_per_year
    timeline       plot_timeline(intervals, marks, ax)             experiments.timeline
    tornado        plot_tornado(sensitivity, ax)                   tornado.COLUMNS
    heat           plot_heat(metrics, ax, metric=...)              metrics_table of a sweep
    pareto         plot_pareto(metrics, hosts, ax)                 metrics_table, hosts by design
    paired         plot_paired(runs, ax, first=, second=)          runs of a study
    convergence    plot_convergence(steps, ax)                     convergence_table(...)
    names          plot_name_states(runs, ax)                      runs of a study
    load           plot_loads(loads, ax)                           loads of a study

Those that draw a sample take `seed=` or `sample=` for what they say of it. `new_figure` makes a
slide to draw on and `save` writes it, as PNG or SVG. `kinds.figure_of(kind, directory)` does it all
from a study on disk, which is what `sengu plot` calls. `NotDrawable`: the table lacks something.
"""

from experiments.plots.convergence import convergence_table, plot_convergence
from experiments.plots.downtime import plot_downtime_distribution
from experiments.plots.errors import NotDrawable
from experiments.plots.heat import plot_heat
from experiments.plots.load import plot_loads
from experiments.plots.names import plot_name_states
from experiments.plots.nines import plot_nines
from experiments.plots.paired import plot_paired
from experiments.plots.pareto import plot_pareto
from experiments.plots.stored import Choice
from experiments.plots.style import LOOKS, house_style, new_figure, save
from experiments.plots.tables import hosts_of, metrics_table
from experiments.plots.timeline import plot_timeline
from experiments.plots.tornado import plot_tornado
from experiments.plots.waterfall import plot_waterfall

__all__ = [
    "LOOKS",
    "Choice",
    "NotDrawable",
    "convergence_table",
    "hosts_of",
    "house_style",
    "metrics_table",
    "new_figure",
    "plot_convergence",
    "plot_downtime_distribution",
    "plot_heat",
    "plot_loads",
    "plot_name_states",
    "plot_nines",
    "plot_paired",
    "plot_pareto",
    "plot_timeline",
    "plot_tornado",
    "plot_waterfall",
    "save",
]
