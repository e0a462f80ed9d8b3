"""A group is closed, opened again and, empty, deleted: what follows is said first, and then holds everywhere."""

from tests.bot.asking import prepare
from tests.bot.leader import answered, check, words
from tests.bot.phone import Phone
from tests.bot.rig import SIERRA, Rig, texts
from tests.bot.shell import Shell
from tests.bot.test_cli_people import COAST, groups, write

__all__ = ["groups"]


def about(ana: Phone, group: str = SIERRA, *labels: str) -> None:
    """Open a group's screen from the menu, and press."""
    ana.say("/personas")
    if group in ana.last.labels:
        ana.press(group)
    ana.press(words(ana, "button.people_group"))
    for label in labels:
        ana.press(words(ana, label))


def admin(hilo: Rig) -> Phone:
    """Let an admin of all groups come in."""
    return hilo.facilitator(cohort=None, role="admin", nickname="Root")


def test_closing_says_what_follows_and_then_it_holds(hilo: Rig) -> None:
    """Whom it concerns is counted first; then nobody is asked or comes in, and its people are told."""
    phone, root = answered(hilo), admin(hilo)
    hilo.order()
    hilo.tick()
    code = hilo.invite()
    about(root, SIERRA, "button.group_close")
    count = texts().count
    asked = root.last.text or ""
    for part, number in (("people", 1), ("orders", 2), ("invites", 1)):
        assert count(f"group.close.{part}", "es", number) in asked
    check(root)
    phone.look()
    root.press(words(root, "button.group_close_sure"))
    assert words(root, "group.closed", group=SIERRA) in (root.last.text or "")
    hilo.tick()
    assert words(phone, "group.told.closed") in phone.told
    new = hilo.phone()
    new.say(f"/start {code}")
    assert "participar" not in new.told
    with hilo.reading() as unit:
        assert all(each.closed_at or each.cancelled_at for each in unit.broadcasts.list())
    prepare_refused(hilo, root)
    about(root)

    assert words(root, "group.is_closed") in (root.last.text or "")
    assert [len(hilo.audited(f"cohort.{act}")) for act in ("closed", "opened")] == [1, 0]


def prepare_refused(hilo: Rig, root: Phone) -> None:
    """Nobody can be asked by a closed group, nor invited into it."""
    root.say("/preguntar")
    assert words(root, "ask.no_cohort") in (root.last.text or "")
    root.say("/invitar")
    root.press(words(root, "button.invite_new"))
    assert words(root, "button.invite_new") in root.last.labels  # the list again, and no question


def test_what_was_answered_stays_readable_and_opening_undoes(hilo: Rig) -> None:
    """The team reads on; opened again, the invite works, people are told, and it can be asked."""
    phone, root = answered(hilo), admin(hilo)
    code = hilo.invite()
    about(root, SIERRA, "button.group_close", "button.group_close_sure")
    root.say("/leer")
    assert words(root, "button.read_next") in root.last.labels
    phone.say("/misdatos")
    assert "¿Cómo vas? · 24 nov" in phone.last.labels
    about(root, SIERRA, "button.group_reopen")
    assert words(root, "group.reopen", group=SIERRA) in (root.last.text or "")
    root.press(words(root, "button.group_reopen_sure"))
    hilo.tick()
    assert words(phone, "group.told.opened") in phone.told
    new = hilo.phone()
    new.say(f"/start {code}")
    new.say("Español")
    assert "Sí, quiero participar" in new.last.labels
    prepare(root)

    assert words(root, "button.ask_send") in root.last.labels
    assert len(hilo.audited("cohort.opened")) == 1


def test_an_empty_group_is_deleted_and_any_other_is_not(hilo: Rig) -> None:
    """A group nobody was ever in goes with its invites; where somebody was, only closing is offered."""
    hilo.join()
    root = admin(hilo)
    hilo.cohort("Costa")
    hilo.invite(cohort="Costa")
    about(root, SIERRA)
    assert words(root, "button.group_delete") not in root.last.labels
    about(root, "Costa", "button.group_delete")
    assert words(root, "group.delete", group="Costa") in (root.last.text or "")
    check(root)
    pressed = root.button(words(root, "button.group_delete_sure"))
    late = hilo.join(cohort="Costa")
    root.press_id(*pressed)
    assert words(root, "group.in_use", group="Costa") in (root.last.text or "")
    with hilo.unit() as unit:
        assert unit.cohorts.by_name("Costa") is not None
    hilo.cohort("Vacío")
    assert late.person.participation == "active"
    about(root, "Vacío", "button.group_delete", "button.group_delete_sure")
    with hilo.reading() as unit:
        assert unit.cohorts.by_name("Vacío") is None

    assert len(hilo.audited("cohort.deleted")) == 1


def test_a_facilitator_is_not_offered_it(hilo: Rig) -> None:
    """Closing is for who opens groups."""
    hilo.join()
    ana = hilo.facilitator()
    about(ana)

    assert words(ana, "button.group_close") not in ana.last.labels


def test_groups_are_renamed_closed_and_deleted_from_the_console(groups: Shell) -> None:
    """The same from the terminal, each said first; a name is as long as a button at most."""
    write(groups, "Ceiba")
    told = groups.good("cohort", "close", "Sierra Norte", "--yes")
    assert groups.says("group.closed", group=SIERRA) in told
    assert groups.says("cli.cohort.closed_mark") in groups.good("cohort", "list")
    assert groups.says("cli.error.cohort_closed", name=SIERRA) in groups.refused("cohort", "close", SIERRA, "--yes")
    assert groups.says("invite.closed", group=SIERRA) in groups.refused("invite", "--cohort", SIERRA)
    assert groups.says("group.in_use", group=SIERRA) in groups.refused("cohort", "delete", SIERRA, "--yes")
    assert groups.says("group.reopened", group=SIERRA) in groups.good("cohort", "open", SIERRA, "--yes")
    renamed = groups.good("cohort", "rename", COAST, "Costa Chica")
    assert groups.says("cli.cohort.renamed", before=COAST, name="Costa Chica") in renamed
    assert groups.says("cli.error.cohort_long", n=107) in groups.refused("cohort", "add", "g" * 107)
    assert groups.says("group.deleted", group="Costa Chica") in groups.good("cohort", "delete", "Costa Chica", "--yes")

    assert "Costa" not in groups.good("cohort", "list")
