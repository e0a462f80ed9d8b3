"""What one person said on paper: typed in as that person's own, shown to them, agreed to or taken away."""

from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from bot.messengers.registry import MESSENGERS
from bot.runtime import processes
from bot.services import page_opened
from storage import export_rows
from storage.runs import RunRow
from tests.bot.asking import prepare
from tests.bot.leader import check
from tests.bot.orders import say
from tests.bot.phone import Phone
from tests.bot.quiet import QUIET, join_by_page, with_page
from tests.bot.rig import SIERRA, Rig, texts
from tests.storage.world import exported

CHECK_IN: Final = {"es": "¿Cómo vas?", "en": "How is it going?"}
NICKNAME: Final = "Luciérnaga"
WORDS: Final = "Lo del agua, y la vereda."


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Keep what is given to the process that draws."""
    found: list[dict[str, Any]] = []
    really = processes.run

    async def noted(module: str, task: dict[str, Any]) -> bytes:
        if "sheet" in task:
            found.append(task["sheet"])
        return await really(module, task)

    monkeypatch.setattr(processes, "run", noted)
    return found


@dataclass
class World:
    """A leader, one of the team who had a sheet of the check-in printed for her group, and the sheet's code."""

    hilo: Rig
    ana: Phone
    leader: Phone
    code: str
    language: str
    drawn: list[dict[str, Any]] = field(default_factory=list)

    def words(self, code: str, **facts: object) -> str:
        """Return a sentence in their language."""
        return say(code, self.language, **facts)

    def at_sheet(self, phone: Phone | None = None, code: str = "") -> Phone:
        """Come to the sheet by pressing and typing its code."""
        phone = phone or self.ana
        phone.say("/menu")
        phone.press(self.words("menu.more"))
        phone.press(self.words("menu.sheets"))
        check(phone)
        phone.say(code or self.code)
        check(phone)
        return phone

    def whose(self, phone: Phone | None = None, name: str = NICKNAME, code: str = "") -> Phone:
        """Say that the sheet is one person's, and whose."""
        phone = self.at_sheet(phone, code)
        phone.press(self.words("button.paper_person"))
        check(phone)
        assert phone.last.text == self.words("paper.own.whose")
        phone.press(name)
        check(phone)
        return phone

    def type_in(self, phone: Phone | None = None, code: str = "", against: str = "Que es muy tarde.") -> Phone:
        """Type in all that she said."""
        phone = self.whose(phone, code=code)
        phone.say("1")
        phone.say("1")
        phone.say("Rosa, su vecina")
        phone.say("0")
        phone.say(against)
        assert self.words("paper.own.begins") in phone.told
        self.questions(phone)
        return phone

    def questions(self, phone: Phone) -> None:
        """Answer the sheet's own questions."""
        phone.say("2")
        phone.say(WORDS)
        phone.press(self.words("button.done"))
        phone.say("1")

    def rows(self) -> list[RunRow]:
        """List her runs that have answers."""
        with self.hilo.reading() as unit:
            return unit.runs.answered(self.leader.person)

    def values(self) -> dict[str, object]:
        """Return what stands among her answers."""
        with self.hilo.reading() as unit:
            [row] = unit.runs.answered(self.leader.person)
            given = self.hilo.turns.answers(unit, self.leader.person, row)
        return {path: answer.value for path, answer in given.items() if answer.value}

    def state(self) -> str:
        """Return the sheet's state."""
        with self.hilo.reading() as unit:
            found = unit.sheets.find(self.code.replace(" ", ""))
        assert found is not None
        return found.state


def print_one(ana: Phone, drawn: list[dict[str, Any]], language: str) -> str:
    """Print one sheet of what is prepared; return its code."""
    ana.press(say("button.ask_paper", language))
    ana.press(texts().count("button.ask_paper_copies", language, 1))
    ana.rig.send()
    return str(drawn[-1]["codes"][0])


def a_world(hilo: Rig, drawn: list[dict[str, Any]], language: str = "es", seen_by: str | None = "mine") -> World:
    """Let a leader come in, and have a sheet printed for her group by pressing."""
    leader = hilo.join(language, NICKNAME, seen_by=seen_by)
    ana = hilo.facilitator(language)
    prepare(ana, CHECK_IN[language])
    return World(hilo, ana, leader, print_one(ana, drawn, language), language, drawn)


@pytest.fixture
def world(hilo: Rig, drawn: list[dict[str, Any]]) -> World:
    """Return the usual one."""
    return a_world(hilo, drawn)


