"""A bare client of the double: requests as they are written, answers as they come."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.double import Double, User


class Api:
    """A bare client: what was answered, as it came."""

    def __init__(self, double: Double) -> None:
        self._client = httpx.Client(base_url=f"{double.url}/bot{double.token}/", trust_env=False, timeout=10)

    def close(self) -> None:
        self._client.close()

    def json(self, method: str, **params: Any) -> Any:
        return self._client.post(method, json=params).json()

    def form(self, method: str, **params: Any) -> Any:
        return self._client.post(method, data=params).json()

    def multipart(self, method: str, files: dict[str, tuple[str, bytes]], **params: Any) -> Any:
        return self._client.post(method, data=params, files=files).json()

    def send(self, user: User, text: str = "hola", **params: Any) -> Any:
        return self.json("sendMessage", chat_id=user.id, text=text, **params)


@pytest.fixture
def api(double: Double) -> Iterator[Api]:
    """A bare client of the double."""
    api = Api(double)
    yield api
    api.close()


@pytest.fixture
def user(double: Double) -> User:
    """Somebody who opened the bot, whose first words were confirmed."""
    user = double.user()
    user.start("abc")
    double.account.updates.clear()
    return user
