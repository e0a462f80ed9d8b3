"""How much the proofs do: every number that has a short and a long form, in one place.

`make test` and `make prove-short` take the short one, `make prove` (which sets HILO_PROVE) the long one; a variable of
the amount's own name goes before both: `HILO_KILLS=1000 make prove ARGS='tests/thread/test_kills.py'`.
"""

import os
from dataclasses import dataclass

LONG = bool(os.environ.get("HILO_PROVE"))


@dataclass(frozen=True)
class Amount:
    """A number, by the name of the variable that sets it.

    Attributes:
        name: of the environment variable.
        short: what it is in `make prove-short`.
        long: what it is in `make prove`.
        what: what it counts.
    """

    name: str
    short: int
    long: int
    what: str

    @property
    def value(self) -> int:
        """What it is in this run."""
        return int(os.environ.get(self.name) or (self.long if LONG else self.short))

    @property
    def extended(self) -> bool:
        """Whether this run does more of it than the short form."""
        return self.value > self.short


LOCKED = Amount("HILO_LOCKED", 10, 30, "for how many seconds another process holds the database")
KILLS = Amount("HILO_KILLS", 3, 100, "how often a move, and a change of the key, are killed")
CRASHES = Amount(
    "HILO_CRASHES", 40, 1_000, "how often a process is killed while leaders answer, in all twelve ways to run"
)
CROWD = Amount("HILO_CROWD", 2, 200, "how many leaders answer then")
TAKEOVERS = Amount("HILO_TAKEOVERS", 2, 40, "how often the process that sends and receives is killed or stopped")
SEED = Amount("HILO_SEED", 0, 0, "which moments it is killed at")
WALKS = Amount("HILO_WALKS", 40, 400, "how many random walks go over the whole bot")
LENGTHS = Amount("HILO_LENGTHS", 120, 10_000, "how many runs an attacker guesses from lengths")
GUESSES = Amount("HILO_GUESSES", 1_000, 10_000, "how many invite codes are guessed, from a hundred accounts")
PAYLOADS = Amount(
    "HILO_PAYLOADS",
    1_500,
    1_000_000,
    "how many buttons that nobody ever made are read, and 20,000 of them at most pressed",
)
HOSTILE = Amount("HILO_HOSTILE", 40, 3600, "for how many seconds the bot is attacked while leaders answer")
CUTS = Amount(
    "HILO_CUTS", 6, 1000, "at how many moments of an erasure, and of a restore, the power is cut, each in three ways"
)
LOGGED = Amount(
    "HILO_LOGGED", 400, 25_000, "how many answered check-ins are copied, exported and checked beside a writer"
)
MOVED = Amount("HILO_MOVED", 20_000, 200_000, "how many answers are moved, in the memory that a tenth of them takes")
STATEMENTS = Amount("HILO_STATEMENTS", 1, 5000, "at how many statements the migration of an old database is killed")
ERASED_WAYS = Amount("HILO_ERASED_WAYS", 3, 40, "in how many ways somebody is erased")
DRILLED = Amount("HILO_DRILLED", 200, 100_000, "how many answers come back on an empty machine")
STOLEN = Amount("HILO_STOLEN", 12, 500, "how many answers lie on a disk that is carried off")
ROWS = Amount("HILO_ROWS", 1, 9, "how many rows of each table are changed and copied without the key")
FAULTS = Amount(
    "HILO_FAULTS", 1, 10_000, "of how many calls, in each of ten scenarios and for each of five reasons, one fails"
)
TOKENS = Amount("HILO_TOKENS", 300, 10_000, "how many errors on the line the token goes through, on each client")
FUZZ = Amount("HILO_FUZZ", 1, 30, "seconds of a processor for which each parser is fuzzed; in `make fuzz` 600")
CRIES = Amount("HILO_CRIES", 1, 28, "in how many ways help is asked for in each state")
TALLIES = Amount("HILO_TALLIES", 8, 1000, "how many random histories are counted by hand beside their totals")
SEQUENCES = Amount("HILO_SEQUENCES", 60, 10_000, "how many sequences of what leaves the team are attacked by a solver")
LIVES = Amount("HILO_LIVES", 6, 10_000, "how many lives of groups are attacked so, by what they sent and wrote out")
RULES = Amount(
    "HILO_RULES", 2_000, 100_000, "how many rules of what comes back are walked day by day and minute by minute"
)
LEADERS = Amount("HILO_LEADERS", 50, 1_000, "how many leaders live through a year of what comes back")
DAYS = Amount("HILO_DAYS", 30, 365, "how many days that year has")
OCCURRENCES = Amount(
    "HILO_OCCURRENCES",
    2,
    400,
    "at how many durable steps of an occurrence the bot is killed; of few, each client has its share",
)
HISTORIES = Amount("HILO_HISTORIES", 6, 1_000, "histories of anything that may happen to what comes back")
PLANTED = Amount("HILO_PLANTED", 1, 10, "how many bugs are planted in what comes back, and found")
ANYTHING = Amount("HILO_ANYTHING", 3, 500, "histories of anything that may happen to the whole bot, on each database")
SOWN = Amount("HILO_SOWN", 1, 15, "how many bugs are planted in the whole bot, and found")
POINTS = Amount("HILO_POINTS", 8, 1_000, "at how many durable steps of a story the process dies, on each database")
REDELIVERED = Amount(
    "HILO_REDELIVERED", 12, 150, "how many people's updates come up to fifty times each, on each client"
)
LOST = Amount("HILO_LOST", 300, 10_000, "how many messages are sent whose answers may be lost, on each client")
TOLD = Amount("HILO_TOLD", 1_000, 10_000, "how many people are sent to, with a death for each two hundred")
TRIALS = Amount("HILO_TRIALS", 200, 10_000, "how often words and a tap of one person come side by side, on each client")
LOAD = Amount(
    "HILO_LOAD", 6, 600, "for how many seconds people act at a rate on SQLite; half of it, and a tenth, on PostgreSQL"
)
FILLED = Amount(
    "HILO_FILLED", 2_000, 1_000_000, "how many answers are there then on SQLite, of a hundredth as many people"
)
MANY = Amount(
    "HILO_MANY", 200_000, 10_000_000, "among how many answers a turn, a panel, reading and an export are measured"
)

AMOUNTS = (
    LOCKED,
    KILLS,
    CRASHES,
    CROWD,
    TAKEOVERS,
    SEED,
    WALKS,
    LENGTHS,
    GUESSES,
    PAYLOADS,
    HOSTILE,
    CUTS,
    LOGGED,
    MOVED,
    STATEMENTS,
    ERASED_WAYS,
    DRILLED,
    STOLEN,
    ROWS,
    FAULTS,
    TOKENS,
    FUZZ,
    CRIES,
    TALLIES,
    SEQUENCES,
    LIVES,
    RULES,
    LEADERS,
    DAYS,
    OCCURRENCES,
    HISTORIES,
    PLANTED,
    ANYTHING,
    SOWN,
    POINTS,
    REDELIVERED,
    LOST,
    TOLD,
    TRIALS,
    LOAD,
    FILLED,
    MANY,
)
