"""Signs: by what a group can tell, its own word first, the team's beside it, and what was told beside each."""

from dataclasses import replace
from uuid import UUID

import pytest

from bot import clock
from bot.rendering import targets
from bot.rendering.buttons import Buttons
from bot.rendering.ids import short_id
from bot.services import share_backs, signs
from bot.services.refusals import NotAllowed
from bot.services.signs import SignError
from bot.team.kit.sign_arguments import OneSign
from storage.erasure import erase
from storage.signs import Sign
from tests.bot.orders import fits, say, wait
from tests.bot.rig import SIERRA, Phone, Rig, texts

SIGN = "En la asamblea también hablan las jóvenes"
SIGN_ACTION = targets.SIGN
HARM = "Las reuniones terminan de noche"
COAST = "Costa"


def button(phone: Phone, action: str, argument: str) -> None:
    """Press a button that was sent some time, as it is kept in a chat."""
    vault = phone.rig.storage.vault
    phone.press_id(Buttons(vault, "memory", phone.chat).plain(action, argument))


def switched_on(hilo: Rig, group: str = SIERRA) -> Phone:
    """Let an admin switch signs on, on the group's screen."""
    cohort_id = hilo.cohort(group)
    root = hilo.facilitator(nickname="Raíz", cohort=None, role="admin")
    button(root, "group", short_id(cohort_id))
    root.press(say("button.signs"))
    root.press(say("button.signs_on"))
    return root


def written(phone: Phone, words: str, *, harm: bool = False) -> None:
    """Write a sign down, from the list of signs."""
    phone.say("/senales")
    phone.press(say("button.sign_new"))
    phone.say(words)
    phone.say("2" if harm else "1")
    if harm:
        phone.say("1")
    phone.say("1")


def stored(hilo: Rig, group: str = SIERRA) -> list[Sign]:
    """Read a group's signs."""
    with hilo.reading() as unit:
        cohort = unit.cohorts.by_name(group)
        assert cohort is not None
        return unit.signs.of([cohort.id])


def together(phone: Phone, value: str, words: str = "Ya hablan dos.", present: str = "14") -> None:
    """Write down what the group said, from the sign's screen."""
    phone.press(say("button.sign_group"))
    phone.say(value)
    phone.say(words)
    phone.say("Que las callan todavía.")
    phone.say(present)


def test_an_admin_switches_them_on_for_a_group(hilo: Rig) -> None:
    """Until then nobody sees a word of it; a facilitator cannot; switched off, what was written stays."""
    ana = hilo.facilitator()
    hilo.cohort()
    ana.say("/senales")
    assert ana.last.text == say("signs.nowhere")
    ana.say("/personas")
    ana.press(say("button.people_group"))
    assert say("button.signs") not in ana.last.labels
    root = switched_on(hilo)
    assert ana.last.text != root.last.text == say("signs.none", group=SIERRA)
    written(ana, SIGN)
    assert (ana.last.text or "").startswith(say("sign.done.sign_new"))
    root.say("/senales")
    root.press(say("button.signs_off"))
    assert root.last.text == say("signs.off.admin", group=SIERRA)
    ana.say("/senales")
    assert ana.last.text == say("signs.nowhere")
    root.press(say("button.signs_on"))
    assert SIGN in root.last.labels
    assert [each.words for each in stored(hilo)] == [SIGN]
    assert [each.action for each in hilo.audited("group_sign.off")] == ["group_sign.off"]
    fits(ana)
    fits(root)