@pytest.mark.parametrize("language", ["es", "en"])
def test_what_she_said_on_paper_is_hers_and_waits_for_her_word(
    hilo: Rig, drawn: list[dict[str, Any]], language: str
) -> None:
    """It is typed in as hers, through the same questions, marked; she is shown it when she comes, and says it is so."""
    world = a_world(hilo, drawn, language)
    ana, leader = world.ana, world.leader
    before = len(leader.heard)
    world.type_in()
    assert ana.last.text == world.words("paper.own.kept", name=NICKNAME)
    check(ana)
    assert world.values() == {"mood": 2, "week": [WORDS], "need": "nothing"} or world.values()["mood"] == 2
    assert len(leader.heard) == before  # nothing rings her phone
    [entry] = hilo.audited("on_paper.typed_in")
    assert entry.subject == str(world.rows()[0].id)
    # The team reads it, with who wrote it down and how she agreed.
    read = read_all(ana, world)
    assert world.words("read.on_paper.unseen") in read
    for words in ("Rosa, su vecina", "Que es muy tarde.", WORDS, world.words("paper.how.aloud")):
        assert words in read
    # She comes, and sees it.
    leader.say("/menu")
    assert world.words("button.on_paper.agree") in leader.last.labels
    for words in ("Ana", WORDS, "Que es muy tarde.", "Rosa, su vecina"):
        assert words in (leader.last.text or "")
    check(leader)
    leader.press(world.words("button.on_paper.agree"))
    assert leader.last.text == world.words("on_paper.agreed")
    check(leader)
    leader.press(world.words("button.mine"))
    assert world.words("on_paper.mark") in (leader.last.text or "")
    assert world.words("button.on_paper.agree") not in leader.last.labels
    check(leader)
    assert world.rows()[0].on_paper == "agreed"
    assert [each.action for each in hilo.audited("on_paper.agreed")] == ["on_paper.agreed"]
    assert world.words("read.on_paper.agreed") in read_all(ana, world)
    # She is told once.
    leader.say("/menu")
    assert world.words("button.on_paper.agree") not in leader.last.labels
    # The team cannot take it away any more.
    world.at_sheet()
    ana.press(world.words("button.paper_remove"))
    check(ana)
    ana.press(world.words("button.paper_take_back"))
    assert (ana.last.text or "") == world.words("paper.own.agreed")
    assert world.values()["mood"] == 2


def read_all(ana: Phone, world: World) -> str:
    """Read everything of hers, page by page, by her name."""
    ana.say(f"/{say('command.read.name', world.language)}")
    ana.press(world.words("button.by_person"))
    ana.press(NICKNAME)
    told = ana.last.text or ""
    while world.words("button.text_next") in ana.last.labels:
        ana.press(world.words("button.text_next"))
        check(ana)
        told += "\n" + (ana.last.text or "")
    return told


def test_she_takes_it_away(hilo: Rig, world: World) -> None:
    """[Quítalo] asks first, and takes all of it; the team's screens say nothing that they do not say of others."""
    ana, leader = world.ana, world.leader
    world.type_in()
    leader.say("/menu")
    leader.press(say("button.on_paper.take"))
    check(leader)
    assert world.rows() != []
    leader.press(say("button.erase_sure"))
    assert say("leader.erased.run") in (leader.last.text or "")
    assert world.rows() == []
    with hilo.reading() as unit:
        rows = [row for row in unit.runs.of(leader.person) if row.state.get("paper") or row.on_paper]
    assert rows == []
    world.at_sheet()
    assert ana.last.text == say("paper.is.own", title=CHECK_IN["es"], group=SIERRA)
    ana.say("/leer")
    assert NICKNAME not in (ana.last.text or "")
    leader.say("/menu")
    assert say("button.on_paper.agree") not in leader.last.labels
    leader.press(say("button.know"))
    assert say("button.on_paper") not in leader.last.labels


def test_it_is_counted_and_exported_as_an_answer_that_the_team_wrote_down(hilo: Rig, world: World) -> None:
    """It is one person's answer of one order that went to nobody's phone; files say that the team wrote it down."""
    world.type_in()
    with hilo.reading() as unit:
        [row] = exported(unit, "check_in")
        [broadcast] = [each for each in unit.broadcasts.list() if unit.readings.any_of(each.id)]
        assert unit.following.progress(broadcast.id).finished == 1
        assert [each.answers["mood"]["value"] for each in export_rows.of_broadcast(unit, broadcast.id)] == [2]
    assert (row.on_paper, row.answers["week"]["value"]) == ("unseen", [WORDS])
    assert row.pseudonym == world.leader.person.pseudonym
    hilo.tick()  # nothing of it is sent to anybody
    assert say("button.start") not in world.leader.last.labels


