"""A store that speaks as much of S3 as the batch asks for, in memory, on the loopback: for tests.

Buckets and objects by path: PUT (with `If-None-Match: *`: of any number of writers one succeeds), GET (with `Range`), HEAD, DELETE, POST `?delete`, and GET `?list-type=2`.
Signatures are not checked. Python's standard library only."""

import hashlib
import re
import threading
import time
import urllib.parse
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer is one packet: otherwise each waits for the client to acknowledge its head.
    wbufsize = -1
    disable_nagle_algorithm = True
    objects: dict = {}
    lock = threading.Lock()

    def log_message(self, *_):
        pass

    def key(self):
        return urllib.parse.unquote(urllib.parse.urlsplit(self.path).path).lstrip("/")

    def query(self):
        return urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query, keep_blank_values=True)

    def answer(self, status, body=b"", headers=(), length=None):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def fault(self, status, code):
        self.answer(status, f"<Error><Code>{code}</Code></Error>".encode(), [("Content-Type", "application/xml")])

    def do_PUT(self):
        body, key = self.body(), self.key()
        if "/" not in key:
            return self.answer(200)
        tag = f'"{hashlib.md5(body).hexdigest()}"'
        with self.lock:
            if self.headers.get("If-None-Match") == "*" and key in self.objects:
                return self.fault(412, "PreconditionFailed")
            self.objects[key] = (body, tag, time.time())
        self.answer(200, headers=[("ETag", tag)])

    def do_GET(self):
        if "list-type" in self.query():
            return self.listed()
        with self.lock:
            found = self.objects.get(self.key())
        if found is None:
            return self.fault(404, "NoSuchKey")
        body, tag, written = found
        headers = [("ETag", tag), ("Last-Modified", formatdate(written, usegmt=True)), ("Accept-Ranges", "bytes")]
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if asked:
            first, last = int(asked[1]), min(int(asked[2] or len(body) - 1), len(body) - 1)
            headers.append(("Content-Range", f"bytes {first}-{last}/{len(body)}"))
            return self.answer(206, body[first:last + 1], headers)
        self.answer(200, body, headers)

    do_HEAD = do_GET

    def do_DELETE(self):
        with self.lock:
            self.objects.pop(self.key(), None)
        self.answer(204)

    def do_POST(self):
        bucket = self.key().rstrip("/")
        names = re.findall(r"<Key>(.*?)</Key>", self.body().decode())
        with self.lock:
            for name in names:
                self.objects.pop(f"{bucket}/{name}", None)
        deleted = "".join(f"<Deleted><Key>{name}</Key></Deleted>" for name in names)
        self.answer(200, f"<DeleteResult>{deleted}</DeleteResult>".encode(), [("Content-Type", "application/xml")])

    def listed(self):
        bucket, query = self.key().rstrip("/"), self.query()
        prefix = query.get("prefix", [""])[0]
        with self.lock:
            found = sorted((key[len(bucket) + 1:], *entry) for key, entry in self.objects.items() if key.startswith(f"{bucket}/{prefix}"))
        entries = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(at))}.{int(at % 1 * 1000):03}Z</LastModified>"
            f"<ETag>{escape(tag)}</ETag><Size>{len(body)}</Size><StorageClass>STANDARD</StorageClass></Contents>"
            for key, body, tag, at in found
        )
        text = f"<ListBucketResult><Name>{bucket}</Name><KeyCount>{len(found)}</KeyCount><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>"
        self.answer(200, text.encode(), [("Content-Type", "application/xml")])


def start():
    """Starts a store and returns its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"
