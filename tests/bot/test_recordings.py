"""Hilo's own sentences, recorded by an admin from the phone, and heard from the first message on."""

import pytest

from bot.messengers.port import Kind
from tests.bot import samples
from tests.bot.ready import RECORD
from tests.bot.rig import Phone, Rig, texts

ALL = 12


def say(code: str, **facts: object) -> str:
    """Return the Spanish sentence of a code."""
    return texts().say(code, "es", **facts)


def speak(phone: Phone, seconds: int = 4) -> None:
    """Send a voice note."""
    phone.look()
    phone.rig.messenger.give_file(phone.chat, Kind.VOICE, samples.ogg(), seconds=seconds)
    phone.rig.settle()


def recorded(hilo: Rig, most: int = ALL) -> Phone:
    """Let an admin record so many sentences in Spanish, as far as she comes in one go."""
    root = hilo.facilitator(nickname="Raíz", cohort=None, role="admin")
    root.say("/menu")
    root.press(say("menu.more"))
    root.press(say("menu.organisation"))
    root.press(say("menu.recordings"))
    root.press("Español · 0/12")
    root.press(say("button.record_go"))
    for _ in range(most):
        speak(root)
    return root


def voices(phone: Phone) -> int:
    """Count the voice notes of a chat."""
    return sum(each.attachment is not None for each in phone.heard)


@pytest.fixture
def spoken(hilo: Rig) -> Rig:
    """An installation in which an admin has recorded everything in Spanish."""
    hilo.facilitator()
    recorded(hilo)
    return hilo


def test_an_admin_records_the_twelve_sentences_one_after_the_other(hilo: Rig) -> None:
    """Each is shown as it is said, the next follows by itself, and a sentence left out can be recorded later."""
    hilo.facilitator()
    root = recorded(hilo, 3)
    shown = [message.text or "" for message in root.heard if "Grábala" in (message.text or "")]
    assert say("join.hello") in shown[0]
    assert "Frase 4 de 12 · español" in shown[3]
    root.press(say("button.skip"))
    assert "Frase 5 de 12" in root.told
    for _ in range(8):
        speak(root)
    assert say("record.one", language="Español", done=11, total=12) in root.told
    root.press(say("button.record_go"))
    assert "Frase 4 de 12" in root.told
    speak(root)
    assert say("record.one", language="Español", done=12, total=12) in root.told
    before = voices(root)
    root.press(say("button.record_hear"))

    assert voices(root) == before + ALL
    assert len(hilo.audited("recording.made")) == ALL


def test_a_sentence_is_heard_repeated_and_taken_away_on_the_way(hilo: Rig) -> None:
    """Below each that was recorded stands what can be done about it; then it goes on with those that lack."""
    hilo.facilitator()
    root = recorded(hilo, 3)
    assert say("record.sentence_kept", number=3, total=ALL) in root.screen()
    before = voices(root)
    root.press(say("button.record_play"))
    assert voices(root) == before + 1
    root.press(say("button.record_again"))
    assert f"Frase 3 de {ALL}" in root.told
    speak(root)
    assert f"Frase 4 de {ALL}" in root.told
    root.press(say("button.record_drop"))
    assert root.last.text == say("record.sentence_dropped", number=3)
    root.press(say("button.record_again"))
    speak(root)
    assert f"Frase 4 de {ALL}" in root.told
    for _ in range(ALL - 3):
        speak(root)

    assert say("record.one", language="Español", done=ALL, total=ALL) in root.told
    assert (len(hilo.audited("recording.made")), len(hilo.audited("recording.dropped"))) == (ALL + 2, 1)


A_MINUTE = 130  # words that somebody reads aloud without hurry
A_TAP = 4.0  # seconds to find a button on a phone and press it, or to hold and let go of the microphone
A_WAIT = 3.0  # seconds until the next message is there, on a slow line


