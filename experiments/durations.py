"""Times and lengths of time as people write them."""

from __future__ import annotations


def clock(seconds: float) -> str:
    """A time since the first fault as ``h:mm:ss``, with decimals if it has any."""
    sign, whole = ("-" if seconds < -5e-4 else ""), abs(seconds)
    thousandths = round(whole * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    hours, minutes = divmod(minutes, 60)
    fraction = f"{rest % 1000:03d}".rstrip("0")
    return f"{sign}{hours}:{minutes:02d}:{rest // 1000:02d}" + (f".{fraction}" if fraction else "")


def lasting(seconds: float) -> str:
    """A length of time for people: ``4.2 s``, ``12 min 5 s``, ``3 h 20 min``, ``2 d 4 h``."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    for unit, name, below, lower in ((60, "min", 3600, "s"), (3600, "h", 86400, "min")):
        if seconds < below:
            whole, rest = divmod(round(seconds), unit)
            smaller = rest if lower == "s" else rest // 60
            return f"{whole} {name} {smaller} {lower}" if smaller else f"{whole} {name}"
    days, rest = divmod(round(seconds), 86_400)
    return f"{days} d {rest // 3600} h" if rest >= 3600 else f"{days} d"
