"""Questions of the team's own: written or recorded on a phone, in one language or more, then like any other."""

import csv
from uuid import UUID

import pytest

from bot import clock
from bot.media.store import FetchResult, MediaStore
from bot.messengers.port import Kind
from storage.erasure import erase
from tests.bot import samples
from tests.bot.asking import say_why
from tests.bot.leader import check, words
from tests.bot.rig import Phone, Rig, texts
from tests.bot.shell import Shell
from tests.bot.test_media import carry

ASKED = "¿Qué les pareció la asamblea?"
FORMS = {
    "open": ("1 · Con sus palabras o su voz", "Larga, pero buena.", ("Larga, pero buena.",)),
    "yes_no": ("2 · Sí o no", "1", "yes"),
    "faces": ("3 · Con caritas 😞 a 😀", "4", 4),
    "options": ("4 · Con opciones que tú pones", "corta", "corta"),
}


def write(phone: Phone, form: str, asked: str = ASKED, options: str = "Larga, Corta, No fui") -> None:
    """Write a question up to where its languages are offered."""
    phone.say("/preguntar")
    phone.press("Mi propia pregunta")
    check(phone)
    phone.say(asked)
    if FORMS[form][0] in phone.last.labels:
        phone.press(FORMS[form][0])
    if form == "options":
        phone.say(options)
    check(phone)


def order(phone: Phone) -> None:
    """Go on from the question to the order."""
    if "Listo" in phone.last.labels:
        phone.press("Listo")
    if "Es para otra cosa" in phone.last.labels:
        phone.press("Es para otra cosa")
    say_why(phone)
    phone.press("Enviar")


@pytest.mark.parametrize("form", list(FORMS))
def test_each_form_of_question_is_asked_and_answered(hilo: Rig, form: str) -> None:
    """In words, yes or no, faces, or options of her own: it arrives as such, and its answer is the one given."""
    leader = hilo.join()
    ana = hilo.facilitator()
    write(ana, form)
    order(ana)
    hilo.tick()
    leader.press("Sí, ahora")
    assert ASKED in leader.told
    leader.say(FORMS[form][1])
    if form == "open":
        leader.press("Listo")

    assert leader.run.status == "completed"
    assert leader.values == {"answer": FORMS[form][2]}


def test_one_option_is_too_few(hilo: Rig) -> None:
    """One option, or one too long for a button, is asked again with an example."""
    hilo.join()
    ana = hilo.facilitator()
    for options in ("Larga", "x" * 61 + "\ny", "a\nb\nc\nd\ne\nf"):
        write(ana, "options", options=options)
        assert "de dos a cinco opciones" in ana.told


def test_a_further_language_can_be_said(hilo: Rig) -> None:
    """Whoever speaks it gets the question and its options in it; whoever does not, as it was written."""
    reader, speaker = hilo.join("en", "Nopal"), hilo.join(nickname="Ceiba")
    ana = hilo.facilitator()
    write(ana, "options")
    assert "inglés" in (ana.last.text or "")
    ana.press("Ponerla en inglés")
    ana.say("How did you find the assembly?")
    assert "Larga\nCorta\nNo fui" in ana.told
    ana.say("Long\nShort\nDid not go")
    order(ana)
    hilo.tick()
    reader.press("Yes, now")
    assert "How did you find the assembly?" in reader.told
    assert "2 · Short" in reader.last.labels
    speaker.press("Sí, ahora")
    assert ASKED in speaker.told
    assert "2 · Corta" in speaker.last.labels
    reader.press("2 · Short")

    assert reader.values == {"answer": "corta"}


def test_a_language_can_be_left_to_the_words_there_are(hilo: Rig) -> None:
    """Left as it is, a speaker of another language gets the question as it was written, its buttons with it."""
    reader = hilo.join("en", "Nopal")
    ana = hilo.facilitator()
    write(ana, "yes_no")
    order(ana)
    hilo.tick()
    reader.press("Yes, now")

    assert ASKED in reader.told
    assert {"1 · Sí", "2 · No"} <= set(reader.last.labels)


