"""The care card as lines: put by an admin, proposals confirmed, those that answer now first, dialled each half year."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.services import care, care_hours
from bot.services.care_hours import OpeningHours, UnreadableHours
from tests.bot.leader import follow, words
from tests.bot.phone import Phone
from tests.bot.rig import RECORD, Rig, texts
from tests.bot.shell import Shell

LINES = """
name: Casa Raíz
zone: America/Mexico_City
care_lines:
  - whom: {es: Rosa, en: Rosa}
    number: 951 123 4567
    hours: lunes a viernes de 9 a 18
    languages: [es, nah]
    without_credit: false
  - whom: Guardia
    number: 555 0102
"""
WORDS = RECORD["care_card"]["es"]
NOON, EVENING = "2026-12-01T12:00", "2026-12-01T20:00"  # a Tuesday


def admin(hilo: Rig, language: str = "es") -> Phone:
    """Let an admin come in."""
    return hilo.facilitator(language, nickname="Sol", cohort=None, role="admin")


def at(hilo: Rig, local: str) -> None:
    """Let it be this time in Mexico."""
    moment = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("America/Mexico_City")).astimezone(UTC)
    hilo.advance(seconds=(moment - hilo.now).total_seconds())


def put(hilo: Rig, sol: Phone, whom: str = "Rosa", number: str = "951 123 4567") -> None:
    """Add a line that answers from Monday to Friday, 9 to 18, by the wizard."""
    say = texts().say
    sol.say("/tarjeta" if sol.person.language == "es" else "/care")
    sol.press(say("button.care_add", sol.person.language or "es"))
    for answer in (whom, number, "3", "09:00", "18:00", "1", "0", "2", "1"):
        sol.say(answer)
    hilo.advance(seconds=6)


@pytest.mark.parametrize(
    ("typed", "days", "since", "until"),
    [
        ("24 horas", "0123456", "00:00", "00:00"),
        ("Day and night", "0123456", "00:00", "00:00"),
        ("lunes a viernes de 9 a 18", "01234", "09:00", "18:00"),
        ("Monday to Friday, 9:00-18:00", "01234", "09:00", "18:00"),
        ("de 8 de la noche a 6 de la mañana", "0123456", "20:00", "06:00"),
        ("sábados y domingos", "56", "00:00", "00:00"),
        ("viernes a lunes de 9:30 a 24", "0456", "09:30", "00:00"),
        ("martes y jueves from 4 pm to 7 pm", "13", "16:00", "19:00"),
    ],
)
def test_hours_are_read_as_people_write_them(typed: str, days: str, since: str, until: str) -> None:
    """Days as a list or a range, hours with or without the part of the day, in either language."""
    assert care_hours.read(typed).kept() == {"days": [*map(int, days)], "from": since, "until": until}


@pytest.mark.parametrize("typed", ["a veces", "de 9", "lunes de 9 a 18 a 20", "klingon 9-18"])
def test_hours_that_say_nothing_are_refused(typed: str) -> None:
    """Nothing is guessed: somebody in danger will read them."""
    with pytest.raises(UnreadableHours):
        care_hours.read(typed)


@pytest.mark.parametrize(
    ("typed", "local", "answers"),
    [
        ("lunes a viernes de 9 a 18", "2026-12-01T09:00", True),
        ("lunes a viernes de 9 a 18", "2026-12-01T18:00", False),
        ("lunes a viernes de 9 a 18", "2026-12-05T12:00", False),
        ("lunes de 20:00 a 6:00", "2026-12-01T05:59", True),
        ("lunes de 20:00 a 6:00", "2026-12-01T20:00", False),
        ("martes", "2026-12-01T03:00", True),
        ("24 horas", "2026-12-06T03:00", True),
    ],
)
def test_hours_may_pass_midnight(typed: str, local: str, answers: bool) -> None:
    """Monday's night ends on Tuesday morning."""
    assert care_hours.read(typed).hold(datetime.fromisoformat(local)) is answers


