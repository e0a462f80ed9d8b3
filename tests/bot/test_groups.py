"""A group's own screen: what was agreed for it, what its members said, and a new one."""

from bot.team.people.cohorts import headed
from storage.cohorts import Cohort
from tests.bot.rig import SIERRA, Phone, Rig, texts
from tests.bot.test_people import COAST, fits, say


def cohort(hilo: Rig, name: str = SIERRA) -> Cohort:
    """Read a group as it is on record."""
    with hilo.reading() as unit:
        found = unit.cohorts.by_name(name)
    assert found is not None
    return found


def opened(hilo: Rig) -> Phone:
    """Open the group's screen."""
    hilo.cohort()
    ana = hilo.facilitator()
    ana.say("/personas")
    ana.press(say("button.people_group"))
    return ana


def said(hilo: Rig, phone: Phone, **preferences: object) -> None:
    """Let a member have said how she likes it."""
    person = phone.person
    with hilo.unit() as unit:
        unit.people.prefer(person, **preferences)


def test_everything_agreed_for_a_group_is_changed_by_taps(hilo: Rig) -> None:
    """Languages, reading or listening, hours, city, signal and who joins: each a tap, each taken back by another."""
    ana = opened(hilo)
    fits(ana)
    ana.press(say("button.tune.languages"))
    fits(ana)
    ana.press(say("button.next"))
    fits(ana)
    ana.press(say("button.before"))
    ana.press("Nauatl (Huasteca oriental)")
    assert cohort(hilo).languages == ("es", "en", "nhe")
    ana.press("✓ Nauatl (Huasteca oriental)")
    assert cohort(hilo).languages == ("es", "en")
    ana.press(say("button.return"))
    ana.press(say("button.tune.form"))
    ana.press("Oír y hablar")
    ana.press(say("button.return"))
    ana.press(say("button.tune.hours"))
    ana.press("En la noche")
    ana.press("Solo fin de semana")
    ana.press(say("button.return"))
    ana.press(say("button.tune.zone"))
    ana.press("Cancún")
    ana.press(say("button.tune.data"))
    ana.press("Casi no hay")
    ana.press(say("button.return"))
    ana.press(say("button.tune.approval"))

    kept = cohort(hilo)
    assert kept.zone == "America/Cancun"
    assert kept.context == {"form": "listen", "hours": ["evening", "weekend"], "data": "scarce", "approval": True}
    shown = ana.last.text or ""
    for code in ("form.listen", "hours.evening", "data.scarce", "approval.yes"):
        assert say(f"group.{code}") in shown
    assert len(hilo.audited("cohort.changed")) == 8
    fits(ana)


def test_a_group_keeps_a_language(hilo: Rig) -> None:
    """The last language of a group cannot be taken away."""
    hilo.cohort("Uno", ("es",))
    ana = hilo.facilitator(cohort="Uno")
    ana.say("/personas")
    ana.press(say("button.people_group"))
    ana.press(say("button.tune.languages"))
    ana.press("✓ Español")

    assert cohort(hilo, "Uno").languages == ("es",)


def test_a_portrait_tells_no_fewer_than_three(hilo: Rig) -> None:
    """What members said on arriving is counted only where three or more said the same."""
    phones = [hilo.join(nickname=f"Flor {place}") for place in range(4)]
    for phone in phones[:2]:
        said(hilo, phone, form="listen", signal="scarce")
    ana = opened(hilo)
    assert say("group.portrait") not in (ana.last.text or "")
    assert say("button.as_said") not in ana.last.labels
    said(hilo, phones[2], form="listen", hours=["evening"])
    said(hilo, phones[3], form="read")
    ana.say("/personas")
    ana.press(say("button.people_group"))

    shown = (ana.last.text or "").partition(say("group.portrait"))[2]
    assert f"{say('group.form.listen')}: 3" in shown
    assert say("group.form.read") not in shown
    assert say("group.data.scarce") not in shown
    fits(ana)
    ana.press(say("button.as_said"))
    assert say("button.rather_not") in ana.last.labels  # it asks first
    ana.press(say("button.as_said_sure"))
    assert cohort(hilo).context == {"form": "listen"}


def test_a_groups_hours_hold_for_who_chose_none(hilo: Rig) -> None:
    """Who chose no hours is first asked within her group's; who chose some, within hers."""
    context = cohort_with(hilo, hours=["morning"])
    assert context.context["hours"] == ["morning"]
    ceiba = hilo.join(nickname="Ceiba")
    assert "El jueves a las 8 de la mañana" in ceiba.screen()


def cohort_with(hilo: Rig, **context: object) -> Cohort:
    """Agree something for the group."""
    hilo.cohort()
    found = cohort(hilo)
    found.context.update(context)
    with hilo.unit() as unit:
        unit.cohorts.change(found)
    return cohort(hilo)


def test_an_admin_makes_a_group_from_the_phone(hilo: Rig) -> None:
    """A name and a yes; the same name again is refused with what to do."""
    root = hilo.facilitator(cohort=None, role="admin")
    for _ in range(2):
        root.say("/personas")
        root.press(say("button.new_group"))
        root.say(COAST)
        root.press("1 · Sí, hazlo")

    assert cohort(hilo, COAST).languages == ("es", "en")
    assert say("group.exists", group=COAST) in root.told


def test_a_facilitator_makes_no_group(hilo: Rig) -> None:
    """Only admins are offered a new group."""
    hilo.cohort()
    ana = hilo.facilitator()
    ana.say("/personas")

    assert texts().say("button.new_group", "es") not in ana.last.labels


def test_a_group_gets_another_name_from_the_phone(hilo: Rig) -> None:
    """Typed and confirmed; a name that another group has is refused, and everybody in it stays."""
    hilo.cohort(COAST)
    leader = hilo.join()
    ana = opened(hilo)
    ana.press(say("button.group_rename"))
    ana.say("Sierra Sur")
    ana.press("1 · Sí")
    assert (ana.last.text or "").startswith(say("group.title", group="Sierra Sur"))
    assert headed(say("group.title", group="Grupo Norte"), "Grupo Norte") == "Grupo Norte"
    with hilo.reading() as unit:
        assert unit.memberships.of(leader.person.id) == [cohort(hilo, "Sierra Sur").id]
    ana.press(say("button.group_rename"))
    ana.say(COAST.upper())
    ana.press("1 · Sí")

    assert (ana.last.text or "") == say("group.exists", group=COAST.upper())
    assert cohort(hilo, "Sierra Sur").name == "Sierra Sur"