@pytest.mark.parametrize(("language", "name"), [("es", "Español"), ("en", "English")])
def test_the_twelve_sentences_fit_a_quarter_of_an_hour(hilo: Rig, language: str, name: str) -> None:
    """Every tap, wait and recording of the real way from the phone is counted: each sentence is read, then said.

    With every third one said a second time, as somebody who stumbles does, it still fits.
    """
    hilo.facilitator()
    root = hilo.facilitator(language, nickname="Raíz", cohort=None, role="admin")
    taps = waits = spoken = 0
    tell = texts().say
    ways = (tell(f"menu.{code}", language) for code in ("more", "organisation", "recordings"))
    for label in (*ways, f"{name} · 0/{ALL}"):
        if not taps:
            root.say("/menu")
        root.press(label)
        taps, waits = taps + 1, waits + 1
    root.press(tell("button.record_go", language))
    taps, waits, words = taps + 1, waits + 1, 0
    done = tell("record.one", language, language=name, done=ALL, total=ALL)
    while done not in root.told:
        words += len((root.last.text or "").split())  # whatever stands on the screen is read
        speak(root)
        taps, waits, spoken = taps + 2, waits + 1, spoken + 1
        assert spoken <= ALL
    seconds = 2 * words / A_MINUTE * 60 + taps * A_TAP + waits * A_WAIT
    again = (words / A_MINUTE * 60 + spoken * (3 * A_TAP + A_WAIT)) / 3

    assert (spoken, len(hilo.audited("recording.made"))) == (ALL, ALL)
    assert 120 < seconds < seconds + again <= 15 * 60, (words, taps, waits, round(seconds), round(seconds + again))


def test_where_minors_take_part_their_words_are_recorded_as_well(hilo: Rig) -> None:
    """What they are told before and after their yes has a voice of its own; whoever is of age hears hers."""
    with hilo.unit() as unit:
        minors = {"anybody": True, "person": "Rosa Pérez", "reported_to": {"es": "el DIF"}}
        unit.organisation.set({**unit.organisation.get(), "minors": minors})
    hilo.advance(minutes=1)
    hilo.facilitator()
    root = hilo.facilitator(nickname="Raíz", cohort=None, role="admin")
    root.say("/menu")
    for code in ("menu.more", "menu.organisation", "menu.recordings"):
        root.press(say(code))
    label = next(each for each in root.last.labels if each.startswith("Español"))
    most = int(label.rpartition("/")[2])
    assert most == ALL + 6
    root.press(label)
    root.press(say("button.record_go"))
    for _ in range(most):
        speak(root)
    leader = hilo.phone()
    leader.say(f"/start {hilo.invite()}")
    leader.press("1 · Español")
    leader.press("1 · Menos de 18")
    leader.press(say("button.hear"))
    assert voices(leader) == 6  # what, who reads, whose yes, whom harm is told, the risk, and what the buttons say
    leader.press("Sí, quiero participar")

    assert leader.person.participation == "naming"


def test_only_an_admin_records(hilo: Rig) -> None:
    """A facilitator is not offered it."""
    ana = hilo.facilitator()
    ana.say("/menu")
    ana.press(say("menu.more"))

    assert say("menu.organisation") not in ana.last.labels


def test_whoever_comes_in_hears_from_the_first_message_on(spoken: Rig) -> None:
    """The greeting, the question of consent with its buttons, and the nickname have a button to hear them."""
    leader = spoken.phone()
    leader.say(f"/start {spoken.invite()}")
    assert voices(leader) == 0
    leader.press(say("button.hear_it"))
    assert voices(leader) == 1
    leader.press("1 · Español")
    leader.press(say("button.hear"))
    # What, who reads, the risk, and what the buttons say; and then the buttons.
    assert voices(leader) == 5
    leader.press("Sí, quiero participar")
    leader.press(say("button.hear"))
    assert voices(leader) == 6
    leader.say("Luna")

    assert leader.person.participation == "active"


def test_whoever_would_rather_listen_is_sent_them(spoken: Rig) -> None:
    """With her form on record, questions and where to turn come as voice, too; with their words, as ever."""
    leader = spoken.join()
    with spoken.unit() as unit:
        unit.people.prefer(leader.person, form="listen")
    before = voices(leader)
    spoken.ask(leader)
    leader.press("2 · 🙁 Bajo")
    leader.say("/apoyo")

    # The offer, two questions, and the card.
    assert voices(leader) == before + 4


