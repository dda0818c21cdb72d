"""Translates a request of an event loop (ASGI) into what Django's WSGI handler takes."""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

from asgiref.typing import HTTPScope

_SAME = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}


class FramingError(ValueError):
    """A request of which nobody can say for sure where it goes or where it ends."""


def environ_of(scope: HTTPScope) -> dict[str, Any]:
    """Return the WSGI environment without a body; raise FramingError."""
    path = scope["raw_path"] if "raw_path" in scope else scope["path"].encode()
    environ = _SAME | {
        "REQUEST_METHOD": scope["method"],
        "PATH_INFO": (unquote_to_bytes(path) if b"%" in path else path).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.file_wrapper": _Blocks,
    }
    name, port = scope.get("server") or ("localhost", None)
    environ["SERVER_NAME"], environ["SERVER_PORT"] = name, str(port or 80)
    environ["REMOTE_ADDR"] = (scope.get("client") or ("", 0))[0]
    _add_headers(environ, scope)
    return environ


def _add_headers(environ: dict[str, Any], scope: HTTPScope) -> None:
    """Add what may be trusted to be what its name says.

    WSGI cannot tell "X_Parse_Master_Key" from "X-Parse-Master-Key", which a proxy may have taken away: names with
    an underscore are left out.
    """
    hosts = 0
    for name, value in scope["headers"]:
        if b"_" in name:
            continue
        key = _key(name)
        text = value.decode("latin-1")
        if key in environ:
            text = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{text}"
        environ[key] = text
        hosts += key == "HTTP_HOST"
    if hosts > 1 or (hosts == 0 and scope["http_version"] == "1.1"):
        raise FramingError("A request names one host.")
    if "HTTP_TRANSFER_ENCODING" in environ:
        _check_coding(environ, scope)


def _check_coding(environ: dict[str, Any], scope: HTTPScope) -> None:
    coding = environ.pop("HTTP_TRANSFER_ENCODING")
    if coding.strip().lower() != "chunked" or scope["http_version"] == "1.0":
        raise FramingError("A body comes plain or in chunks.")
    if "CONTENT_LENGTH" in environ:
        raise FramingError("A body has a length or comes in chunks.")


@lru_cache(maxsize=512)
def _key(name: bytes) -> str:
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"


class _Blocks:
    """A file as WSGI sends it, in blocks larger than Django's 4 KB."""

    def __init__(self, file: Any, _size: int = 0) -> None:
        self._file = file
        self.close = file.close

    def __iter__(self) -> _Blocks:
        return self

    def __next__(self) -> bytes:
        block: bytes = self._file.read(65_536)
        if not block:
            raise StopIteration
        return block
