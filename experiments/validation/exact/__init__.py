"""Reliability models with exact answers: what the kernel estimates beside what must come out.

Each model is built from the kernel's own faults, crews, tickers and meters, as the systems are;
its answer is a formula or a small Markov chain. Numbers and formulas: ``failures.md`` sections 2.1
to 2.9.

    row.py                 one figure: exact, estimated, standard error, z; and estimators
    model.py               a model, replicated over processes
    report.py              the table
    markov.py              small Markov chains solved
    parts.py               a unit that is good or not, outages counted

and one file for each family of models, listed in ``suite.py``.
"""

from experiments.validation.exact.suite import FAMILIES, validate_exact

__all__ = ["FAMILIES", "validate_exact"]
