"""As much of RFC 6455 as the chain's clients need: a handshake, whole text messages, ping and close."""

import base64
import hashlib
import struct

MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


def accept(key):
    return base64.b64encode(hashlib.sha1((key + MAGIC).encode()).digest()).decode()


def messages(stream, answer):
    """Each message is answered by answer(text); ends when the other side closes, or when that returns None."""
    while frame := _read(stream):
        kind, payload = frame
        if kind == CLOSE:
            return
        if kind == PING:
            send(stream, payload, PONG)
        elif kind == TEXT:
            told = answer(payload.decode())
            if told is None:
                return
            send(stream, told.encode())


def send(stream, payload, kind=TEXT):
    size = len(payload)
    length = (
        bytes([size])
        if size < 126
        else struct.pack(">BH", 126, size)
        if size < 65536
        else struct.pack(">BQ", 127, size)
    )
    stream.write(bytes([0x80 | kind]) + length + payload)
    stream.flush()


def _read(stream):
    """(kind, payload), or None at the end. A client's frames are masked."""
    head = stream.read(2)
    if len(head) < 2:
        return None
    kind, size = head[0] & 15, head[1] & 127
    if size > 125:
        size = int.from_bytes(stream.read(2 if size == 126 else 8), "big")
    mask, payload = stream.read(4), stream.read(size)
    whole = (mask * (size // 4 + 1))[:size]
    return kind, (int.from_bytes(payload, "big") ^ int.from_bytes(whole, "big")).to_bytes(size, "big")
