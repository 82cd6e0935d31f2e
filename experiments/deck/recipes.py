"""The twenty recipes, in the order of ``deck.md`` section 3."""

from __future__ import annotations

from typing import Final

from experiments.deck import mysql_measures as mysql
from experiments.deck import names_measures as names
from experiments.deck import redis_measures as redis
from experiments.deck import trouble_measures as trouble
from experiments.deck.recipe import Recipe

STATED: Final = (
    Recipe(
        "3.1.1",
        "Two hosts cannot give a Sentinel majority symmetrically",
        redis.HALVES,
        redis.majority,
        100,
        (
            ("As the talk placed them, 1 to 2", redis.ONE_TO_TWO),
            ("… and nobody moves them before the next loss", redis.NEVER_MOVED),
        ),
    ),
    Recipe(
        "3.1.2",
        "The guard against two published masters does not keep them out",
        redis.TWO_MASTERS,
        redis.guard,
        6,
        (("A check that yields to any other host that is listed", redis.YIELDING),),
    ),
    Recipe(
        "3.1.3",
        "Everything depends on Consul, unless names are in the hosts file",
        names.BY_CONSUL,
        names.without_consul,
        100,
        (("The same with names in the hosts file", names.BY_HOSTS),),
    ),
    Recipe(
        "3.1.4",
        "The first line of the hosts file gets everything",
        names.FIRST_LINE,
        names.first_line,
        200,
    ),
    Recipe("3.1.5", "The VPN goes a long way round", trouble.DETOUR, trouble.vpn, 20),
    Recipe(
        "3.1.6",
        "The judges sit on a host whose disk is busy",
        trouble.BUSY,
        trouble.busy_host,
        100,
        (("The same on a quiet host", trouble.QUIET),),
    ),
    Recipe(
        "3.1.7",
        "Ten seconds without a database are enough for a failover",
        mysql.SHORT_OUTAGE,
        mysql.short_outages,
        300,
    ),
    Recipe(
        "3.1.8",
        "Calm in the test network, misfiring in production",
        trouble.LIKE_A_VPN,
        trouble.two_networks,
        24,
        (("The same two failures over a clean link", trouble.CLEAN),),
    ),
)

FOLLOWING: Final = (
    Recipe(
        "3.2a",
        "A check every 30 s is a name that is up to 30 s late",
        redis.CRASH,
        redis.publication,
        1000,
    ),
    Recipe("3.2b", "Two masters make the name flap", redis.HEALED, redis.flapping, 10),
    Recipe(
        "3.2c",
        "A cut between the two hosts is a split brain by construction",
        redis.APART,
        redis.two_hosts,
        100,
    ),
    Recipe(
        "3.2d",
        "Sentinels never forget: the second failover fails",
        redis.WITHOUT_RESET,
        redis.second_failover,
        100,
        (("With SENTINEL RESET", redis.WITH_RESET),),
    ),
    Recipe(
        "3.2e",
        "How the network fails decides: refusing misfires, silence takes minutes",
        mysql.REFUSED_PATH,
        mysql.detection,
        300,
        (("The same path, silent", mysql.SILENT),),
    ),
    Recipe(
        "3.2f",
        "The name moves, the connections stay with the old master",
        mysql.FALSE_FAILOVER,
        mysql.name_gap,
        100,
    ),
    Recipe(
        "3.2g",
        "After one failover the next failure ends the daemon",
        mysql.TWICE,
        mysql.second_failure,
        100,
    ),
    Recipe(
        "3.2h",
        "Hooks without a Consul leader leave the name wrong for ever",
        mysql.NO_LEADER,
        mysql.hooks,
        100,
    ),
    Recipe(
        "3.2i",
        "Every failover restarts dnsmasq several times on every host",
        names.FAILOVER,
        names.rewrites,
        40,
        (("A member of Consul that hangs for a while", names.FLAPPING_MEMBER),),
    ),
    Recipe("3.2j", "One backend after the other is overrun", names.DOMINO, names.domino, 60),
    Recipe(
        "3.2k",
        "Consul over a lossy way, on a slow disk",
        trouble.LOSSY,
        trouble.consul_troubles,
        30,
        (
            ("A server that hangs", trouble.HUNG),
            ("A slow disk, and a commit", trouble.SLOW_DISK),
        ),
    ),
    Recipe(
        "3.2l",
        "One blip, and every layer reacts on its own",
        trouble.BLIP,
        trouble.all_layers,
        60,
    ),
)

RECIPES: Final = (*STATED, *FOLLOWING)
