"""Style, script and pictures: read once, named by their content, kept by browsers for good."""

import hashlib
import re
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FOR_GOOD = "public, max-age=31536000, immutable"
# What only whoever works on a file needs: comments, in scripts whole lines of them, and the space before a line.
UNREAD = {
    ".css": re.compile(r"/\*.*?\*/|^\s+", re.DOTALL | re.MULTILINE),
    ".js": re.compile(r"^\s*//.*\n|^\s+", re.MULTILINE),
}


class Files:
    """Every file of a folder, in memory: they are few and small."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._names: dict[str, str] = {}
        self._content: dict[str, tuple[bytes, str]] = {}
        for path in sorted(folder.iterdir()):
            content = _light(path)
            name = f"{path.stem}.{hashlib.sha256(content).hexdigest()[:12]}{path.suffix}"
            self._names[path.name] = name
            self._content[name] = (content, TYPES[path.suffix])

    def address(self, name: str) -> str:
        """Return a file's address, with a name that changes with its content."""
        return f"/static/{self._names[name]}"

    async def serve(self, request: Request) -> Response:
        """Answer with one file."""
        found = self._content.get(request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        content, kind = found
        return Response(content, media_type=kind, headers={"cache-control": FOR_GOOD})


def _light(path: Path) -> bytes:
    """Return a file as it travels: without comments and indentation, which weigh on a slow line's first visit."""
    unread = UNREAD.get(path.suffix)
    return unread.sub("", path.read_text("utf-8")).encode() if unread else path.read_bytes()
