"""HTTP/1.1 by hand, since a double must cut connections in the middle and notice that a caller is gone."""

import asyncio
import io
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import h11
from python_multipart.multipart import parse_form

from tests.double.kinds import Upload
from tests.double.refusal import Refusal, bad

READ = 65_536


@dataclass
class Request:
    """One request: `path` without its query, and `params` from the query and the body together."""

    method: str
    path: str
    query: str
    headers: dict[str, bytes]
    body: bytes

    def params(self) -> dict[str, Any]:
        """Read parameters from the query and from a form, JSON or multipart body. Refuses what cannot be read."""
        found: dict[str, Any] = dict(parse_qsl(self.query, keep_blank_values=True))
        kind = self.headers.get("content-type", b"").split(b";")[0].strip().lower()
        if not self.body:
            return found
        if kind == b"application/json":
            return found | self._json()
        if kind == b"application/x-www-form-urlencoded":
            return found | self._form()
        if kind == b"multipart/form-data":
            return found | self._multipart()
        raise bad(f"the double reads no {kind.decode(errors='replace') or 'body without a type'}")

    def _json(self) -> dict[str, Any]:
        try:
            values = json.loads(self.body)
        except ValueError:
            raise bad("can't parse JSON object") from None
        if not isinstance(values, dict):
            raise bad("JSON object must be an Object")
        return values

    def _form(self) -> dict[str, Any]:
        try:
            return dict(parse_qsl(self.body.decode(), keep_blank_values=True, errors="strict"))
        except UnicodeDecodeError:
            raise bad("strings must be encoded in UTF-8") from None

    def _multipart(self) -> dict[str, Any]:
        found: dict[str, Any] = {}

        def on_field(part: Any) -> None:
            found[part.field_name.decode()] = (part.value or b"").decode()

        def on_file(part: Any) -> None:
            part.file_object.seek(0)
            name = (part.file_name or b"file").decode()
            found[part.field_name.decode()] = Upload(name, part.file_object.read())
            part.close()

        headers = {"Content-Type": self.headers["content-type"], "Content-Length": str(len(self.body)).encode()}
        parse_form(headers, io.BytesIO(self.body), on_field, on_file)
        return _attached(found)


def _attached(params: dict[str, Any]) -> dict[str, Any]:
    """Put each `attach://name` in its place. Refuses one whose file did not come."""
    for name, value in list(params.items()):
        if isinstance(value, str) and value.startswith("attach://"):
            upload = params.pop(value.removeprefix("attach://"), None)
            if not isinstance(upload, Upload):
                raise bad("can't find the attached file")
            params[name] = upload
    return params


@dataclass
class Answer:
    """An answer to send; `cut` sends only part of it, or nothing, and breaks the connection."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "application/json"
    cut: str = ""  # "all": not a byte; "half": half of the body

    @classmethod
    def ok(cls, result: Any) -> "Answer":
        """Answer with a result."""
        return cls(200, json.dumps({"ok": True, "result": result}, ensure_ascii=False).encode())

    @classmethod
    def no(cls, refusal: Refusal) -> "Answer":
        """Answer with a refusal."""
        body = {"ok": False, "error_code": refusal.status, "description": refusal.description}
        if refusal.parameters:
            body["parameters"] = refusal.parameters
        pause = refusal.parameters.get("retry_after")
        return cls(refusal.status, json.dumps(body).encode(), {} if pause is None else {"Retry-After": str(pause)})


Handler = Callable[[Request], Awaitable[Answer]]


class Connection:
    """One client's connection: requests one after another; a handler is cancelled when its client goes away."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler) -> None:
        self._reader, self._writer, self._handler = reader, writer, handler
        self._http = h11.Connection(h11.SERVER)
        self._reading: asyncio.Task[bytes] | None = None

    async def serve(self) -> None:
        """Answer until either side ends the connection."""
        try:
            while (request := await self._request()) is not None:
                answer = await self._handle(request)
                if answer is None or not await self._send(answer):
                    return
                if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                    return
                self._http.start_next_cycle()
        except (ConnectionError, h11.RemoteProtocolError):
            return
        finally:
            if self._reading is not None:
                self._reading.cancel()
            self._writer.transport.abort()

    async def _request(self) -> Request | None:
        head: h11.Request | None = None
        body = bytearray()
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                self._http.receive_data(await self._more())
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                return _request(head, bytes(body))
            else:
                return None

    async def _more(self) -> bytes:
        task, self._reading = self._reading, None
        return await (task or self._reader.read(READ))

    async def _handle(self, request: Request) -> Answer | None:
        """Run the handler; None when the client hung up first."""
        working = asyncio.ensure_future(self._handler(request))
        self._reading = asyncio.ensure_future(self._reader.read(READ))
        try:
            await asyncio.wait({working, self._reading}, return_when=asyncio.FIRST_COMPLETED)
            if working.done() or self._reading.result():
                return await working
        except ConnectionError:
            return None
        finally:
            working.cancel()
        return None

    async def _send(self, answer: Answer) -> bool:
        """Send an answer; False when the connection ends with it."""
        if answer.cut == "all":
            return False
        headers = {"Content-Type": answer.kind, "Content-Length": str(len(answer.body)), **answer.headers}
        data = self._http.send(h11.Response(status_code=answer.status, headers=list(headers.items())))
        body = answer.body[: len(answer.body) // 2] if answer.cut == "half" else answer.body
        self._writer.write((data or b"") + (self._http.send(h11.Data(body)) or b""))
        await self._writer.drain()
        if answer.cut:
            return False
        self._http.send(h11.EndOfMessage())
        return True


def _request(head: h11.Request, body: bytes) -> Request:
    target = urlsplit(head.target.decode())
    headers = {name.decode().lower(): value for name, value in head.headers}
    return Request(head.method.decode(), unquote(target.path), target.query, headers, body)
