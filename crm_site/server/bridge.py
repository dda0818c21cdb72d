"""Answers the requests of an event loop (ASGI) with Django's WSGI handler, each in a thread of a small pool.

The middleware and views are synchronous and each thread keeps its database connection. Django's own ASGI handler
would start a thread per request and open a connection in each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope

from crm_site.server.answers import Answer, ReaderGoneError, gone, send_plain
from crm_site.server.bodies import GoneError, add_body
from crm_site.server.environ import FramingError, environ_of
from records.live.database import ConnectedThreads

THREADS = 8
"""Each keeps a database connection, and PostgreSQL admits 100."""
_MOST_WAITING = 512
"""Requests of one process at once; the others are told to come back."""

Handler = Callable[[dict[str, Any], Callable[..., Any]], Any]


class Bridge:
    """The ASGI application of the program's HTTP."""

    def __init__(self, handler: Handler, threads: int = THREADS) -> None:
        """Answer with a WSGI application."""
        self._handler = handler
        self._threads = ConnectedThreads(threads, "request")
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Answer a request; refuse WebSockets, which the live process speaks."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1013, "reason": "No sockets here"})
        elif self._under_way >= _MOST_WAITING:
            await send_plain(send, 503, "Too many requests at once.")
        else:
            self._under_way += 1
            try:
                await self._answer(scope, receive, send)
            finally:
                self._under_way -= 1

    def close(self) -> None:
        """End the threads and their database connections; nothing may be under way."""
        self._threads.close()

    async def _answer(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        try:
            environ = environ_of(scope)
        except FramingError as error:
            await send_plain(send, 400, str(error))
            return
        is_chunked = any(name == b"transfer-encoding" for name, _ in scope["headers"])
        try:
            is_read = await add_body(environ, receive, is_chunked=is_chunked)
        except GoneError:
            await send_plain(send, 408, "The body did not come.")
            return
        loop = asyncio.get_running_loop()
        answer = Answer(loop, receive, send, is_last=not is_read)
        try:
            last = await loop.run_in_executor(self._threads, answer.run, self._handler, environ)
        except ReaderGoneError:
            hang_up = scope.get("state", {}).get("hang_up")
            if hang_up:
                hang_up()
                await gone(receive)
            return
        finally:
            environ["wsgi.input"].close()
        await answer.finish(last)


async def _live(receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Say that there is nothing to do at start and stop."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        else:
            await send({"type": "lifespan.shutdown.complete"})
            return
