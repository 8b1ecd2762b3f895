"""The smallest gRPC client: one call on a fresh connection, to time a start and to know the right answer."""

import socket
import ssl
import struct
from dataclasses import dataclass

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS, PING = 0, 1, 4, 6
END_STREAM, ACK, END_HEADERS = 1, 1, 4

SERVICE = "/helloworld.Greeter/"
CONTENT_TYPE = "application/grpc"


def varint(value):
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def request(name, padding=0):
    """A framed HelloRequest; the padding is an unknown field, which protobuf reads and passes over."""
    message = b"\x0a" + varint(len(name.encode())) + name.encode()
    if padding:
        message += varint(15 << 3 | 2) + varint(padding) + b"x" * padding
    return struct.pack(">BI", 0, len(message)) + message


@dataclass(frozen=True)
class Answer:
    data_bytes: int
    messages: int


def _literal(name, value):
    # HPACK: literal field without indexing, lengths below 127 or by continuation
    def text(string):
        raw = string.encode()
        if len(raw) < 127:
            return bytes([len(raw)]) + raw
        return b"\x7f" + varint(len(raw) - 127) + raw

    return b"\x00" + text(name) + text(value)


def _frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def call(port, method, body, headers=(), tls=False, timeout=10.0):
    """Calls and returns what came back; raises OSError while nobody listens, ValueError for a wrong answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as plain:
        connection = _tls(plain) if tls else plain
        fields = [(":method", "POST"), (":scheme", "https" if tls else "http"), (":path", SERVICE + method)]
        fields += [(":authority", f"localhost:{port}"), ("te", "trailers"), ("content-type", "application/grpc")]
        block = b"".join(_literal(*field) for field in [*fields, *headers])
        out = PREFACE + _frame(SETTINGS, 0, 0, b"") + _frame(HEADERS, END_HEADERS, 1, block)
        chunks = [body[i : i + 16_384] for i in range(0, len(body), 16_384)]
        for i, chunk in enumerate(chunks):
            out += _frame(DATA, END_STREAM if i == len(chunks) - 1 else 0, 1, chunk)
        connection.sendall(out)
        return _answer(connection, connection.makefile("rb"))


def _tls(plain):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    return context.wrap_socket(plain, server_hostname="localhost")


def _answer(connection, replies):
    data = b""
    while True:
        head = replies.read(9)
        if len(head) < 9:
            raise ConnectionError("the server closed the connection")
        length, kind, flags = int.from_bytes(head[:3], "big"), head[3], head[4]
        stream = int.from_bytes(head[5:9], "big")
        payload = replies.read(length)
        if kind == SETTINGS and not flags & ACK:
            connection.sendall(_frame(SETTINGS, ACK, 0, b""))
        elif kind == PING and not flags & ACK:
            connection.sendall(_frame(PING, ACK, 0, payload))
        elif stream == 1 and kind == DATA:
            data += payload
        elif stream == 1 and kind != HEADERS:
            raise ValueError(f"the call ended with frame type {kind}: {payload!r}")
        if stream == 1 and flags & END_STREAM:
            # grpc-java's server writes short trailers without Huffman coding
            if b"grpc-status\x010" not in payload:
                raise ValueError(f"the call failed: {payload!r}")
            return _count(data)


def _count(data):
    messages, at = 0, 0
    while at < len(data):
        at += 5 + int.from_bytes(data[at + 1 : at + 5], "big")
        messages += 1
    if not messages:
        raise ValueError("the call ended without a reply")
    return Answer(len(data), messages)
