"""Totals at a glance: people counted once, few never counted out, the same share always as long, beside last time."""

import re
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from bot.messengers.port import Kind
from bot.rendering import targets
from bot.rendering.ids import short_id
from bot.services import totals
from bot.team.kit.sign_arguments import OneSign
from dialogs.model import Choice, Step
from storage.erasure import erase
from tests.amounts import SEED, TALLIES
from tests.bot import figures_by_hand, samples
from tests.bot.histories import History, average, counted, histories
from tests.bot.leader import check, words
from tests.bot.orders import TITLE, TITLES, finish, fits, panel, say
from tests.bot.rig import Phone, Rig
from tests.bot.test_signs import button

TITLED = re.compile(r" · (?:Sierra|Costa) \d+ · \d+ [a-z]{3}$")
HAPPENS = {
    "again",
    "back",
    "changed",
    "circle",
    "edited",
    "erased",
    "moved",
    "paper",
    "sign",
    "skipped",
    "spoken",
    "twice",
}


def week(hilo: Rig, phones: list[Phone], moods: str, story: str = "Lo del agua.") -> None:
    """Ask everybody how they are; each answers with a digit."""
    hilo.ask(*phones)
    for phone, mood in zip(phones, moods, strict=True):
        phone.say(mood)
        phone.say(story)
        phone.press("Listo")
        phone.press("1 · Nada por ahora")


def totals_of(phone: Phone, title: str = TITLE, language: str = "es") -> str:
    """Open the newest broadcast's totals, in two taps."""
    panel(phone, title)
    phone.press(say("button.totals", language))
    return phone.last.text or ""


def spoken(hilo: Rig, phone: Phone) -> None:
    """Answer by voice, two minutes long."""
    hilo.messenger.give_file(phone.chat, Kind.VOICE, samples.ogg(), seconds=120)
    hilo.settle()


def pages(phone: Phone) -> str:
    """Turn all pages of the totals, and return them in one text."""
    found = [phone.last.text or ""]
    while say("button.next") in phone.last.labels:
        phone.press(say("button.next"))
        found.append(phone.last.text or "")
    return "\n".join(found)


def test_two_taps_show_what_a_group_said(hilo: Rig) -> None:
    """Each closed question with a thread as long as its share; an open one by how many spoke."""
    phones = [hilo.join(nickname=f"Ceiba {number}") for number in range(14)]
    week(hilo, phones, "44444333333222")
    ana = hilo.facilitator()
    totals_of(ana)
    text = pages(ana)

    assert "¿Cómo andas de ánimo esta semana?\nContestaron 14 personas:" in text
    assert "━━ 3 · 🙁 Bajo\n━━━━ 6 · 😐 Regular\n━━━━ 5 · 🙂 Bueno" in text
    assert "Muy bajo" not in text
    assert "La contestaron 14 personas con sus palabras." in text
    assert "━━━━━━━━━━ 14 · Nada por ahora" in text
    assert "La vez pasada" not in text
    assert text.count(words(ana, "totals.here")) == 1
    assert text.endswith(words(ana, "totals.here"))
    assert len(hilo.audited(totals.COUNTED)) >= 1
    fits(ana)


@pytest.mark.parametrize("language", ["es", "en"])
def test_last_time_stands_beside_it(hilo: Rig, language: str) -> None:
    """The same question of the broadcast before, in words, with its day."""
    phones = [hilo.join(nickname=f"Ceiba {number}") for number in range(6)]
    week(hilo, phones, "444222")
    hilo.advance(days=7)
    week(hilo, phones, "333333")
    ana = hilo.facilitator(language)
    hilo.advance(minutes=1)
    text = totals_of(ana, TITLES[language].replace("24", "1").replace("nov", "dic").replace("Nov", "Dec"), language)

    before = {
        "es": "La vez pasada (24 nov): 3 🙁 Bajo, 3 🙂 Bueno.",
        "en": "Last time (24 Nov): 3 🙁 Low, 3 🙂 Good.",
    }
    assert before[language] in text
    fits(ana)


