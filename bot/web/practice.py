"""What the pages need of practice, where one visitor holds two phones."""

from dataclasses import replace
from typing import Protocol

from starlette.exceptions import HTTPException
from starlette.requests import Request

from bot import clock
from bot.runtime.workers import Workers
from bot.web.render import Renderer
from bot.web.sessions import IDLE, ChatContext, Sessions, conversation_of

SLOTS = ("leader", "facilitator")


class Practice(Protocol):
    """The two phones of practice; a slot is one of `SLOTS`."""

    def chat(self, slot: str) -> str:
        """Return the chat address of a phone that `open` prepared."""
        ...

    async def open(self, language: str) -> None:
        """Prepare both phones in the given language, unless they are ready."""
        ...

    async def visit(self, language: str) -> None:
        """Prepare both phones, and let the facilitator's speak the language of who opens the page of both."""
        ...

    async def restart(self, language: str) -> None:
        """Start over: two new phones, in the given language."""
        ...


class PracticeSessions(Sessions):
    """The two phones as browsers, so that each can have a lock: its address stands for the cookie, which is not set."""

    def __init__(self, workers: Workers, practice: Practice, renderer: Renderer) -> None:
        super().__init__(workers)
        self._practice = practice
        self._renderer = renderer

    async def resolve(self, request: Request) -> ChatContext:
        """Return the conversation of a phone, which is opened when it is first looked at."""
        slot = request.path_params["slot"]
        if slot not in SLOTS:
            raise HTTPException(404)
        await self._practice.open(self._renderer.language(request))
        chat = self._practice.chat(slot)
        found = await self._workers.read(lambda unit: conversation_of(unit, chat, prefixed=False))
        if found is None:
            await self._workers.write(lambda unit: unit.web_sessions.open(clock.new_id(), chat, chat, unit.now + IDLE))
            found = await self._workers.read(lambda unit: conversation_of(unit, chat, prefixed=False))
        path = f"/practice/{slot}"
        return replace(found[0], path=path) if found is not None else ChatContext(chat, path)
