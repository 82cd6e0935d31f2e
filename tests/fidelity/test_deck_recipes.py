"""The failures of the talk (``deck.md`` section 3, all 20) come out of their recipes.

Nothing of this is written into a model: each test lets a recipe's faults strike, and asserts what
the talk, or reasoning from its design, says of them. Where the simulator says otherwise, the test
holds what it says, and ``docs/deck.md`` says why.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from pathlib import Path
from statistics import mean, median

import pytest

from experiments.cli import main
from experiments.deck import mysql_measures as mysql
from experiments.deck import names_measures as names
from experiments.deck import redis_measures as redis
from experiments.deck import trouble_measures as trouble
from experiments.deck.page import FIGURES, IMAGES, PAGE, PILOT, figures_of, sections
from experiments.deck.recipe import Command, Recipe, trials
from experiments.deck.recipes import RECIPES
from experiments.inject.event_log import EventLog
from experiments.inject.trial import Trial, run_trial
from experiments.readme import fill
from experiments.timeline.timeline import trial_timeline

ROOT = Path(__file__).parents[2]
COMMAND = re.compile(r"^```sh\n(sengu inject .*?)\n```$", re.MULTILINE | re.DOTALL)


def one(command: Command, replication: int = 0) -> tuple[Trial, EventLog]:
    """Run the trial of that number."""
    done = run_trial(command.order(replication))
    return done, EventLog(done.world.trace.records, done.fault_ns)


def name_states(done: Trial, store: str) -> set[str]:
    """Return how the names of a store's master stand at the end."""
    return {name.state for name in done.world.service.published if name.store.name == store}


# ------------------------------------------------------------------ 3.1: stated


def test_3_1_1_two_hosts_have_no_symmetric_majority() -> None:
    """If this fails, one of two Sentinels promotes alone, or 1 to 2 does not help."""
    assert redis.survived(redis.HALVES, 20) == 0
    assert redis.survived(redis.ONE_TO_TWO, 20) == 20
    assert redis.survived(redis.NEVER_MOVED, 10) == 0


def test_3_1_2_the_guard_neither_publishes_one_master_nor_none() -> None:
    """If this fails, condition 1 of the check keeps two masters from being published."""
    shares = redis.answers(redis.AN_HOUR, 1).shares()
    assert shares["a01", "a02"] == pytest.approx(1 / 3, abs=0.02)
    assert shares.get((), 0.0) == 0.0
    yielding = redis.answers(redis.guarded(redis.AN_HOUR, "yield"), 1).shares()
    assert yielding == {("a01",): pytest.approx(1.0)}


def test_3_1_3_only_names_of_the_hosts_file_outlive_consul() -> None:
    """If this fails, hosts files bring nothing, or they hold the tagged name too."""
    rows = {figure.what: figure.here for figure in names.without_consul(5)}
    assert rows["wait for MySQL by the hosts file"].startswith("always 1.0 s")
    for what in ("MySQL by Consul's DNS", "Redis by its tagged name"):
        waited_s = float(rows[f"wait for {what}"].removeprefix("always ").split()[0])
        # Consul comes back 145 s after the restart, and elects.
        assert 145 < waited_s < 150


def test_3_1_4_the_first_line_gets_all_and_the_next_inherits_it() -> None:
    """If this fails, a name with several lines is spread over them."""
    calm = run_trial(Command("deck-names", (), "60s").order())
    struck, _ = one(names.FIRST_LINE)
    assert names.shares_of_load(calm.world, "foo-app") == [1.0, 0.0, 0.0]
    assert names.shares_of_load(struck.world, "foo-app") == [0.0, 1.0, 0.0]


def test_3_1_5_a_lossy_way_round_makes_false_failovers() -> None:
    """If this fails, a system whose parts are all well does not suffer from its VPN."""
    false: dict[int, list[int]] = {2: [], 20: []}
    for p, counts in false.items():
        for done, _ in trials(trouble.detour(p), 5):
            assert done.recorder.failovers.true == 0
            counts.append(done.recorder.failovers.false)
    assert sum(false[2]) == 0
    assert mean(false[20]) >= 1


