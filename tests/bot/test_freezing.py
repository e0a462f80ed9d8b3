"""A figure leaves in a band of five, frozen as it left: put in by a button, told in each language, and stays so."""

import json
from collections.abc import Mapping
from random import Random
from uuid import UUID

import pytest

from bot import clock
from bot.services import freezing, group_record, share_backs
from bot.services.disclosure import ANSWERED, BAND, lowest
from storage.decisions import Decision
from storage.erasure import erase
from tests.amounts import TALLIES
from tests.bot.leader import check
from tests.bot.orders import say
from tests.bot.rig import Phone, Rig
from tests.bot.test_share_backs import FOLLOWS, HEARD, TITLES, WHO, asked, sent, write

MOOD = {"es": "¿Cómo andas de ánimo esta semana?", "en": "How are you feeling this week?"}
BUTTON = {"es": "5 a 9 · 🙂 Bueno", "en": "5 to 9 · 🙂 Good"}
SKIPS, ERASED = 0.2, 0.2  # shares of answers and of people
NEEDS = ("nothing", "call", "information")
PARTS = {"heard": HEARD, "follows": FOLLOWS, "who": WHO}


def random_history(hilo: Rig, chance: Random) -> tuple[UUID, dict[UUID, dict[str, object]]]:
    """Let people answer at random, change, skip and be erased; return the broadcast, and what each last answered."""
    group = f"Sierra {hilo.count('cohorts')}"
    hilo.join(nickname=None, cohort=group)  # a broadcast goes to somebody; she says nothing
    broadcast_id = hilo.order(dialog="check_in", cohort=group)
    last: dict[UUID, dict[str, object]] = {}
    with hilo.unit() as unit:
        cohort = unit.cohorts.by_name(group)
        assert cohort is not None
        for number in range(chance.randrange(1, 14)):
            person = unit.people.create(clock.new_id(), hilo.now, "active", "es")
            unit.memberships.join(clock.new_id(), person.id, cohort.id)
            dialog = hilo.content.dialog("check_in")
            run_id = hilo.turns.begin(
                unit, person, dialog, "broadcast", cohort_id=cohort.id, broadcast_id=broadcast_id, offer=False
            )
            given: dict[str, object] = {}
            for _ in range(chance.randrange(6)):
                name = chance.choice(("mood", "week", "need"))
                value: object = {
                    "mood": chance.randrange(1, 6),
                    "week": [f"palabra {number}"],
                    "need": chance.choice(NEEDS),
                }[name]
                given[name] = None if chance.random() < SKIPS else value
                stored = json.dumps({"value": given[name]})
                unit.answers.add(clock.new_id(), run_id, name, person, stored, hilo.now)
            if chance.random() < ERASED:
                erase(unit, person.id)
            else:
                last[person.id] = given
    return broadcast_id, last


def bodies(hilo: Rig) -> list[dict[str, object]]:
    """Return what is frozen."""
    with hilo.reading() as unit:
        return [dict(each.body) for each in unit.frozen_totals.all()]


def numbers(ana: Phone, language: str = "es") -> str:
    """Open the figures of what is being written; return the screen."""
    ana.press(say("button.back.figures", language))
    check(ana)
    return ana.last.text or ""