def test_the_group_is_asked_in_three_taps_and_its_word_comes_first(hilo: Rig) -> None:
    """The sign, [Ask the group], [Send]; who answers is counted, and the team's word waits for that."""
    switched_on(hilo)
    phones = [hilo.join(nickname=f"Ceiba {number}") for number in range(5)]
    ana = hilo.facilitator()
    written(ana, SIGN)
    assert say("button.sign_team") not in ana.last.labels  # a tap that does nothing is not offered
    button(ana, SIGN_ACTION, OneSign("w", stored(hilo)[0].id).encoded())  # one that was sent before
    assert (ana.last.text or "").startswith(say("sign.team_waits"))

    ana.say("/senales")
    ana.press(SIGN)
    ana.press(say("button.sign_ask"))
    assert say("sign.card.why") in (ana.last.text or "")
    ana.press(say("button.ask_send"))
    wait(hilo)
    for phone, value in zip(phones, "11123", strict=True):
        phone.press("Sí, ahora")
        assert SIGN in phone.screen()
        phone.say(value)
        phone.say("Habló mi hija.")
        phone.press("Listo")
    ana.say("/senales")
    ana.press(SIGN)
    assert "El grupo, 24 nov 2026: 3 Ya se nota, menos de tres Ya empieza a notarse" in (ana.last.text or "")
    ana.press(say("button.sign_team"))
    ana.say("2")
    ana.say("En las listas hay dos jóvenes de veinte.")
    ana.say("2")  # two are few: it is kept all the same
    shown = ana.last.text or ""

    assert "Al lado, el equipo (Ana, 24 nov 2026): Ya empieza a notarse." in shown
    assert shown.index("El grupo,") < shown.index("el equipo (Ana")
    assert say("sign.here_only") in shown
    fits(ana)
    ana.press(say("button.sign_undo"))
    assert "el equipo (Ana" not in (ana.last.text or "")


def test_what_a_group_said_together_is_typed_in(hilo: Rig) -> None:
    """The sign, [together], how it stands: three taps, and its words, what was said against, how many were there."""
    switched_on(hilo)
    ana = hilo.facilitator()
    written(ana, SIGN)
    together(ana, "2")

    told = "El grupo, en reunión, 24 nov 2026 (14 personas): Ya empieza a notarse. «Ya hablan dos.» En contra:"
    assert told in (ana.last.text or "")
    assert ana.last.text is not None
    assert ana.last.text.startswith(say("sign.done.sign_group"))
    ana.press(say("button.sign_group"))
    ana.say("1")
    ana.say("Sí.")
    ana.press("Saltar")
    ana.say("0")  # nobody is no group
    assert hilo.count("judgements") == 1
    ana.say("9")
    assert "Ya se nota. «Sí.»" in (ana.last.text or "")
    ana.press(say("button.sign_earlier"))
    assert "14 personas" in (ana.last.text or "")
    fits(ana)


def test_what_is_written_on_a_sign_is_marked_before_it_is_kept(hilo: Rig) -> None:
    """A nickname, or one alone: it is written again, or kept by a yes; so is why the team sees it otherwise."""
    switched_on(hilo)
    hilo.join(nickname="Luciérnaga")
    ana = hilo.facilitator()
    written(ana, SIGN)
    ana.press(say("button.sign_group"))
    ana.say("2")
    ana.say("Nada más Luciérnaga habla; solo una sigue callada")
    ana.press("Saltar")
    assert "Luciérnaga», «solo una sigue» podría decir quién" in (ana.last.text or "")
    ana.say("1")
    assert hilo.count("judgements") == 0
    ana.say("2")
    ana.say("Ya hablan más.")
    ana.say("Menos Luciérnaga, que no quiere.")
    assert "Luciérnaga» podría decir quién" in (ana.last.text or "")
    ana.say("2")
    ana.say("9")
    assert "En contra: «Menos Luciérnaga" in (ana.last.text or "")
    ana.press(say("button.sign_team"))
    ana.say("2")
    ana.say("Lo contó Luciérnaga en la junta.")
    assert "Luciérnaga» podría decir quién" in (ana.last.text or "")
    assert hilo.count("judgements") == 1
    ana.say("2")
    assert hilo.count("judgements") == 2
    fits(ana)


def test_other_words_never_rewrite_what_was_said(hilo: Rig) -> None:
    """What was said stays under the words it was said of; the group has not said anything of the new ones."""
    switched_on(hilo)
    ana = hilo.facilitator()
    written(ana, SIGN)
    together(ana, "1")
    before = hilo.rows("SELECT * FROM judgements")
    ana.press(say("button.sign_reword"))
    ana.say("Las jóvenes deciden en la asamblea")
    ana.say("1")

    assert say("sign.group_first") in (ana.last.text or "")
    assert "deciden" in (ana.last.text or "")
    assert hilo.rows("SELECT * FROM judgements") == before
    ana.press(say("button.sign_earlier"))
    shown = ana.last.text or ""
    assert shown.endswith(say("sign.here_only"))
    new, old = shown.index("deciden"), shown.index(SIGN)
    assert new < shown.index(say("sign.nothing_said")) < old < shown.index("14 personas")
    ana.say("/senales")
    assert SIGN not in ana.last.labels
    with hilo.unit() as unit, pytest.raises(signs.AlreadyDone):
        signs.said_by_group(unit, ana.person, stored(hilo)[0].id, "there", "", "", 4)