def test_a_sheet_typed_twice_says_so_and_gives_nobody_away(hilo: Rig, world: World) -> None:
    """Two of the team type in the same sheet: the first stands; the second is told so, and not whose it is."""
    eva = hilo.facilitator(nickname="Eva")
    hilo.join("es", "Colibrí")
    world.whose(eva, "Colibrí")
    for said in ("1", "2", "Eva", "3"):
        eva.say(said)
    eva.press("Saltar")
    world.type_in()
    world.questions(eva)
    assert eva.last.text == say("paper.twice")
    assert world.values()["week"] == (WORDS,)
    world.at_sheet(eva)
    assert eva.last.text == say("paper.is.own", title=CHECK_IN["es"], group=SIERRA)
    assert say("button.paper_person") not in eva.last.labels
    assert NICKNAME not in eva.told


def test_a_no_ends_it_and_names_nobody(hilo: Rig, world: World) -> None:
    """*No quiso* is an answer: nothing more is asked, and who it was is not kept."""
    ana = world.whose()
    ana.press("2 · No quiso")
    assert ana.last.text == say("paper.own.refused")
    check(ana)
    world.at_sheet()
    assert ana.last.text == say("paper.is.own_refused", title=CHECK_IN["es"], group=SIERRA)
    assert world.rows() == []
    with hilo.reading() as unit:
        found = unit.sheets.find(world.code.replace(" ", ""))
    assert found is not None
    assert "own" not in found.body


@pytest.mark.parametrize("way", ["paused", "left", "waiting"])
def test_who_does_not_take_part_now_is_said_and_nothing_is_kept(hilo: Rig, world: World, way: str) -> None:
    """Of whoever pauses, has left, or never agreed nothing is kept; the sheet can still be typed in."""
    leader, name = world.leader, NICKNAME
    if way == "paused":
        leader.say("/pausa")
        leader.press(next(label for label in leader.last.labels if "semana" in label or "avise" in label))
    elif way == "left":
        leader.say("/salir")
        leader.press(next(label for label in leader.last.labels if label.startswith("Sí")))
    else:
        other = hilo.phone()
        other.say(f"/start {hilo.invite()}")
        other.say("Español")
        name = next(each.display_name for each in everybody(hilo) if each.participation == "consenting")
    ana = world.at_sheet()
    ana.press(say("button.paper_person"))
    label = next((each for each in ana.last.labels if name in each or (way == "waiting" and "apodo" in each)), None)
    if label is None:  # who left is of the group no more
        assert way == "left"
        return
    ana.press(label)
    assert say(f"paper.own.{way}", name="\0").split("\0")[1] in (ana.last.text or "")
    check(ana)
    assert world.rows() == []
    assert world.state() == "printed"


def everybody(hilo: Rig) -> list[Any]:
    """List all people."""
    with hilo.reading() as unit:
        return [person for cohort in unit.cohorts.list() for person in unit.people.list(cohort.id)]


def test_who_pauses_while_it_is_typed_in_loses_nothing_and_nothing_is_kept(hilo: Rig, world: World) -> None:
    """It is looked at again when all was typed: what came in between counts."""
    ana = world.whose()
    for said in ("1", "1", "Rosa", "0"):
        ana.say(said)
    ana.press("Saltar")
    with hilo.unit() as unit:
        unit.people.change(world.leader.person, participation="paused")
    world.questions(ana)
    assert ana.last.text == say("paper.own.paused", name=NICKNAME)
    assert world.rows() == []
    assert world.state() == "printed"


def test_who_answered_on_her_phone_is_not_counted_twice(hilo: Rig, world: World) -> None:
    """The draft of the sheet was sent, too: who answered it there is said to have, and nothing of the sheet is kept."""
    ana, leader = world.ana, world.leader
    ana.press(say("button.ask_back"))
    ana.press(say("button.ask_send"))
    hilo.tick()
    leader.press(say("button.start"))
    leader.say("4")
    world.whose()
    assert ana.last.text == say("paper.own.answered", name=NICKNAME)
    check(ana)
    assert world.state() == "printed"
    assert world.rows()[0].on_paper is None


def test_who_was_asked_on_her_phone_and_did_nothing_is_answered_for_there(hilo: Rig, world: World) -> None:
    """The question on her phone is answered by the sheet: it is one run, counted once, and not asked again."""
    ana, leader = world.ana, world.leader
    ana.press(say("button.ask_back"))
    ana.press(say("button.ask_send"))
    hilo.tick()
    assert say("button.start") in leader.last.labels
    world.type_in()
    assert ana.last.text == say("paper.own.kept", name=NICKNAME)
    with hilo.reading() as unit:
        asked = [each for each in unit.broadcasts.list() if unit.following.progress(each.id).people]
        assert [unit.following.progress(each.id).finished for each in asked] == [1]
    leader.press(say("button.start"))
    assert leader.run.status == "completed"
    assert world.values()["mood"] == 2


