"""What holds for every law, and what the data form accepts and refuses."""

import math
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.clock import format_duration, parse_duration
from sim.laws import (
    Empirical,
    Exponential,
    Fixed,
    Gamma,
    Law,
    Lognormal,
    Mixture,
    Replay,
    Uniform,
    Weibull,
    law_from_mapping,
    law_to_text,
)
from sim.streams import Streams

U = st.floats(2.0**-54, 1 - 2.0**-53)
DURATIONS = st.floats(1e-6, 1e9)
VALUES = st.lists(st.floats(0.0, 1e9), min_size=1, max_size=20).map(tuple)
SIMPLE: st.SearchStrategy[Law] = st.one_of(
    st.builds(Exponential, DURATIONS),
    st.builds(Weibull, st.floats(0.05, 50.0), DURATIONS),
    st.builds(Lognormal, DURATIONS, st.floats(0.01, 10.0)),
    st.builds(Gamma, st.floats(0.01, 1000.0), DURATIONS),
    st.tuples(DURATIONS, DURATIONS)
    .filter(lambda ends: ends[0] < ends[1])
    .map(lambda ends: Uniform(*ends)),
    st.builds(Fixed, st.just(0.0) | DURATIONS),
    st.builds(Empirical, VALUES),
)


def mixtures(parts: st.SearchStrategy[Law]) -> st.SearchStrategy[Law]:
    """Return a strategy of mixtures of one to four of `parts`."""
    weighted = st.lists(st.tuples(st.floats(1e-6, 1e6), parts), min_size=1, max_size=4)
    return weighted.map(lambda pairs: Mixture(*map(tuple, zip(*pairs, strict=True))))


LAWS = SIMPLE | mixtures(SIMPLE) | mixtures(mixtures(SIMPLE)) | st.builds(Replay, VALUES)


@given(LAWS, U, U)
def test_quantiles_never_fall(law: Law, u: float, v: float) -> None:
    """If this failed, worse luck could give a shorter repair, and pairing would be lost."""
    low, high = sorted((u, v))
    # Special functions are right to a few units in the last place, not monotone to the last bit.
    assert law.quantile(low) <= law.quantile(high) * (1 + 1e-9)


@given(LAWS, U)
def test_quantile_and_cdf_agree(law: Law, u: float) -> None:
    """If this failed, reports of a law would contradict its draws."""
    x_s = law.quantile(u)
    # A picosecond of slack: quantiles of very skewed laws underflow, 1e-386 s being 0.
    assert law.cdf(x_s * (1 + 1e-9) + 1e-12) >= u * (1 - 1e-6) - 1e-8
    assert law.cdf(-1.0) == 0


@given(LAWS, st.integers(0, 2**64))
def test_draws_are_never_negative(law: Law, seed: int) -> None:
    """If this failed, an event could be put into the past and the kernel would stop."""
    stream = Streams(seed, 0).stream("any")
    assert all(law.sample_ns(stream) >= 0 for _ in range(5))
    assert law.first_residual_ns(stream) >= 0


@given(LAWS, st.sampled_from([2.0**-54, 0.5, 1 - 2.0**-53]), st.sampled_from([2.0**-54, 0.999]))
def test_extreme_luck_gives_a_number(law: Law, u: float, v: float) -> None:
    """If this failed, one draw in 2**53 would end a study with an overflow or a NaN."""
    assert 0 <= law.value_at(u) < math.inf
    assert 0 <= law.residual_at(v, u) < math.inf
    assert 0 <= law.mean_s < math.inf
    assert 0 <= law.median_s < math.inf


@given(LAWS)
def test_laws_are_values(law: Law) -> None:
    """If this failed, a spec could not be hashed, compared or sent to a worker."""
    copy = pickle.loads(pickle.dumps(law))
    assert copy == law
    assert hash(copy) == hash(law)
    assert "(" in law_to_text(law)


@given(VALUES.flatmap(lambda values: st.tuples(st.just(values), st.permutations(values))))
def test_the_order_of_measurements_changes_nothing(
    both: tuple[tuple[float, ...], list[float]],
) -> None:
    """If this failed, sorting a list in a file would change results."""
    assert Empirical(both[0]) == Empirical(tuple(both[1]))


@given(st.integers(0, 10**22))
def test_a_shown_duration_is_read_back(ns: int) -> None:
    """If this failed, a spec as resolved would not be the spec that was run."""
    assert parse_duration(format_duration(ns)) == ns