def test_harm_is_looked_at_again(hilo: Rig) -> None:
    """On its day a line says so, until the group or the team has said how it stands."""
    switched_on(hilo)
    ana = hilo.facilitator()
    written(ana, HARM, harm=True)
    assert "24 dic 2026" in (ana.last.text or "")
    hilo.advance(days=29)
    ana.say("/menu")
    assert HARM[:20] not in (ana.last.text or "")
    hilo.advance(days=2)
    ana.say("/menu")
    assert HARM[:20] in (ana.last.text or "")
    ana.say("/senales")
    ana.press(f"Daño: {HARM}"[:48])
    together(ana, "1")
    ana.say("/menu")
    assert HARM[:20] not in (ana.last.text or "")
    ana.say("/senales")
    ana.press(f"Daño: {HARM}"[:48])
    ana.press(say("button.sign_look"))
    ana.press(say("button.sign_look.half"))

    assert str(stored(hilo)[0].look_on) == "2027-06-25"


def test_what_was_told_is_laid_beside_a_sign_and_goes_with_its_teller(hilo: Rig) -> None:
    """From where it is read; lifted again; after an erasure it says that something is not there any more."""
    switched_on(hilo)
    luna, sol = hilo.join(nickname="Luna"), hilo.join(nickname="Sol")
    hilo.ask(luna, sol)
    for phone, words in ((luna, "Habló mi hija."), (sol, "Mi nuera pidió la palabra.")):
        phone.say("4")
        phone.say(words)
        phone.press("Listo")
        phone.press("1 · Nada por ahora")
    ana = hilo.facilitator()
    written(ana, SIGN)
    ana.say("/leer")
    for _ in range(2):
        ana.press(next(label for label in ana.last.labels if label.startswith(("Leer lo que sigue", "Lo que sigue"))))
        ana.press(say("button.lay"))
        ana.press(SIGN)
        assert ana.last.text == say("evidence.laid", words=SIGN)
        ana.press(say("button.return"))
    ana.say("/senales")
    ana.press(SIGN)
    ana.press(say("button.sign_told", n=2))
    assert "Mi nuera pidió la palabra." in (ana.last.text or "")
    ana.press(say("button.next"))
    assert "Habló mi hija." in (ana.last.text or "")
    assert len(hilo.audited("answers.read")) >= 4
    ana.press(say("button.lift"))
    ana.press(say("button.lay_again"))
    with hilo.unit() as unit:
        erase(unit, luna.person.id)
    ana.say("/senales")
    ana.press(SIGN)
    ana.press(say("button.sign_told", n=1))

    shown = ana.last.text or ""
    assert "Una cosa ya no está." in shown
    assert say("sign.here_only") in shown  # in another group the same words may mean something else
    assert "Mi nuera" in shown
    assert "Habló mi hija" not in shown
    assert hilo.rows("SELECT count(*) FROM evidence") == [(1,)]
    fits(ana)


def test_the_same_answers_may_mean_something_else_in_another_group(hilo: Rig) -> None:
    """Two groups with the same sign and the same answers are judged apart, each with its reasons, and it says so."""
    switched_on(hilo)
    root = switched_on(hilo, COAST)
    found = []
    for group, value in ((SIERRA, "there"), (COAST, "less")):
        with hilo.unit() as unit:
            cohort = unit.cohorts.by_name(group)
            assert cohort is not None
            sign = signs.add(unit, root.person, cohort, "better", SIGN)
            signs.said_by_group(unit, root.person, sign.id, "begins", "Hablaron dos.", "", 9)
            signs.judged_by_team(
                unit, root.person, sign.id, value, f"Así es en {group}.", lambda v: hilo.turns.dialog(unit, v)
            )
            found.append(sign)
    for sign, said in zip(
        found, ("Ya se nota. «Así es en Sierra Norte.»", "perdiendo. «Así es en Costa.»"), strict=True
    ):
        button(root, "sign", f"o{short_id(sign.id)}")
        assert said in (root.last.text or "")
        assert say("sign.here_only") in (root.last.text or "")
    luna = hilo.join(nickname="Luna")
    hilo.ask(luna)
    luna.say("4")
    luna.say("Lo del agua.")
    luna.press("Listo")
    with hilo.unit() as unit, pytest.raises(SignError, match="other_group"):
        signs.lay(unit, root.person, found[1].id, luna.run, "week")