def test_said_another_way_the_first_way_is_gone(hilo: Rig) -> None:
    """A question that is written anew before it is sent leaves one question, and not two."""
    hilo.join()
    ana = hilo.facilitator()
    write(ana, "yes_no")
    ana.press("Decirlo de otro modo")
    ana.say("¿Fuiste a la asamblea?")
    ana.press(FORMS["yes_no"][0])
    order(ana)

    assert [dialog.title["es"] for dialog in hilo.content.written.values()] == ["¿Fuiste a la asamblea?"]


def test_what_would_be_wrong_is_said_kindly(hilo: Rig) -> None:
    """A question with a blank nobody can fill is not kept; what is wrong is told, and there is a way on."""
    hilo.join()
    ana = hilo.facilitator()
    write(ana, "yes_no", "¿Cómo va ${la_milpa}?")
    assert words(ana, "own.wrong") in (ana.last.text or "")
    assert "la_milpa" in (ana.last.text or "")
    check(ana)
    assert hilo.count("own_dialogs") == 0
    ana.press("Decirlo de otro modo")
    ana.say("¿Cómo va la milpa?")
    ana.press(FORMS["yes_no"][0])
    order(ana)

    assert hilo.count("broadcasts") == 1


def test_it_is_found_after_a_restart_and_by_another_process(hilo: Rig) -> None:
    """What was written in chat is in the database: a bot that starts anew, or runs beside, offers it."""
    hilo.join()
    ana = hilo.facilitator()
    write(ana, "open")
    order(ana)
    (name,) = hilo.content.written
    before = hilo.content.dialog(name)
    hilo.again()
    assert hilo.content.dialog(name) == before
    ana.say("/conversaciones")
    ana.press(texts().say("button.lib_once", "es", n="1"))

    assert "¿Qué les pareció la…" in " ".join(ana.last.labels)


def test_it_is_exported_like_any_other(shell: Shell) -> None:
    """Its answers are a file of their own, with a codebook; commands know it by its name."""
    live = Rig(shell.folder, now=clock.now())
    leader = live.join()
    ana = live.facilitator()
    write(ana, "options")
    order(ana)
    live.tick()
    leader.press("Sí, ahora")
    leader.press("1 · Larga")
    (name,) = live.content.written
    live.close()
    assert shell("export", "--out", str(shell.folder / "out"), "--format", "csv").code == 0
    with (shell.folder / "out" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)

    assert row["answer"] == "larga"
    assert (shell.folder / "out" / f"{name}.codebook.csv").exists()
    assert name in shell.good("dialog", "list")
    assert "Larga" in shell.good("dialog", "codebook", name)
    assert shell("broadcast", name, "--to", "Sierra Norte", "--purpose", "Para volver a preguntar lo mismo").code == 0


# Recorded.


def speak(phone: Phone, media_store: MediaStore, seconds: int = 9) -> UUID:
    """Send a voice note, and have it handled as the running bot does; returns its id."""
    rig, person = phone.rig, phone.person
    phone.look()
    rig.messenger.give_file(phone.chat, Kind.VOICE, samples.ogg(), seconds=seconds)
    rig.keep()
    shelved = media_store.put(person.id, person.key, samples.ogg(), seconds)
    fetched = FetchResult("voice", shelved=shelved)
    with rig.unit() as unit:
        (row,) = unit.inbox.pending(unit.now, 1)
        rig.receive.step(unit, row, fetched)
    rig.send()
    assert fetched.taken
    return shelved.id


@pytest.fixture
def media_store(hilo: Rig) -> MediaStore:
    """The shelf of the installation."""
    return MediaStore(hilo.folder)


