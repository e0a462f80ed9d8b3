"""What the team does about ways in, at 360 pixels: who came back without a nickname, a way that is shut, a role's rest.

`pytest tests/browser/test_way_back_screens.py --screenshots` writes the pictures into docs/screenshots.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from bot import clock
from bot.app import open_storage
from bot.config import Config
from storage.unit import Unit
from storage.web_pins import NICKNAME
from tests.bot.ready import ready
from tests.browser.test_team_screens import LOCALES, Shown, folder, looked_at
from tests.browser.test_walk import SOON, hilo
from tests.by_day import LANGUAGES_ALIKE

__all__ = ["folder"]  # a fixture

SCREENS: Final = ("recalled", "recalled-whose", "way-shut", "way-opened", "rest", "rest-begun", "rest-decide", "trail")
GROUP: Final = "Sierra Norte"
COLLEAGUE: Final = "Ana"
LEADERS: Final = ("Luna", "Ceiba")
REMEMBERS: Final = {
    "es": "Entré en octubre, en el taller del agua.",
    "en": "I came in October, at the water workshop.",
}


class School:
    """A real bot that is awake, and the phones of those who come to it."""

    def __init__(self, browser: Browser, home: Path, address: str, language: str, folder: Path) -> None:
        self.home, self.address, self.language = home, address, language
        self._browser, self._folder = browser, folder

    def write(self, work: Callable[[Unit], object]) -> None:
        """Change what is kept."""
        storage = open_storage(Config.load({"HILO_HOME": str(self.home)}, folder=self.home))
        with storage.unit(clock.now()) as unit:
            work(unit)
        storage.database.dispose()

    def phone(self, path: str) -> tuple[Page, Shown]:
        """Open a page in a browser of its own."""
        context = self._browser.new_context(
            viewport={"width": 360, "height": 740},
            device_scale_factor=1.5,
            locale=LOCALES[self.language],
            reduced_motion="reduce",
        )
        context.set_default_timeout(SOON)
        page = context.new_page()
        page.goto(self.address + path)
        return page, Shown(page, self.language, self._folder)

    def invite(self, role: str, uses: int = 1) -> str:
        """Make an invite; returns its code."""
        code = clock.new_code()

        def work(unit: Unit) -> None:
            group = unit.cohorts.by_name(GROUP)
            assert group is not None
            unit.invites.create(clock.new_id(), code, role, None if role == "admin" else group.id, uses, None, None)

        self.write(work)
        return code

    def member(self, role: str, name: str) -> Shown:
        """Let one of the team come in."""
        page, phone = self.phone(f"/join/{self.invite(role)}")
        page.locator("main button").first.click()
        phone.press({"es": "Español", "en": "English"}[self.language])
        phone.hears(phone.words("button.pick"))
        phone.write(name)
        phone.hears(phone.words("button.menu"))
        return phone

    def leader(self, code: str, name: str) -> None:
        """Let a leader come in."""
        page, phone = self.phone(f"/join/{code}")
        page.locator("main button").first.click()
        phone.press({"es": "Español", "en": "English"}[self.language])
        phone.hears(phone.words("join.risk.web"))
        phone.press(phone.words("button.agree"))
        phone.hears(phone.words("join.name"))
        phone.write(name)
        phone.hears(name)


@pytest.fixture(params=["es", "en"])
def school(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path, folder: Path) -> Iterator[School]:
    """A school that may invite, in each language."""
    language = request.param
    home = tmp_path / "home"
    ready(home)
    with hilo(home, HILO_PUBLIC_URL="https://hilo.example.org") as address:
        it = School(browser, home, address, language, folder)
        it.write(lambda unit: unit.cohorts.add(clock.new_id(), GROUP, ("es", "en"), "America/Mexico_City"))
        yield it
        for context in browser.contexts:
            context.close()


def recalled(school: School, admin: Shown) -> None:
    """Two came in by one invite; somebody who has it asks for the way back, without a nickname."""
    code = school.invite("leader", uses=5)
    for name in LEADERS:
        school.leader(code, name)
    page, stranger = school.phone(f"/join/{code}/back")
    page.fill("#remembered", REMEMBERS[school.language])
    page.get_by_role("button", name=stranger.words("web.enter.ask")).click()
    expect(page.get_by_text(stranger.words("web.asked_back.title")).first).to_be_visible()
    admin.menu("menu.alert", "menu.link_asked")
    admin.picture("recalled", admin.words("people.asked"))
    admin.press(admin.words("people.recalled.label", day=admin.words("time.today")))
    admin.picture("recalled-whose", REMEMBERS[school.language])


def shut(school: School, admin: Shown) -> None:
    """Ten wrong PINs were tried with a nickname; the team is asked whether it was her, and opens it again."""

    def work(unit: Unit) -> None:
        person = next(each for each in unit.people.list() if each.nickname == LEADERS[0])
        unit.web_pins.choose(person, "digits", b"salt", b"hash")
        unit.web_pins.count_try(person.id, NICKNAME)
        unit.web_pins.shut(person.id, NICKNAME)

    school.write(work)
    admin.menu("menu.alert", "menu.pin_shut")
    admin.press(f"{LEADERS[0]} · {admin.words('shut.way.nickname')}")
    admin.picture("way-shut", admin.words("button.pin_reopen"))
    admin.press(admin.words("button.pin_reopen"))
    admin.picture("way-opened", admin.words("shut.opened", name=LEADERS[0]))


def rested(school: School, admin: Shown) -> None:
    """A colleague's phone was taken: two taps, and what there is to decide; all of it stands in the trail."""
    school.member("facilitator", COLLEAGUE)
    admin.menu("menu.role_rest")
    admin.picture("rest", COLLEAGUE)
    admin.press(COLLEAGUE)
    admin.picture("rest-begun", admin.words("rest.begun", name=COLLEAGUE))
    admin.press(admin.words("button.rest_see"))
    admin.picture("rest-decide", admin.words("button.rest_back"))
    admin.menu("menu.more", "menu.organisation", "menu.trail")
    admin.picture("trail", admin.words("button.trail_check"))


@pytest.mark.by_day("school", why=LANGUAGES_ALIKE)
@pytest.mark.proof
def test_what_the_team_does_about_ways_in_has_its_pictures(school: School, folder: Path) -> None:
    """Each screen is reached by pressing; no picture is blank, and none is heavy."""
    admin = school.member("admin", "Rosa")
    recalled(school, admin)
    shut(school, admin)
    rested(school, admin)

    looked_at(folder, admin.language, SCREENS)