def test_3_1_6_a_busy_disk_under_consuls_leader_keeps_the_name_wrong() -> None:
    """If this fails, it does not matter on which host the judges sit."""
    for busy in (True, False):
        lost, wrong, detected = trouble.names_lost(trouble.BUSY if busy else trouble.QUIET, 20)
        assert lost == wrong
        assert (2 <= wrong <= 14) if busy else wrong == 0
        assert len(detected) >= 18
    # Slow is not dead: alone, it neither starts a failover nor costs the leadership.
    assert trouble.names_lost(trouble.STARVED_ONLY, 5) == (0, 0, [])


def test_3_1_7_ten_seconds_are_enough_at_the_wrong_moment() -> None:
    """If this fails, a mysqld that restarts at once is never taken for dead; 15 % expected."""
    n = 120
    verdicts = mysql.verdicts(mysql.SHORT_OUTAGE, n)
    three_sigma = 3 * (0.16 * 0.84 / n) ** 0.5
    assert len(verdicts) / n == pytest.approx(0.16, abs=three_sigma)
    assert min(verdicts) > 8.9
    shorter = replace(mysql.SHORT_OUTAGE, faults=("down mysql@db01 at 60s for 5s",))
    assert mysql.verdicts(shorter, 30) == []


def test_3_1_8_the_same_failures_end_otherwise_over_the_vpn() -> None:
    """If this fails, a verification in a clean network says how production will fare."""
    clean = [done for done, _ in trials(trouble.CLEAN, 4)]
    assert [done.recorder.failovers.true for done in clean] == [2] * 4
    assert sum(done.recorder.failovers.false for done in clean) == 0
    rough = [done for done, _ in trials(trouble.LIKE_A_VPN, 8)]
    assert sum(done.recorder.failovers.false for done in rough) >= 2
    down = [mean(done.class_seconds()["down"] for done in some) for some in (clean, rough)]
    assert down[1] > 2 * down[0]


# ------------------------------------------------------------------ 3.2: following


def test_3_2a_the_name_lags_by_the_check_of_the_new_master() -> None:
    """If this fails, the window of an empty name has another length than two checks give it."""
    n = 150
    rows = redis.publications(n)
    lags = [published - promoted for promoted, published, _ in rows]
    assert mean(lags) == pytest.approx(15, abs=3 * 30 / (12 * n) ** 0.5)
    assert max(lags) < 30.5
    empty = mean(removed < published for _, published, removed in rows)
    promoted_s = mean(row[0] for row in rows)
    assert empty == pytest.approx(1 - (30 - promoted_s) ** 2 / 1800, abs=0.12)


def test_3_2b_the_name_flaps_in_a_cycle_of_three_intervals() -> None:
    """If this fails, two masters are published in another rhythm than 90 s, a third each."""
    rows = {figure.what: figure.here for figure in redis.flapping(1)}
    assert rows.pop("length of the cycle").startswith(("89.", "90.", "91."))
    assert all(31 <= int(here.removesuffix(" %")) <= 35 for here in rows.values())


def test_3_2c_a_cut_makes_two_masters_until_after_it_heals() -> None:
    """If this fails, the side with two Sentinels waits, or the old master gives way by itself."""
    for done, log in trials(redis.APART, 8):
        assert log.first("+promoted-slave") is not None
        demoted = log.first("+convert-to-slave")
        assert demoted is not None and demoted.at_s > 45
        assert 45 < done.class_seconds()["split-brain"] < 60
        assert done.recorder.writes_lost > 1000


def test_3_2d_a_sentinel_that_is_not_forgotten_costs_the_next_election() -> None:
    """If this fails, RESET after a move is not needed; how often it is is a finding."""
    n = 30
    assert n // 5 <= n - redis.survived(redis.WITHOUT_RESET, n) < n
    assert redis.survived(redis.WITH_RESET, 10) == 10


