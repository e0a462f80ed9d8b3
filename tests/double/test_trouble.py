"""What goes wrong goes wrong as a test ordered it, and what was called wrongly is not forgotten."""

import asyncio
import json
import threading
import time

import httpx
import pytest

from tests.double import Double, User
from tests.double.bare import Api, api, user
from tests.double.fixture import double

__all__ = ["api", "double", "user"]


def test_trouble_comes_as_ordered(double: Double, api: Api, user: User) -> None:
    """Scripted failures hit the calls they are for, as often as told, and are in the ledger."""
    other = double.user()
    other.start()
    double.refuse("sendMessage", retry_after=7, chat=user.id)
    assert api.send(other)["ok"]
    answer = api._client.post("sendMessage", json={"chat_id": user.id, "text": "hola"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.json()["parameters"] == {"retry_after": 7}
    double.lose("sendMessage")
    with pytest.raises(httpx.RemoteProtocolError):
        api.send(user)
    double.lose("sendMessage", accepted=False)
    with pytest.raises(httpx.RemoteProtocolError):
        api.send(user)
    double.garble("sendMessage")
    with pytest.raises(json.JSONDecodeError):
        api.send(user)
    double.slow("sendMessage", seconds=0.2)
    begun = time.monotonic()
    assert api.send(user)["ok"]
    assert time.monotonic() - begun >= 0.2
    assert [call.lost for call in double.sends(user.id)] == [True, True, False]
    assert [call.status for call in double.calls("sendMessage")] == [200, 429, 200, 200, 200]


def test_a_share_of_calls_fails_by_its_seed(double: Double, api: Api, user: User) -> None:
    """A part of all calls is hit, the same ones for the same seed."""
    double.refuse("sendMessage", status=502, times=None, share=0.3, seed=4)
    first = [api.send(user)["ok"] for _ in range(40)]
    double.calm()
    double.refuse("sendMessage", status=502, times=None, share=0.3, seed=4)
    assert [api.send(user)["ok"] for _ in range(40)] == first
    assert 20 < sum(first) < 36


def test_the_pace_is_measured(double: Double, api: Api, user: User) -> None:
    """The ledger tells how many messages went out in the busiest second, overall and to one chat."""
    other = double.user()
    other.start()
    for someone in (user, other, user):
        api.send(someone)
    assert (double.busiest(), double.busiest(chat=user.id), double.busiest(window=0)) == (3, 2, 0)


def test_people_wait_for_what_comes_after_their_own_act(double: Double, api: Api, user: User) -> None:
    """Waiting looks at what was said or changed since one's own last act, so an older line does not count."""
    sent = api.send(user, "Gracias")["result"]["message_id"]
    user.say("otra")
    with pytest.raises(AssertionError, match="> otra"):
        user.sees("Gracias", patience=0.1)
    edit = threading.Timer(
        0.1, lambda: api.json("editMessageText", chat_id=user.id, message_id=sent, text="Gracias, otra")
    )
    edit.start()
    assert user.sees("Gracias").id == sent
    assert asyncio.run(user.wait_for("otra")).versions == [("Gracias", None)]
    assert user.last.text == "Gracias, otra"
    edit.join()


def test_a_violation_nobody_expected_stays(double: Double, api: Api, user: User) -> None:
    """A wrong call is forgiven only by name."""
    api.send(user, "")
    double.allow("chat not found")
    assert double.violations == ["sendMessage: Bad Request: message text is empty"]
    with pytest.raises(AssertionError), double.expecting("message is too long"):
        api.send(user)
    double.allow("text is empty")
    assert double.violations == []
