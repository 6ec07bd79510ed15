"""Static files: each address carries a hash of the content, so that a browser may keep the file for good."""

from __future__ import annotations

import hashlib
import mimetypes
import os
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOREVER = "public, max-age=31536000, immutable"
SHORTLY = "public, max-age=300"

LEAFLET = "js_lib_leaflet"
"""The package that carries Leaflet. It was made for Django and needs none of it: nothing but its files is used."""
LEAFLET_FILES = ("leaflet.js", "leaflet.css")
"""What of it is served, under leaflet/: no page needs its pictures, and the rest is for whoever works on it."""


class Static(StaticFiles):
    """The files of one folder, and Leaflet from where it is installed. The hashes are taken once, when the program starts."""

    def __init__(self, folder: Path, path: str = "/static") -> None:
        super().__init__(directory=folder)
        if not mimetypes.inited:
            mimetypes.init()  # it reads files, which would otherwise happen while the first visitor waits
        self.path = path
        own = {file.relative_to(folder).as_posix(): file for file in sorted(folder.rglob("*")) if file.is_file()}
        self.installed = _leaflet()
        self.hashes = {name: _hash(file) for name, file in (own | self.installed).items()}
        self.names = {file.resolve(): name for name, file in (own | self.installed).items()}

    def url(self, name: str) -> str:
        """The address of a file. Raises KeyError for one that is not there, so that a typing error shows at once."""
        return f"{self.path}/{quote(name)}?v={self.hashes[name]}"

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Where the file of this name lies."""
        installed = self.installed.get(path.replace(os.sep, "/"))
        return (str(installed), installed.stat()) if installed else super().lookup_path(path)

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file with its caching. An address with an old hash (a page from before an update) gets the new file, for a short time."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        name = self.names.get(Path(full_path), "")
        current = scope["query_string"] == f"v={self.hashes.get(name)}".encode()
        response.headers["cache-control"] = FOREVER if current else SHORTLY
        # Weak, because the same file goes out in several compressions.
        response.headers["etag"] = f"W/{response.headers['etag'].removeprefix('W/')}"
        return response


def _leaflet() -> dict[str, Path]:
    """The served files of Leaflet by their names here."""
    folder = Path(str(files(LEAFLET))) / "static" / LEAFLET
    return {f"leaflet/{name}": (folder / name).resolve() for name in LEAFLET_FILES}


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]