def recorded(ana: Phone, media_store: MediaStore) -> UUID:
    """Record a question, and write it for those who read."""
    ana.say("/preguntar")
    ana.press("Mi propia pregunta")
    media_id = speak(ana, media_store)
    assert "Ya tengo tu voz" in ana.told
    assert "escrita en pocas palabras" in ana.told
    ana.say("¿Fuiste a la asamblea?")
    ana.press(FORMS["yes_no"][0])
    assert texts().say("own.ready.voice", "es", words="¿Fuiste a la asamblea?") in ana.told
    order(ana)
    return media_id


def press(phone: Phone, label: str, media_store: MediaStore) -> None:
    """Press a button, and let the courier itself send what comes of it."""
    phone.look()
    phone.rig.messenger.press(phone.chat, label)
    phone.rig.keep()
    phone.rig.handle()
    carry(phone.rig, media_store)


def test_a_recorded_question_goes_as_voice_to_who_listens(hilo: Rig, media_store: MediaStore) -> None:
    """Who said she listens hears it before the words; who reads gets the words alone."""
    listener, reader = hilo.join(nickname="Ceiba"), hilo.join(nickname="Nopal")
    person = listener.person
    with hilo.unit() as unit:
        unit.people.prefer(person, form="listen", welcome_at=None)
    ana = hilo.facilitator()
    media_id = recorded(ana, media_store)
    hilo.tick()
    press(listener, "Sí, ahora", media_store)
    press(reader, "Sí, ahora", media_store)
    with hilo.reading() as unit:
        recording = media_store.open(unit, media_id)
    assert recording is not None
    assert "¿Fuiste a la asamblea?" in (listener.last.text or "")
    assert "¿Fuiste a la asamblea?" in (reader.last.text or "")
    (voice,) = [message.attachment for message in listener.heard if message.attachment]

    assert voice.data == recording.data
    assert [message for message in reader.heard if message.attachment] == []


def test_a_recording_can_be_heard_before_it_is_sent(hilo: Rig, media_store: MediaStore) -> None:
    """The look has a button that plays it; what it takes of their data is told."""
    hilo.join()
    ana = hilo.facilitator()
    ana.say("/preguntar")
    ana.press("Mi propia pregunta")
    speak(ana, media_store)
    ana.say("¿Fuiste a la asamblea?")
    ana.press(FORMS["yes_no"][0])
    ana.press("Listo")
    say_why(ana)
    assert words(ana, "ask.data.below") in (ana.last.text or "")
    ana.press("Ver cómo le llega")
    ana.press("Sí, ahora")
    check(ana)
    heard = len(ana.heard)
    press(ana, "🔊 Oírlo", media_store)

    assert len(ana.heard) == heard + 1
    assert ana.last.attachment


def test_the_words_outlive_the_voice(hilo: Rig, media_store: MediaStore) -> None:
    """Who recorded it can be erased, and her voice is; the question goes on in writing."""
    leader = hilo.join()
    ana = hilo.facilitator()
    media_id = recorded(ana, media_store)
    person = ana.person
    with hilo.unit() as unit:
        erase(unit, person.id)
    hilo.tick()
    leader.press("Sí, ahora")
    with hilo.reading() as unit:
        assert media_store.open(unit, media_id) is None

    assert "¿Fuiste a la asamblea?" in leader.told


def test_a_photo_is_no_question(hilo: Rig, media_store: MediaStore) -> None:
    """A photo sent as a question is asked again, and not kept."""
    hilo.join()
    ana = hilo.facilitator()
    ana.say("/preguntar")
    ana.press("Mi propia pregunta")
    person = ana.person
    hilo.messenger.give_file(ana.chat, Kind.PHOTO, samples.jpeg())
    hilo.keep()
    fetched = FetchResult("photo", shelved=media_store.put(person.id, person.key, samples.jpeg()))
    with hilo.unit() as unit:
        (row,) = unit.inbox.pending(unit.now, 1)
        hilo.receive.step(unit, row, fetched)
    hilo.send()

    assert not fetched.taken
    assert "Tiene que ser escrita o en voz" in ana.told
