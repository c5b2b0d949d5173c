"""Sockets that speak MLLP: many messages on a connection, answered in their order, within stated bounds."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from adapters.hl7v2.framing import Frame, Frames, framed

Receive = Callable[[Frame, "Slot"], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a listener, in bytes, connections, messages and seconds."""

    frame: int = 16 * 1024 * 1024
    connections: int = 256
    unanswered: int = 256
    idle: float = 3600
    frame_seconds: float = 120


class Slot:
    """The place of one answer in the order of its connection."""

    __slots__ = ("_connection", "answer", "filled", "size")

    def __init__(self, connection: "Connection", size: int) -> None:
        self._connection = connection
        self.size = size
        self.answer: bytes | None = None
        self.filled = False

    def fill(self, answer: bytes | None) -> None:
        """Sends the bytes once everything before is answered; empty says nothing, None closes."""
        self.answer = answer
        self.filled = True
        self._connection.flush()


class Connection(asyncio.Protocol):
    def __init__(self, listener: "Listener") -> None:
        self._listener = listener
        self._frames = Frames(listener.limits.frame)
        self._slots: deque[Slot] = deque()
        self._unanswered = 0  # bytes
        self._transport: asyncio.Transport | None = None
        self._paused = False
        self._unread = False  # the peer does not read its answers
        self._ending = False
        self._active = self._opened = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._active = self._listener.clock()
        if not self._listener.admit(self):
            self._ending = True
            transport.close()

    def data_received(self, data: bytes) -> None:
        if self._ending:
            return
        was_open = self._frames.open
        self._active = self._listener.clock()
        for frame in self._frames.feed(data):
            was_open = False
            if not self._ending:
                self._receive(frame)
        if not was_open:
            self._opened = self._active
        self._throttle()

    def eof_received(self) -> bool:
        self._finish()
        return bool(self._slots)

    def connection_lost(self, _: Exception | None) -> None:
        self._finish()
        self._transport = None
        self._slots.clear()
        self._listener.forget(self)

    def pause_writing(self) -> None:
        self._unread = True
        self._throttle()

    def resume_writing(self) -> None:
        self._unread = False
        self._throttle()

    def flush(self) -> None:
        """Writes the answers that are next in order."""
        answers = []
        while self._slots and self._slots[0].filled:
            slot = self._slots.popleft()
            self._unanswered -= slot.size
            if slot.answer is None:
                self._ending = True
                self._slots.clear()
            elif slot.answer:
                answers.append(framed(slot.answer))
        transport = self._transport
        if transport is None:
            return
        if answers:
            transport.write(answers[0] if len(answers) == 1 else b"".join(answers))
        if self._ending and not self._slots:
            transport.close()
        elif self._paused:
            self._throttle()

    def drain(self) -> None:
        """Reads no more, answers what was received whole, then closes."""
        self._ending = True
        self._frames = Frames(0)  # what has not fully arrived was not answered: its sender still has it
        if self._transport and not self._transport.is_closing():
            self._transport.pause_reading()
            self.flush()

    def expire(self, now: float) -> None:
        """Closes a connection that says nothing for too long, or never ends what it began."""
        limits = self._listener.limits
        stuck = self._frames.open and now - self._opened > limits.frame_seconds
        if self._transport and not self._slots and (stuck or now - self._active > limits.idle):
            self._finish()
            if self._transport.get_write_buffer_size():
                self._transport.abort()
            else:
                self.flush()

    def abort(self) -> None:
        if self._transport:
            self._transport.abort()

    def _receive(self, frame: Frame) -> None:
        slot = Slot(self, len(frame.content))
        self._slots.append(slot)
        self._unanswered += slot.size
        self._listener.receive(frame, slot)

    def _finish(self) -> None:
        if not self._ending:
            for frame in self._frames.rest():
                self._receive(frame)
        self._ending = True

    def _throttle(self) -> None:
        limits = self._listener.limits
        full = len(self._slots) >= limits.unanswered or self._unanswered >= limits.frame
        pause = full or self._unread
        if pause != self._paused and self._transport and not self._ending:
            self._paused = pause
            if pause:
                self._transport.pause_reading()
            else:
                self._transport.resume_reading()


class Listener:
    """A listening socket and its connections; `refused` counts those closed because there were too many."""

    def __init__(self, receive: Receive, limits: Limits, clock: Callable[[], float]) -> None:
        self.receive = receive
        self.limits = limits
        self.clock = clock
        self.refused = 0
        self._connections: set[Connection] = set()
        self._empty = asyncio.Event()
        self._empty.set()
        self._draining = False

    @property
    def connections(self) -> int:
        return len(self._connections)

    async def start(self, host: str, port: int) -> int:
        """Listens, and returns the port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), host, port, backlog=1024)
        self._sweeper = loop.create_task(self._sweep())
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def drain(self, seconds: float) -> None:
        """Accepts no more, answers what was received, closes; cuts off what is not gone after `seconds`."""
        self._draining = True
        self._server.close()
        self._sweeper.cancel()
        for connection in tuple(self._connections):
            connection.drain()
        try:
            await asyncio.wait_for(self._empty.wait(), seconds)
        except TimeoutError:
            for connection in tuple(self._connections):
                connection.abort()

    def admit(self, connection: Connection) -> bool:
        if self._draining or len(self._connections) >= self.limits.connections:
            self.refused += 1
            return False
        self._connections.add(connection)
        self._empty.clear()
        return True

    def forget(self, connection: Connection) -> None:
        self._connections.discard(connection)
        if not self._connections:
            self._empty.set()

    async def _sweep(self) -> None:
        pace = min(1.0, self.limits.idle / 4, self.limits.frame_seconds / 4)
        while True:
            await asyncio.sleep(pace)
            now = self.clock()
            for connection in tuple(self._connections):
                connection.expire(now)
