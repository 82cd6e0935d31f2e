"""Faults on a command line: what is understood, and what a wrong command is told."""

import pytest

from experiments.fault_script import FaultCommand, parse_fault
from models.fault_options import FaultOptions
from models.fault_targets import TargetNames
from sim.clock import NS_PER_MS, NS_PER_S

S = NS_PER_S
NAMES = TargetNames(
    {"a01": "east", "a02": "west", "b-1": "west"},
    ("mysql@a01", "redis@a01", "redis@a02", "s1@a01", "s2@a02"),
)

GOOD = [
    ("kill redis@a01 at 60s", "kill", "redis@a01", 0, {}),
    ("kill s2 at 60s", "kill", "s2@a02", 0, {}),
    ("restart redis@a01 at 60s after 1s", "restart", "redis@a01", S, {}),
    ("down a01 at 60s for 10min", "down", "a01", 600 * S, {}),
    ("down s2 at 1min", "down", "s2@a02", None, {}),
    ("hang redis@a01 at 60s for 6s", "hang", "redis@a01", 6 * S, {}),
    ("slow a01 at 60s for 2min by 10", "slow", "a01", 120 * S, {"factor": 10.0}),
    (
        "slow a01 at 60s fsync 300ms for 60s",
        "slow",
        "a01",
        60 * S,
        {"added_fsync_ns": 300 * NS_PER_MS},
    ),
    ("disk-stall a01 at 60s for 3s", "disk-stall", "a01", 3 * S, {}),
    (
        "isolate a01 at 60s refuse inbound",
        "isolate",
        "a01",
        None,
        {"refuse": True, "direction": "inbound"},
    ),
    ("isolate a01 at 60s outbound", "isolate", "a01", None, {"direction": "outbound"}),
    ("cut a01-a02 at 60s for 30s refuse", "cut", "a01-a02", 30 * S, {"refuse": True}),
    ("cut a01-b-1 at 60s", "cut", "a01-b-1", None, {}),
    ("cut b-1-a01 at 60s", "cut", "b-1-a01", None, {}),
    ("cut east-west at 60s one-way", "cut", "east-west", None, {"one_way": True}),
    ("loss east-west at 60s for 5min p 30%", "loss", "east-west", 300 * S, {"p_loss": 0.3}),
    ("loss a01 at 60s p 0.3", "loss", "a01", None, {"p_loss": 0.3}),
    (
        "delay east-west at 60s by 80ms",
        "delay",
        "east-west",
        None,
        {"added_delay_ns": 80 * NS_PER_MS},
    ),
    (
        "starve a01 at 60s for 5min by 20 fsync 2s",
        "starve",
        "a01",
        300 * S,
        {"factor": 20.0, "added_fsync_ns": 2 * S},
    ),
    (
        "detour east-west at 60s p 10% by 200ms for 10min",
        "detour",
        "east-west",
        600 * S,
        {"added_delay_ns": 200 * NS_PER_MS, "p_loss": 0.1},
    ),
    ("resolv-conf a01 at 60s for 10min", "resolv-conf", "a01", 600 * S, {}),
    ("latent redis@a02 at 60s", "latent", "redis@a02", None, {}),
    ("logins mysql at 60s for 40s", "logins", "mysql@a01", 40 * S, {}),
]

