"""All tools in turn on one core, and the table: years a second, and CPU to 5 % of the answer.

Rounds are interleaved, as the machine's speed drifts; times are CPU times of this process. How long
a tool takes to 5 % follows from its own standard error: errors fall with the root of the years.
"""

from __future__ import annotations

import math
import sys
import time
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from statistics import median
from typing import Final, NamedTuple

from experiments.peers.question import EXACT, Ask, Found

ROUNDS: Final = 3
PRECISION: Final = 0.05
Z: Final = 1.959964


class Tool(NamedTuple):
    """A tool: its name, its package, the module that asks it, years a round, what to know of it."""

    name: str
    package: str
    module: str
    years: int
    remark: str = ""


TOOLS: Final = (
    Tool("sengu, its kernel", "sengu", "sengu_kernel", 1000, "faults, exact meters, named draws"),
    Tool("SimPy by hand", "simpy", "simpy_by_hand", 3000, "twenty lines for this question"),
    Tool("SimulSI", "simulsi", "simulsi_model", 1500),
    Tool("RePyability", "repyability", "repyability_rbd", 6000, "its mean is exact without these"),
    Tool("farofa", "farofa", "farofa_device", 6000, "no k of n: three devices, another answer"),
    Tool("AvailSim4", "availsim4", "availsim4_system", 200, "spreadsheets in and out"),
)


def main() -> int:
    """Ask all tools that are installed and print the table; returns the exit code."""
    tools = [tool for tool in TOOLS if _version(tool.package)]
    asks = {tool: _ask(tool) for tool in tools}
    times_s: dict[Tool, list[float]] = {tool: [] for tool in tools}
    found: dict[Tool, Found] = {}
    for number in range(ROUNDS):
        for tool in tools:
            started_s = time.process_time()
            found[tool] = asks[tool](tool.years, 1 + number)
            times_s[tool].append(time.process_time() - started_s)
    print(f"2 of 3 nodes, MTBF 1000 h, MTTR 10 h, a year: exact in the long run {EXACT:.6e}")
    if _version("stormpy"):
        exact = import_module("experiments.peers.storm").exact
        print(f"stormpy {_version('stormpy')}, exact: {exact():.6e}")
    by_hand = next(tool for tool in tools if tool.module == "simpy_by_hand")
    print(f"{'':<22}{'version':<9}{'answer':>11}{'years/s':>10}{'CPU s to 5 %':>14}  remark")
    for tool in tools:
        print(_line(tool, found[tool], median(times_s[tool]), found[by_hand], by_hand.years))
    for tool in TOOLS:
        if tool not in tools:
            print(f"{tool.name:<22}not installed")
    return 0


def _line(tool: Tool, found: Found, took_s: float, by_hand: Found, years_by_hand: int) -> str:
    error = found.error_share
    if math.isnan(error):
        # Independent years have the spread that they have in any tool.
        error = by_hand.error_share * math.sqrt(years_by_hand / tool.years)
    aim = PRECISION / (1 + PRECISION) * found.share / Z
    to_aim_s = took_s * (error / aim) ** 2
    return (
        f"{tool.name:<22}{_version(tool.package):<9}{found.share:>11.3e}"
        f"{tool.years / took_s:>10,.0f}{to_aim_s:>14.2f}  {tool.remark}"
    )


def _ask(tool: Tool) -> Ask:
    ask: Ask = import_module(f"experiments.peers.{tool.module}").ask
    return ask


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


if __name__ == "__main__":
    sys.exit(main())