@pytest.mark.parametrize("language", ["es", pytest.param("en", marks=pytest.mark.proof)])
def test_a_figure_is_put_in_by_a_button_and_told(hilo: Rig, language: str) -> None:
    """Beside the question's totals, in and out, as everybody reads it; an erasure changes nothing of what left."""
    phones = asked(hilo, 6, language=language)
    nopal = hilo.join(language, "Nopal")
    ana = hilo.facilitator(language)
    write(ana, language=language)
    assert "6 · 🙂" in numbers(ana, language)
    ana.press(BUTTON[language])
    assert f"✓ {BUTTON[language]}" in ana.last.labels
    ana.press(f"✓ {BUTTON[language]}")
    ana.press(BUTTON[language])
    ana.press(say("button.back.look", language))
    check(ana)
    option = BUTTON[language].partition(" · ")[2]
    line = say("back.figure.chose", language, question=MOOD[language], option=option, least=5, most=9)
    assert line in (ana.last.text or "")
    assert bodies(hilo) == []
    decision = sent(hilo, ana, language)
    assert all(line in phone.told for phone in phones)
    assert line not in nopal.told
    (body,) = bodies(hilo)
    assert body == {"dialog": "check_in", "question": "mood", "asked": 6, "figures": {"4": 5, ANSWERED: 5}}

    with hilo.unit() as unit:
        for phone in phones[:3]:
            erase(unit, phone.person.id)
    assert bodies(hilo) == [body]
    phones[5].say(f"/{say('command.decisions.name', language)}")
    phones[5].press(phones[5].last.labels[0])
    assert line in (phones[5].last.text or "")
    with hilo.unit() as unit:
        told = unit.decisions.get(decision)
        assert told is not None
        asked_first = unit.broadcasts.get(told.broadcast_id)
        assert asked_first is not None
        found = freezing.of_broadcast(unit, asked_first)
        cohort = unit.cohorts.get(told.cohort_id)
        assert cohort is not None
        recorded = group_record.figures(unit, cohort)(asked_first, hilo.content.dialog("check_in"))
    assert [each.least for each in found[0].figures] == [5, 5]  # three are left, and what left stays
    assert recorded == {"mood": body["figures"]}


def test_what_is_counted_in_words_is_for_the_button(hilo: Rig) -> None:
    """A count of people that is typed does not go, whatever band it is in."""
    asked(hilo)
    ana = hilo.facilitator()
    ana.say("/menu")
    ana.press(say("menu.told"))
    ana.press(TITLES["es"])
    ana.say("Más de 5 personas dijeron que queda lejos.")
    assert say("back.marked", words="").strip(" .") in ana.screen()


def test_few_have_no_figure(hilo: Rig) -> None:
    """Of four who answered, and where everybody said the same: words, and no number."""
    asked(hilo, 4)
    ana = hilo.facilitator()
    write(ana)
    assert say("back.figures.none") in numbers(ana)
    assert not any("5 a 9" in label for label in ana.last.labels)


def test_a_figure_that_changed_is_taken_out_and_told(hilo: Rig) -> None:
    """Somebody was erased meanwhile: it does not go as it stands, and the look says so; an old button does nothing."""
    phones = asked(hilo, 6)
    ana = hilo.facilitator()
    write(ana)
    numbers(ana)
    ana.press(BUTTON["es"])
    ana.press(say("button.back.look"))
    with hilo.unit() as unit:
        for phone in phones[:2]:
            erase(unit, phone.person.id)
    ana.press(say("button.back.send"))
    assert say("back.figures.changed") in (ana.last.text or "")
    assert "entre 5 y 9" not in (ana.last.text or "")
    check(ana)
    assert bodies(hilo) == []


@pytest.mark.proof
def test_two_figures_at_most(hilo: Rig) -> None:
    """A third is refused in words; one of another question is on the next page."""
    asked(hilo, 11)
    ana = hilo.facilitator()
    write(ana)
    numbers(ana)
    for label in [each for each in ana.last.labels if each.startswith("10 a 14")]:
        ana.press(label)
    ana.press(say("button.next"))
    check(ana)
    ana.press(next(each for each in ana.last.labels if each.startswith("10 a 14")))
    assert say("back.figures.most") in (ana.last.text or "")
    ana.press(say("button.back.look"))
    assert (ana.last.text or "").count("entre 10 y 14") == 2
    check(ana)


def drafted(hilo: Rig, broadcast_id: UUID, key: list[object]) -> Decision:
    """Write a decision that tells a figure."""
    with hilo.unit() as unit:
        draft = share_backs.draft(unit, broadcast_id, "decision", PARTS, "es", None)
        share_backs.toggle_figure(unit, draft.id, key, None)
        return share_backs.reached(unit, draft.id, None)


