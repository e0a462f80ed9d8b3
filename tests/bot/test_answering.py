"""A leader answers a check-in: by buttons, by digits, by words."""

import pytest

from tests.bot.rig import PURPOSE, Phone, Rig, texts

LATER = {"es": "Más tarde", "en": "Later"}
ALL = {"es": "Listo", "en": "Done"}
START = {"es": "Sí, ahora", "en": "Yes, now"}
BUTTONS = {
    "es": ("2 · 🙁 Bajo", "Hubo junta.", "2 · Que me llamen", "Por el agua."),
    "en": ("2 · 🙁 Low", "There was a meeting.", "2 · A call", "The water."),
}
DIGITS = {"es": ("2", "Hubo junta.", "2", "Por el agua."), "en": ("2", "There was a meeting.", "2.", "The water.")}
LABELS = {
    "es": ("bajo", "Hubo junta.", "que me llamen", "Por el agua."),
    "en": ("LOW", "There was a meeting.", "a call", "The water."),
}
THANKS = {"es": "Contestaste 4 de 4. El equipo lo lee el jueves.", "en": "4 of 4. The team reads it on Thursday."}


def asked(hilo: Rig, language: str = "es") -> Phone:
    """Bring someone to the first question of a check-in."""
    phone = hilo.join(language)
    hilo.ask(phone)
    return phone


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_whole_check_in_by_buttons(hilo: Rig, language: str) -> None:
    """Offer, four questions and thanks; each pressed keyboard says what was chosen and how to change it."""
    mood, week, need, about = BUTTONS[language]
    phone = hilo.join(language)
    hilo.order()
    hilo.tick()
    assert "Colibrí" in phone.told
    phone.press(START[language])
    assert phone.news[0].startswith("1 de 4 · " if language == "es" else "1 of 4 · ")
    phone.press(mood)
    assert phone.news[0].startswith("2 ")
    phone.say(week)
    phone.press(ALL[language])
    phone.press(need)
    phone.say(about)

    assert THANKS[language] in phone.told
    assert phone.values == {"mood": 2, "week": (week,), "need": "call", "need_about": about}
    assert phone.answers["mood"].label == mood.partition(" · ")[2]
    assert phone.run.status == "completed"


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("said", [DIGITS, LABELS], ids=["digits", "labels"])
def test_a_whole_check_in_by_typing(hilo: Rig, language: str, said: dict[str, tuple[str, ...]]) -> None:
    """Digits and typed labels, without accents or capitals, do what the buttons do."""
    mood, week, need, about = said[language]
    phone = asked(hilo, language)
    phone.say(mood)
    phone.say(week)
    phone.press(ALL[language])
    phone.say(need)
    phone.say(about)

    assert THANKS[language] in phone.told
    assert phone.values == {"mood": 2, "week": (week,), "need": "call", "need_about": about}


def test_what_is_not_asked_is_not_counted(hilo: Rig) -> None:
    """Who needs nothing is not asked what about, and the thanks count three questions."""
    phone = asked(hilo)
    phone.press("3 · 😐 Regular")
    phone.say("Nada nuevo.")
    phone.press("Listo")
    phone.press("1 · Nada por ahora")

    assert "Contestaste 3 de 3." in phone.told
    assert "need_about" not in phone.values


def test_without_reading_days_no_day_is_promised(bare: Rig) -> None:
    """While nobody has said when the team reads, neither the note nor the thanks name a day."""
    phone = bare.join()
    bare.ask(phone)
    phone.press("3 · 😐 Regular")
    phone.press("Saltar")
    phone.press("4 · Verlo en persona")

    assert "Queda anotado para el equipo." in phone.told
    assert "lo lee el" not in phone.told


def test_back_asks_the_earlier_question_with_its_answer(hilo: Rig) -> None:
    """Back shows what she answered before; a new answer is a new revision, and nothing is overwritten."""
    phone = asked(hilo)
    phone.press("2 · 🙁 Bajo")
    phone.press("Regresar")
    assert "¿Cómo andas de ánimo" in phone.told
    assert "Antes contestaste: 🙁 Bajo" in phone.told
    phone.press("4 · 🙂 Bueno")

    assert phone.values == {"mood": 4}
    person, run = phone.person, phone.run
    with hilo.reading() as unit:
        assert len(unit.answers.history(run.id, "mood", person)) == 2
    assert "¿Qué pasó esta semana" in phone.told


