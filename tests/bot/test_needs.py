"""What is asked for in a check-in is told to the team, and what is told beside that question is asked about."""

import pytest

from bot.messengers.port import Kind
from tests.bot import samples
from tests.bot.leader import words
from tests.bot.phone import Phone
from tests.bot.rig import Rig
from tests.bot.test_asked import called, waiting


def asked(hilo: Rig) -> Phone:
    """Lead a leader to the question that offers support."""
    leader = hilo.join()
    hilo.ask(leader)
    leader.say("2")
    leader.say("Nada.")
    leader.press(words(leader, "button.all"))
    return leader


def rung(phone: Phone) -> int:
    """Count the notices that rang on a phone since it was last looked at."""
    return len([said for said in phone.news if said.startswith(words(phone, "notice.danger", cohort="Sierra Norte"))])


def test_a_call_asked_for_in_a_check_in_rings_as_one_from_the_menu(hilo: Rig) -> None:
    """The team is told at once, finds the question with the answer, and is told again until one of them has read it."""
    ana, luz = hilo.facilitator(), hilo.facilitator(nickname="Luz", cohort="Costa")
    for phone in (ana, luz):
        phone.look()
    leader = asked(hilo)
    leader.say("2")

    assert (rung(ana), rung(luz)) == (1, 0)
    ana.press(words(ana, "button.alert_open"))
    assert "¿Necesitas algo del equipo?\n→ Que me llamen" in (ana.last.text or "")
    assert waiting(ana) == ["Colibrí · pidió que le llamen"]
    ana.look()
    hilo.advance(hours=2, minutes=1)
    hilo.tick()
    assert "sigue habiendo algo" in ana.screen()  # the page that was open went meanwhile: news counts what stands there


def test_each_new_choice_of_a_call_rings(hilo: Rig) -> None:
    """Whoever changes to a call, or asks for one again after it was done, is heard."""
    ana = hilo.facilitator()
    leader = called(hilo, choice="3")
    ana.look()

    def change(choice: str) -> None:
        leader.press(words(leader, "button.review"))
        leader.press(words(leader, "button.change_number", number=3))
        leader.press(choice)

    change("2 · Que me llamen")
    assert rung(ana) == 1
    change("1 · Nada por ahora")
    assert rung(ana) == 1
    assert waiting(ana) == ["Colibrí · pidió que le llamen"]
    ana.press("Colibrí · pidió que le llamen")
    ana.press(words(ana, "button.asked_done"))
    ana.look()
    change("2 · Que me llamen")

    assert rung(ana) == 1
    assert waiting(ana) == ["Colibrí · pidió que le llamen"]


@pytest.mark.parametrize(("choice", "label"), [("3", "pidió información"), ("4", "pidió verse en persona")])
def test_anything_else_is_told_without_a_sound_and_once(hilo: Rig, choice: str, label: str) -> None:
    """It waits for whoever looks, and nothing rings."""
    ana = hilo.facilitator()
    ana.look()
    called(hilo, choice=choice)

    assert ana.news == [words(ana, "notice.asked", cohort="Sierra Norte")]
    assert hilo.count("alerts") == 0
    ana.press(words(ana, "button.alerts"))
    assert ana.last.labels[0] == f"Colibrí · {label}"


def test_one_of_the_team_who_practises_is_told_to_nobody(hilo: Rig) -> None:
    """On her own phone she only tries what others are asked."""
    ana, eva = hilo.facilitator(), hilo.facilitator(nickname="Eva")
    ana.say("/menu")
    ana.press("Más")
    ana.press(words(ana, "menu.practise"))
    eva.look()
    for said in ("2", "Nada."):
        ana.say(said)
    ana.press(words(ana, "button.all"))
    ana.say("2")

    assert eva.news == []
    assert hilo.count("support_requests") == 0


@pytest.mark.parametrize(
    ("button", "kind", "told"),
    [
        ("button.need_call", "call", "notice.danger"),
        ("button.need_other", "support", "notice.asked"),
        ("button.need_nothing", "", ""),
    ],
)
def test_what_is_told_beside_the_question_is_asked_about(hilo: Rig, button: str, kind: str, told: str) -> None:
    """A sentence of her own opens nothing by itself; one tap does, and a no leaves it at what she told."""
    ana = hilo.facilitator()
    leader = asked(hilo)
    ana.look()
    leader.say("Que alguien vea lo de los papeles de mi hija")
    assert words(leader, "need.ask") in leader.told
    assert hilo.count("support_requests") == 0
    leader.press(words(leader, button))

    assert leader.last.text == words(leader, "need.noted" if kind else "need.nothing")
    with hilo.reading() as unit:
        assert [each.kind for each in unit.support_requests.open()] == ([kind] if kind else [])
    # The row itself says the same of everybody.
    assert {row[0] for row in hilo.rows("SELECT kind FROM support_requests")} <= {"support"}
    assert [said.partition("\n")[0] for said in ana.news] == ([words(ana, told, cohort="Sierra Norte")] if kind else [])


def test_a_voice_note_beside_it_is_asked_about_and_none_of_these_is_not(hilo: Rig) -> None:
    """Who only speaks is asked as well; who says that none of it fits is not; on a watched phone no topic is named."""
    leader = asked(hilo)
    hilo.messenger.give_file(leader.chat, Kind.VOICE, samples.ogg(), seconds=3)
    hilo.settle()
    assert words(leader, "need.ask") in leader.screen()
    with hilo.unit() as unit:
        unit.people.prefer(leader.person, phone="checked")
    leader.press(words(leader, "button.need_other"))
    assert leader.last.text == words(leader, "need.noted.watched")
    assert words(leader, "button.reach") not in leader.last.labels
    assert words(leader, "button.reach.watched") in leader.last.labels
    hilo.advance(days=8)
    other = hilo.join(nickname="Ceiba")
    hilo.ask(other)
    other.say("2")
    other.press(words(other, "button.skip"))
    other.say("ninguna")

    assert other.run.status == "completed"
    assert words(other, "need.ask") not in other.screen()
