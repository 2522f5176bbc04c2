"""Speaking HTTP/1.1 to a running server by hand, for tests that must send what no client library would.

Python's standard library only.
"""

import http.client
import json
import socket
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT_SECONDS = 20
# No answer may contain these: traces of the program's internals or of the machine's files.
LEAKS = ["panicked", ".rs:", "RUST_BACKTRACE", "/root/", "/home/", "root:x:", "[workspace]", "BEGIN PRIVATE"]


@dataclass
class Answer:
    """One HTTP answer, read to its end."""

    status: int
    headers: dict
    body: bytes

    def json(self):
        def refuse(token):
            raise ValueError(f"{token} is not JSON")

        return json.loads(self.body, parse_constant=refuse)


class Connection:
    """One TCP connection; requests are bytes, answers are read with the standard parser."""

    def __init__(self, address):
        self.socket = socket.create_connection(address, timeout=TIMEOUT_SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """Sends all of `data`. The server may already have closed its side; the answer then shows it."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def answer(self, method="GET"):
        response = http.client.HTTPResponse(self.socket, method=method)
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        body = response.read()
        return Answer(response.status, headers, body)

    def rest(self):
        """All bytes until the server closes or stays silent for two seconds."""
        self.socket.settimeout(2)
        received = b""
        try:
            while chunk := self.socket.recv(65536):
                received += chunk
        except (TimeoutError, ConnectionResetError):
            pass
        return received


def request_bytes(method, path, body=b"", headers=None):
    """A well-framed request. A header set to None is left out."""
    fields = {"Host": "localhost", "Content-Type": "application/json", "Content-Length": str(len(body))}
    if method in ("GET", "HEAD") and not body:
        fields = {"Host": "localhost"}
    fields.update(headers or {})
    head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields.items() if v is not None)
    return head.encode("latin-1") + b"\r\n" + body


def call(address, method, path, body=b"", headers=None):
    """One request on a connection of its own."""
    with Connection(address) as connection:
        connection.send(request_bytes(method, path, body, headers))
        return connection.answer(method)


def parse_address(text):
    """"http://127.0.0.1:5000" or "127.0.0.1:5000" as a socket address."""
    host, port = text.removeprefix("http://").rstrip("/").rsplit(":", 1)
    return host, int(port)


def example(name):
    """A fresh copy of one request in examples/."""
    return json.loads((ROOT / "examples" / f"{name}.json").read_text(encoding="utf-8"))


def dump(value):
    """Compact JSON as bytes; lone surrogates stay escaped."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def problem_faults(answer, statuses, pointers=(), bare_ok=False):
    """What is wrong with a refusal: an empty list when it is a proper problem document with the right pointers.

    `pointers` must all be among the document's `errors`. `bare_ok` allows an answer without a body: framing faults
    occur before there is a request to route, and some servers can only close the connection.
    """
    faults = []
    if answer.status not in statuses:
        faults.append(f"status {answer.status}, expected {' or '.join(map(str, statuses))}")
    leaks = [leak for leak in LEAKS if leak.encode() in answer.body]
    if leaks:
        faults.append(f"the body contains {leaks}")
    if not answer.body and bare_ok:
        return faults
    media = answer.headers.get("content-type", "").split(";")[0].strip().lower()
    if media != "application/problem+json":
        return [*faults, f"media type {media or 'missing'}: {answer.body[:120]!r}"]
    try:
        problem = answer.json()
    except ValueError as error:
        return [*faults, f"body is not JSON: {error}"]
    for member, kind in {
        "type": str, "title": str, "status": int, "detail": str, "instance": str, "error": str, "metadata": dict, "errors": list
    }.items():
        if not isinstance(problem.get(member), kind):
            faults.append(f"{member} is {problem.get(member)!r}")
    if problem.get("status") != answer.status:
        faults.append(f"status member {problem.get('status')} beside status line {answer.status}")
    errors = problem.get("errors") or []
    if len(errors) > 50:
        faults.append(f"{len(errors)} entries in errors")
    for entry in errors:
        place = "parameter" if "parameter" in entry else "pointer"
        if not all(isinstance(entry.get(member), str) for member in (place, "code", "detail")):
            faults.append(f"incomplete entry {entry}")
    found = [entry.get("pointer", entry.get("parameter")) for entry in errors]
    missing = [pointer for pointer in pointers if pointer not in found]
    if missing:
        faults.append(f"no entry at {missing}, only at {found[:5]}")
    if errors and isinstance(problem.get("error"), str):
        parts = [part.replace("~1", "/").replace("~0", "~") for part in str(found[0]).split("/")]
        words = [part for part in parts if part and not part.isdigit()]
        if words and words[-1] not in problem["error"]:
            faults.append(f"error {problem['error']!r} does not name {words[-1]}")
    return faults
