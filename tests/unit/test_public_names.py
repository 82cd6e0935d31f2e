"""What `import sengu` offers: complete, documented, cheap to import, and clear about mistakes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import sengu

ROOT = Path(__file__).parents[2]


def test_every_public_name_is_there_and_says_what_it_is() -> None:
    """A name would be listed that nobody can use, or that explains nothing."""
    for name in sengu.__all__:
        thing = getattr(sengu, name)
        assert name == "__version__" or thing.__doc__, name
    assert sorted(sengu.__all__, key=str.lower) == sorted(dir(sengu), key=str.lower)


def test_every_public_name_is_in_the_documentation() -> None:
    """A reader would not find it, or would look for one that is gone."""
    text = (ROOT / "docs" / "python-api.md").read_text(encoding="utf-8")
    heads = re.findall(r"^\| (`.*?`) \|", text, re.MULTILINE)
    documented = {name for head in heads for name in re.findall(r"`(\w+)`", head)}
    assert documented == set(sengu.__all__)


def test_importing_costs_next_to_nothing() -> None:
    """Every script would wait for matplotlib, whether it draws or not."""
    code = (
        "import sengu, sys; print(any(m in sys.modules for m in ('numpy', 'pandas', 'pydantic')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == "False\n"


def test_an_unknown_name_is_no_attribute() -> None:
    """`hasattr` and `from sengu import` would end in an error of our own."""
    assert not hasattr(sengu, "simulate_everything")


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: sengu.run("deck-redis", "cloud-2015", years=0), "years: must be from 1 to"),
        (lambda: sengu.run("deck-redis", "cloud-2015", years=2.5), "expected a whole number"),
        (lambda: sengu.run([], "cloud-2015"), "designs: there are none"),
        (lambda: sengu.run(["deck-redis"] * 2, "cloud-2015"), "two designs are called"),
        (lambda: sengu.run("deck-redis", "cloud-2015", horizon="2"), "horizon: "),
        (lambda: sengu.run("deck-redis", "cloud-2015", horizon=5), "horizon: expected a text"),
        (lambda: sengu.compare(["deck-redis"], "cloud-2015"), "needs two designs"),
        (lambda: sengu.sweep("deck-redis", "cloud-2015", {}), "nothing to vary"),
        (lambda: sengu.inject("deck-redis", []), "faults: there are none"),
        (lambda: sengu.inject("deck-redis", "kil redis@a01 at 60s"), "unknown verb 'kil'"),
        (lambda: sengu.inject("deck-redis", "kill redis@a01 at 60s", until="10s"), "until: "),
        (lambda: sengu.design("deck-redis").set("sentinel.foo.quorum", object()), "a value is"),
    ],
)
def test_a_wrong_argument_is_told_in_a_line(call: object, told: str) -> None:
    """A caller would read ten frames of ours to find a typing error of theirs."""
    with pytest.raises(ValueError, match=told) as caught:
        call()  # type: ignore[operator]
    assert "\n" not in str(caught.value)


def test_a_changed_copy_leaves_the_original_alone() -> None:
    """The first of two designs in a comparison would change with the second."""
    redis = sengu.design("deck-redis")
    changed = redis.set("sentinel.foo.quorum", 1)
    assert redis.spec != changed.spec
    assert changed.name == "deck-redis, quorum=1"
    assert changed.set("sentinel.foo.quorum", 2).spec == redis.spec


def test_what_is_shown_in_jupyter_is_escaped() -> None:
    """A design of somebody else's could run a script in the reader's notebook."""
    text = sengu.design("deck-redis").yaml.replace(
        "title: The talk's Redis, Sentinel and Consul", "title: <script>alert(1)</script>"
    )
    shown = sengu.parse_design(text, "<b>bold</b>")._repr_html_()
    assert "<script>" not in shown and "&lt;script&gt;" in shown and "<b>bold</b>" not in shown


def test_trials_show_themselves() -> None:
    """A table of milestones would be a list of dictionaries to the reader."""
    trials = sengu.inject("sentinel-2-hosts", "kill redis@a at 60s", trials=2)
    assert repr(trials) == "<2 trials of sentinel-2-hosts>"
    assert "sdown_first" in str(trials) and "<table>" in trials._repr_html_()
    assert len(trials.milestones) == 2
    assert {"time_s", "entity", "event", "words"} == set(trials.trace(1).columns)
    assert trials.timeline().png().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="trial: must be from 0 to 1"):
        trials.trace(2)


def test_notes_are_shown_with_the_numbers() -> None:
    """A monitor that is never restarted would be found out from its downtime."""
    results = sengu.run("deck-mysql", "cloud-2015", years=1, horizon="2d")
    assert any("for good" in note for note in results.notes)
    assert "Note: " in str(results) and "Note: " in results._repr_html_()