def test_change_returns_to_where_she_was(hilo: Rig) -> None:
    """Changing an earlier answer later asks that question and leads back to the open one, all else kept."""
    phone = asked(hilo)
    phone.press("2 · 🙁 Bajo")
    phone.say("Hubo junta.")
    phone.press("Listo")
    button, order = next(
        (key.id, message.order)
        for message in phone.thread
        for row in message.keyboard
        for key in row
        if key.label == "Cambiar"
    )
    phone.press_id(button, order)
    assert "¿Cómo andas de ánimo" in phone.told
    phone.press("5 · 😀 Muy bueno")

    assert "¿Necesitas algo del equipo?" in phone.told
    assert phone.values == {"mood": 5, "week": ("Hubo junta.",)}


@pytest.mark.parametrize("way", ["Saltar", "/saltar", "/skip"])
def test_a_skipped_question_is_kept_as_skipped(hilo: Rig, way: str) -> None:
    """Skip goes on, and the question stays in the record as not answered."""
    phone = asked(hilo)
    if way.startswith("/"):
        phone.say(way)
    else:
        phone.press(way)

    assert "2 de 4" in phone.told
    assert phone.values == {"mood": None}


def test_later_and_its_return(hilo: Rig) -> None:
    """Later is one tap for tonight; it names the hour, waits silently, and then the question is asked again."""
    phone = asked(hilo)
    phone.press("2 · 🙁 Bajo")
    phone.press("Más tarde")
    assert "hoy a las 8 de la noche" in phone.told
    phone.look()
    hilo.advance(hours=10, minutes=59)
    assert hilo.tick() == 0
    assert phone.news == []
    hilo.advance(minutes=1)
    assert hilo.tick() == 1

    assert "Seguimos donde te quedaste." in phone.told
    assert "2 de 4" in phone.told
    assert hilo.tick() == 0
    phone.say("Ya.")
    assert phone.values["week"] == ("Ya.",)


def test_behind_later_are_the_other_moments(hilo: Rig) -> None:
    """In an hour, tomorrow or not at all: each changes what was put off, on the same message."""
    phone, refuse = asked(hilo), texts().say("button.meant_refuse", "es")
    phone.press("Más tarde")
    assert phone.last.labels == ["Seguir donde me quedé", "En una hora", "Mañana", "Ya no", refuse]
    shown = len(phone.heard)
    phone.press("Mañana")
    assert "mañana a las 9 de la mañana" in (phone.last.text or "")
    phone.press("En una hora")
    assert "hoy a las 10 de la mañana" in (phone.last.text or "")
    assert phone.last.labels == ["Seguir donde me quedé", "En la noche", "Mañana", "Ya no", refuse]
    assert len(phone.heard) == shown
    hilo.advance(hours=1)
    hilo.tick()
    assert "1 de 4" in phone.told
    phone.press("Más tarde")
    old = phone.button("Mañana")
    phone.press("Ya no")
    assert phone.run.status == "stopped"
    phone.press_id(*old)

    assert phone.run.status == "stopped"
    assert texts().say("misplaced.closed", "es") in phone.told


def test_later_on_the_offer_offers_again(hilo: Rig) -> None:
    """An offer put off comes back as an offer, not as a question."""
    phone = hilo.join()
    hilo.order()
    hilo.tick()
    phone.press("Más tarde")
    phone.look()
    hilo.advance(hours=11)
    hilo.tick()

    assert "¿Tienes 2 minutos?" in phone.told
    phone.press("Sí, ahora")
    assert "1 de 4" in phone.told


