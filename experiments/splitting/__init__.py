"""Splitting: years that come near a disaster are split, and their branches weighted.

For what several faults in a row bring, under any laws and also by the calendar; incident mode is
faster where two faults are enough, and more particular about laws.

    walk.py     a run that can be split: its level, and what has come together
    tree.py     a root and its branches
    study.py    many roots, and the mean that they give
    render.py   tables and rows
"""

from experiments.splitting.study import (
    HARMS,
    SPLITS,
    SplittingOrder,
    SplittingStudy,
    check_splits,
    orders_of,
    run_splitting_study,
)

__all__ = [
    "HARMS",
    "SPLITS",
    "SplittingOrder",
    "SplittingStudy",
    "check_splits",
    "orders_of",
    "run_splitting_study",
]
