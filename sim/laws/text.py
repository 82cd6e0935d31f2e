"""A law for the eye: `lognormal(median 64min, log-sd 1.4)`."""

from sim.clock import format_duration, from_seconds
from sim.laws.base import Law
from sim.laws.bounded import Fixed, Uniform
from sim.laws.composed import Empirical, Mixture, Replay
from sim.laws.parametric import Exponential, Gamma, Lognormal, Weibull

_SHORT = 8
_DIGITS = 6


def law_to_text(law: Law) -> str:
    """Return `law` for display, with units; numbers are rounded when exact ones are long."""
    match law:
        case Exponential():
            return f"exponential(mean {_duration(law.mean_s)})"
        case Weibull():
            return f"weibull(shape {law.shape:.4g}, mean {_duration(law.mean_s)})"
        case Lognormal():
            return f"lognormal(median {_duration(law.median_s)}, log-sd {law.log_sd:.4g})"
        case Gamma():
            return f"gamma(shape {law.shape:.4g}, mean {_duration(law.mean_s)})"
        case Uniform():
            return f"uniform({_duration(law.low_s)} to {_duration(law.high_s)})"
        case Fixed():
            return f"fixed({_duration(law.value_s)})"
        case Mixture():
            parts = zip(law.weights, law.laws, strict=True)
            return f"mixture({', '.join(f'{w:.4g} {law_to_text(part)}' for w, part in parts)})"
        case Empirical():
            return f"empirical({_values(law)})"
        case Replay():
            return f"trace({_values(law)})"
        case _:
            return repr(law)


def _values(law: Empirical | Replay) -> str:
    count = len(law.values_s)
    # Heavy tails are hidden by either number alone (failures.md section 1.1 item 5).
    middle = f"mean {_duration(law.mean_s)}, median {_duration(law.median_s)}"
    return f"{count} {'value' if count == 1 else 'values'}, {middle}"


def _duration(seconds: float) -> str:
    ns = from_seconds(seconds)
    exact = format_duration(ns)
    if len(exact) <= _SHORT:
        return exact
    return format_duration(round(ns, _DIGITS - len(str(ns))))