def test_stop_and_resume(hilo: Rig) -> None:
    """Stop keeps what was answered; resume, hours later, goes on at the same question."""
    phone = asked(hilo)
    phone.press("2 · 🙁 Bajo")
    phone.press("Más tarde")
    phone.press("Ya no")
    assert "queda guardado" in phone.told
    assert phone.run.status == "stopped"
    hilo.advance(hours=30)
    phone.press("Seguir donde me quedé")
    assert "2 de 4" in phone.told
    phone.say("Ya.")

    assert phone.values == {"mood": 2, "week": ("Ya.",)}


def test_words_after_a_stop_are_not_lost(hilo: Rig) -> None:
    """Once she stopped, nothing is open: what she writes is offered to the team, as at any other time."""
    phone = asked(hilo)
    phone.press("Más tarde")
    phone.press("Ya no")
    phone.say("Es que ando muy mal.")

    assert "Si me dices que sí, se lo paso." in phone.told
    assert phone.messages == [("held", "Es que ando muy mal.")]


@pytest.mark.parametrize("way", ["/paraque", "/why"])
def test_why_shows_the_purpose(hilo: Rig, way: str) -> None:
    """Why tells what the team wants it for, what the conversation is for, and asks the open question again."""
    phone = asked(hilo)
    phone.say(way)

    assert PURPOSE in phone.told
    assert "Para saber cómo andas" in phone.told
    assert "1 de 4" in phone.told


def test_why_on_the_offer(hilo: Rig) -> None:
    """The purpose can be read before the first question."""
    phone = hilo.join()
    hilo.order()
    hilo.tick()
    phone.press("¿Para qué es?")

    assert PURPOSE in phone.told
    assert "Sí, ahora" in phone.last.labels


def test_why_names_the_readers_of_her_own_group(hilo: Rig) -> None:
    """How many read is the same number wherever it is told: those of her group, not of every group."""
    hilo.facilitator()
    hilo.facilitator(cohort="Costa")
    phone = asked(hilo)
    phone.say("/quien")
    assert "Lo lee una persona del equipo" in phone.told
    phone.say("/paraque")

    assert "Lo lee una persona del equipo" in phone.told


def test_start_in_the_middle_repeats_the_open_question(hilo: Rig) -> None:
    """/start in a run asks the open question again and changes nothing."""
    phone = asked(hilo)
    phone.press("2 · 🙁 Bajo")
    phone.say("/start")

    assert "2 de 4" in phone.told
    assert phone.values == {"mood": 2}


def test_support_is_one_step_away_in_a_run(hilo: Rig) -> None:
    """The care card is shown in the middle of a question, which stays open."""
    phone = asked(hilo)
    phone.say("/support")
    assert phone.news == ["Llama a Rosa, de día o de noche."]
    phone.say("2")

    assert phone.values == {"mood": 2}


def test_the_welcome_makes_it_usted(hilo: Rig) -> None:
    """Who prefers usted is spoken to so from then on, in questions and in the product's own words."""
    phone = hilo.join()
    phone.press("Mejor ahora")
    for label in ("1 · Leer y escribir", "1 · Nadie más", "Saltar", "1 · Bien", "2 · De usted", "4 · Me da igual"):
        phone.press(label)
    assert "¿Qué le gustaría" in phone.told
    phone.press("Saltar")
    assert texts().say("run.completed", "es-usted", answered=5, total=7) in phone.told
    assert phone.person.language == "es-usted"
    assert phone.person.preferences["register"] == "usted"
    hilo.ask(phone)

    assert "¿Cómo anda de ánimo esta semana?" in phone.told


def test_the_welcome_counts_from_the_first_answer(hilo: Rig) -> None:
    """Who says that her phone is looked at, and stops there, is treated so: nothing waits for the last question."""
    phone = hilo.join()
    phone.press("Mejor ahora")
    for label in ("Saltar", "3 · A veces lo revisan", "Más tarde", "Ya no"):
        phone.press(label)

    assert phone.person.preferences["phone"] == "checked"


