"""What the team learnt by asking: asked for once, in one line, and shown when a similar broadcast is begun."""

import pytest

from bot import clock
from bot.app import open_storage
from bot.cli.administration import SHORT_ID, end_order
from bot.cli.operate import restore
from bot.participant import waiting
from bot.services import learnt
from bot.services.erasure import erase_person
from bot.services.members import WELCOME_AT
from tests.bot.asking import group, prepare, send
from tests.bot.leader import check, words
from tests.bot.operate.test_backup import config, made, quiet
from tests.bot.orders import TITLES, panel
from tests.bot.rig import PURPOSE, SIERRA, Phone, Rig, texts
from tests.bot.test_repeating import THURSDAY, begin

LINE = "De noche nadie contesta: hay que preguntar el sábado."
GREETING = {"es": "¿Cómo vas?", "en": "How is it going?"}


def closed(hilo: Rig, ana: Phone, language: str = "es") -> list[Phone]:
    """Ask, let people answer, and close it from its panel."""
    phones = [hilo.join(language, f"Ceiba {number}") for number in range(3)]
    send(ana, GREETING[language])
    hilo.tick()
    for phone in phones:
        phone.press(words(phone, "button.start"))
        phone.say("4")
    panel(ana, TITLES[language])
    ana.press(words(ana, "button.order_end"))
    ana.press(words(ana, "button.order_end_yes"))
    return phones


def begun_again(ana: Phone, language: str = "es") -> str:
    """Begin the same once more, and return its last look."""
    prepare(ana, GREETING[language])
    check(ana)
    return ana.last.text or ""


@pytest.mark.parametrize("language", ["es", pytest.param("en", marks=pytest.mark.proof)])
def test_the_team_is_asked_once_and_reads_it_the_next_time(hilo: Rig, language: str) -> None:
    """One line when a broadcast closes; the last look of the next one shows it; it can be taken back."""
    ana = hilo.facilitator(language)
    closed(hilo, ana, language)
    assert words(ana, "learnt.ask") in (ana.last.text or "")
    check(ana)
    ana.say(LINE)
    assert ana.last.text == words(ana, "learnt.done", words=LINE)
    check(ana)
    drop = ana.button(words(ana, "button.learnt_drop"))
    ana.press(words(ana, "button.return"))
    assert words(ana, "learnt.ask") not in (ana.last.text or "")
    assert words(ana, "learnt.before", words=LINE) in begun_again(ana, language)

    ana.press_id(*drop)
    assert ana.last.text == words(ana, "learnt.dropped")
    assert LINE not in begun_again(ana, language)


@pytest.mark.parametrize("language", ["es", "en"])
def test_it_is_read_where_the_same_is_begun(hilo: Rig, language: str) -> None:
    """Above the purposes, before anything is written; with no purpose left that holds, before one is asked for."""
    ana = hilo.facilitator(language)
    closed(hilo, ana, language)
    ana.say(LINE)
    ana.say("/preguntar")
    ana.press(GREETING[language])
    assert words(ana, "learnt.before", words=LINE) in (ana.last.text or "")
    assert words(ana, "ask.why", cohort=SIERRA) in (ana.last.text or "")
    check(ana)
    root = hilo.facilitator(language, nickname="Raíz", cohort=None, role="admin")
    hilo.join(language, "Amate", cohort="Costa")
    root.say("/preguntar")
    root.press(GREETING[language])
    root.press(group(root, "Costa", 1))  # what one group taught is told of that group
    assert LINE not in root.told


@pytest.mark.parametrize("language", ["es", "en"])
def test_where_no_purpose_holds_any_more_it_is_read_first(hilo: Rig, language: str) -> None:
    """What was asked once is asked for another reason now; what was learnt stands before that is written."""
    ana = hilo.facilitator(language)
    phones = [hilo.join(language, f"Ceiba {number}") for number in range(3)]
    ana.say("/preguntar")
    ana.press(GREETING[language])
    ana.say(PURPOSE)
    for _ in range(2):
        ana.press(words(ana, "button.skip"))
    ana.press(next(label for label in ana.last.labels if label.startswith("1 · ")))  # only this once
    ana.press(words(ana, "button.ask_send"))
    hilo.tick()
    for phone in phones:
        phone.press(words(phone, "button.start"))
        phone.say("4")
    panel(ana, TITLES[language])
    ana.press(words(ana, "button.order_end"))
    ana.press(words(ana, "button.order_end_yes"))
    ana.say(LINE)
    ana.say("/preguntar")
    ana.press(GREETING[language])
    assert ana.news[-2] == words(ana, "learnt.before", words=LINE)


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_team_is_asked_once_of_what_closed_at_the_terminal(hilo: Rig, language: str) -> None:
    """At the next menu, in a line; nobody of the team is asked again, and what was typed there is what was learnt."""
    ana, bea = hilo.facilitator(language), hilo.facilitator(language, nickname="Bea")
    phones = [hilo.join(language, f"Ceiba {number}") for number in range(3)]
    send(ana, GREETING[language])
    hilo.tick()
    for phone in phones:
        phone.press(words(phone, "button.start"))
        phone.say("4")
    with hilo.unit() as unit:
        end_order(unit, unit.broadcasts.list()[0].id.hex[-SHORT_ID:], close=True)
    asked = words(ana, "learnt.ask_closed", title=GREETING[language])
    ana.say("/menu")
    assert (ana.last.text or "").endswith(f"\n\n{asked}")
    check(ana)
    for phone in (bea, ana):
        phone.say("/menu")
        assert asked not in phone.told
    hilo.again()
    ana.say("/menu")
    assert asked not in ana.told
    with hilo.reading() as unit:
        assert [learnt.of(unit, each) for each in unit.broadcasts.list()] == [""]