def answer_mood(hilo: Rig, broadcast_id: UUID, moods: Mapping[UUID, int]) -> None:
    """Let people be asked by a broadcast, and say how they are."""
    dialog = hilo.content.dialog("check_in")
    begun = {"cohort_id": hilo.cohort(), "broadcast_id": broadcast_id}
    with hilo.unit() as unit:
        for person_id, mood in moods.items():
            person = unit.people.known(person_id)
            run_id = hilo.turns.begin(unit, person, dialog, "broadcast", offer=False, **begun)
            unit.answers.add(clock.new_id(), run_id, "mood", person, json.dumps({"value": mood}), hilo.now)


def test_whoever_was_asked_later_is_in_no_figure_that_left(hilo: Rig) -> None:
    """A sheet that is typed in once everybody was told: asked with the others again, they would be told by both."""
    asked_later(hilo)


def asked_later(hilo: Rig) -> None:
    """Tell what ten said, ask nine of them and somebody else, and type in what that one had said before."""
    hilo.join(nickname=None)
    with hilo.unit() as unit:
        people = [unit.people.create(clock.new_id(), hilo.now, "active", "es").id for _ in range(11)]
    moods = dict(zip(people, (1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3), strict=True))
    first = hilo.order()
    answer_mood(hilo, first, dict(list(moods.items())[:10]))
    decision = drafted(hilo, first, ["mood", ANSWERED, 10])
    with hilo.unit() as unit:
        freezing.freeze(unit, decision, None)
    hilo.advance(days=8)
    second = hilo.order()
    answer_mood(hilo, second, dict(list(moods.items())[1:]))
    assert offered(hilo, second) == {}
    answer_mood(hilo, first, {people[10]: moods[people[10]]})
    assert offered(hilo, second) == {}


def offered(hilo: Rig, broadcast_id: UUID) -> dict[str, list[list[object]]]:
    """Return the figures that may leave, by question."""
    with hilo.reading() as unit:
        broadcast = unit.broadcasts.get(broadcast_id)
        assert broadcast is not None
        found = freezing.of_broadcast(unit, broadcast)
    return {each.total.step.name: [figure.key for figure in each.figures] for each in found if each.figures}


@pytest.mark.proof
def test_frozen_figures_are_what_a_count_by_hand_finds(hilo: Rig) -> None:
    """In random histories: in its band as it was counted when it left; nothing that happens then changes it."""
    chance = Random(7)
    left = 0
    for _ in range(TALLIES.value):
        broadcast_id, last = random_history(hilo, chance)
        with hilo.reading() as unit:
            broadcast = unit.broadcasts.get(broadcast_id)
            assert broadcast is not None
            offered = {each.total.step.name: each.figures for each in freezing.of_broadcast(unit, broadcast)}
        for name, figures in offered.items():
            given = [answers[name] for answers in last.values() if answers.get(name) is not None]
            for figure in figures:
                people = len(given) if not figure.option else sum(str(each) == figure.option for each in given)
                assert (figure.least, people >= BAND) == (lowest(people), True)
        keys = [figure.key for figures in offered.values() for figure in figures]
        if not keys:
            continue
        left += 1
        decision = drafted(hilo, broadcast_id, keys[0])
        with hilo.unit() as unit:
            freezing.freeze(unit, decision, None)
            before = [each.body for each in unit.frozen_totals.all() if each.broadcast_id == broadcast_id]
            run = unit.readings.of_broadcast(broadcast_id)[0]
            person = unit.people.get(run.person_id)
            assert person is not None
            unit.answers.add(clock.new_id(), run.run_id, "mood", person, json.dumps({"value": 1}), hilo.now)
            for each in set(last) - {run.person_id}:
                erase(unit, each)
        with hilo.reading() as unit:
            assert [each.body for each in unit.frozen_totals.all() if each.broadcast_id == broadcast_id] == before
            found = freezing.of_broadcast(unit, broadcast)
            kept = {each.total.step.name: [figure.key for figure in each.figures] for each in found}
            assert keys[0] in kept[str(keys[0][0])]
    assert left