def test_a_later_answer_of_the_welcome_undoes_nothing(hilo: Rig) -> None:
    """What she changed in the menu meanwhile stays, whatever she answers next."""
    phone = hilo.join()
    phone.press("Mejor ahora")
    for label in ("Saltar", "1 · Nadie más"):
        phone.press(label)
    with hilo.unit() as unit:
        person = phone.person
        unit.people.prefer(person, phone="shared")
    phone.say("/start")
    phone.press("1 · En la mañana")
    phone.press("Listo")

    assert phone.person.preferences["phone"] == "shared"
    assert phone.person.preferences["hours"] == ["morning"]


def test_the_product_itself_says_usted(hilo: Rig) -> None:
    """Whoever is spoken to as usted is never called tú: offers, thanks and menus have their own words for it."""
    phone = hilo.join()
    with hilo.unit() as unit:
        unit.people.change(phone.person, language="es-usted")
    hilo.order()
    hilo.tick()

    assert "¿Tiene 2 minutos?" in phone.told


def test_a_shared_phone_shows_no_answers(hilo: Rig) -> None:
    """On a shared phone a pressed keyboard says only that it was noted, and no earlier answer is quoted."""
    phone = hilo.join()
    with hilo.unit() as unit:
        unit.people.prefer(phone.person, phone="shared", welcome_at=None)
    hilo.ask(phone)
    phone.press("2 · 🙁 Bajo")
    assert "✓ Anotado" in phone.screen()
    assert "✓ 🙁 Bajo" not in phone.screen()
    phone.press("Regresar")

    assert "Antes contestaste" not in phone.told


def test_the_question_about_the_phone_is_discreet_itself(hilo: Rig) -> None:
    """Who says that her phone is checked leaves no trace of having said so."""
    phone = hilo.join()
    phone.press("Mejor ahora")
    phone.press("Saltar")
    phone.press("3 · A veces lo revisan")

    assert "✓ A veces lo revisan" not in phone.screen()
    assert "✓ Anotado" in phone.screen()


@pytest.mark.parametrize(
    ("phone_answer", "shown"), [("2 · Lo compartimos", "✓ Anotado"), ("1 · Nadie más", "✓ 🙁 Bajo")]
)
def test_the_welcome_sets_what_the_phone_may_show(hilo: Rig, phone_answer: str, shown: str) -> None:
    """The answer about the phone has its effect in the next conversation."""
    phone = hilo.join()
    phone.press("Mejor ahora")
    phone.press("Saltar")
    phone.press(phone_answer)
    while phone.run.status != "completed":
        phone.press("Saltar")
    hilo.ask(phone)
    phone.press("2 · 🙁 Bajo")

    assert shown in phone.screen().rpartition("1 de 4")[2]


def test_several_choices_are_ticked_one_by_one(hilo: Rig) -> None:
    """A question for several choices changes its own keyboard at each press and ends with one button."""
    phone = hilo.join()
    phone.press("Mejor ahora")
    phone.press("Saltar")
    phone.press("Saltar")
    order = phone.last.order
    phone.press("1 · En la mañana")
    phone.press("3 · En la noche")
    assert phone.last.order == order
    assert "✓ 3 · En la noche" in phone.last.labels
    phone.press("✓ 1 · En la mañana")
    phone.press("Listo")

    assert phone.values["hours"] == ("evening",)


def test_the_menu_leads_back_into_an_open_run(hilo: Rig) -> None:
    """With a question open, the menu's first button asks it again."""
    phone = asked(hilo)
    phone.say("/menu")
    assert phone.told == texts().say("home.open", "es")
    phone.press("Seguir con las preguntas")

    assert "1 de 4" in phone.told
    assert phone.told.count("ánimo") == 1


def test_one_keyboard_counts_and_the_others_go(hilo: Rig) -> None:
    """An offer taken up or a question asked again leaves no keyboard behind; an answered one can be changed."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.say("/start")
    phone.press("2 · 🙁 Bajo")
    keyboards = [message.labels for message in phone.heard if message.labels]

    assert [labels for labels in keyboards if "Sí, ahora" in labels or "1 · 😞 Muy bajo" in labels] == []
    assert keyboards[-2:] == [["✓ 🙁 Bajo", "Cambiar"], ["Saltar", "Regresar", "Más tarde"]]
