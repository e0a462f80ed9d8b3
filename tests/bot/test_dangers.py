"""The organisation's list of words and its protocol: changed in chat, by admins alone, and used at once."""

import pytest

from dialogs import danger
from tests.bot.actions import allowed
from tests.bot.phone import Phone
from tests.bot.rig import Rig, texts

KEEP, LEAVE = "1 · Guardar", "2 · Dejarlas como están"


def admin(hilo: Rig, language: str = "es") -> Phone:
    """Let an admin come in."""
    return hilo.facilitator(language, nickname="Sol", cohort=None, role="admin")


def written(hilo: Rig, phone: Phone, text: str, end: str = KEEP) -> None:
    """Write the list in Spanish."""
    phone.say("/palabras")
    phone.press(texts().say("button.danger_words", "es", language="Español"))
    phone.say(text)
    phone.press(end)
    hilo.advance(seconds=6)  # what is on record is read anew


def test_what_an_admin_writes_is_listened_for_at_once(hilo: Rig) -> None:
    """Commas or lines part the words; the notice carries the protocol; both are on the screen, the change on record."""
    sol, leader = admin(hilo), hilo.join()
    written(hilo, sol, "amenaza,  me pegó ,\nniño perdido,")
    sol.press(texts().say("button.danger", "es"))
    sol.press(texts().say("button.danger_protocol", "es", language="Español"))
    sol.say("Llamar hoy a Rosa.")
    sol.press(KEEP)
    hilo.advance(seconds=6)
    with hilo.reading() as unit:
        record = unit.organisation.get()
    assert record["danger_words"] == {"es": ["amenaza", "me pegó", "niño perdido"]}
    assert record["danger_protocol"] == {"es": "Llamar hoy a Rosa."}
    assert record["name"] == "la Escuela de Liderazgo"
    assert [entry.subject for entry in hilo.audited("organisation.changed")] == ["danger_protocol", "danger_words"]
    sol.press(texts().say("button.danger", "es"))
    assert "amenaza, me pegó, niño perdido\nQué hacer: Llamar hoy a Rosa." in sol.told
    leader.say("Hay un niño perdido")

    assert "Llamar hoy a Rosa." in (sol.last.text or "")
    assert texts().say("notice.danger", "es", cohort="Sierra Norte") in (sol.last.text or "")


def test_the_list_can_be_left_as_it_is(hilo: Rig) -> None:
    """Nothing changes before she says so, and the wizard shows what there is."""
    sol = admin(hilo)
    written(hilo, sol, "amenaza")
    sol.say("/palabras")
    sol.press(texts().say("button.danger_words", "es", language="Español"))
    assert "amenaza" in sol.told
    sol.say("otra")
    sol.press(LEAVE)

    assert sol.told == texts().say("danger.left", "es")
    with hilo.reading() as unit:
        assert unit.organisation.get()["danger_words"] == {"es": ["amenaza"]}


def test_a_protocol_too_long_is_refused_kindly(hilo: Rig) -> None:
    """It has to fit beside a notice."""
    sol = admin(hilo, "en")
    sol.say("/words")
    sol.press(texts().say("button.danger_protocol", "en", language="English"))
    sol.say("Call Rosa. " * 70)

    assert "within 700 characters" in sol.told


@pytest.mark.parametrize("role", ["facilitator", "leader"])
def test_only_admins_change_it(hilo: Rig, role: str) -> None:
    """Anyone else is refused, and the try is on record; a facilitator's list has no way there."""
    phone = hilo.facilitator() if role == "facilitator" else hilo.join()
    phone.say("/palabras")
    assert phone.told == texts().say("staff.not_allowed", "es")
    assert len(hilo.audited("refused")) == 1
    with hilo.reading() as unit:
        assert not allowed(unit, phone.person, "danger")
    phone.say("/avisos")

    assert texts().say("button.danger", "es") not in phone.last.labels


def test_many_languages_are_paged(hilo: Rig) -> None:
    """Each language has its two buttons, on screens that fit a phone."""
    with hilo.unit() as unit:
        tags = ["es", "en", "nah", "mix", "zap"]
        unit.organisation.set({**unit.organisation.get(), "languages": tags, "danger_words": {"es": ["a" * 300] * 40}})
    sol = admin(hilo)
    sol.say("/palabras")
    labels = list(sol.last.labels)
    sol.press(texts().say("button.next", "es"))
    labels += sol.last.labels

    assert sum(label.startswith("Palabras · ") for label in labels) == 5
    assert all(len(message.text or "") <= 1000 and len(message.keyboard) <= 8 for message in sol.heard)


def test_the_list_is_the_organisations(hilo: Rig) -> None:
    """It is listened for in every group, so an admin of one of them neither sees nor changes it."""
    hilo.cohort()
    boss = hilo.facilitator(nickname="Bety", role="admin")
    boss.say("/palabras")

    assert texts().say("staff.not_allowed", "es") in boss.told


def test_own_phrases_stand_beside_those_that_were_accepted(hilo: Rig) -> None:
    """Whoever writes the organisation's own list loses nothing of the proposal; a word alone is warned about."""
    phrase = danger.proposed("es")[0]
    with hilo.unit() as unit:
        record = unit.organisation.get()
        unit.organisation.set({**record, "danger_words": {"es": [phrase, "de antes"]}})
    sol = admin(hilo)
    written(hilo, sol, "niño perdido, amenaza")

    with hilo.reading() as unit:
        assert unit.organisation.get()["danger_words"] == {"es": [phrase, "niño perdido", "amenaza"]}
    assert texts().say("danger.kept.alone", "es") in sol.told
