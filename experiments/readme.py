"""``make readme``: the README's figures, made anew from the demo and the validation.

What the README shows is written from two small files that are kept with it
(``docs/demo/summary.json``, ``docs/validation/redis-sentinel.json``); tests hold the README to
them, and them to the code (two of the demo's years are simulated again and must be the same).
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from experiments.demo import DESIGNS, OUT, PROFILE, YEARS
from experiments.demo import main as demo
from experiments.statistics import short_number
from experiments.study.workers import processors

README: Final = Path("README.md")
SUMMARY: Final = Path("docs/demo/summary.json")
FIDELITY: Final = Path("docs/validation/redis-sentinel.json")
IMAGES: Final = Path("docs/images")
GOLDEN_RUNS: Final = 2
"""So many of the demo's years are kept row by row, to be simulated again by a test."""

_ROWS: Final = {
    "availability": "availability of writes",
    "downtime_minutes_per_year": "downtime, min a year",
    "downtime_minutes_p50": "… median year",
    "downtime_minutes_p95": "… exceeded one year in 20",
    "failovers_true_per_year": "failovers a year, true",
    "failovers_false_per_year": "… false (the master was well)",
    "failovers_missed_per_year": "… missed",
    "split_brain_s_per_year": "split brain, s a year",
    "writes_lost_per_year": "acknowledged writes lost a year",
    "pages_per_year": "pages a year",
}


def demo_table(summary: Sequence[Mapping[str, Any]]) -> str:
    """Return the demo's table as Markdown; brackets are 95 % intervals."""
    heads = [f"{one['design']}" for one in summary]
    lines = [f"| {PROFILE}, {YEARS} years each | {' | '.join(heads)} |", "| --- | --- | --- |"]
    for key, words in _ROWS.items():
        cells = [_cell(one["numbers"][key], 6 if key == "availability" else 0) for one in summary]
        lines.append(f"| {words} | {' | '.join(cells)} |")
    causes = [_worst_causes(one["downtime_minutes_by_cause"]) for one in summary]
    lines.append(f"| most downtime by, min a year | {' | '.join(causes)} |")
    return "\n".join(lines)


def _cell(interval: Mapping[str, Any], decimals: int) -> str:
    def shown(value: float | None) -> str:
        if value is None:
            return "?"
        return f"{value:.{decimals}f}" if decimals else short_number(value)

    low, high = interval["low"], interval["high"]
    return f"{shown(interval['estimate'])} [{shown(low)}, {shown(high)}]"


def _worst_causes(causes: Mapping[str, Mapping[str, Any]]) -> str:
    ordered = sorted(causes.items(), key=lambda item: -float(item[1]["estimate"]))[:3]
    return ", ".join(f"{name} {short_number(one['estimate'])}" for name, one in ordered)


def demo_reading(summary: Sequence[Mapping[str, Any]]) -> str:
    """Return what the numbers say, computed from them."""
    moved, still = (one["numbers"] for one in summary)

    def number(numbers: Mapping[str, Any], key: str) -> float:
        return float(numbers[key]["estimate"])

    false, true = "failovers_false_per_year", "failovers_true_per_year"
    share = 100 * number(moved, false) / (number(moved, false) + number(moved, true))
    brains = number(moved, "split_brain_s_per_year") / number(still, "split_brain_s_per_year")
    tails = [short_number(number(one, "downtime_minutes_p99")) for one in (moved, still)]
    missed = short_number(number(still, "failovers_missed_per_year"))
    return "\n".join(
        [
            f"- **The redundancy misfires.** {share:.0f} % of the failovers take the role from a "
            "master that was well: the side with two Sentinels promotes whenever the sites lose "
            "sight of each other for longer than 5 s.",
            "- **Moving the Sentinels back, as the design asks, arms it for the next flap**: "
            f"{brains:.0f} times the split-brain seconds of the design in which nobody moves them.",
            "- **Not moving them is no answer either.** An ordinary year is better, but "
            f"{missed} times a year a failover that was needed never comes: one year in 100 has "
            f"more than {tails[1]} minutes of downtime, against {tails[0]}.",
            "- **Most of the downtime is not the failover itself.** The name still leads to the "
            "old master for up to one check interval; a pool that reconnects in that time stays "
            "with a demoted master, which answers READONLY, until somebody restarts it.",
        ]
    )