@given(st.integers(1, 10**17), st.floats(0.1, 5.0))
def test_the_data_form_is_read_back(mean: int, shape: float) -> None:
    """If this failed, a profile's law would differ from the one it says."""
    text = format_duration(mean)
    # By an integer: 1e9 would round the nanoseconds to a float before they are divided.
    mean_s = mean / 10**9
    assert law_from_mapping({"law": "exponential", "mean": text}) == Exponential(mean_s)
    data = {"law": "weibull", "shape": shape, "mean": text}
    assert law_from_mapping(data) == Weibull.from_mean_shape(mean_s, shape)
    data = {"law": "gamma", "shape": shape, "mean": text}
    assert law_from_mapping(data) == Gamma(shape, mean_s)
    assert law_from_mapping(text) == Fixed(mean_s)


@pytest.mark.parametrize(
    ("data", "law", "text"),
    [
        ("30s", Fixed(30.0), "fixed(30s)"),
        ({"law": "exponential", "mean": "4h"}, Exponential(14400.0), "exponential(mean 4h)"),
        (
            {"law": "weibull", "shape": 0.7, "mean": "1000h"},
            Weibull.from_mean_shape(3.6e6, 0.7),
            "weibull(shape 0.7, mean 1000h)",
        ),
        ({"law": "weibull", "shape": 2, "scale": "1s"}, Weibull(2.0, 1.0), None),
        (
            {"law": "lognormal", "median": "64min", "log-sd": 1.4},
            Lognormal(3840.0, 1.4),
            "lognormal(median 64min, log-sd 1.4)",
        ),
        (
            {"law": "lognormal", "mean": "6min", "median": "2.7min"},
            Lognormal.from_mean_median(360.0, 162.0),
            "lognormal(median 162s, log-sd 1.264)",
        ),
        (
            {"law": "lognormal", "median": "2.7min", "p95": "19.9min"},
            Lognormal.from_median_p95(162.0, 1194.0),
            None,
        ),
        (
            {"law": "gamma", "shape": 2, "mean": "3h"},
            Gamma(2.0, 10800.0),
            "gamma(shape 2, mean 3h)",
        ),
        (
            {"law": "uniform", "low": "1h", "high": "6h"},
            Uniform(3600.0, 21600.0),
            "uniform(1h to 6h)",
        ),
        ({"law": "fixed", "value": "30s"}, Fixed(30.0), "fixed(30s)"),
        (
            {
                "law": "mixture",
                "of": [
                    {"weight": 9, "law": "30s"},
                    {"weight": 1, "law": {"law": "exponential", "mean": "4h"}},
                ],
            },
            Mixture((0.9, 0.1), (Fixed(30.0), Exponential(14400.0))),
            "mixture(0.9 fixed(30s), 0.1 exponential(mean 4h))",
        ),
        (
            {"law": "empirical", "values": ["2s", "1s"]},
            Empirical((1.0, 2.0)),
            "empirical(2 values, mean 1.5s, median 1s)",
        ),
    ],
)
def test_a_profile_can_say(data: dict[str, object] | str, law: Law, text: str | None) -> None:
    """If this failed, a form that the documentation shows would be refused or misread."""
    assert law_from_mapping(data) == law
    assert text is None or law_to_text(law) == text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"law": "lognorml"}, 'did you mean "lognormal"'),
        ({"law": 3}, "unknown law 3"),
        ({"Law": "fixed", "value": "1s"}, 'no key "law" (is "Law" meant?)'),
        (
            {"law": "lognormal", "median": "1h", "log_sd": 1.4},
            'lognormal: unknown key "log_sd" (did you mean "log-sd"?); it takes median + log-sd',
        ),
        ({"law": "weibull", "shape": 0.7}, "takes mean + shape, or shape + scale, or median + p95"),
        ({"law": "exponential"}, "got nothing"),
        ({"law": "exponential", "mean": 30}, 'exponential mean: "30" has no unit; write 30s'),
        ({"law": "exponential", "mean": True}, "must be a duration"),
        ({"law": "exponential", "mean": "30m"}, "write 30min or 30ms"),
        ({"law": "weibull", "shape": "0.7", "mean": "1h"}, "weibull shape: must be a number"),
        ({"law": "weibull", "shape": float("nan"), "mean": "1h"}, "weibull: shape must be from"),
        ({"law": "exponential", "mean": "0s"}, "exponential: mean must be above 0"),
        ({"law": "lognormal", "mean": "1h", "median": "2h"}, "mean (3600 s) must be above median"),
        ({"law": "uniform", "low": "2h", "high": "1h"}, "high (3600 s) must be above low"),
        ({"law": "gamma", "mean": "1h", "p95": "9h"}, "gamma: no law has a p95 of 9 means"),
        ({"law": "mixture", "of": []}, "at least one law"),
        ({"law": "mixture", "of": [{"weight": 0, "law": "1s"}]}, "weight 1 must be above 0"),
        ({"law": "mixture", "of": [{"wieght": 1}]}, 'mixture entry 1: unknown key "wieght"'),
        ({"law": "mixture", "of": [{"weight": 1}]}, 'mixture entry 1: no key "law"'),
        ({"law": "mixture", "of": ["1s"]}, "mixture entry 1: must be {weight"),
        ({"law": "mixture", "of": [{"weight": 1, "law": "1"}]}, "mixture entry 1: law: "),
        ({"law": "empirical", "values": []}, "empirical: needs at least one value"),
        ({"law": "empirical", "values": "1s"}, "must be a list"),
        ({"law": "empirical", "values": ["1s", "2"]}, 'empirical value 2: "2" has no unit'),
        ({"law": "empirical", "value": ["1s"]}, 'did you mean "values"'),
        ({"law": "empirical"}, "empirical takes values"),
        ({"law": "trace", "file": "nowhere.csv"}, "trace file: cannot read"),
        ({"law": "trace", "file": "."}, "is not a regular file"),
        ({"law": "trace", "file": "x" * 300}, "trace file: cannot read"),
        ({"law": "trace", "file": 3}, "must be a path"),
        ("30", "has no unit"),
    ],
)
def test_a_wrong_law_is_explained(data: dict[str, object] | str, message: str) -> None:
    """If this failed, a slip in a profile would be accepted, or refused without a reason."""
    with pytest.raises(ValueError, match=r".") as caught:
        law_from_mapping(data)
    assert message in str(caught.value)


