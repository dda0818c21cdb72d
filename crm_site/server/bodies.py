"""Takes the body of a request to its end before a thread is given to it; a body that breaks off is nobody's request."""

from __future__ import annotations

import asyncio
import time
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from asgiref.typing import ASGIReceiveCallable

from crm_site.middleware import largest_body

_IN_MEMORY = 1_048_576
_QUIET_SECONDS = 30
_LONGEST_SECONDS = 900
_DRAIN_SECONDS = 5


class GoneError(Exception):
    """The sender has hung up, or takes too long."""


async def add_body(environ: dict[str, Any], receive: ASGIReceiveCallable, *, is_chunked: bool) -> bool:
    """Put the body and its length into the environment; tell whether all that was sent has been read.

    Of a body above the limit only the length is put there, by which the middleware refuses it.
    """
    announced = environ.get("CONTENT_LENGTH", "")
    environ["wsgi.input"] = BytesIO()
    if not is_chunked and announced in {"", "0"}:
        return True
    limit = largest_body(environ.get("CONTENT_TYPE", ""))
    if announced and int(announced) > limit:
        return await _drain(receive)
    body, length = await _read(receive, limit)
    environ["CONTENT_LENGTH"] = str(length)
    if body is None:
        return await _drain(receive)
    environ["wsgi.input"] = body
    return True


async def _read(receive: ASGIReceiveCallable, limit: int) -> tuple[IO[bytes] | None, int]:
    """Return the body and its length; no body when it is longer than the limit. Raise GoneError."""
    latest = time.monotonic() + _LONGEST_SECONDS
    data, has_more = await _next(receive, latest)
    if not has_more:
        return (BytesIO(data), len(data)) if len(data) <= limit else (None, len(data))
    body = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed with the request
    body.write(data)
    length = len(data)
    try:
        while has_more and length <= limit:
            data, has_more = await _next(receive, latest)
            body.write(data)
            length += len(data)
    except BaseException:
        body.close()
        raise
    if length > limit:
        body.close()
        return None, length
    body.seek(0)
    return body, length


async def _next(receive: ASGIReceiveCallable, latest: float) -> tuple[bytes, bool]:
    """Return the next piece and whether there are more; raise GoneError."""
    try:
        async with asyncio.timeout(min(_QUIET_SECONDS, latest - time.monotonic())):
            message = await receive()
    except TimeoutError as error:
        raise GoneError from error
    if message["type"] != "http.request":
        raise GoneError
    return message.get("body", b""), message.get("more_body", False)


async def _drain(receive: ASGIReceiveCallable) -> bool:
    """Throw the rest away as it comes, for a while: a browser that is cut off while it sends reads no answer.

    Tell whether it came to its end.
    """
    latest = time.monotonic() + _DRAIN_SECONDS
    try:
        has_more = True
        while has_more:
            _, has_more = await _next(receive, latest)
    except GoneError:
        return False
    return True
