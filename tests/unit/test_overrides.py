"""`--set path=value`: what it changes, what it leaves alone, and what it says when it cannot."""

from __future__ import annotations

import pytest

from experiments.loading import SpecError, parse_spec
from sim.clock import NS_PER_S
from tests.cli.example_design import Design

TEXT = """\
name: two
hosts:
  - name: a01
    site: east
  - {name: a.02, weights: [[1], [2]]}
sentinels:
  foo: &foo {quorum: 2}
  bar: *foo
"""


def read(*overrides: str) -> Design:
    """The example with overrides."""
    return parse_spec(TEXT, "d.yaml", Design, overrides)


def test_options_are_replaced_and_added() -> None:
    """A study would run with the file's values and be labelled with the command line's."""
    design = read("sentinels.foo.quorum=3", "sentinels.foo.down-after-milliseconds=5s")
    assert design.sentinels["foo"].quorum == 3
    assert design.sentinels["foo"].down_after_milliseconds == 5 * NS_PER_S


def test_list_items_go_by_name_or_index() -> None:
    """The value would land on another host than the one named."""
    assert read("hosts.a01.site=west").hosts[0].site == "west"
    assert read("hosts.1.site=west").hosts[1].site == "west"
    assert read("hosts.1.weights.0.0=7").hosts[1].weights == ((7,), (2,))


def test_names_with_dots() -> None:
    """Hosts with domain names could not be addressed."""
    assert read("hosts.a.02.site=west").hosts[1].site == "west"


def test_shared_block_is_changed_in_one_place_only() -> None:
    """An override of one sentinel would change each that shares its YAML anchor."""
    design = read("sentinels.foo.quorum=3")
    assert design.sentinels["bar"].quorum == 2


def test_option_group_that_the_file_leaves_out() -> None:
    """An option whose whole group is at its defaults could not be set."""
    assert read("load.writes=3/s").load.writes == 3


def test_later_overrides_win_and_see_earlier_ones() -> None:
    """The order on the command line would not matter, or an added entry not be found."""
    design = read("sentinels.baz={quorum: 1}", "sentinels.baz.quorum=2", "sentinels.baz.quorum=3")
    assert design.sentinels["baz"].quorum == 3


def test_values_are_yaml() -> None:
    """`null`, lists and quoted text could not be given."""
    assert read("hosts.1.weights=[[3, 4]]").hosts[1].weights == ((3, 4),)
    assert read("hosts.a01.disk=null").hosts[0].disk is None
    assert read("note='a=b: c'").note == "a=b: c"


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        (
            "sentinels.fo.quorum=3",
            "sentinels.fo.quorum: no 'fo' under 'sentinels'; did you mean 'foo'?",
        ),
        (
            "sentinel.foo.quorum=3",
            "sentinel.foo.quorum: no 'sentinel' at the top level; did you mean 'sentinels'?",
        ),
        ("hosts.a0.site=west", "hosts.a0.site: no 'a0' under 'hosts'; did you mean 'a01'?"),
        ("hosts.2.site=west", "hosts.2.site: no item 2 under 'hosts', which has 2"),
        ("hosts.-1.site=west", "hosts.-1.site: no '-1' under 'hosts'"),
        ("name.x=1", "name.x: no 'x' under 'name', which is a single value"),
        (
            "sentinels.foo.quorom=3",
            "sentinels.foo.quorom: unknown key 'quorom' in sentinel 'foo'; did you mean 'quorum'?",
        ),
        (
            "sentinels.foo.quorum=x",
            "sentinels.foo.quorum: 'quorum' in sentinel 'foo': expected a whole number, got 'x'",
        ),
        (
            "sentinels.foo.master=b",
            "sentinels.foo.master: sentinel 'foo' watches 'b', which is no host",
        ),
        (
            "sentinels.foo.failover-timeout=3",
            "sentinels.foo.failover-timeout: 'failover-timeout' in sentinel 'foo': expected a "
            "duration such as 30s, got 3; add a unit: 3s, 3ms or 3min",
        ),
        ("name", "name: expected path=value, such as sentinel.foo.quorum=2"),
        ("=3", ": expected path=value, such as sentinel.foo.quorum=2"),
        ("a..b=3", "a..b: expected path=value, such as sentinel.foo.quorum=2"),
        ("name=", "name: no value after '='; write null for nothing, '' for empty text"),
        (
            "name=[1",
            "name: this [ is not closed where it should be, before 1:3 (in the value '[1')",
        ),
        ("note=*foo", "note: alias '*foo' has no anchor '&foo' before it (in the value '*foo')"),
        (
            "note=!!python/name:os.system",
            "note: tag '!!python/name:os.system' is not allowed (in "
            "the value '!!python/name:os.system')",
        ),
    ],
)
def test_error_of_an_override(override: str, expected: str) -> None:
    """A mistyped override would be ignored, or be blamed on a line of the file."""
    with pytest.raises(SpecError) as caught:
        read(override)
    assert str(caught.value) == f"--set {expected}"
    assert (caught.value.line, caught.value.column) == (0, 0)