def test_3_2e_silence_takes_minutes_and_refusal_seconds() -> None:
    """If this fails, how the path fails does not decide what the monitor makes of it."""
    killed = mysql.verdicts(mysql.KILLED, 60)
    assert mean(killed) == pytest.approx(28.4, abs=3.5)
    assert min(killed) > 9 and max(killed) < 40
    silent = mysql.verdicts(mysql.SILENT, 8)
    assert len(silent) == 8 and min(silent) > 10 * 60
    refused = {s: len(mysql.verdicts(mysql.flap(s, "path"), 60)) / 60 for s in (10, 30)}
    # A refusal leaves the open connection of the health check alone: no plateau at 8 to 20 s.
    assert refused[10] == 0
    assert refused[30] == pytest.approx(0.67, abs=0.19)


def test_3_2f_the_name_moves_and_the_writes_do_not() -> None:
    """If this fails, somebody fences the old master, or the name is gone for long."""
    seen = 0
    for done, log in trials(mysql.FALSE_FAILOVER, 6):
        before, gone = log.first("exec-before"), log.first("deregister-node")
        back, after = log.first("register-node"), log.first("failover-complete")
        if before is None:
            continue
        assert gone and back and after
        seen += 1
        assert before.at_s < gone.at_s < back.at_s < after.at_s
        assert back.at_s - gone.at_s < 1
        targets = {pool.writes_to for one in done.world.instances for pool in one.pools}
        assert [server.address for server in targets if server is not None] == ["mysql@db01"]
    assert seen >= 3


def test_3_2g_the_next_failure_ends_the_daemon() -> None:
    """If this fails, the tool finds a candidate where nobody has made one."""
    for done, log in trials(mysql.TWICE, 6):
        assert log.first("failover-complete") is not None
        end = log.first("exit")
        assert end is not None and end.words["reason"] == "no-candidate-found"
        assert 309 < end.at_s < 340
        assert not done.world.mysql["foo-db"].monitors[0].process.running


def test_3_2h_hooks_without_a_leader_leave_the_name_wrong() -> None:
    """If this fails, something repairs a name that the scripts could not change."""
    for done, log in trials(mysql.NO_LEADER, 6):
        assert log.first("failover-complete") is not None
        assert log.first("leader-elected") is not None
        assert name_states(done, "foo-db") == {"wrong"}
    done, _ = one(mysql.WITH_LEADER)
    assert name_states(done, "foo-db") == {"right"}


def test_3_2i_each_failover_restarts_dnsmasq_on_every_host() -> None:
    """If this fails, several changes of the catalogue make one restart, or some hosts none."""
    for command, host, least in ((names.FAILOVER, "", 3), (names.FLAPPING_MEMBER, "b02", 2)):
        done, _ = one(command)
        found = done.world.names
        assert found is not None
        restarts = {name: dns.restarts for name, dns in found.dnsmasqs.items() if name != host}
        assert set(restarts.values()) == {least}


def test_3_2j_backends_fall_one_after_the_other_and_never_settle() -> None:
    """If this fails, a backend that is overrun keeps its load, or somebody spreads it."""
    overloaded, stays = names.overload(names.DOMINO, 3)
    assert overloaded > 0.97
    assert 5 < mean(stays) < 30
    assert names.overload(names.DOMINO_SPREAD, 1)[0] == 0


def test_3_2k_leaders_are_lost_and_members_fail_each_for_its_own_reason() -> None:
    """If this fails, loss, a standstill and a slow disk are the same to Consul."""
    lossy = [log for _, log in trials(trouble.lossy(20), 3)]
    assert min(len(log.all("leader-lost")) for log in lossy) >= 5
    # A finding: no member is failed by loss alone.
    assert not any(log.all("EventMemberFailed") for log in lossy)
    for _, log in trials(trouble.HUNG, 4):
        failed = log.first("EventMemberFailed", node="admin01")
        back = log.first("EventMemberJoin", node="admin01")
        assert failed and back and failed.at_s < 20 <= back.at_s
    slow = [
        bool(log.first("leader-lost", reason="slow-fsync"))
        for _, log in trials(trouble.SLOW_DISK, 20)
    ]
    assert 1 <= sum(slow) <= 15