@pytest.mark.parametrize("language", ["es", "en"])
def test_minutes_to_be_heard_stand_below_an_open_question(hilo: Rig, language: str) -> None:
    """Of voice notes alone, each minute that has begun; of two people's none."""
    phones = [hilo.join(nickname=f"Ceiba {number}") for number in range(3)]
    hilo.ask(*phones)
    for place, phone in enumerate(phones):
        phone.say("4")
        if place == 2:
            spoken(hilo, phone)
        else:
            phone.say("Lo del agua.")
        phone.press("Listo")
    ana = hilo.facilitator(language)
    totals_of(ana, TITLES[language], language)
    told = {
        "es": "La contestaron 3 personas con sus palabras.\nEntre todo hay 2 minutos de audio.",
        "en": "3 people answered in their own words.\nThere are 2 minutes of voice notes in all.",
    }
    assert told[language] in (ana.last.text or "")
    with hilo.unit() as unit:
        erase(unit, phones[0].person.id)
    assert words(ana, "totals.few") in totals_of(ana, TITLES[language], language)
    assert told[language].split("\n")[1] not in (ana.last.text or "")


def test_few_are_never_counted_out(hilo: Rig) -> None:
    """Who chose what alone or in two is "menos de tres"; a question that two answered has no numbers at all."""
    phones = [hilo.join(nickname=f"Ceiba {number}") for number in range(6)]
    week(hilo, phones, "444421")
    more = hilo.join(nickname="Nopal", cohort="Costa")
    other = hilo.join(nickname="Amate", cohort="Costa")
    hilo.ask(more, other, cohort="Costa")
    for phone in (more, other):
        finish(phone)
    ana, bea = hilo.facilitator(), hilo.facilitator(nickname="Bea", cohort="Costa")
    totals_of(ana)
    text = pages(ana)
    totals_of(bea, TITLE.replace("Sierra Norte", "Costa"))
    few = pages(bea)

    assert "━ menos de tres · 😞 Muy bajo\n━ menos de tres · 🙁 Bajo\n━━━━━━━ 4 · 🙂 Bueno" in text
    assert few.count("La contestaron menos de tres personas.") == 3
    assert "━" not in few
    assert "2 personas" not in few


def test_whoever_changes_an_answer_counts_once_and_who_is_erased_no_more(hilo: Rig) -> None:
    """By her last answer; a skipped question is no answer."""
    phones = [hilo.join(nickname=f"Ceiba {number}") for number in range(5)]
    hilo.ask(*phones)
    for phone in phones:
        phone.say("4")
    phones[0].press("Cambiar")
    phones[0].say("2")
    for phone in phones:
        phone.press("Saltar")
    ana = hilo.facilitator()
    text = totals_of(ana)
    assert "Contestaron 5 personas:\n━ menos de tres · 🙁 Bajo\n━━━━━━━━ 4 · 🙂 Bueno" in text
    assert "Nadie la ha contestado todavía." in pages(ana)
    with hilo.unit() as unit:
        erase(unit, phones[1].person.id)
    text = totals_of(ana)

    assert "Contestaron 4 personas:\n━ menos de tres · 🙁 Bajo\n━━━━━━━━ 3 · 🙂 Bueno" in text


def test_reading_by_question_begins_with_its_totals(hilo: Rig) -> None:
    """A closed question's totals lead on to who said what; an open one's stand above its answers."""
    phones = [hilo.join(nickname=f"Ceiba {number}") for number in range(4)]
    week(hilo, phones, "4442")
    ana = hilo.facilitator()
    ana.say("/leer")
    ana.press("Por pregunta")
    ana.press(ana.last.labels[0])
    ana.press(ana.last.labels[0])
    assert "━━━━━━━━ 3 · 🙂 Bueno" in (ana.last.text or "")
    ana.press("Quién dijo qué")
    assert "Ceiba 0" in (ana.last.text or "")
    ana.press(say("button.other_question"))
    ana.press(ana.last.labels[1])

    assert "La contestaron 4 personas con sus palabras." in (ana.last.text or "")
    assert "Lo del agua." in (ana.last.text or "")
    fits(ana)