def test_a_group_that_is_not_hers_stays_shut(hilo: Rig) -> None:
    """By no button that somebody passed on."""
    root = switched_on(hilo)
    written(root, SIGN)
    bea = hilo.facilitator(nickname="Bea", cohort=COAST)
    button(bea, "sign", f"o{short_id(stored(hilo)[0].id)}")
    assert SIGN not in (bea.last.text or "")
    with hilo.unit() as unit, pytest.raises(NotAllowed):
        signs.give_up(unit, bea.person, stored(hilo)[0].id)


def test_a_sign_that_could_tell_who_said_it_is_marked(hilo: Rig) -> None:
    """Before it is kept; no group has more than it can go by, and none is a word or a page."""
    root = switched_on(hilo)
    hilo.join(nickname="Luciérnaga")
    root.say("/senales")
    root.press(say("button.sign_new"))
    root.say("Cuando Luciérnaga habla en la asamblea")
    root.say("1")
    assert "Luciérnaga» podría decir quién" in (root.last.text or "")
    root.say("2")
    assert stored(hilo) == []
    with hilo.unit() as unit:
        cohort = unit.cohorts.by_name(SIERRA)
        assert cohort is not None
        for words in ("a", "a" * 161, "Con ${hueco}"):
            with pytest.raises(SignError, match="words"):
                signs.add(unit, root.person, cohort, "better", words)
        for number in range(signs.MOST):
            signs.add(unit, root.person, cohort, "better", f"Señal {number}")
        with pytest.raises(SignError, match="many"):
            signs.add(unit, root.person, cohort, "better", "Una más")
        with pytest.raises(SignError, match="off"):
            signs.add(unit, root.person, replace(cohort, context={}), "better", "Una más")


def test_a_question_that_somebody_worded_anew_is_no_word_on_the_sign(hilo: Rig) -> None:
    """What the group answered to other words is not shown as its word on these."""
    root = switched_on(hilo)
    hilo.join()
    written(root, SIGN)
    [sign] = stored(hilo)
    with hilo.unit() as unit:
        _, dialog = signs.to_ask(unit, root.person, texts(), sign.id)
        other = replace(dialog.steps[0], label={"es": "¿Hablan las jóvenes?"})
        reworded = replace(dialog, steps=(other, *dialog.steps[1:]))
        for each in (dialog, reworded):
            signs.save_version(unit, each)
            unit.own_dialogs.save(each.name, each.version, None, None, sign.cohort_id)
    hilo.order(dialog=dialog.name)
    with hilo.reading() as unit:
        assert signs.asked(unit, sign, lambda version: hilo.turns.dialog(unit, version)) == []


def test_few_are_no_groups_word(hilo: Rig) -> None:
    """Two of a group of four have answered: no number is said, and the team goes on waiting."""
    switched_on(hilo)
    phones = [hilo.join(nickname=f"Ceiba {number}") for number in range(4)]
    ana = hilo.facilitator()
    written(ana, SIGN)
    ana.press(say("button.sign_ask"))
    ana.press(say("button.ask_send"))
    wait(hilo)
    for phone in phones[:2]:
        phone.press("Sí, ahora")
        phone.say("1")
    ana.say("/senales")
    ana.press(SIGN)

    assert say("sign.asked", day="24 nov") in (ana.last.text or "")
    assert "2" not in (ana.last.text or "").replace("24 nov", "")
    assert say("button.sign_team") not in ana.last.labels
    button(ana, SIGN_ACTION, OneSign("w", stored(hilo)[0].id).encoded())
    assert (ana.last.text or "").startswith(say("sign.team_waits"))
    with hilo.unit() as unit, pytest.raises(SignError, match="group_first"):
        signs.judged_by_team(
            unit, ana.person, stored(hilo)[0].id, "there", "Así es.", lambda version: hilo.turns.dialog(unit, version)
        )