def test_3_2l_every_layer_reacts_and_none_waits_for_another() -> None:
    """If this fails, one of the layers does not notice the blip, or all act at one time."""
    found = {what: at_s for what, at_s in trouble.reactions(10)}
    assert all(found.values())
    times = sorted(median(at_s) for at_s in found.values())
    assert times[0] < 6 and times[-3] > 20
    by_sentinel, by_monitor = (
        median(found[what])
        for what in ("Sentinel: a slave is promoted", "mysqlfailover: the slave is promoted")
    )
    assert by_sentinel < 8 and by_monitor > 20


# ------------------------------------------------------------------ the page


def test_every_item_has_a_recipe() -> None:
    """If this fails, a failure of the talk is left out."""
    stated = [f"3.1.{number}" for number in range(1, 9)]
    following = [f"3.2{letter}" for letter in "abcdefghijkl"]
    assert [recipe.item for recipe in RECIPES] == [*stated, *following]


def test_the_page_shows_what_is_kept() -> None:
    """If this fails, a table or command of the page was written by hand: run ``make deck``."""
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    assert all(f"<!-- {name} -->" in text for name in sections(ROOT))
    assert fill(text, sections(ROOT)) == text


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.item)
def test_the_figures_are_what_the_code_does(recipe: Recipe) -> None:
    """If this fails, the page shows the results of another program: run ``make deck``."""
    kept = json.loads((ROOT / FIGURES).read_text(encoding="utf-8"))[recipe.item]
    assert kept["trials"] == recipe.n
    assert figures_of(recipe, PILOT) == kept["pilot"]


def test_pictures_are_there_and_small() -> None:
    """If this fails, the page has a hole, or the repository grows by megabytes."""
    sizes = {file.name: file.stat().st_size for file in (ROOT / IMAGES).iterdir()}
    assert set(sizes) == {recipe.picture for recipe in RECIPES}
    assert max(sizes.values()) < 150_000 and sum(sizes.values()) < 2_500_000


def commands() -> list[list[str]]:
    """Return the commands of the page, as a shell would split them."""
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    return [shlex.split(found.replace("\\\n", " ")) for found in COMMAND.findall(text)]


def test_the_commands_of_the_page_run(capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, a reader's command is refused, or shows another trial than the figures'."""
    asked = [
        command
        for recipe in RECIPES
        for command in (recipe.command, *(other for _, other in recipe.also))
    ]
    written = commands()
    assert len(written) == len(asked)
    for words, command in zip(written, asked, strict=True):
        at = words.index("--timeline")
        rest = words[1:at] + words[at + 2 :]
        assert main(rest) == 0
        done, _ = one(command)
        said = capsys.readouterr().out.splitlines()[-1]
        assert f"{done.recorder.writes_lost:.0f} acknowledged writes lost" in said


def test_the_pictures_show_what_the_page_says() -> None:
    """If this fails, a picture is of a trial in which the failure did not happen."""
    states = {}
    for item in ("3.1.3", "3.1.7", "3.2g", "3.2j"):
        command = {recipe.item: recipe.command for recipe in RECIPES}[item]
        rows = trial_timeline(command.order())[1].intervals
        states[item] = {
            lane: list(group["state"]) for lane, group in rows.groupby("lane", sort=False)
        }
    assert "no leader" in states["3.1.3"]["consul"]
    assert states["3.1.3"]["name foo-db-master"] == ["right", "empty", "right"]
    assert states["3.1.7"]["class of second"][-1] == "split-brain"
    assert states["3.1.7"]["web1@web01"][-1] == "stale"
    assert states["3.2g"]["monitor@admin01"][-1] == "gone"
    assert "overloaded" in states["3.2j"]["load on foo2@foo-app02"]