@pytest.mark.usefixtures("at_once")
def test_what_is_typed_below_the_line_is_what_was_learnt(hilo: Rig) -> None:
    """What comes back closed with its window; a cry for help that is typed there is heard all the same."""
    ana = hilo.facilitator()
    phones = [hilo.join(nickname=f"Ceiba {number}") for number in range(3)]
    with hilo.unit() as unit:
        for phone in phones:
            unit.people.prefer(phone.person, **{WELCOME_AT: None})
    begin(ana)
    for moment in (THURSDAY.replace(day=26), THURSDAY):
        hilo.now = moment
        hilo.tick()
    for phone in phones:
        phone.press(words(phone, "button.start"))
        phone.say("4")
    for _ in range(6):  # until its window has closed
        hilo.advance(days=1)
        hilo.tick()
    asked = words(ana, "learnt.ask_closed", title=GREETING["es"])
    ana.say("/menu")
    assert asked in ana.told
    with hilo.reading() as unit:
        assert not waiting.written_for_others(unit, ana.person)
    ana.say(LINE)
    assert ana.last.text == words(ana, "learnt.done", words=LINE)
    assert words(ana, "learnt.before", words=LINE) in begun_again(ana)


def test_what_was_asked_at_its_closing_is_not_asked_at_the_menu(hilo: Rig) -> None:
    """It is asked once, by whichever comes first."""
    ana = hilo.facilitator()
    closed(hilo, ana)
    ana.say("/menu")
    assert words(ana, "learnt.ask_closed", title=GREETING["es"]) not in ana.told


def test_what_could_expose_is_written_another_way(hilo: Rig) -> None:
    """A nickname or a count of few is said back, and asked for again; a later chance stands where it is still owed."""
    ana = hilo.facilitator()
    closed(hilo, ana)
    ana.say("Con Ceiba 2 no funcionó.")
    assert words(ana, "learnt.exposes", words="«Ceiba 2»") in (ana.last.text or "")
    ana.say("/menu")
    ana.press(words(ana, "menu.told"))
    ana.press("¿Cómo vas? · Sierra Norte")
    check(ana)
    ana.press(words(ana, "button.learnt"))
    ana.say("no")
    assert ana.last.text == words(ana, "learnt.words", most=140)
    ana.say(LINE)
    assert ana.last.text == words(ana, "learnt.done", words=LINE)


def test_a_line_goes_with_whom_it_names(hilo: Rig) -> None:
    """One of the team whom it names is erased: the line is there no more."""
    ana = hilo.facilitator()
    closed(hilo, ana)
    rosa = hilo.facilitator(nickname="Rosalba")
    ana.say("Que lo pregunte Rosalba, de mañana.")
    assert "Rosalba" in begun_again(ana)
    with hilo.unit() as unit:
        person = unit.people.known(rosa.person.id)
        erase_person(unit, texts(), person, person)
    assert "Rosalba" not in begun_again(ana)


def test_a_line_goes_with_whom_retention_forgets(hilo: Rig) -> None:
    """Whom it names came in later and left: a year after that the line is there no more, as the person is not."""
    ana = hilo.facilitator()
    closed(hilo, ana)
    ana.say("Que lo pregunte Nopal, de mañana.")
    nopal = hilo.join(nickname="Nopal")
    nopal.say("/salir")
    nopal.press(words(nopal, "button.leave_sure"))
    hilo.advance(days=360)
    hilo.tick()
    assert "Nopal" in begun_again(ana)
    hilo.advance(days=6)
    hilo.tick()
    with hilo.reading() as unit:
        assert "Nopal" not in {person.nickname for person in unit.people.list()}
    assert "Nopal" not in begun_again(ana)


def test_a_line_is_not_brought_back_with_whom_it_names(hilo: Rig) -> None:
    """Erased after the backup: what is restored over the database here names her no more."""
    ana = hilo.facilitator()
    closed(hilo, ana)
    rosa = hilo.facilitator(nickname="Rosalba").person
    ana.say("Que lo pregunte Rosalba, de mañana.")
    before = made(hilo)
    with hilo.storage.unit(clock.now()) as unit:
        erase_person(unit, texts(), rosa, rosa)
    hilo.storage.database.dispose()
    restored = restore.restore(config(hilo.folder), before.data, before.keys, quiet)
    assert restored.erased_again == 1
    storage = open_storage(config(hilo.folder))
    with storage.reading(clock.now()) as unit:
        kept = [cohort.context for cohort in unit.cohorts.list()]
    storage.database.dispose()
    assert learnt.LEARNT in kept[0]
    assert "Rosalba" not in str(kept)