@pytest.mark.parametrize("language", ["es", "en"])
def test_hours_are_told_in_words(hilo: Rig, language: str) -> None:
    """As people say them, in the reader's language."""
    phone = hilo.join(language)
    with hilo.reading() as unit:
        speech = hilo.turns.speech(unit, phone.person)
        told = care_hours.read("lunes a viernes de 9 a 18").words(speech)
        assert OpeningHours().words(speech) == texts().say("care.always", language)
    spanish = "de lunes a viernes, de 9 de la mañana a 6 de la tarde"
    assert told == (spanish if language == "es" else "Monday to Friday, 9 in the morning to 6 in the evening")


def test_an_admin_puts_a_line_and_who_needs_support_sees_it(hilo: Rig) -> None:
    """From the checklist by the wizard: whom, number, hours, languages, credit; what she wrote before stays below."""
    sol, leader = admin(hilo), hilo.join()
    at(hilo, NOON)
    sol.say("/estado")
    assert words(sol, "checklist.care") in sol.told
    sol.press(words(sol, "button.care_lines"))
    assert WORDS in (sol.last.text or "")
    put(hilo, sol)
    only = words(sol, "care.line.only", language="español")
    assert sol.told == f"{words(sol, 'care.line.added')}\n\n{only}"
    leader.say("/apoyo")

    assert leader.told == (
        "Según su horario, ahora contestan:\nRosa: 951 123 4567\n"
        f"(de lunes a viernes, de 9 de la mañana a 6 de la tarde; en español; necesita saldo)\n\n{WORDS}"
    )
    at(hilo, EVENING)
    leader.say("/apoyo")
    assert leader.told.startswith(words(leader, "care.none_now"))


def test_those_that_answer_now_come_first(hilo: Rig) -> None:
    """A line of the day stands below one of the night at night, though it was put first."""
    sol, leader = admin(hilo, "en"), hilo.join()
    put(hilo, sol)
    sol.say("/care")
    sol.press(next(label for label in sol.last.labels if label.endswith("911")))
    assert "suggestion for Mexico" in (sol.last.text or "")
    with hilo.reading() as unit:
        assert len(care.lines_of(unit.organisation.get())) == 1, "nothing is put before she confirms it"
    sol.press(words(sol, "button.care_put"))
    hilo.advance(seconds=6)
    at(hilo, EVENING)
    leader.say("/apoyo")
    assert leader.told.index("911") < leader.told.index("951 123 4567")
    assert "Emergencias: 911\n(de día y de noche; en español; funciona sin saldo)" in leader.told
    assert words(leader, "care.later") in leader.told


def test_a_line_names_its_languages_in_the_reader_s_own_words(hilo: Rig) -> None:
    """Who reads English is told "in Spanish"; what neither of the product's languages is called, as its speakers do."""
    sol = admin(hilo, "en")
    put(hilo, sol)
    leader = hilo.join(language="en")
    at(hilo, NOON)
    leader.say("/support")

    assert "; in Spanish; " in leader.told
    assert [texts().language(tag, "es") for tag in ("en", "es-usted", "yua")] == [
        "inglés",
        "español (de usted)",
        "Maaya t'aan",
    ]


def test_nothing_is_proposed_outside_mexico(hilo: Rig) -> None:
    """The numbers are Mexico's: elsewhere no one is led to them."""
    with hilo.unit() as unit:
        unit.organisation.set({**RECORD, "zone": "America/Bogota"})
    sol = admin(hilo)
    sol.say("/tarjeta")

    assert not [label for label in sol.last.labels if "911" in label or "079" in label]


