"""What an open page shows of somebody who has just erased everything: the receipt, and nothing that was typed."""

import pytest

from tests.browser.test_leader_screens import Hers, folder, hers

__all__ = ("folder", "hers")  # fixtures

COMMAND = "/borrar"


@pytest.mark.proof
@pytest.mark.parametrize("hers", ["es"], indirect=True)
def test_nothing_typed_stays_on_a_page_that_was_emptied(hers: Hers) -> None:
    """A typed command is nowhere but on the page: it goes with the rest, without the page being opened again."""
    page, thread = hers.page, hers.page.locator("#thread")
    page.fill("#text", COMMAND)
    page.locator("#composer .send").click()
    for code in ("button.erase_all", "button.erase_all_sure"):
        button = page.get_by_role("button", name=hers.words(code), exact=True).last
        button.wait_for()
        if code == "button.erase_all":
            assert COMMAND in thread.inner_text()
        button.click()
    thread.get_by_text(hers.words("receipt.web")).wait_for()

    assert COMMAND not in thread.inner_text()
    assert page.locator("#thread .own").count() == 0