def summary(phone: Phone) -> str:
    """Open the weekly summary, and return all its pages."""
    phone.say("/menu")
    phone.press(words(phone, "menu.more"))
    phone.press(words(phone, "menu.digest"))
    phone.press(words(phone, "button.digest_now"))
    check(phone)
    found = [phone.last.text or ""]
    while words(phone, "button.next") in phone.last.labels:
        phone.press(words(phone, "button.next"))
        check(phone)
        found.append(phone.last.text or "")
    return "\n".join(found)


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_summary_of_the_week_tells_every_question(hilo: Rig, language: str) -> None:
    """Closed ones in words and a small picture, beside last time's; open ones by how many wrote, and their minutes."""
    phones = [hilo.join(nickname=f"Ceiba {number}") for number in range(4)]
    week(hilo, phones, "4333")
    hilo.advance(days=8)
    hilo.ask(*phones)
    for phone, mood in zip(phones, "4442", strict=True):
        phone.say(mood)
        spoken(hilo, phone)
        phone.press("Listo")
        phone.press("1 · Nada por ahora")
    ana = hilo.facilitator(language)
    told = summary(ana)
    expected = {
        "es": (
            "¿Cómo vas? · Sierra Norte · 2 dic\n¿Cómo andas de ánimo esta semana?\nContestaron 4 personas:",
            "━ menos de tres · 🙁 Bajo\n━━━━━━━━ 3 · 🙂 Bueno",
            "La vez pasada (24 nov): 3 😐 Regular, menos de tres 🙂 Bueno.",
            "La contestaron 4 personas con sus palabras.\nEntre todo hay 8 minutos de audio.",
            "━━━━━━━━━━ 4 · Nada por ahora\nLa vez pasada (24 nov): 4 Nada por ahora.",
        ),
        "en": (
            "How is it going? · Sierra Norte · 2 Dec\nHow are you feeling this week?\n4 people answered:",
            "━ fewer than three · 🙁 Low\n━━━━━━━━ 3 · 🙂 Good",
            "Last time (24 Nov): 3 😐 So-so, fewer than three 🙂 Good.",
            "4 people answered in their own words.\nThere are 8 minutes of voice notes in all.",
            "━━━━━━━━━━ 4 · Nothing for now\nLast time (24 Nov): 4 Nothing for now.",
        ),
    }
    for each in expected[language]:
        assert each in told, told
    ana.press(words(ana, "button.totals_of", title={"es": "¿Cómo vas?", "en": "How is it going?"}[language]))
    assert expected[language][1] in (ana.last.text or "")
    hilo.advance(days=8)

    assert "3 · 🙂" not in summary(ana)


def test_the_summary_tells_of_every_group_of_hers(hilo: Rig) -> None:
    """Of several groups each on pages that fit, each with the button to all of it."""
    groups = ("Sierra Norte", "Costa", "Valles")
    ana = hilo.facilitator()
    for group in groups:
        phones = [hilo.join(nickname=f"{group} {number}", cohort=group) for number in range(3)]
        hilo.ask(*phones, cohort=group)
        for phone in phones:
            finish(phone)
    for group in groups[1:]:
        ana.say(f"/start {hilo.invite('facilitator', group)}")
    told = summary(ana)

    assert all(f"¿Cómo vas? · {group} · 24 nov" in told for group in groups), told
    assert told.count(words(ana, "totals.here")) == 1
    assert told.count("━━━━━━━━━━ 3 · 🙁 Bajo") == len(groups)
    assert told.count("La contestaron 3 personas con sus palabras.") == len(groups)


def test_a_group_that_is_not_hers_tells_her_nothing(hilo: Rig) -> None:
    """Not by a button either that somebody passed on."""
    phones = [hilo.join(nickname=f"Ceiba {number}") for number in range(4)]
    week(hilo, phones, "4442")
    broadcast_id = phones[0].run.broadcast_id
    assert broadcast_id is not None
    bea = hilo.facilitator(nickname="Bea", cohort="Costa")
    bea.press_id(f"totals:{short_id(broadcast_id)}")

    assert "Bueno" not in (bea.last.text or "")
    assert hilo.audited(totals.COUNTED) == []


def test_the_length_of_a_thread_depends_on_the_share_alone() -> None:
    """The same share has the same length whatever the question; nobody has none, and few are one mark."""
    step = Step("select_one", "a", {}, choices=(Choice("x", {}),))

    def marks(people: int, of: int) -> int:
        """Return the length for so many of so many."""
        return totals.QuestionTotal(step, of).marks(totals.OptionTotal("x", {}, people))

    assert [marks(5, 10), marks(50, 100), marks(500, 1000)] == [5, 5, 5]
    assert [marks(10, 10), marks(3, 1000), marks(0, 10)] == [10, 1, 0]
    assert marks(2, 3) == marks(1, 3) == marks(1, 300) == 1
    assert all(marks(n, 60) <= marks(n + 1, 60) for n in range(60))


