"""How signs stand in the record and in chat: the group's own word first, asked or together, the team's beside it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot import clock
from bot.product_languages import LANGUAGES
from bot.rendering import targets
from bot.services import signs
from bot.team.kit.sign_arguments import OneSign
from storage.signs import Sign
from storage.unit import Unit
from tests.bot.operate.test_group_record import live, read
from tests.bot.orders import say
from tests.bot.rig import SIERRA, Phone, Rig, texts
from tests.bot.shell import Shell
from tests.bot.test_share_backs import over
from tests.bot.test_signs import button

WORDS = "Los caminos se arreglan entre comunidades"
FIRST, SECOND = "Ya se arregló un tramo en la bajada.", "Ahora se arreglan casi todos los tramos."
ON_FIRST, ON_LATE, ON_SECOND = "En las listas se ve poco.", "Lo pensamos otra vez.", "En las listas se ve más."


@dataclass
class Judged:
    """A sign of which the group said something twice, and the team beside each."""

    it: Rig
    root: Phone
    sign: Sign

    def team(self, reasons: str) -> None:
        """Put the team's word beside the group's newest one."""
        with self.it.unit() as unit:
            signs.judged_by_team(unit, self.root.person, self.sign.id, "begins", reasons, self._dialog_of(unit))

    def group(self, words: str) -> None:
        """Write down what the group said together."""
        with self.it.unit() as unit:
            signs.said_by_group(unit, self.root.person, self.sign.id, "there", words, "", 12)

    def _dialog_of(self, unit: Unit) -> signs.DialogOf:
        return lambda version: self.it.turns.dialog(unit, version)


@pytest.fixture
def judged(console: Shell) -> Iterator[Judged]:
    """The team said something of the group's first word again, on the day on which the group said its second one."""
    lived_in = Rig(console.folder, now=clock.now() - timedelta(days=7))
    live(lived_in)
    root = lived_in.facilitator(nickname="Roca", cohort=None, role="admin")
    with lived_in.unit() as unit:
        cohort = unit.cohorts.by_name(SIERRA)
        assert cohort is not None
        sign = signs.add(unit, root.person, cohort, "better", WORDS)
    made = Judged(lived_in, root, sign)
    made.group(FIRST)
    made.team(ON_FIRST)
    lived_in.advance(days=2)
    made.team(ON_LATE)
    made.group(SECOND)
    made.team(ON_SECOND)
    yield made
    lived_in.close()


def stands_in_order(shown: str, words: Sequence[str]) -> bool:
    """Return whether some words stand one after the other."""
    places = [shown.index(each) for each in words]
    return places == sorted(places)


def test_the_team_is_never_above_the_group(console: Shell, judged: Judged) -> None:
    """Each word of the team's stands below the group's beside which it was put, the newest of the group's first."""
    order = (SECOND, ON_SECOND, FIRST, ON_LATE, ON_FIRST)
    console.good("record", "--out", "memoria")
    for tag in LANGUAGES:
        page = (console.folder / "memoria" / tag / "signs.html").read_text("utf-8")
        assert stands_in_order(page[page.index(WORDS) :], order)
    button(judged.root, targets.SIGN, OneSign("e", judged.sign.id).encoded())
    shown = judged.root.last.text or ""
    while say("button.next") in judged.root.last.labels:
        judged.root.press(say("button.next"))
        shown += judged.root.last.text or ""
    assert stands_in_order(shown, order)


def test_other_words_stand_over_what_was_said_of_them_alone(console: Shell, judged: Judged) -> None:
    """Worded anew: nothing was said of the new words, and all that was said stands below the old ones."""
    with judged.it.unit() as unit:
        signs.reword(unit, judged.root.person, judged.sign.id, "Los caminos ya no se cierran con la lluvia")
    console.good("record", "--out", "memoria")
    for tag in LANGUAGES:
        page = (console.folder / "memoria" / tag / "signs.html").read_text("utf-8")
        before = texts().say("group_record.sign.before", tag, words=WORDS)
        assert stands_in_order(page, ("ya no se cierran", before, SECOND, ON_SECOND, FIRST))


def test_what_the_group_answered_stands_first_in_bands(console: Shell, judged: Judged) -> None:
    """Asked by phone: what so many answered, as it left the team; of what few said nothing, and the team's below."""
    it = judged.it
    with it.unit() as unit:
        signs.to_ask(unit, judged.root.person, texts(), judged.sign.id)
    more = [it.join(nickname=f"Encino {number}") for number in range(8)]
    it.ask(*more, dialog=signs.name_of(judged.sign))
    for phone, value in zip(more, "11111122", strict=True):
        phone.say(value)
    judged.team("Se ve en las listas de mayo.")
    over(it)
    console.good("record", "--out", "memoria")
    files = read(console.folder / "memoria")
    for tag in LANGUAGES:
        page = files[f"{tag}/signs.html"].decode()
        page = page[page.index(WORDS) :]
        band = texts().say("group_record.band", tag, least=5, most=9)
        there, begins = (texts().say(f"sign.value.{value}", tag) for value in ("there", "begins"))
        assert stands_in_order(page, ("asked/002.html", f"{there}</span>: {band}", "listas de mayo", SECOND))
        assert f"{begins}</span>: " not in page


def test_of_few_it_says_that_no_number_can_be_told(console: Shell, judged: Judged) -> None:
    """Three answered: that the group was asked stands there, and no count."""
    it = judged.it
    with it.unit() as unit:
        signs.to_ask(unit, judged.root.person, texts(), judged.sign.id)
    few = [it.join(nickname=f"Encino {number}") for number in range(3)]
    it.ask(*few, dialog=signs.name_of(judged.sign))
    for phone in few:
        phone.say("1")
    over(it)
    console.good("record", "--out", "memoria")
    page = (console.folder / "memoria" / console.language / "signs.html").read_text("utf-8")
    page = page[page.index(WORDS) :]
    assert stands_in_order(page, ("asked/002.html", console.says("group_record.no_figure"), SECOND))
