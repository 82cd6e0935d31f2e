"""Figures for a design review. Each takes tables and an `ax`, and returns the `ax`."""

from experiments.plots.downtime import plot_downtime_distribution
from experiments.plots.style import LOOKS, house_style, new_figure, save
from experiments.plots.timeline import plot_timeline

__all__ = [
    "LOOKS",
    "house_style",
    "new_figure",
    "plot_downtime_distribution",
    "plot_timeline",
    "save",
]
