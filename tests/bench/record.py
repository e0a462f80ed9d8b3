"""What a bot asked Telegram's double and what it was answered, word for word; and a double that answers so again."""

import json
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Any

from tests.double import Double, wire
from tests.double.refusal import Refusal


@dataclass(frozen=True)
class Exchange:
    """One call: its method, its parameters as they came, and the body of its answer."""

    method: str
    params: dict[str, Any]
    answer: bytes

    @property
    def updates(self) -> int:
        """How many updates it brought."""
        return len(json.loads(self.answer)["result"]) if self.method == "getUpdates" else 0


class Recorder:
    """Keeps every exchange of a double, in the order of the answers. Made before anyone connects."""

    def __init__(self, double: Double) -> None:
        self.exchanges: list[Exchange] = []
        self._answer = double._server._answer
        double._server._answer = self._kept  # type: ignore[method-assign]  # the double knows no recorder

    async def _kept(self, request: wire.Request) -> wire.Answer:
        answer = await self._answer(request)
        self.exchanges.append(Exchange(_method(request), request.params(), answer.body))
        return answer

    def take(self) -> list[Exchange]:
        """Hand over what was recorded, and begin anew."""
        taken, self.exchanges = self.exchanges, []
        return taken


class Echo:
    """Lets a double answer each call as a recorded one like it was answered; any other call is refused."""

    def __init__(self, double: Double) -> None:
        self._double = double
        self._answers: defaultdict[str, deque[bytes]] = defaultdict(deque)
        self._answer = double._server._answer
        double._server._answer = self._said  # type: ignore[method-assign]  # the double knows no echo
        self.strange: list[str] = []

    def expect(self, exchanges: list[Exchange]) -> None:
        """Get ready to answer these calls, each once."""
        for exchange in exchanges:
            self._answers[_key(exchange.method, exchange.params)].append(exchange.answer)

    def left(self) -> int:
        """How many of them were not made yet."""
        return sum(map(len, self._answers.values()))

    async def _said(self, request: wire.Request) -> wire.Answer:
        method = _method(request)
        if method == "getMe":
            return await self._answer(request)
        key = _key(method, request.params())
        if not self._answers[key]:
            self.strange.append(key)
            return wire.Answer.no(Refusal(400, "the bot made no such call"))
        return wire.Answer(200, self._answers[key].popleft())


def _method(request: wire.Request) -> str:
    return request.path.rpartition("/")[2]


def read(params: dict[str, Any]) -> dict[str, Any]:
    """Return parameters as plain data: what came over the wire is text, or JSON in it."""
    return {name: _read(value) if name != "text" else value for name, value in params.items()}


def _read(value: Any) -> Any:
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return value


def _key(method: str, params: dict[str, Any]) -> str:
    return f"{method} {json.dumps(read(params), sort_keys=True)}"