def test_who_dialled_is_asked_again_after_half_a_year(hilo: Rig) -> None:
    """Each number by itself; the checklist is open again once half a year has passed, and for a new number."""
    with hilo.unit() as unit:
        unit.organisation.set({**RECORD, "languages": ["es"]})
    sol = admin(hilo)
    put(hilo, sol)
    open_item = words(sol, "checklist.open", what=words(sol, "checklist.care"))
    ticked = words(sol, "checklist.done", what=words(sol, "checklist.care"))
    sol.say("/estado")
    assert open_item in sol.told
    follow(sol, "button.care_lines")
    sol.press("Rosa · 951 123 4567")
    assert "nadie ha anotado" in (sol.last.text or "")
    follow(sol, "button.care_dialled")
    assert words(sol, "button.care_dialled") not in sol.last.labels
    sol.say("/estado")
    assert ticked in sol.told
    hilo.advance(days=184)
    sol.say("/estado")

    assert open_item in sol.told
    assert [entry.actor for entry in hilo.audited("organisation.changed")] == [str(sol.person.id)] * 2


def test_a_line_is_removed_and_the_words_of_before_too(hilo: Rig) -> None:
    """The words can go only where lines take their place; an old button says that the line is gone."""
    sol, leader = admin(hilo), hilo.join()
    sol.say("/tarjeta")
    follow(sol, "button.care_words")
    assert words(sol, "button.care_words_drop") not in sol.last.labels
    put(hilo, sol)
    sol.say("/tarjeta")
    line = sol.button("Rosa · 951 123 4567")
    follow(sol, "button.care_words", "button.care_words_drop")
    assert words(sol, "care.words.dropped") in (sol.last.text or "")
    hilo.advance(seconds=6)
    leader.say("/apoyo")
    assert WORDS not in leader.told
    sol.press("Rosa · 951 123 4567")
    follow(sol, "button.care_remove")
    sol.press_id(*line)
    assert words(sol, "care.line.gone") in sol.screen()
    hilo.advance(seconds=6)
    leader.say("/apoyo")

    assert leader.told == words(leader, "support.none")


def test_the_card_is_the_organisations(hilo: Rig) -> None:
    """A facilitator and an admin of one group neither see nor change it."""
    hilo.cohort()
    for phone in (hilo.facilitator(), hilo.facilitator(nickname="Bety", role="admin")):
        phone.say("/tarjeta")
        assert phone.told == words(phone, "staff.not_allowed")


def test_lines_come_from_a_file_and_doctor_asks_who_dialled(console: Shell) -> None:
    """Hours in words, a name for all languages; the record needs no other card; what cannot be read is refused."""
    (console.folder / "a.yaml").write_text(LINES, "utf-8")
    told = console.good("setup", "--from", "a.yaml")
    assert console.says("ready.care_card") not in told
    asked = console.says("cli.doctor.care_undialled", numbers="951 123 4567, 555 0102")
    assert asked in console("doctor").out
    (console.folder / "b.yaml").write_text("care_lines: [{whom: Rosa, number: 951, hours: a veces}]", "utf-8")

    assert "care_lines.1.hours" in console.refused("setup", "--from", "b.yaml")


def test_setup_asks_for_lines_and_proposes_without_filling_in(console: Shell) -> None:
    """A proposal is put by a typed yes alone; a line is asked for piece by piece; dialled ones are noted."""
    yes = "sí" if console.language == "es" else "yes"
    (console.folder / "a.yaml").write_text("name: Casa\nzone: America/Mexico_City\nlanguages: [es, en]\n", "utf-8")
    console.good("setup", "--from", "a.yaml")
    other = "La Rosa / Rose"  # in the organisation's other language
    one = ["1" if console.language == "es" else "2", "", ""]  # the language, no token, no address
    rest = ["jueves", "12", yes, yes, "n", "Rosa", "951", "a veces", "9-18", "", yes, "n", other, "", "", ""]
    last = ["Sierra", "Para oír.", "Si daña.", "", "", "n", "n", "", "n"]
    console.good("setup", typed="\n".join([*one, *rest, *last]) + "\n")
    told = console("doctor").out

    assert console.says("cli.doctor.care_undialled", numbers="951") in told
    assert console.says("cli.doctor.care_lacking", languages="").partition(":")[0] not in told


