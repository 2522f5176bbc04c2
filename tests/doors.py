#!/usr/bin/env python3
"""Doors: attacks on access and on limits, each bounded in number and time, against the built binary.

    tests/doors.py            # REBALANCER_BIN names the binary (default target/debug/rebalancer)
    tests/doors.py --slow 10000     # only so many slow connections (a client needs as many open files)

A service on loopback is asked under foreign names (DNS rebinding) and by pages of other sites; a service that listens beyond loopback is
asked without keys, with forged, revoked and edited ones, and for more than a key allows. A service with small limits gets more
connections, bodies, unread answers and event streams than these allow. Python's standard library only.
"""

import argparse
import functools
import http.client
import json
import os
import re
import resource
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from wire import Connection, call, dump, example, problem_faults, request_bytes

ROOT = Path(__file__).resolve().parent.parent
BINARY = os.environ.get("REBALANCER_BIN") or str(Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "rebalancer")
PROBES = {"/api/health", "/api/ready"}
METHODS = ("get", "post", "put", "delete")

faults = []
checks = 0


def require(what, holds):
    global checks
    checks += 1
    if not holds:
        faults.append(what)
        print(f"FAULT {what}", flush=True)


def refused(what, answer, status):
    found = problem_faults(answer, (status,)) if answer.body else [f"status {answer.status} without a body"]
    require(f"{what}: {found}", not found)


def environment(folder, **more):
    plain = {key: value for key, value in os.environ.items() if not key.startswith("REBALANCER_") and key not in ("HOST", "PORT", "DATABASE_URL")}
    return {**plain, "REBALANCER_DATA_DIR": str(folder), "REBALANCER_DRAIN_MS": "0", **more}