def test_what_is_done_twice_is_done_once(hilo: Rig) -> None:
    """Given up, taken up again, taken back: the second press shows how it stands, and nothing is lost."""
    switched_on(hilo)
    ana = hilo.facilitator()
    written(ana, SIGN)
    together(ana, "1")
    [sign] = stored(hilo)
    [(judged,)] = hilo.rows("SELECT id FROM judgements")
    for argument in (f"x{short_id(sign.id)}", f"x{short_id(sign.id)}", f"u{short_id(UUID(str(judged)))}"):
        button(ana, "sign", argument)
        assert say("sign.ended") in (ana.last.text or "")
    button(ana, "sign", f"u{short_id(UUID(str(judged)))}")
    ana.press(say("button.sign_again"))

    assert say("sign.group_first") in (ana.last.text or "")
    assert [each.ended_at for each in stored(hilo)] == [None]
    assert hilo.count("judgements") == 1
    assert [len(hilo.audited(f"group_sign.{each}")) for each in ("given_up", "taken_up", "taken_back")] == [1, 1, 1]
    button(ana, "sign", f"o{short_id(clock.new_id())}")
    assert say("sign.gone") == ana.last.text


def test_who_wrote_it_and_is_erased_is_named_no_more(hilo: Rig) -> None:
    """What the group and the team said stays; whoever put it down is somebody who has left."""
    root = switched_on(hilo)
    ana = hilo.facilitator()
    written(ana, SIGN)
    together(ana, "1")
    ana.press(say("button.sign_team"))
    ana.say("2")
    ana.say("Falta que las oigan.")
    with hilo.unit() as unit:
        erase(unit, ana.person.id)
    root.say("/senales")
    root.press(SIGN)

    assert f"el equipo ({say('sign.by_gone')}, 24 nov 2026)" in (root.last.text or "")
    assert "Falta que las oigan." in (root.last.text or "")
    assert "Ana" not in (root.last.text or "")


def test_what_was_decided_because_of_it_stands_beside_it(hilo: Rig) -> None:
    """The group is asked about a sign, told what follows from that: the sign leads to the decision."""
    switched_on(hilo)
    phones = [hilo.join(nickname=f"Ceiba {number}") for number in range(8)]
    ana = hilo.facilitator()
    written(ana, SIGN)
    ana.press(say("button.sign_ask"))
    ana.press(say("button.ask_send"))
    wait(hilo)
    for phone in phones:
        phone.press("Sí, ahora")
        phone.say("1")
        phone.press("Saltar")
    with hilo.unit() as unit:
        [broadcast] = unit.broadcasts.list()
        said = {
            "heard": "Que ya se oye a las jóvenes.",
            "follows": "Van a abrir la asamblea.",
            "who": "La mesa, en enero.",
        }
        draft = share_backs.draft(unit, broadcast.id, "decision", said, "es", ana.person)
        draft = share_backs.reword(unit, draft.id, "en", "heard", "The young are heard.", ana.person)
        for part, words in (("follows", "They will open the assembly."), ("who", "The board, in January.")):
            draft = share_backs.reword(unit, draft.id, "en", part, words, ana.person)
        share_backs.send(unit, hilo.turns.organisation, draft.id, ana.person)
    ana.say("/senales")
    ana.press(SIGN)
    ana.press(say("button.sign_told", n=1))

    assert "De aquí salió una decisión, contada el 24 nov: «Van a abrir la asamblea.»" in (ana.last.text or "")


def test_the_group_says_first_by_what_one_can_tell(hilo: Rig) -> None:
    """From an empty list the shipped questions go out; what was written to them is a tap away, to agree on a sign."""
    switched_on(hilo)
    luna = hilo.join(nickname="Luna")
    ana = hilo.facilitator()
    ana.say("/senales")
    ana.press(say("button.signs_ask"))
    ana.say("Para saber en qué se fija el grupo.")
    ana.press("Saltar")
    ana.press("Saltar")
    ana.say("1")
    ana.press(say("button.ask_send"))
    wait(hilo)
    luna.press("Sí, ahora")
    luna.say("Que las jóvenes hablen.")
    luna.press("Listo")
    ana.say("/senales")
    ana.press(say("button.signs_told"))
    ana.press(ana.last.labels[0])

    assert "Que las jóvenes hablen." in (ana.last.text or "")