def test_on_a_watched_phone_the_cards_voice_comes_by_a_tap_and_goes(spoken: Rig) -> None:
    """It is not sent by itself there, and goes after two minutes like the card."""
    leader = spoken.join(seen_by="checked")
    with spoken.unit() as unit:
        unit.people.prefer(leader.person, form="listen")
    leader.say("/apoyo")
    assert voices(leader) == 0
    leader.press(say("button.hear"))
    assert voices(leader) == 1
    spoken.advance(minutes=3)
    spoken.tick()

    assert voices(leader) == 0
    assert RECORD["care_card"]["es"] not in leader.screen()


def test_whoever_reads_is_sent_none(spoken: Rig) -> None:
    """Nothing that costs data comes unasked."""
    leader = spoken.join()
    spoken.ask(leader)
    leader.press("2 · 🙁 Bajo")

    assert voices(leader) == 0


def test_a_recording_is_bound_to_its_words(hilo: Rig) -> None:
    """Once the words change nobody hears the old ones, and the list says that one is to be recorded again."""
    hilo.facilitator()
    root, leader = recorded(hilo), hilo.join()
    leader.say("/apoyo")
    assert say("button.hear") in leader.last.labels
    with hilo.unit() as unit:
        unit.organisation.set({**unit.organisation.get(), "care_card": {"es": "Ahora es otro número: 12."}})
    hilo.advance(seconds=5)
    leader.say("/apoyo")
    assert say("button.hear") not in leader.last.labels
    root.say("/menu")
    root.press(say("menu.more"))
    root.press(say("menu.organisation"))
    root.press(say("menu.recordings"))
    root.press("Español · 11/12")
    root.press(say("button.record_go"))

    assert "Ahora es otro número: 12." in root.told


def test_recordings_outlive_the_months_and_not_their_speaker(hilo: Rig) -> None:
    """What answers are erased after does not touch them; who spoke takes her voice along when she erases herself."""
    hilo.facilitator(nickname="Alma", cohort=None, role="admin")
    root, leader = recorded(hilo), hilo.join()
    for _ in range(3):
        hilo.advance(days=300)
        hilo.tick()
    leader.say("/apoyo")
    before = voices(leader)
    leader.press(say("button.hear"))
    assert voices(leader) == before + 1
    root.say("/borrar")
    root.press("Borrar todo lo mío")
    root.press("Sí, borra todo")
    hilo.advance(seconds=5)
    leader.say("/apoyo")

    assert say("button.hear") not in leader.last.labels
    assert hilo.rows("SELECT count(*) FROM media") == [(0,)]


def test_whoever_reads_hears_a_question_by_a_tap(spoken: Rig) -> None:
    """The offer and each question of the check-in have a button, also after a choice was ticked; the question stays."""
    leader = spoken.join()
    with spoken.unit() as unit:
        unit.people.prefer(leader.person, form="read")
    spoken.order()
    spoken.tick()
    leader.press(say("button.hear_it"))
    assert voices(leader) == 1
    leader.press("Sí, ahora")
    assert leader.last.labels[-1] == say("button.hear_it")
    leader.press(say("button.hear_it"))
    assert voices(leader) == 2
    leader.press("2 · 🙁 Bajo")
    assert leader.last.labels[-1] == say("button.hear_it")
    leader.press(say("button.hear_it"))
    leader.say("Hubo junta.")

    assert voices(leader) == 3
    assert leader.answers["week"].label == "Hubo junta."


def test_who_reads_is_recorded_for_each_group(hilo: Rig) -> None:
    """Where not the same people read in two groups, there are two sentences, and each hears the one of her group."""
    hilo.facilitator()
    hilo.cohort("Costa")
    for name in ("Eva", "Luz"):
        hilo.facilitator(nickname=name, cohort="Costa")
    root = hilo.facilitator(nickname="Raíz", cohort=None, role="admin")
    root.say("/menu")
    root.press(say("menu.more"))
    root.press(say("menu.organisation"))
    root.press(say("menu.recordings"))
    root.press("Español · 0/13")
    root.press(say("button.record_go"))
    for _ in range(13):
        speak(root)
    for cohort in ("Sierra Norte", "Costa"):
        leader = hilo.phone()
        leader.say(f"/start {hilo.invite(cohort=cohort)}")
        leader.press("1 · Español")
        leader.press(say("button.hear"))
        assert voices(leader) == 4
