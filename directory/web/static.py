"""Static files: each address carries a hash of the content, so that a browser may keep the file for good."""

from __future__ import annotations

import hashlib
import mimetypes
import os
from pathlib import Path
from urllib.parse import quote

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOREVER = "public, max-age=31536000, immutable"
SHORTLY = "public, max-age=300"


class Static(StaticFiles):
    """The files of one folder. The hashes are taken once, when the program starts."""

    def __init__(self, folder: Path, path: str = "/static") -> None:
        super().__init__(directory=folder)
        mimetypes.init()  # it reads files, which would otherwise happen while the first visitor waits
        self.path = path
        self.folder = folder.resolve()
        self.hashes = {
            file.relative_to(folder).as_posix(): _hash(file) for file in sorted(folder.rglob("*")) if file.is_file()
        }

    def url(self, name: str) -> str:
        """The address of a file. Raises KeyError for one that is not there, so that a typing error shows at once."""
        return f"{self.path}/{quote(name)}?v={self.hashes[name]}"

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file with its caching. An address with an old hash (a page from before an update) gets the new file, for a short time."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        name = Path(full_path).relative_to(self.folder).as_posix()
        current = scope["query_string"] == f"v={self.hashes.get(name)}".encode()
        response.headers["cache-control"] = FOREVER if current else SHORTLY
        # Weak, because the same file goes out in several compressions.
        response.headers["etag"] = f"W/{response.headers['etag'].removeprefix('W/')}"
        return response


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]