@pytest.mark.parametrize("u", [2.0**-54, 1 - 2.0**-53])
def test_a_vanishing_quantile_has_a_probability(u: float) -> None:
    """If this failed, the quantile of a mixture with a very skewed part would be an error."""
    law = Mixture((0.2, 0.8), (Lognormal(2.0, 1.0), Weibull(0.05, 1.0)))
    assert 0 <= law.quantile(u) < math.inf


@pytest.mark.parametrize(
    "make",
    [
        lambda: Exponential(-1.0),
        lambda: Exponential(math.nan),
        lambda: Exponential(math.inf),
        lambda: Weibull(0.0, 1.0),
        lambda: Weibull.from_mean_shape(1.0, 0.0),
        lambda: Weibull.from_median_p95(1.0, 1.0),
        lambda: Lognormal(1.0, 0.0),
        lambda: Lognormal(0.0, 1.0),
        lambda: Gamma(math.nan, 1.0),
        lambda: Gamma.from_mean_p95(1.0, 0.5),
        lambda: Uniform(-1.0, 1.0),
        lambda: Uniform(1.0, math.nan),
        lambda: Fixed(-0.1),
        lambda: Empirical(()),
        lambda: Empirical((1.0, math.nan)),
        lambda: Replay((-1.0,)),
        lambda: Mixture((), ()),
        lambda: Mixture((1.0,), (Fixed(1.0), Fixed(2.0))),
        lambda: Mixture((math.nan,), (Fixed(1.0),)),
        lambda: Mixture((1.0,), (Replay((1.0,)),)),
    ],
)
def test_an_impossible_law_is_refused(make: object) -> None:
    """If this failed, a negative or missing figure would surface as nonsense in a result."""
    assert callable(make)
    with pytest.raises(ValueError, match=r"must|needs|weights|lose|no law"):
        make()


@pytest.mark.parametrize("text", ["30\n1.5\n", "seconds\n30\n\n1.5", "\ufeff30\r\n1.5\r\n"])
def test_a_trace_file_is_read(tmp_path: Path, text: str) -> None:
    """If this failed, a recorded trace would be refused or lose lines."""
    (tmp_path / "outages.csv").write_bytes(text.encode())
    assert law_from_mapping({"law": "trace", "file": "outages.csv"}, tmp_path) == Replay(
        (30.0, 1.5)
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no duration"),
        ("seconds\n", "holds no duration"),
        ("1\ntwo\n", 'outages.csv:2: "two" is not a duration'),
        ("1\n-2\n", 'outages.csv:2: "-2"'),
        ("-1\n2\n", 'outages.csv:1: "-1"'),
        ("nan\n2\n", 'outages.csv:1: "nan"'),
        ("1,2\n3,4\n", 'outages.csv:1: "1,2"'),
    ],
)
def test_a_wrong_trace_file_names_its_line(tmp_path: Path, text: str, message: str) -> None:
    """If this failed, a damaged trace would be replayed in part without a word."""
    (tmp_path / "outages.csv").write_text(text)
    with pytest.raises(ValueError, match=r".") as caught:
        law_from_mapping({"law": "trace", "file": "outages.csv"}, tmp_path)
    assert message in str(caught.value)


def test_laws_are_read_without_heavy_imports() -> None:
    """If this failed, `sengu --help` and every worker would wait for scipy."""
    program = "import sys, sim.laws; print([m for m in ('scipy', 'numpy') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert result.stdout.strip() == b"[]"