class Service:
    """A running binary with records of its own, and what it printed before its address."""

    def __init__(self, folder, before=None, log=None, **more):
        self.folder = folder
        self.log = log or open(Path(folder).parent / f"log-{len(os.listdir(Path(folder).parent))}", "w+b")
        self.process = subprocess.Popen([BINARY], env=environment(folder, PORT="0", **more), stdout=subprocess.PIPE, stderr=self.log, preexec_fn=before)
        self.printed = []
        while line := self.process.stdout.readline().decode():
            self.printed.append(line)
            if found := re.search(r"https?://[\d.]+:(\d+)", line):
                self.address = ("127.0.0.1", int(found[1]))
                return
        raise SystemExit(f"no address: {self.printed}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        code = self.process.wait(timeout=40)
        self.log.seek(0)
        self.logged = self.log.read()
        self.log.close()
        require(f"the service ends with {code}", code == 0)
        require("the log has a panic", b"panicked" not in self.logged)

    def ask(self, method, path, key=None, body=b"", **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            sent["Authorization"] = f"Bearer {key}"
        return call(self.address, method, path, body, sent)

    def keys(self, *arguments):
        return subprocess.run([BINARY, "keys", *arguments], env=environment(self.folder), capture_output=True, text=True, timeout=30)

    def key(self, name, scopes, *more):
        made = self.keys("create", name, "--scopes", scopes, *more)
        require(f"a key is made: {made.stderr}", made.returncode == 0)
        return made.stdout.strip()


@functools.cache
def operations():
    """Method, path, the path with an id in it, and the scope of each operation of the contract."""
    document = json.loads(subprocess.run([BINARY, "openapi"], capture_output=True, check=True).stdout)
    found = []
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                security = item[method]["security"]
                found.append((method.upper(), path, re.sub(r"\{[^}]*\}", "1", path), security[0]["ApiKey"][0] if security else None))
    return found


def rebinding(service):
    """A page points its own name at the service: the browser sends that name in Host."""
    for host in ("evil.example", "evil.example:5000", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "0.0.0.0", "evil@localhost"):
        for method, path, filled, scope in operations():
            if method != "GET":
                continue
            answer = service.ask("GET", filled, Host=host)
            if path in PROBES:
                require(f"{path} answers under {host}", answer.status == 200)
            else:
                refused(f"GET {path} under {host}", answer, 421)
    refused("another name in X-Forwarded-Host", service.ask("GET", "/api/plans", Host="evil.example", X_Forwarded_Host="localhost"), 421)
    with Connection(service.address) as connection:
        connection.send(b"GET http://evil.example/api/plans HTTP/1.1\r\nHost: localhost\r\n\r\n")
        refused("a foreign name in the target", connection.answer(), 421)
    with Connection(service.address) as connection:
        connection.send(b"GET /api/plans HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")
        require("two names are refused", connection.answer().status in (400, 421))
    for host in ("localhost:5000", "127.0.0.1", "[::1]:80"):
        require(f"plans are listed under {host}", service.ask("GET", "/api/plans", Host=host).status == 200)


def cross_site(service):
    """A page on another site sends what a browser lets it send; nothing of it is stored."""
    body = dump(example("first_plan"))
    before = service.ask("GET", "/api/audit/head").json()["head"]["hash"]
    for headers in (
        {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"},
        {"Origin": "http://localhost:1"}, {"Sec_Fetch_Site": "same-origin", "Origin": "https://evil.example"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"},
    ):
        refused(f"a plan with {headers}", service.ask("POST", "/api/rebalance", body=body, **headers), 403)
        refused(f"a halt with {headers}", service.ask("POST", "/api/controls/halt", body=b'{"reason":"x"}', **headers), 403)
        refused(f"plans with {headers}", service.ask("GET", "/api/plans", **headers), 403)
    require("nothing was recorded", service.ask("GET", "/api/audit/head").json()["head"]["hash"] == before)
    require("a program is answered", service.ask("POST", "/api/rebalance", body=body).status == 200)


def forged(service, good):
    """Keys that are nearly right; a hundred wrong ones at once leave a holder's request fast."""
    head, secret = good[:-43], good[-43:]
    other = service.key("other", "read")
    guesses = [head + secret[:at] + ("A" if secret[at] != "A" else "B") + secret[at + 1:] for at in range(0, 43, 6)]
    guesses += ["", "rbk_", good[:-1], good + "=", good.upper(), other[:-43] + secret, head + other[-43:], "x" * 8000]
    for guess in guesses:
        refused(f"the key {guess[:70]!r}", service.ask("GET", "/api/plans", guess), 401)
    for what, path, headers in (
        ("no key", "/api/plans", {}), ("a key in the query", f"/api/plans?access_token={good}", {}), ("a cookie", "/api/plans", {"Cookie": f"key={good}"}),
        ("X-API-Key", "/api/plans", {"X_API_Key": good}), ("another scheme", "/api/plans", {"Authorization": f"Basic {good}"}),
    ):
        answer = service.ask("GET", path, **headers)
        refused(what, answer, 401)
        require(f"{what} is challenged", answer.headers.get("www-authenticate", "").startswith("Bearer"))
    refused("two keys", two_keys(service, good), 401)

    def guess_on():
        for _ in range(10):
            service.ask("GET", "/api/plans", head + "A" * 43)

    crowd = [threading.Thread(target=guess_on) for _ in range(10)]
    for guesser in crowd:
        guesser.start()
    slowest = 0
    while any(guesser.is_alive() for guesser in crowd):
        began = time.monotonic()
        require("a holder is answered amid wrong keys", service.ask("GET", "/api/plans?limit=1", good).status == 200)
        slowest = max(slowest, time.monotonic() - began)
    require(f"amid wrong keys a holder waited {slowest:.2f} s", slowest < 1)


def two_keys(service, good):
    with Connection(service.address) as connection:
        line = f"Authorization: Bearer {good}\r\n"
        connection.send(f"GET /api/plans HTTP/1.1\r\nHost: localhost\r\n{line}{line}\r\n".encode())
        return connection.answer()


def escalation(service):
    """Each key, for each operation of the contract that needs another scope; and a read key by other writings of a path."""
    held = {scope: service.key(scope, scope) for scope in ("read", "plan", "approve")}
    for method, path, filled, needed in operations():
        if needed is None:
            require(f"only probes need nothing: {path}", path in PROBES)
            continue
        for scope, key in held.items():
            if scope != needed:
                refused(f"{method} {path} with {scope}", service.ask(method, filled, key, b"{}" if method in ("POST", "PUT") else b""), 403)
    read = held["read"]
    for path in ("/api/%77ebhooks", "/%61pi/webhooks", "/api/webhooks?x=1", "/api/webhooks/", "//api/webhooks", "/api/./webhooks", "/api/plans/../webhooks", "/api/webhooks%2f"):
        answer = service.ask("GET", path, read)
        require(f"GET {path} with read: {answer.status}", answer.status in (400, 403, 404))
    for headers in ({"X_HTTP_Method_Override": "GET"}, {"X_Original_URL": "/api/health"}, {"X_Rewrite_URL": "/api/health"}):
        refused(f"a policy with {headers}", service.ask("PUT", "/api/controls/policy", read, b"{}", **headers), 403)
    require("HEAD needs what GET does", service.ask("HEAD", "/api/plans/1/orders", read).status == 403)


def revoked(service):
    """A key that was revoked by another process."""
    key = service.key("leaver", "read")
    require("it opens", service.ask("GET", "/api/plans", key).status == 200)
    require("it is revoked", service.keys("revoke", key[4:16]).returncode == 0)
    time.sleep(0.5)
    refused("half a second later", service.ask("GET", "/api/plans", key), 401)


def edited(service, read):
    """Somebody with access to the database writes more scopes into a key: nothing opens any more, and nothing more is opened."""
    with sqlite3.connect(Path(service.folder) / "rebalancer.db", timeout=10) as database:
        database.execute("DROP TRIGGER control_records_no_update")
        database.execute("UPDATE control_records SET document = CAST(replace(CAST(document AS TEXT), '[\"read\"]', '[\"admin\"]') AS BLOB) WHERE topic = 'keys'")
    time.sleep(0.5)
    refused("the edited key as an administrator", service.ask("GET", "/api/webhooks", read), 500)
    refused("the edited key as it was", service.ask("GET", "/api/plans", read), 500)
    require("health answers", service.ask("GET", "/api/health").status == 200)


def forged_records(folder):
    """Somebody who can write to the database, and has no key of the trail, makes a key for clients with the program itself and a key of their own."""
    data, stolen = Path(folder) / "forged", Path(folder) / "stolen"
    with Service(data, REBALANCER_REQUIRE_KEYS="1") as service:
        good = service.key("reader", "read")
        require("the key opens", service.ask("GET", "/api/plans", good).status == 200)
        public = json.loads(service.ask("GET", "/api/audit/head", good).body)["head"]["public_key"]
        other = environment(data, REBALANCER_AUDIT_KEY_FILE=str(stolen))
        stolen.write_text("5e" * 32 + "\n")
        command = [BINARY, "keys", "create", "forger", "--scopes", "admin"]
        made = subprocess.run(command, env=other, capture_output=True, text=True, timeout=30)
        require(f"another key is noticed: {made.stderr}", made.returncode == 1 and "not signed with the key" in made.stderr)
        made = subprocess.run([*command, "--new-key"], env=other, capture_output=True, text=True, timeout=30)
        require(f"it is forged: {made.stderr}", made.returncode == 0)
        time.sleep(0.5)
        refused("a forged key", service.ask("GET", "/api/plans", made.stdout.strip()), 500)
        refused("every other key", service.ask("GET", "/api/plans", good), 500)
    verify = [BINARY, "audit", "verify", "--public-key", public]
    found = subprocess.run(verify, env=environment(data), capture_output=True, text=True, timeout=30)
    require(f"a verification finds it: {found.stdout}", found.returncode == 1 and json.loads(found.stdout)["first_break"]["reason"] == "unsigned")
    again = subprocess.run([BINARY], env=environment(data, PORT="0"), capture_output=True, text=True, timeout=30)
    require(f"the service does not start on it: {again.stderr}", again.returncode == 1 and "somebody else appended it" in again.stderr)


def command(folder, *arguments):
    """A command on the records of a folder: its exit code, and what it prints as JSON."""
    ended = subprocess.run([BINARY, *arguments], env=environment(folder), capture_output=True, text=True, timeout=60)
    return ended.returncode, json.loads(ended.stdout or "null")


def inserted_key(folder):
    """Somebody writes a key into the database, with its digest and without an entry: no key opens anything, and a verification names it."""
    data = Path(folder) / "inserted"
    with Service(data, REBALANCER_REQUIRE_KEYS="1") as service:
        good = service.key("reader", "read")
        require("the key opens", service.ask("GET", "/api/plans", good).status == 200)
        require("a verification finds nothing", command(data, "audit", "verify")[0] == 0)
        with sqlite3.connect(data / "rebalancer.db", timeout=10) as database:
            columns = [row[1] for row in database.execute("PRAGMA table_info(control_records)")]
            last = dict(zip(columns, database.execute("SELECT * FROM control_records WHERE topic = 'keys' ORDER BY sequence DESC LIMIT 1").fetchone()))
            (last["sequence"],), last["number"] = database.execute("SELECT max(sequence) + 1 FROM audit_entries").fetchone(), last["number"] + 1
            last["document"] = bytes(last["document"]).replace(good[4:16].encode(), b"0123456789ab")
            database.execute(f"INSERT INTO control_records ({', '.join(last)}) VALUES ({', '.join('?' * len(last))})", list(last.values()))
        time.sleep(0.5)
        refused("a key beside an inserted one", service.ask("GET", "/api/plans", good), 500)
    code, report = command(data, "audit", "verify")
    broken = report["first_break"] or {}
    require(f"a verification names it: {report}", (code, report["valid"], broken.get("control_of")) == (1, False, "keys"))


def told_keys(folder):
    """The trail of a tenant tells its keys and not their secrets; an old copy of it does not tell the newest, which a verification finds and a start mends."""
    data = Path(folder) / "told"
    trail = lambda: [json.loads(line) for line in subprocess.run([BINARY, "audit", "export", "--tenant", "acme"], env=environment(data), capture_output=True, check=True).stdout.splitlines()]  # noqa: E731
    verify = lambda: command(data, "audit", "verify", "--tenant", "acme")  # noqa: E731
    nothing = {"untold_creations": [], "untold_revocations": [], "unknown": []}
    with Service(data, REBALANCER_REQUIRE_KEYS="1") as service:
        first = service.key("kim", "read,plan", "--tenant", "acme")
        require("the key of a tenant opens", service.ask("GET", "/api/audit", first).status == 200)
        other = service.key("lee", "read", "--tenant", "umbrella")
        require("another tenant is told of its own key only", len(service.ask("GET", "/api/audit", other).json()["items"]) == 1)
    path = data / "tenants" / "acme" / "rebalancer.db"
    kept = {name: (path.parent / name).read_bytes() for name in os.listdir(path.parent) if name.startswith("rebalancer.db")}
    require("a key is revoked", command(data, "keys", "revoke", first[4:16])[0] == 0)
    made = subprocess.run([BINARY, "keys", "create", "kim", "--scopes", "admin", "--tenant", "acme"], env=environment(data), capture_output=True, text=True, timeout=30)
    require(f"and another made: {made.stderr}", made.returncode == 0)
    second = made.stdout.strip()
    told = [(entry["kind"], entry["actor"], entry["control_of"]) for entry in trail()]
    require(f"the trail tells its keys: {told}", told == [(kind, "operator", "keys") for kind in ("key_created", "key_revoked", "key_created")])
    require(f"and a verification that these are all: {verify()}", verify()[0] == 0 and verify()[1]["api_keys"] == nothing)
    content = b"".join((path.parent / name).read_bytes() for name in os.listdir(path.parent))
    secrets = [entry["secret_sha256"].encode() for entry in stored_keys(data)]
    require("the records of the tenant have a secret, or its digest", len(secrets) == 2 and not any(secret in content for secret in [first[-43:].encode(), second[-43:].encode(), *secrets]))
    require("they have the ids", first[4:16].encode() in content and second[4:16].encode() in content)
    for name in os.listdir(path.parent):
        (path.parent / name).unlink()
    for name, content in kept.items():
        (path.parent / name).write_bytes(content)
    code, report = verify()
    require(f"an old copy is valid in itself and told by its keys: {report}", code == 1 and report["valid"] and report["api_keys"] == {"untold_creations": [second[4:16]], "untold_revocations": [first[4:16]], "unknown": []})
    with Service(data, REBALANCER_REQUIRE_KEYS="1") as service:
        require("the key opens all the same", service.ask("GET", "/api/audit", second).status == 200)
        refused("and the revoked one does not", service.ask("GET", "/api/audit", first), 401)
    require(f"a start has told them: {verify()}", verify()[0] == 0 and verify()[1]["api_keys"] == nothing)
    require("the log says so", b"was told of its keys" in service.logged)


def stored_keys(data):
    """What is stored of the secrets of keys of tenants."""
    with sqlite3.connect(data / "rebalancer.db", timeout=10) as database:
        documents = [json.loads(document) for (document,) in database.execute("SELECT document FROM control_records WHERE topic = 'keys' AND deed = 'key_created'")]
    return [document["tenant"] for document in documents if document.get("tenant", {}).get("name") == "acme"]


def health_command(service, **more):
    """`rebalancer health`, as the image checks itself."""
    asking = environment(service.folder, PORT=str(service.address[1]), **more)
    return subprocess.run([BINARY, "health"], env=asking, capture_output=True, text=True, timeout=30)


def through_tls(folder):
    """The service with a certificate of its own making: it answers through TLS, says nothing in the clear, and slow handshakes hold nobody up."""
    files = [str(Path(folder) / name) for name in ("certificate.pem", "key.pem", "other.pem")]
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    for key, certificate in ((files[1], files[0]), (files[2], str(Path(folder) / "unused.pem"))):
        subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    more = {"REBALANCER_TLS_CERT_FILE": files[0], "REBALANCER_TLS_KEY_FILE": files[1]}
    with Service(Path(folder) / "tls", **more) as service:
        require(f"its address says so: {service.printed}", "https://" in service.printed[-1])
        trusted = ssl.create_default_context(cafile=files[0])

        def ask(context, method="GET", path="/api/health", body=None):
            connection = http.client.HTTPSConnection("localhost", service.address[1], timeout=10, context=context)
            connection.connect()
            version = connection.sock.version()
            connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            answer = connection.getresponse()
            return answer.status, version, answer.read()

        require("it answers through TLS 1.3", ask(trusted)[:2] == (200, "TLSv1.3"))
        older = ssl.create_default_context(cafile=files[0])
        older.maximum_version = ssl.TLSVersion.TLSv1_2
        require("and 1.2", ask(older)[:2] == (200, "TLSv1.2"))
        status, _, answer = ask(trusted, "POST", "/api/rebalance", dump(example("first_plan")))
        require(f"a plan is made through TLS: {status}", status == 200 and len(json.loads(answer)["trades"]) > 0)
        try:
            ask(ssl.create_default_context())
            require("a client that trusts other authorities goes on", False)
        except ssl.SSLCertVerificationError:
            pass
        with socket.create_connection(service.address, timeout=10) as plain:
            plain.sendall(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            require("it speaks in the clear", not plain.recv(4096).startswith(b"HTTP/"))
        asked = health_command(service, **more)
        require(f"its health is told through TLS: {asked}", (asked.returncode, asked.stdout) == (0, "ok\n"))
        asked = health_command(service)
        require(f"in the clear it tells none: {asked}", asked.returncode == 1)
        slow = [socket.create_connection(service.address, timeout=10) for _ in range(200)]
        for connection in slow:
            connection.sendall(b"\x16\x03\x01\x02")
        began = time.monotonic()
        require("it answers beside 200 handshakes that do not end", ask(trusted)[0] == 200 and time.monotonic() - began < 2)
        for connection in slow:
            connection.close()
    asked = health_command(service, **more)
    require(f"a service that has ended has no health: {asked}", asked.returncode == 1)
    with Service(Path(folder) / "clear") as service:
        asked = health_command(service, **more)
        require(f"one in the clear is not taken for one with TLS: {asked}", asked.returncode == 1)
        require("and is well", health_command(service).returncode == 0)
    for wrong, what in (({**more, "REBALANCER_TLS_KEY_FILE": files[2]}, "another key"), ({**more, "REBALANCER_TLS_CERT_FILE": files[1]}, "no certificate"),
                        ({"REBALANCER_TLS_CERT_FILE": files[0]}, "no key")):
        ended = subprocess.run([BINARY], env=environment(Path(folder) / "tls", PORT="0", **wrong), capture_output=True, text=True, timeout=30)
        require(f"it starts with {what}: {ended.stderr}", ended.returncode == 2)


LIMITS = {"REBALANCER_MAX_CONNECTIONS": "64", "REBALANCER_BODIES_MIB": "16", "REBALANCER_ANSWERS_MIB": "8", "REBALANCER_EVENT_STREAMS": "3",
          "REBALANCER_STALL_SECONDS": "2"}
SPARE = 16
MIB = 2**20
SLOW_HEAD = b"GET /api/plans HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
# A health answer may take so long while the service is attacked, and the attack may add so much memory.
HEALTH_SECONDS = 0.25
# The processor's time for one bad body of 8 MiB.
BAD_BODY_SECONDS = 0.4


def memory(service, member="VmRSS"):
    """Resident bytes of the service now, or at most so far (`VmHWM`)."""
    text = Path(f"/proc/{service.process.pid}/status").read_text()
    return int(re.search(rf"{member}:\s+(\d+) kB", text)[1]) * 1024


class Growth:
    """What an attack adds at most to the resident bytes of the service. It begins once those of its start, or of the attack before,
    have gone back to the system: the allocator keeps them for a while, and the greatest size so far would be that of the other."""

    def __init__(self, service):
        self.service = service
        since, self.before = time.monotonic(), memory(service)
        while time.monotonic() - since < 5:
            time.sleep(0.5)
            last, self.before = self.before, memory(service)
            if abs(last - self.before) < MIB:
                break
        # Resets `VmHWM` to the present size.
        Path(f"/proc/{service.process.pid}/clear_refs").write_text("5")

    def __call__(self):
        return memory(self.service, "VmHWM") - self.before


def busy(what, answer):
    """A refusal for want of room says when to come back."""
    refused(what, answer, 503)
    require(f"{what} has Retry-After {answer.headers.get('retry-after')}", answer.headers.get("retry-after", "").isdigit())


def health(service, what, probes=40):
    """The probe is fast while the attack goes on."""
    times = []
    for _ in range(probes):
        began = time.monotonic()
        require(f"health answers amid {what}", service.ask("GET", "/api/health").status == 200)
        times.append(time.monotonic() - began)
    slowest = sorted(times)[-1 - len(times) // 100]
    require(f"amid {what} a probe took {slowest:.3f} s", slowest < HEALTH_SECONDS)
    return slowest


def eventually(what, holds, seconds=10):
    end = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < end:
        time.sleep(0.1)
    require(what, held)


def closed(connections):
    for connection in connections:
        connection.socket.close()


def too_many_connections(service):
    """Slow heads take every place: probes are answered, everything else is refused at once, and the places come back."""
    crowd = []

    def crowded(number=1):
        for _ in range(number):
            connection = Connection(service.address)
            connection.send(SLOW_HEAD)
            crowd.append(connection)
        return all(service.ask("GET", "/api/plans").status == 503 for _ in range(5))

    # A question may have the place that one of the crowd was to take: that one is then refused, and another comes.
    require("the places are taken", crowded(64) or any(crowded() for _ in range(SPARE)))
    busy("a request beyond the connections", service.ask("GET", "/api/plans"))
    busy("a plan beyond the connections", service.ask("POST", "/api/rebalance", body=dump(example("first_plan"))))
    health(service, "slow heads")
    require("readiness answers amid slow heads", service.ask("GET", "/api/ready").status == 200)
    more = [Connection(service.address) for _ in range(2 * SPARE)]
    refusals = []
    for connection in more:
        try:
            refusals.append(connection.answer().status)
        except (ConnectionError, OSError):
            refusals.append(None)
    require(f"beyond the spare places connections are refused or closed: {refusals}", set(refusals) <= {503, None} and 503 in refusals)
    require("a probe is answered after them", service.ask("GET", "/api/health").status == 200)
    closed(crowd + more)
    eventually("the places come back", lambda: service.ask("GET", "/api/plans").status == 200)


def large_body():
    """A body of almost 8 MiB that the decoder reads to its end."""
    body = dump(example("first_plan"))[:-1]
    return body + b" " * (8 * MIB - len(body) - 1) + b"}"


def too_many_bytes(service):
    """Forty bodies of 8 MiB that never end: what does not fit is refused, what stands still is cut off, and small plans pass."""
    body, growth = large_body(), Growth(service)
    head = request_bytes("POST", "/api/rebalance", body)[: -len(body)]
    answers, crowd = [], [Connection(service.address) for _ in range(40)]

    def upload(connection):
        connection.send(head + body[:-1])
        try:
            answers.append(connection.answer())
        except (ConnectionError, OSError, ValueError):
            answers.append(None)

    began = time.monotonic()
    threads = [threading.Thread(target=upload, args=(connection,)) for connection in crowd]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) and time.monotonic() - began < 2:
        require("a small plan passes beside large bodies", service.ask("POST", "/api/rebalance", body=dump(example("first_plan"))).status == 200)
    for thread in threads:
        thread.join()
    spent = time.monotonic() - began
    statuses = [answer.status for answer in answers if answer]
    for answer in answers:
        if answer and answer.status == 503:
            busy("a body beyond the total", answer)
    require(f"bodies beyond the total are refused: {statuses}", 503 in statuses and 408 in statuses and set(statuses) <= {408, 503})
    require(f"bodies that stand still were held for {spent:.1f} s", spent < 15)
    grown = growth()
    require(f"large bodies took {grown // MIB} MiB", grown < 128 * MIB)
    closed(crowd)
    require("a whole large body passes", service.ask("POST", "/api/rebalance", body=body).status == 200)
    return grown


def dripping(service):
    """A small body that comes byte by byte."""
    body = dump(example("first_plan"))
    with Connection(service.address) as connection:
        connection.send(request_bytes("POST", "/api/rebalance", body)[: -len(body)])
        began = time.monotonic()
        connection.socket.settimeout(0.2)
        while time.monotonic() - began < 15:
            connection.send(b" ")
            try:
                refused("a body that drips", connection.answer(), 408)
                break
            except TimeoutError:
                continue
        require(f"a dripping body was held for {time.monotonic() - began:.1f} s", time.monotonic() - began < 5)


def unread(service):
    """Forty clients ask for large answers and never read: others are refused or answered, and the unread answers are dropped."""
    path = "/openapi.json"
    require("the answer is large", len(service.ask("GET", path).body) > MIB)
    growth = Growth(service)
    crowd = []
    for _ in range(40):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(service.address)
        client.sendall(request_bytes("GET", path) * 16)
        crowd.append(client)
    eventually("unread answers fill the total", lambda: service.ask("GET", path).status == 503, 5)
    late = service.ask("GET", path)
    busy("a large answer beside unread ones", late)
    require(f"its Retry-After is the time that unread answers have: {late.headers.get('retry-after')}", late.headers.get("retry-after") == LIMITS["REBALANCER_STALL_SECONDS"])
    require("a small answer beside unread ones", service.ask("GET", "/api/plans?limit=1").status == 200)
    health(service, "unread answers")
    eventually("unread answers are dropped", lambda: service.ask("GET", path).status == 200, 10)
    grown = growth()
    require(f"unread answers took {grown // MIB} MiB", grown < 32 * MIB)
    for client in crowd:
        client.close()


def too_many_streams(service):
    """More watchers of a run than there are streams: the rest is refused, and may read the state."""
    book = {"weights": [0.6, 0.4], "mu": [0.07, 0.03], "sigma": [[0.0256, -0.0019], [-0.0019, 0.0036]], "horizon_days": 252, "paths": 1000000, "path_statistics": True}
    run = service.ask("POST", "/api/runs", body=dump({"simulations": [{**book, "seed": seed} for seed in range(20)]}))
    require(f"a run is accepted: {run.status} {run.body[:300]}", run.status == 202)
    path = f"/api/runs/{run.json()['run_id']}"
    watchers = [Connection(service.address) for _ in range(3)]
    for watcher in watchers:
        watcher.send(request_bytes("GET", f"{path}/events"))
        require("a watcher is served", b" 200 " in watcher.socket.recv(64))
    busy("a watcher beyond the streams", service.ask("GET", f"{path}/events"))
    require("the state is read instead", service.ask("GET", path).status == 200)
    closed(watchers)

    def served():
        with Connection(service.address) as watcher:
            watcher.send(request_bytes("GET", f"{path}/events"))
            return b" 200 " in watcher.socket.recv(64)

    eventually("a place of a watcher comes back", served)
    require("the run is cancelled", service.ask("DELETE", path).status == 200)


def filled(before, entry, after):
    """A body of almost 8 MiB: as many entries as fit."""
    entry = entry if isinstance(entry, bytes) else dump(entry)
    count = (8 * MIB - len(before) - len(after)) // (len(entry) + 1)
    return before + b",".join([entry] * count) + after


def processor_seconds(service):
    fields = Path(f"/proc/{service.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def bad_bodies(service):
    """Bodies of 8 MiB with something wrong: each is refused for little work, and all of them for little memory."""
    asset = {"asset": "A", "target_weight": -1, "current_weight": -1, "price": -1, "historical_returns": [-7]}
    book = b'{"portfolio_value":1000,"assets":['
    returns = b"0.0123456," * 9_999 + b"0.01"
    simulation = {"weights": [2], "mu": [-1e9], "sigma": [[-1]], "paths": -1, "horizon_days": 0}
    attacks = {
        "bad assets": ("/api/rebalance", filled(book, asset, b"]}")),
        "empty assets": ("/api/rebalance", filled(book, {}, b"]}")),
        "numbers for assets": ("/api/rebalance", filled(book, 0, b"]}")),
        "unknown members": ("/api/rebalance", filled(b'{"x":0,', b'"y":{}', b"}")),
        "too many returns": ("/api/rebalance", filled(book, b'{"asset":"A","target_weight":1,"current_weight":1,"historical_returns":[' + returns + b"]}", b"]}")),
        "bad holdings": ("/api/rebalance", filled(book + b'{"asset":"A","target_weight":1,"holdings":[', {"name": "x", "value": -1}, b"]}]}")),
        "bad simulations": ("/api/runs", filled(b'{"simulations":[', simulation, b"]}")),
        "bad portfolios": ("/api/runs", filled(b'{"portfolios":[', {"portfolio_value": -1, "assets": [asset]}, b"]}")),
        "bad fills": ("/api/tca", filled(b'{"orders":[{"fills":[', {"quantity": -1, "price": -1}, b"]}]}")),
        "a broken end": ("/api/risk/report", filled(b'{"returns":[', b"0.0123", b"]")),
        "repeated names": ("/api/risk/report", filled(b'{"returns":{', b'"A":[0.01]', b"}}")),
        "too many names": ("/api/risk/report", b'{"returns":{' + b",".join(b'"%d":[0.01]' % number for number in range(500_000)) + b"}}"),
    }
    service.ask("POST", "/api/rebalance", body=dump(example("first_plan")))
    growth, worst = Growth(service), 0
    for what, (path, body) in attacks.items():
        began = processor_seconds(service)
        answer = service.ask("POST", path, body=body)
        spent = processor_seconds(service) - began
        refused(f"{len(body)} bytes of {what}", answer, 400)
        worst = max(worst, spent)
        require(f"{what} took {spent:.2f} s of processor", spent < BAD_BODY_SECONDS)
    grown = growth()
    print(f"bad bodies of 8 MiB: at most {worst:.2f} s of processor each, {grown / MIB:.0f} MiB more")
    require(f"bad bodies took {grown // MIB} MiB", grown < 128 * MIB)
    path, body = attacks["bad portfolios"]
    crowd = [threading.Thread(target=service.ask, args=("POST", path), kwargs={"body": body}) for _ in range(12)]
    for thread in crowd:
        thread.start()
    health(service, "bad bodies")
    for thread in crowd:
        thread.join()


def large_batch(service):
    """A valid batch of almost 8 MiB, as JSON and a table of fills as long: they are read and taken apart beside the threads that answer."""
    history = [round(0.01234 * ((7 * day) % 13 - 6.5), 5) for day in range(60)]
    asset = {"target_weight": 0.05, "current_weight": 0.07, "price": 100, "historical_returns": history}
    book = {"portfolio_value": 1e6, "assets": [{"asset": f"A{number}", **asset} for number in range(14)]}
    batch = dump({"portfolios": [book] * (7_800_000 // len(dump(book)))})
    table = b"fill_id,executed_at,kind,client_order_id,quantity,price\n" + b"\n".join(
        b"fill-%d,2026-01-02T15:00:00Z,fill,order-%d,1,100" % (number, number % 7) for number in range(130_000))
    path = service.ask("POST", "/api/rebalance", body=dump(example("first_plan"))).json()["metadata"]["plan_id"]
    for what, send in (
        ("a batch", lambda: service.ask("POST", "/api/runs", body=batch)),
        ("a table", lambda: service.ask("POST", f"/api/plans/{path}/fills", body=table, Content_Type="text/csv")),
    ):
        answers = []
        sender = threading.Thread(target=lambda: answers.append(send()))  # noqa: B023
        sender.start()
        while sender.is_alive():
            health(service, what, 10)
        status = answers[0].status
        require(f"{what} of {MIB} bytes and more is answered {status}", status == (202 if what == "a batch" else 400))
        if status == 202:
            require("it is cancelled", service.ask("DELETE", f"/api/runs/{answers[0].json()['run_id']}").status == 200)


def refusals_logged(folder):
    """Who knocks is in the log without asking for more of it, in lines of JSON, and a flood is told in few of them."""
    with Service(Path(folder) / "refusals", HOST="0.0.0.0") as service:
        service.ask("GET", "/api/plans", Host="evil.example")
        forged_line = 'x"}\t{"level":"ERROR","fields":{"message":"forged"}}'
        for _ in range(300):
            service.ask("GET", "/api/plans", "rbk_wrong", X_Request_Id=forged_line, User_Agent=forged_line)
        time.sleep(1.1)
        service.ask("GET", "/api/plans", "rbk_wrong")
    lines = [json.loads(line) for line in service.logged.splitlines() if line.strip()]
    told = [line["fields"] for line in lines]
    refused_lines = [fields for fields in told if fields.get("status") == 401]
    require(f"a wrong key is logged with its sender: {told[:2]}", refused_lines and all(fields["peer"] == "127.0.0.1" for fields in refused_lines))
    require("so is a foreign name", any(fields.get("status") == 421 and fields["peer"] == "127.0.0.1" for fields in told))
    require(f"300 wrong keys wrote {len(refused_lines)} lines", len(refused_lines) < 300)
    require("lines that were left out are counted", sum(fields["left_out"] for fields in refused_lines) > 0)
    require("nobody writes a line of their own", not any(line["level"] == "ERROR" or fields.get("message") == "forged" for line, fields in zip(lines, told)))


def greedy(folder):
    """One key asks for more than its quotas: it is told so and when to come back, and neither another key nor a probe notices."""
    with Service(Path(folder) / "greedy", REBALANCER_RATE_REQUESTS="60", REBALANCER_RATE_WORK_SECONDS="1", REBALANCER_REQUIRE_KEYS="1") as service:
        greedy, modest = service.key("greedy", "read,plan"), service.key("modest", "read,plan")
        answers = [service.ask("GET", "/api/plans", key=greedy) for _ in range(150)]
        over = [answer for answer in answers if answer.status != 200]
        require(f"a quota of 60 lets {len(answers) - len(over)} of 150 pass", 60 <= len(answers) - len(over) <= 75)
        for answer in over[:3]:
            refused("a request beyond the quota", answer, 429)
            waits = answer.headers.get("retry-after", "")
            require(f"Retry-After of one request in a second: {waits}", waits == "1")
            told = [answer.headers.get(name) for name in ("ratelimit-policy", "x-ratelimit-limit", "x-ratelimit-remaining")]
            require(f"the quotas are told: {told}", told == ['"requests";q=60;w=60, "work";q=1;w=60', "60", "0"])
        require("another key is answered", service.ask("GET", "/api/plans", key=modest).status == 200)
        require("probes are answered", all(service.ask("GET", path, key=greedy).status == 200 for path in PROBES))
        wrong = [service.ask("GET", "/api/plans", key="wrong").status for _ in range(100)]
        require(f"wrong keys are refused by address: {sorted(set(wrong))}", wrong[0] == 401 and wrong.count(429) >= 25)
        long = dump({"weights": [1], "mu": [0.05], "sigma": [[0.04]], "paths": 400_000, "path_statistics": True})
        # A second of computing is a few of them in a build of the gates, and many in a released one.
        asked = []
        while len(asked) < 100 and (not asked or asked[-1].status == 200):
            asked.append(service.ask("POST", "/api/stress/monte-carlo", key=modest, body=long))
        worked = [answer for answer in asked if answer.status != 200]
        require(f"computing has a quota: {[answer.status for answer in asked]}", len(worked) == 1 and worked[0].status == 429)
        require("what is stored can be read", service.ask("GET", "/api/plans", key=modest).status == 200)


def large_plan():
    """A plan of a hundred stocks by the optimal method: too much to be computed between answers."""
    history = lambda stock: [round(0.00125 * ((7 * day + 13 * stock) * (day + 3) % 17 - 8), 5) for day in range(250)]  # noqa: E731
    assets = [{"asset": f"A{stock}", "target_weight": 0.01, "current_weight": (1 + stock % 3) / 200, "price": 100, "historical_returns": history(stock)} for stock in range(100)]
    return dump({"portfolio_value": 1e6, "method": "optimal", "store": False, "assets": assets})


def overload(folder):
    """Closed-loop clients offer more than twice what there is room for, plans and a heavier route: some are answered, the others are told when to
    come back, nobody is told anything else, probes stay fast, and what was told is true."""
    places, queue, seconds = 2, 4, 1.5
    crowd = 3 * (places + queue)
    heavy = dump({"weights": [1], "mu": [0.05], "sigma": [[0.04]], "paths": 40_000, "horizon_days": 252, "path_statistics": True})
    routes = {"plans": ("/api/rebalance", large_plan()), "simulations": ("/api/stress/monte-carlo", heavy)}
    with Service(Path(folder) / "overload", REBALANCER_WORKERS=str(places), REBALANCER_QUEUE=str(queue)) as service:

        def alone():
            for what, (path, body) in routes.items():
                status = service.ask("POST", path, body=body).status
                require(f"{what} alone are answered {status}", status == 200)

        alone()
        growth, answers = Growth(service), {what: [] for what in routes}
        ends = time.monotonic() + seconds

        def client(number):
            what = list(routes)[number % 2]
            message = request_bytes("POST", *routes[what])
            with Connection(service.address) as connection:
                while time.monotonic() < ends:
                    connection.send(message)
                    answers[what].append(connection.answer())
                    time.sleep(0 if answers[what][-1].status == 200 else 0.05)

        clients = [threading.Thread(target=client, args=(number,)) for number in range(crowd)]
        for one in clients:
            one.start()
        probes = []
        while time.monotonic() < ends - 0.3:
            began = time.monotonic()
            require("health answers amid twice the load", service.ask("GET", "/api/health").status == 200)
            probes.append(time.monotonic() - began)
            time.sleep(0.03)
        # Clients and service have the same processors: one probe may have waited for them.
        usual, slowest = sorted([0, *probes])[-2:]
        require(f"amid twice the load probes took {usual:.3f} and {slowest:.3f} s", usual < HEALTH_SECONDS and slowest < 1)
        for one in clients:
            one.join()
        cleared = time.monotonic() - ends
        counted = {what: {status: [answer.status for answer in given].count(status) for status in sorted({answer.status for answer in given})} for what, given in answers.items()}
        require(f"twice the load is answered 200, 429 or 503: {counted}", all(set(statuses) <= {200, 429, 503} for statuses in counted.values()))
        require(f"some are answered and some of each are not: {counted}", any(200 in statuses for statuses in counted.values()) and all(503 in statuses for statuses in counted.values()))
        late = [answer for given in answers.values() for answer in given if answer.status != 200]
        for answer in late[:3] + late[-3:]:
            busy("a request beyond the line", answer)
        told = sorted({int(answer.headers.get("retry-after", 0)) for answer in late}) or [0]
        # Who came last into the line was answered so long after the load ended.
        require(f"the line was done {cleared:.1f} s after the load, and clients were told {told} s", told[0] >= 1 and cleared / 4 <= told[-1] <= 4 * cleared + 5)
        grown = growth()
        require(f"twice the load took {grown // MIB} MiB", grown < 128 * MIB)
        alone()
        print(f"{crowd} clients, {places} places and {queue} in line: {counted}, Retry-After {told} s, the line was done after {cleared:.1f} s; "
              f"slowest probe {slowest * 1000:.0f} ms, {grown / MIB:.0f} MiB more")


def log_gone(folder):
    """The reader of standard error goes away, as `tee` on a full disk does: nothing is answered differently."""
    service = Service(Path(folder) / "log", log=subprocess.PIPE, REBALANCER_LOG="info")
    require("it answers while its log is read", service.ask("GET", "/api/health").status == 200)
    service.process.stderr.close()
    for _ in range(4):
        require("health answers without a log", service.ask("GET", "/api/health").status == 200)
        require("a plan is made without a log", service.ask("POST", "/api/rebalance", body=dump(example("first_plan"))).status == 200)
    require("readiness answers without a log", service.ask("GET", "/api/ready").status == 200)
    service.process.terminate()
    require("without a log it ends with 0", service.process.wait(timeout=40) == 0)


def lost_database(folder):
    """The database is removed under a running service: it is said at the next write and at the next start, and no empty one takes its place."""
    data, body = Path(folder) / "lost", dump(example("first_plan"))
    with Service(data) as service:
        require("a plan is made", service.ask("POST", "/api/rebalance", body=body).status == 200)
        for name in os.listdir(data):
            if name.startswith("rebalancer.db"):
                os.rename(data / name, Path(folder) / name)
        refused("a plan without its database", service.ask("POST", "/api/rebalance", body=body), 503)
        refused("readiness without the database", service.ask("GET", "/api/ready"), 503)
        require("health answers without the database", service.ask("GET", "/api/health").status == 200)
        require("nothing takes its place", not (data / "rebalancer.db").exists())
    require("the log names it", b"removed or replaced" in service.logged)
    for arguments in ([], ["keys", "create", "somebody", "--scopes", "read"]):
        again = subprocess.run([BINARY, *arguments], env=environment(data, PORT="0"), capture_output=True, text=True, timeout=60)
        require(f"{arguments or 'a start'} beside a key without its records: {again.returncode} {again.stderr}", again.returncode == 1 and "--new-records" in again.stderr)
    require("still nothing takes its place", not (data / "rebalancer.db").exists())
    for name in os.listdir(folder):
        if name.startswith("rebalancer.db"):
            os.rename(Path(folder) / name, data / name)
    with Service(data) as service:
        require("put back, it holds its plan", service.ask("GET", "/api/audit/verify").json()["plans"] == 1)
    for name in os.listdir(data):
        if name.startswith("rebalancer.db"):
            os.remove(data / name)
    with Service(data, REBALANCER_NEW_RECORDS="1") as service:
        require("new records begin when they are asked for", service.ask("POST", "/api/rebalance", body=body).status == 200)


def small_files(folder):
    """The system lets no file grow beyond 2 MiB (`ulimit -f`): writes are refused, nothing ends."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2 * MIB, 2 * MIB))  # noqa: E731
    with Service(Path(folder) / "files", before=limit) as service:
        body, statuses = dump(example("first_plan")), []
        for _ in range(400):
            statuses.append(service.ask("POST", "/api/rebalance", body=body).status)
            if statuses[-1] != 200:
                break
        require(f"plans are stored and then refused: {set(statuses)}, the last {statuses[-1]}", set(statuses) == {200, 503})
        for path in ("/api/health", "/api/plans?limit=1"):
            require(f"{path} is answered on full files", service.ask("GET", path).status == 200)
        modes = {name: os.stat(service.folder / name).st_mode & 0o777 for name in os.listdir(service.folder)}
        require(f"files are their owner's: {modes}", set(modes.values()) == {0o600})
        require("so is their folder", os.stat(service.folder).st_mode & 0o777 == 0o700)


def monitored(folder):
    """The monitor has an address of its own; what clients send does not become a label there, and the public port does not have it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = free.getsockname()
    with Service(Path(folder) / "monitored", REBALANCER_METRICS_ADDR=f"127.0.0.1:{address[1]}") as service:
        require("the public port has no metrics", service.ask("GET", "/metrics").status == 404)
        require("a plan is made", service.ask("POST", "/api/rebalance", body=dump(example("first_plan"))).status == 200)
        for number in range(50):
            service.ask("GET", f"/api/plans/secret-{number}")
            service.ask("GET", f"/secret-{number}?secret=1", X_Request_Id=f"secret-{number}")
        service.ask("SECRET", "/api/plans")
        first = call(address, "GET", "/metrics")
        text = first.body.decode()
        require(f"the monitor is answered: {first.status}", first.status == 200 and first.headers["content-type"].startswith("text/plain; version=0.0.4"))
        require("no client's word is a label", "secret" not in text.lower())
        for expected in ('{method="GET",route="/api/plans/{plan_id}",status="404"} 50', '{method="POST",route="/api/rebalance",status="200"} 1',
                         "rebalancer_store_plan_seconds_count 1", "rebalancer_runs_open 0", "rebalancer_computations_waiting 0"):
            require(f"the monitor reads {expected}\n{text}", expected in text)
        require("the monitor's port has nothing else", call(address, "GET", "/api/plans").status == 404)
        lines = len(text.splitlines())
        for number in range(50):
            service.ask("GET", f"/other-{number}")
        require("more paths are no more lines", abs(len(call(address, "GET", "/metrics").body.decode().splitlines()) - lines) <= 1)


def slow_connections(service, number):
    """So many clients send heads byte by byte: probes stay fast and memory bounded."""
    crowd = []
    began = time.monotonic()
    slowest = 0
    for at in range(number):
        try:
            connection = Connection(service.address)
        except OSError:
            continue
        connection.send(SLOW_HEAD)
        crowd.append(connection)
        if at % 250 == 249:
            slowest = max(slowest, health(service, f"{number} slow connections", 10))
    for connection in crowd:
        connection.send(b"x")
    slowest = max(slowest, health(service, f"{number} slow connections", 100))
    most = memory(service, "VmHWM")
    print(f"{number} slow connections in {time.monotonic() - began:.1f} s: slowest probe {slowest * 1000:.0f} ms, {most / MIB:.0f} MiB in all")
    require(f"the service had {most // MIB} MiB with {number} slow connections", most < 500 * MIB)
    closed(crowd)


def limits(folder, slow):
    # Slow heads keep their places until the test closes them, however busy the machine is.
    with Service(Path(folder) / "crowded", **{**LIMITS, "REBALANCER_STALL_SECONDS": "60"}) as service:
        too_many_connections(service)
    with Service(Path(folder) / "small", **LIMITS) as service:
        dripping(service)
        unread(service)
        too_many_bytes(service)
        too_many_streams(service)
    with Service(Path(folder) / "bad") as service:
        bad_bodies(service)
        large_batch(service)
    with Service(Path(folder) / "slow") as service:
        slow_connections(service, slow)
    small_files(folder)
    monitored(folder)
    refusals_logged(folder)
    greedy(folder)
    overload(folder)
    log_gone(folder)
    lost_database(folder)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--slow", type=int, metavar="NUMBER", help="only so many slow connections")
    parser.add_argument("--limits", action="store_true", help="only the attacks on limits")
    parser.add_argument("--overload", action="store_true", help="only twice the load")
    parser.add_argument("--tenants", action="store_true", help="only the attacks on tenants, on signatures and through TLS")
    options = parser.parse_args()
    began = time.monotonic()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if options.slow or options.limits or options.tenants or options.overload:
        with tempfile.TemporaryDirectory() as folder:
            if options.overload:
                overload(folder)
            elif options.tenants:
                tenants(Path(folder) / "tenants")
                forged_records(folder)
                inserted_key(folder)
                told_keys(folder)
                through_tls(folder)
            elif options.limits:
                limits(folder, options.slow or 1000)
            else:
                with Service(Path(folder) / "slow", REBALANCER_MAX_CONNECTIONS=str(max(options.slow, 2048))) as service:
                    slow_connections(service, options.slow)
        return done(began)
    with tempfile.TemporaryDirectory() as folder:
        with Service(Path(folder) / "open") as service:
            require("nothing but the address is printed", len(service.printed) == 1)
            rebinding(service)
            cross_site(service)
        locked = Path(folder) / "locked"
        with Service(locked, HOST="0.0.0.0", REBALANCER_LOG="info") as service:
            first = service.printed[0].split()[-1]
            require(f"the first key is printed: {service.printed}", first.startswith("rbk_") and service.ask("GET", "/api/webhooks", first).status == 200)
            read = service.key("reader", "read")
            forged(service, read)
            escalation(service)
            revoked(service)
        for name in os.listdir(locked):
            content = (locked / name).read_bytes()
            require(f"{name} has a secret", first[-43:].encode() not in content and read[-43:].encode() not in content)
        require("the log has a secret", first[-43:].encode() not in service.logged and read[-43:].encode() not in service.logged)
        require("the log names who acted", b'"actor":"reader"' in service.logged)
        with Service(locked, HOST="0.0.0.0") as service:
            require("the first key is printed once", len(service.printed) == 1)
            edited(service, read)
        tenants(Path(folder) / "tenants")
        forged_records(folder)
        inserted_key(folder)
        told_keys(folder)
        through_tls(folder)
        limits(folder, 1000)
    return done(began)


def tenants(folder):
    """Records of tenants are opened with the service, limited in bytes, and named nowhere but in the log."""
    body = dump(example("first_plan"))
    port = socket.socket()
    port.bind(("127.0.0.1", 0))
    metrics = port.getsockname()
    port.close()
    more = {"REBALANCER_REQUIRE_KEYS": "1", "REBALANCER_TENANT_BYTES": str(1 << 20), "REBALANCER_LOG": "info"}
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    with Service(folder, **more) as service:
        acme, umbrella = (service.key("kim", "admin", "--tenant", tenant) for tenant in ("acme", "umbrella"))
        plan = service.ask("POST", "/api/plans", acme, body, Content_Type="application/json")
        require(f"a tenant has a plan: {plan.status}", plan.status in (200, 201))
        path = f"/api/plans/{json.loads(plan.body)['metadata']['plan_id']}"
        there = service.ask("GET", path, acme, traceparent=f"00-{trace}-00f067aa0ba902b7-01")
        require("it is there for its tenant", there.status == 200)
        require(f"the answer tells its trace: {there.headers}", re.fullmatch(f"00-{trace}-[0-9a-f]{{16}}-01", there.headers.get("traceresponse", "")))
        forged = service.ask("GET", path, acme, traceparent='00-"}{"actor":"root')
        require("what is no trace is not told", forged.status == 200 and "traceresponse" not in forged.headers)
        refused("another tenant's plan", service.ask("GET", path, umbrella), 404)
        for number in range(400):
            made = service.ask("POST", "/api/plans", umbrella, body, Content_Type="application/json")
            if made.status == 503:
                break
        refused(f"a plan beyond the quota, after {number}", made, 503)
        require(f"it says when: {made.headers}", made.headers.get("retry-after") == "3600")
        require("and why", b"as much room as they may" in made.body)
        require("it is read", service.ask("GET", "/api/plans", umbrella).status == 200)
        halt = json.dumps({"scope": "all", "reason": "the quota"}).encode()
        require("it is halted", service.ask("POST", "/api/controls/halt", umbrella, halt, Content_Type="application/json").status == 200)
        made = service.ask("POST", "/api/plans", acme, body, Content_Type="application/json")
        require("another tenant is not in its way", made.status in (200, 201))
    require("the log tells whose request it was", b'"tenant":"acme"' in service.logged)
    lines = [json.loads(line) for line in service.logged.splitlines() if trace.encode() in line]
    require(f"the log tells the trace once: {lines}", [line["fields"]["trace_id"] for line in lines] == [trace])
    with Service(folder, REBALANCER_METRICS_ADDR="%s:%s" % metrics, **more) as service:
        files = f"/proc/{service.process.pid}/fd"
        held = lambda: {os.readlink(f"{files}/{name}") for name in os.listdir(files) if os.path.lexists(f"{files}/{name}")}
        for tenant in ("acme", "umbrella"):
            database = os.path.realpath(Path(folder) / "tenants" / tenant / "rebalancer.db")
            eventually(f"the records of {tenant} are opened without a request", lambda: database in held())
            require("they are for their owner", os.stat(database).st_mode & 0o77 == 0)
        text = call(metrics, "GET", "/metrics").body
        require("a tenant in the metrics", b"acme" not in text and b"umbrella" not in text)


def done(began):
    print(f"doors: {checks} checks, {len(faults)} faults, {time.monotonic() - began:.1f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