def fidelity_table(fidelity: Sequence[Mapping[str, Any]]) -> str:
    """Return the fidelity summary as Markdown, a line a configuration."""
    lines = [
        "| configuration | trials | milestones judged | ok | sample | missed | facts hold |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in fidelity:
        facts = f"{one['facts_held']} of {one['facts']}"
        judged = one["ok"] + one["sample"] + one["missed"]
        row = (one["title"], one["trials"], judged, one["ok"], one["sample"], one["missed"], facts)
        lines.append(f"| {' | '.join(map(str, row))} |")
    return "\n".join(lines)


def sections(root: Path) -> dict[str, str]:
    """Return what stands between the README's markers, by the marker's name."""
    summary = json.loads((root / SUMMARY).read_text(encoding="utf-8"))["summary"]
    fidelity = json.loads((root / FIDELITY).read_text(encoding="utf-8"))
    return {
        "demo-table": demo_table(summary),
        "demo-reading": demo_reading(summary),
        "fidelity-table": fidelity_table(fidelity),
    }


def fill(text: str, parts: Mapping[str, str]) -> str:
    """Return the README with each part between its markers."""
    for name, part in parts.items():
        pattern = re.compile(f"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        # Not as a replacement pattern: the part may hold backslashes.
        text = pattern.sub(partial(_between, part), text)
    return text


def _between(part: str, found: re.Match[str]) -> str:
    return f"{found[1]}{part}\n{found[2]}"


def _keep_demo() -> None:
    from experiments.results import read_tables, summarise, to_json

    tables = read_tables(OUT)
    first = tables.runs[tables.runs["replication"] < GOLDEN_RUNS]
    kept = {
        "summary": to_json(summarise(tables)),
        "first_runs": json.loads(first.to_json(orient="records", double_precision=15)),
    }
    SUMMARY.parent.mkdir(parents=True, exist_ok=True)
    SUMMARY.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name in ("downtime", "incident"):
        shutil.copy(OUT / f"{name}.png", IMAGES / f"demo-{name}.png")


def _keep_fidelity() -> None:
    from experiments.validation.configurations import CONFIGURATIONS, OWN_CONFIGURATIONS
    from experiments.validation.measurements import DATA, OWN, read_measured
    from experiments.validation.redis_sentinel import validate_redis_sentinel

    kept = []
    asked = [(one, DATA) for one in CONFIGURATIONS.values()]
    asked += [(one, OWN) for one in OWN_CONFIGURATIONS.values()]
    reports = validate_redis_sentinel(workers=processors())
    for (one, folder), report in zip(asked, reports, strict=True):
        verdicts = [comparison.verdict for comparison in report.comparisons]
        kept.append(
            {
                "title": f"{one.name}: {one.title}",
                "trials": len(read_measured(folder, one.table)),
                "ok": verdicts.count("ok"),
                "sample": verdicts.count("sample"),
                "missed": verdicts.count("MISS"),
                "facts": len(report.facts),
                "facts_held": sum(fact.holds for fact in report.facts),
            }
        )
    FIDELITY.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    """Run the demo and the validation and rewrite the README; returns the exit code."""
    if demo() != 0:
        return 1
    _keep_demo()
    _keep_fidelity()
    README.write_text(fill(README.read_text(encoding="utf-8"), sections(Path())), encoding="utf-8")
    print(f"{README}: {', '.join(DESIGNS)} and the validation, as they are now")
    return 0


if __name__ == "__main__":
    sys.exit(main())