BAD = [
    ("", "nothing there; write for example: kill redis@a01 at 60s"),
    ("kil redis@a01 at 60s", "unknown verb 'kil'; did you mean 'kill'?"),
    ("Kill redis@a01 at 60s", "unknown verb 'Kill'; did you mean 'kill'?"),
    (
        "explode a01 at 60s",
        "unknown verb 'explode'; the verbs are kill, restart, down, hang, slow, disk-stall, "
        "isolate, cut, loss, delay, starve, detour, resolv-conf, latent, logins",
    ),
    ("kill", "kill what? write for example: kill redis@a01 at 60s"),
    ("kill at 60s", "kill what? write for example: kill redis@a01 at 60s"),
    ("kill redis@a01", "when? write for example: kill redis@a01 at 60s"),
    ("kill redis@a01 60s", "expected 'at' and a time after 'redis@a01', not '60s'"),
    ("kill redis@a01 at", "'at' needs a time, such as 60s"),
    ("kill redis@a01 at 60", "'at': \"60\" has no unit; write 60s, 60ms or 60min"),
    ("kill redis@a01 at 60sec", '\'at\': "60sec": unknown unit "sec"; did you mean 60s?'),
    ("kill redis@a01 at -5s", "'at': \"-5s\" is negative; a duration is 0s or longer"),
    ("kill redsi@a01 at 60s", "unknown process 'redsi@a01'; did you mean 'redis@a01'?"),
    ("kill redis at 60s", "'redis' could be redis@a01 or redis@a02; write which one"),
    ("kill a01 at 60s", "'a01' is a host, not a process"),
    ("kill a01-a02 at 60s", "'a01-a02' is a pair of hosts or sites, not a process"),
    ("down a03 at 60s", "unknown process or host 'a03'; did you mean 'a02'?"),
    ("down east at 60s", "'east' is a site, not a process or host"),
    ("isolate redis@a01 at 60s", "'redis@a01' is a process, not a host"),
    ("cut a01 at 60s", "'a01' is a host, not a pair of hosts or sites"),
    ("cut a01-a01 at 60s", "'a01-a01' names 'a01' twice; a pair needs two ends"),
    ("cut a01-a20 at 60s", "unknown pair of hosts or sites 'a01-a20'; did you mean 'a01-a02'?"),
    (
        "cut east-wset at 60s",
        "unknown pair of hosts or sites 'east-wset'; did you mean 'east-west'?",
    ),
    ("kill redis@a01 at 60s for 5s", "'for' does not go with kill; it takes nothing more"),
    ("kill redis@a01 at 60s quickly", "unknown word 'quickly'; it takes nothing more"),
    ("isolate a01 at 60s fro 30s", "unknown word 'fro'; did you mean 'for'?"),
    ("isolate a01 at 60s for", "'for' needs a value, such as for 3s"),
    ("isolate a01 at 60s for refuse", "'for' needs a value, such as for 3s"),
    ("isolate a01 at 60s for 30s for 40s", "'for' is there twice"),
    ("isolate a01 at 60s for 0s", "'for' must be longer than 0s"),
    ("kill redis@a01 at 101y", "'at': a script is at most 100y long"),
    (
        "isolate a01 at 60s inbound outbound",
        "'inbound' and 'outbound' together are both ways; leave both out",
    ),
    (
        "isolate a01 at 60s one-way",
        "'one-way' does not go with isolate; it takes for, refuse, inbound, outbound",
    ),
    ("isolate a01 at 60s for 30", "'for': \"30\" has no unit; write 30s, 30ms or 30min"),
    ("restart redis@a01 at 60s", "restart needs 'after', such as after 1s"),
    ("restart redis@a01 at 60s for 1s", "'for' does not go with restart; it takes after"),
    ("disk-stall a01 at 60s", "disk-stall needs 'for', such as for 3s"),
    ("slow a01 at 60s for 2min", "slow needs more words, such as 'by 10' or 'fsync 300ms'"),
    ("slow a01 at 60s by ten", "'by' needs a number, such as 10, not 'ten'"),
    ("slow a01 at 60s by 0.5", "the factor of a slow host is 1 to 1e+06, not 0.5"),
    ("slow a01 at 60s by nan", "the factor of a slow host is 1 to 1e+06, not nan"),
    ("slow a01 at 60s fsync 3", "'fsync': \"3\" has no unit; write 3s, 3ms or 3min"),
    ("loss east-west at 60s", "loss needs more words, such as 'p 30%'"),
    ("loss east-west at 60s p 130%", "'p' needs a probability, such as 30% or 0.3, not '130%'"),
    ("loss east-west at 60s p lots", "'p' needs a probability, such as 30% or 0.3, not 'lots'"),
    ("loss east-west at 60s p 0%", "'p' needs a probability, such as 30% or 0.3, not '0%'"),
    ("delay east-west at 60s by 80", "'by': \"80\" has no unit; write 80s, 80ms or 80min"),
    ("delay east-west at 60s by", "'by' needs a value, such as by 80ms"),
    ("starve a01 at 60s", "starve needs more words, such as 'by 10' and 'fsync 300ms'"),
    ("starve a01 at 60s by 20", "starve needs more words, such as 'fsync 300ms'"),
    ("detour east-west at 60s by 80ms", "detour needs more words, such as 'p 30%'"),
    (
        "detour east-west at 60s by 2s p 30%",
        "an added delay is at most 1s; for a longer one cut the path",
    ),
    ("detour a01 at 60s by 80ms p 30%", "'a01' is a host, not a pair of hosts or sites"),
    ("resolv-conf mysql at 60s", "'mysql' is a process, not a host"),
    ("latent a01 at 60s", "'a01' is a host, not a process"),
    ("latent redis@a01 at 60s noticed", "unknown word 'noticed'; it takes for"),
    ("logins", "logins what? write for example: logins mysql@a01 at 60s"),
    ("logins s1@a01 at 60s", "logins strikes a process of mysql or redis, not 's1@a01'"),
    ("down a01 at 60s for 10 min", "'for': \"10\" has no unit; write 10s, 10ms or 10min"),
]


@pytest.mark.parametrize(("text", "kind", "target", "lasts_ns", "options"), GOOD)
def test_a_command_is_understood(
    text: str, kind: str, target: str, lasts_ns: int | None, options: dict[str, object]
) -> None:
    """If this fails, a fault that was ordered is another one than the text says."""
    expected = FaultCommand(kind, target, 60 * S, lasts_ns, FaultOptions(**options))  # type: ignore[arg-type]
    assert parse_fault(text, NAMES) == expected


@pytest.mark.parametrize(("text", "message"), BAD)
def test_a_wrong_command_is_told_what_is_wrong(text: str, message: str) -> None:
    """If this fails, a slip on the command line is met by a message that does not help."""
    with pytest.raises(ValueError) as caught:
        parse_fault(text, NAMES)
    assert str(caught.value) == f"fault '{text}': {message}"


def test_a_pair_that_can_be_read_two_ways_is_refused() -> None:
    """If this fails, the wrong link may be cut where host names contain dashes."""
    names = TargetNames(dict.fromkeys(("a", "a-b", "b-c", "c"), "here"), ())
    with pytest.raises(ValueError, match="'a-b-c' could be a and b-c or a-b and c; rename"):
        parse_fault("cut a-b-c at 1s", names)


def test_a_message_is_one_line() -> None:
    """If this fails, a pasted line break tears an error message apart."""
    with pytest.raises(ValueError) as caught:
        parse_fault("kil\nredis@a01\tat 60s", NAMES)
    assert "\n" not in str(caught.value)
