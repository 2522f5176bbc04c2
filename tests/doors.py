#!/usr/bin/env python3
"""Doors: attacks on access, each bounded in number and time, against the built binary.

    tests/doors.py            # REBALANCER_BIN names the binary (default target/debug/rebalancer)

A service on loopback is asked under foreign names (DNS rebinding) and by pages of other sites; a service that listens beyond loopback is
asked without keys, with forged, revoked and edited ones, and for more than a key allows. Python's standard library only.
"""

import functools
import json
import os
import re
import sqlite3
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

    def __init__(self, folder, **more):
        self.folder = folder
        self.log = open(Path(folder).parent / f"log-{len(os.listdir(Path(folder).parent))}", "w+b")
        self.process = subprocess.Popen([BINARY], env=environment(folder, PORT="0", **more), stdout=subprocess.PIPE, stderr=self.log)
        self.printed = []
        while line := self.process.stdout.readline().decode():
            self.printed.append(line)
            if found := re.search(r"http://[\d.]+:(\d+)", line):
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

    def key(self, name, scopes):
        made = self.keys("create", name, "--scopes", scopes)
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


def main():
    began = time.monotonic()
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
    print(f"doors: {checks} checks, {len(faults)} faults, {time.monotonic() - began:.1f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