def test_what_was_answered_for_on_her_phone_and_taken_back_is_asked_there_again(hilo: Rig, world: World) -> None:
    """It was another's sheet: her own question waits for her as before, and she answers it herself."""
    ana, leader = world.ana, world.leader
    ana.press(say("button.ask_back"))
    ana.press(say("button.ask_send"))
    hilo.tick()
    world.type_in()
    world.at_sheet()
    ana.press(say("button.paper_remove"))
    ana.press(say("button.paper_take_back"))
    before = len(leader.heard)
    hilo.tick()
    assert len(leader.heard) == before + 1
    leader.press(say("button.start"))
    leader.say("5")
    assert world.values() == {"mood": 5}
    assert world.rows()[0].on_paper is None


def test_one_of_another_group_cannot_choose_her(hilo: Rig, world: World) -> None:
    """Neither by the code nor by a button that was made for somebody else."""
    hilo.cohort("Costa")
    sol = hilo.facilitator(nickname="Sol", cohort="Costa")
    world.at_sheet()
    world.ana.press(say("button.paper_person"))
    sol.say("/menu")
    sol.press(say("menu.more"))
    sol.press(say("menu.sheets"))
    assert sol.last.text == say("paper.none", button=say("button.ask_paper"))
    check(sol)
    assert say("button.ask") in sol.last.labels
    button, order = world.ana.button(NICKNAME)
    sol.press_id(button, order)
    assert NICKNAME not in sol.told
    assert world.state() == "printed"


def test_a_watched_phone_says_that_something_is_there_and_nothing_of_what(
    hilo: Rig, drawn: list[dict[str, Any]]
) -> None:
    """Neutral words; it opens by her tap, after she was asked."""
    world = a_world(hilo, drawn, seen_by="shared")
    leader = world.leader
    world.type_in()
    leader.say("/menu")
    assert leader.last.text == say("told.notice")
    assert WORDS not in leader.told
    leader.press(say("button.told_open"))
    assert leader.last.text == say("shown.ask")
    leader.press(say("button.answers_yes"))
    assert WORDS in (leader.last.text or "")
    check(leader)
    leader.press(say("button.on_paper.agree"))
    assert world.rows()[0].on_paper == "agreed"


def test_she_can_change_it_weeks_later_and_that_is_her_word(hilo: Rig, world: World) -> None:
    """It can be changed from when she sees it, as long as what was just answered; what she changed is agreed to."""
    leader = world.leader
    world.type_in()
    hilo.advance(days=20)
    leader.say("/menu")
    leader.press(say("button.on_paper.change"))
    leader.press(next(label for label in leader.last.labels if label.startswith("1 · ")))
    leader.press(say("button.change"))
    leader.say("5")
    assert world.values()["mood"] == 5
    assert world.rows()[0].on_paper == "agreed"


def test_what_she_did_not_see_waits_below_what_can_be_known(hilo: Rig, world: World) -> None:
    """She was shown it and did nothing: it can be found again, and stays not seen by her."""
    leader = world.leader
    world.type_in()
    leader.say("/menu")
    leader.say("/menu")
    leader.press(say("button.know"))
    check(leader)
    leader.press(say("button.on_paper"))
    assert WORDS in (leader.last.text or "")
    assert world.rows()[0].on_paper == "unseen"


def test_it_never_comes_over_a_question(hilo: Rig, world: World) -> None:
    """While something else is asked of her it waits, and comes when that is over."""
    leader = world.leader
    world.type_in()
    hilo.ask(leader, dialog="check_in")
    leader.say("3")
    assert say("button.on_paper.agree") not in "".join(str(each.keyboard) for each in leader.heard)
    leader.press("Saltar")
    leader.say("1")
    assert say("button.on_paper.agree") in leader.last.labels


def test_the_team_takes_back_what_was_another_persons(hilo: Rig, world: World) -> None:
    """A wrong name: before she said that it is so it goes as if it had never been, and she is told of nothing."""
    ana, leader = world.ana, world.leader
    world.type_in()
    world.at_sheet()
    ana.press(say("button.paper_remove"))
    check(ana)
    assert world.state() == "own"
    ana.press(say("button.paper_take_back"))
    assert ana.last.text == say("paper.own.taken_back")
    check(ana)
    assert (world.rows(), world.state()) == ([], "withdrawn")
    leader.say("/menu")
    assert say("button.on_paper.agree") not in leader.last.labels
    assert say("home") in (leader.last.text or "")
    assert hilo.count("deliveries") == 0


