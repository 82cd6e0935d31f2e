"""An interval in a cell of a table."""

from __future__ import annotations

from collections.abc import Callable

from experiments.review.markup import Child, element, joined
from experiments.statistics import Interval, short_number


def interval_cell(value: Interval | None, number: Callable[[float], str] = short_number) -> Child:
    """An interval in a cell: the number, its bounds below it, and the method as a small note."""
    if value is None:
        return "-"
    method = element("small", value.method, class_="method")
    if value.p_any_high is not None:
        never = f"{short_number(100 * value.p_any_high)} %"
        bounds = f"none seen; P(any in a {value.period}) < {never}"
        return joined(element("b", "0"), " ", element("span", bounds, class_="bounds"), method)
    text = value.text(number)
    head, bracket, rest = text.partition("[")
    return joined(
        element("b", head.strip()) if head.strip() else None,
        " ",
        element("span", f"{bracket}{rest}", class_="bounds"),
        method,
    )
