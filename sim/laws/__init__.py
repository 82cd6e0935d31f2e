"""Laws: how long things last, as data.

A law is a frozen value: times to failure, repair times, delays, all in seconds. Every draw takes
exactly one uniform number (the inverse transform), so that replacing one law by another shifts no
other draw, and a comparison of two laws is paired: the same bad luck under both.

A component in service when the simulation starts is not new. `first_residual_ns` draws what is
left of its current life, as a stationary renewal process has it.

    base.py        what a law can do, and the checks of parameters
    parametric.py  Exponential, Weibull, Lognormal, Gamma
    bounded.py     Uniform, Fixed
    composed.py    Mixture, Empirical, Replay: made of other laws or of measurements
    mapping.py     the form that profiles are written in, `{law: weibull, shape: 0.7, mean: 1000h}`
    text.py        a law for the eye
"""

from sim.laws.base import Law
from sim.laws.bounded import Fixed, Uniform
from sim.laws.composed import Empirical, Mixture, Replay
from sim.laws.mapping import law_from_mapping
from sim.laws.parametric import Exponential, Gamma, Lognormal, Weibull
from sim.laws.text import law_to_text

__all__ = [
    "Empirical",
    "Exponential",
    "Fixed",
    "Gamma",
    "Law",
    "Lognormal",
    "Mixture",
    "Replay",
    "Uniform",
    "Weibull",
    "law_from_mapping",
    "law_to_text",
]