def test_support_asked_for_on_paper_waits_for_the_team(hilo: Rig, world: World) -> None:
    """Who asked for a call on paper is on the list of those who asked, and is off it when it was another's sheet."""
    ana = world.whose()
    for said in ("1", "1", "Rosa", "0"):
        ana.say(said)
    ana.press("Saltar")
    ana.say("2")
    ana.press("Saltar")
    ana.press(next(label for label in ana.last.labels if "llam" in label.lower()))
    ana.press("Saltar")
    person = world.leader.person
    with hilo.reading() as unit:
        assert [each.done_at is None for each in unit.support_requests.of(person.id)] == [True]
    world.at_sheet()
    ana.press(say("button.paper_remove"))
    ana.press(say("button.paper_take_back"))
    with hilo.reading() as unit:
        assert [each.done_at is None for each in unit.support_requests.of(person.id)] == [False]


def test_erasing_her_leaves_nothing_of_it(hilo: Rig, world: World) -> None:
    """Her run goes with her; what the sheet's row still has names nobody."""
    world.type_in()
    leader = world.leader
    leader.say("/borrar")
    leader.press(say("button.erase_all"))
    leader.press(say("button.erase_all_sure"))
    with hilo.reading() as unit:
        assert list(exported(unit, "check_in")) == []
    world.at_sheet()
    assert world.ana.last.text == say("paper.is.own", title=CHECK_IN["es"], group=SIERRA)
    world.ana.press(say("button.paper_remove"))
    world.ana.press(say("button.paper_take_back"))
    assert world.ana.last.text == say("paper.own.taken_back")


def test_no_sheet_yet_says_where_they_are_printed(hilo: Rig) -> None:
    """Where none was printed no code is asked for, and one tap leads to Ask."""
    hilo.cohort()
    ana = hilo.facilitator()
    ana.say("/menu")
    ana.press(say("menu.more"))
    ana.press(say("menu.sheets"))
    assert ana.last.text == say("paper.none", button=say("button.ask_paper"))
    check(ana)
    ana.press(say("button.ask"))
    assert CHECK_IN["es"] in ana.last.labels


@pytest.mark.parametrize("opened", [True, False])
def test_who_has_only_a_page_is_shown_it_there_when_they_open_it(
    hilo: Rig, drawn: list[dict[str, Any]], opened: bool
) -> None:
    """Opening the page is coming, though nothing is written or pressed; before that nothing is said."""
    page = with_page(hilo)
    try:
        leader = join_by_page(hilo, page, NICKNAME)
        with hilo.unit() as unit:
            person = unit.people.at(QUIET, leader.chat)
            assert person is not None
            unit.people.prefer(person, phone="mine")
        ana = hilo.facilitator()
        prepare(ana, CHECK_IN["es"])
        world = World(hilo, ana, leader, print_one(ana, drawn, "es"), "es")
        world.type_in()
        if opened:
            with hilo.unit() as unit:
                assert page_opened.waits(unit, QUIET, leader.chat)
                page_opened.opened(unit, QUIET, leader.chat)
        hilo.advance(minutes=2)
        hilo.tick()
        assert (WORDS in (leader.last.text or "")) is opened
        assert (say("button.on_paper.agree") in leader.last.labels) is opened
        with hilo.unit() as unit:
            assert page_opened.waits(unit, QUIET, leader.chat) is not opened
    finally:
        MESSENGERS.forget(QUIET)


def walk(world: World) -> bool:
    """Take one sheet from typing it in to erasing whose it was; return whether all of it went as it should."""
    world.type_in()
    world.leader.say("/menu")
    world.leader.press(say("button.on_paper.agree"))
    assert world.words("read.on_paper.agreed") in read_all(world.ana, world)
    ana = world.ana
    prepare(ana, CHECK_IN["es"])
    world.code = print_one(ana, world.drawn, "es")
    world.type_in()
    world.at_sheet()
    ana.press(say("button.paper_remove"))
    ana.press(say("button.paper_take_back"))
    assert ana.last.text == say("paper.own.taken_back")
    world.leader.say("/borrar")
    world.leader.press(say("button.erase_all"))
    world.leader.press(say("button.erase_all_sure"))
    with world.hilo.reading() as unit:
        return list(exported(unit, "check_in")) == []


def test_from_the_sheet_to_an_erasure(world: World) -> None:
    """The same walk runs on PostgreSQL."""
    assert walk(world)