# In each of the organisation's languages.


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "(Some of this is only in Spanish so far.)"), ("es", ""), ("es-usted", "")],
)
def test_whoever_reads_it_in_another_language_is_told_so(hilo: Rig, language: str, told: str) -> None:
    """A line that was written in Spanish alone reaches an English speaker with a word on that; a register is served."""
    put(hilo, admin(hilo))
    leader = hilo.join(language[:2])
    with hilo.unit() as unit:
        unit.people.change(leader.person, language=language)
    leader.say("/support" if language == "en" else "/apoyo")

    assert "Rosa: 951 123 4567" in leader.told
    assert leader.told.endswith(told or WORDS)


def test_a_card_in_a_third_language_is_shown_all_the_same(hilo: Rig) -> None:
    """Words that are in neither of the product's languages are better than none; the card says which they are in."""
    with hilo.unit() as unit:
        unit.organisation.set({**RECORD, "languages": ["nah", "es"], "care_card": {"nah": "Xiktlahtolti Rosa."}})
    leader = hilo.join()
    leader.say("/apoyo")

    assert leader.told == f"Xiktlahtolti Rosa.\n\n{words(leader, 'care.only', languages='Nahuatl')}"


def test_an_admin_writes_it_in_each_language(hilo: Rig) -> None:
    """The checklist says what lacks; a button a language asks for it; whoever speaks it reads it then, unremarked."""
    sol, leader = admin(hilo), hilo.join("en")
    put(hilo, sol)
    assert words(sol, "care.line.only", language="español") in sol.told
    sol.press(words(sol, "button.care_lines"))
    sol.press("Rosa · 951 123 4567")
    follow(sol, "button.care_dialled")
    sol.say("/estado")
    lacks = words(sol, "checklist.open", what=words(sol, "checklist.care.lacking", languages="inglés"))
    assert lacks in sol.told
    follow(sol, "button.care_lines")
    assert words(sol, "care.lines.lacking", languages="inglés") in (sol.last.text or "")
    sol.press("Rosa · 951 123 4567")
    write = words(sol, "button.care_text", language="inglés")
    sol.press(write)
    assert "Inglés: ¿quién contesta en 951 123 4567?" in sol.told
    sol.say("Rosa")
    sol.say("Dejarlo como estaba")
    sol.press(words(sol, "button.care_lines"))
    sol.press("Rosa · 951 123 4567")
    sol.press(write)
    sol.say("Rosa, from the School")
    sol.say("Guardar")
    assert words(sol, "care.text.kept") in sol.told
    hilo.advance(seconds=6)
    leader.say("/support")
    assert "Rosa, from the School: 951 123 4567" in leader.told
    assert "so far" not in leader.told
    sol.say("/estado")

    assert lacks not in sol.told


def test_the_words_of_the_card_are_written_in_each_language(hilo: Rig) -> None:
    """The organisation's own words have the same button; a line that went meanwhile is said to be gone."""
    with hilo.unit() as unit:
        unit.organisation.set({**RECORD, "care_card": {"es": WORDS}})
    sol, leader = admin(hilo), hilo.join("en")
    put(hilo, sol)
    sol.say("/tarjeta")
    sol.press("Rosa · 951 123 4567")
    gone = sol.button(words(sol, "button.care_text", language="inglés"))
    sol.press(words(sol, "button.care_remove"))
    sol.press_id(*gone)
    assert words(sol, "care.line.gone") in sol.screen()
    sol.say("/tarjeta")
    follow(sol, "button.care_words")
    sol.press(words(sol, "button.care_text", language="inglés"))
    sol.say("Call Rosa.")
    sol.say("Guardar")
    hilo.advance(seconds=6)
    leader.say("/support")

    assert leader.told == "Call Rosa."


def test_doctor_tells_in_which_languages_it_lacks(console: Shell) -> None:
    """A card from a file that speaks one of two languages is a note, with what to do."""
    (console.folder / "a.yaml").write_text(
        "name: Casa\nlanguages: [es, en]\ncare_card: {es: Llama a Rosa al 951.}\n", "utf-8"
    )
    console.good("setup", "--from", "a.yaml")
    named = "inglés" if console.language == "es" else "English"

    assert console.says("cli.doctor.care_lacking", languages=named) in console("doctor").out