@pytest.mark.proof
@pytest.mark.timeout(3600)
def test_figures_equal_a_count_by_hand(tmp_path: Path) -> None:
    """Over random histories: whatever was sent twice, changed, skipped, spoken, moved, erased, said on paper."""
    happened: Counter[str] = Counter()
    for history in histories(tmp_path, TALLIES.value, SEED.value):
        happened.update(history.happened)
        for once in history.asked:
            dialog = history.hilo.content.dialog(once.dialog)
            with history.hilo.reading() as unit:
                broadcast = unit.broadcasts.get(once.broadcast_id)
                assert broadcast is not None
                found = totals.of_broadcast(unit, broadcast, dialog)
                time = totals.over_time(unit, broadcast, 0, partial(history.hilo.turns.dialog, unit))
            figures = {(each.step.name, ""): each.people for each in found} | {
                (each.step.name, option.name): option.people for each in found for option in each.options
            }
            assert {key: number for key, number in figures.items() if number} == counted(history, once.broadcast_id)
            assert sum(each.seconds for each in found) == sum(history.seconds[once.broadcast_id].values())
            if once.dialog == figures_by_hand.CHECK_IN:
                assert [total.average for _, total in time] == [average(history, each.id) for each, _ in time]
        week_equals(history)
    assert happened.keys() == HAPPENS


def week_equals(history: History) -> None:
    """Compare a week's summary, all its pages, and the group's word on a sign, with what has to stand there."""
    hilo = history.hilo
    ana = hilo.facilitator(cohort=history.groups[0])
    ana.say(f"/start {hilo.invite('facilitator', history.groups[1])}")
    first, *rest = summary(ana).split("\n\n", 1)
    waits = first.splitlines()
    spoken = [line for line in waits if line.startswith("Primero,") or "· Primero," in line]
    assert figures_by_hand.unheard(history) in "\n".join(spoken)
    assert bool(spoken) == bool(figures_by_hand.unheard(history))
    said = [figures_by_hand.new_answers(history, group) for group in history.groups]
    on_paper = figures_by_hand.circles(history)
    if not any(line.startswith("· y ") for line in waits):  # not all has room there, else
        assert [line for line in waits if "respuesta" in line] == [line for line in said if line]
        assert sorted(line for line in waits if "en papel" in line) == sorted(on_paper)
    told, has_to_stand = "".join(rest), figures_by_hand.of_the_week(history)
    several = len({title.split(" · ")[1] for title in has_to_stand}) > 1
    assert told.count(say("totals.here")) == several
    assert told_of(told.replace(say("totals.here"), "")) == has_to_stand
    if "sign" in history.happened:
        sign_equals(history, ana)


def told_of(pages: str) -> dict[str, list[str]]:
    """Return the lines of a summary's pages, without what stands above them, by the title that they stand below."""
    found: dict[str, list[str]] = {}
    title = ""
    for line in filter(None, pages.splitlines()):
        if line.startswith(say("digest.further")):
            continue
        if TITLED.search(line):
            title = line
        elif title:  # above the first stands what waits
            found.setdefault(title, []).append(line)
    return found


def sign_equals(history: History, ana: Phone) -> None:
    """Compare the group's newest word on its sign: of what too few answered there is none."""
    hilo = history.hilo
    with hilo.reading() as unit:
        cohort = unit.cohorts.by_name(history.groups[0])
        assert cohort is not None
        [sign] = unit.signs.of([cohort.id])
    asked = [each for each in history.asked if each.dialog != figures_by_hand.CHECK_IN][::-1]
    told = [figures_by_hand.group_word(history, each) for each in asked]
    button(ana, targets.SIGN, OneSign("o", sign.id).encoded())
    lines = (ana.last.text or "").splitlines()
    shown = [line for line in lines if line.startswith("El grupo,")]
    assert shown == [line for line in told if line][:1], ana.last.text
    few = [line for line in lines if "Han contestado menos de tres" in line]
    assert bool(few) == (not told[0])
