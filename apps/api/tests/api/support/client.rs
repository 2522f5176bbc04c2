//! An HTTP client that sees every byte of an answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// An answer, as it came.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("not JSON ({e}): {}", self.text()))
    }

    /// The body without its last member, `metadata`: all that may differ between two equal requests.
    pub(crate) fn timeless(&self) -> String {
        timeless(&self.text())
    }
}

/// As [`Reply::timeless`], for a document from elsewhere.
pub(crate) fn timeless(text: &str) -> String {
    let end = text.rfind(",\"metadata\":").unwrap_or_else(|| panic!("no metadata in {text}"));
    text[..end].to_owned()
}

/// A request with a JSON body, or none for null, that overwrites whatever it finds.
pub(crate) fn send_json(address: SocketAddr, method: &str, path: &str, body: &Value) -> Reply {
    let headers = [("Content-Type", "application/json"), ("If-Match", "*")];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    Connection::open(address).request(method, path, &headers, body.as_bytes())
}

/// The answer to a body that must be accepted.
pub(crate) fn post_json(address: SocketAddr, path: &str, body: &Value) -> Value {
    let reply = send_json(address, "POST", path, body);
    assert!(reply.status < 300, "{path}: {}", reply.text());
    reply.json()
}

/// The document at a path.
pub(crate) fn get_json(address: SocketAddr, path: &str) -> Value {
    send_json(address, "GET", path, &Value::Null).json()
}

/// A connection that can carry several requests. It sends exactly the bytes it is given.
pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    pub(crate) fn request(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        if !body.is_empty() || method == "POST" {
            head += &format!("Content-Length: {}\r\n", body.len());
        }
        head += "\r\n";
        self.send(&[head.as_bytes(), body].concat());
        let reply = if method == "HEAD" { self.head() } else { self.try_reply() };
        reply.expect("an answer before the connection closes")
    }

    pub(crate) fn post(&mut self, path: &str, body: &[u8]) -> Reply {
        self.request("POST", path, &[("Content-Type", "application/json")], body)
    }

    /// Sends raw bytes. A server that has already answered and closed is not a failure of the sender.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        let _ = self.try_send(bytes);
    }

    /// Sends raw bytes and says whether the server still takes them.
    pub(crate) fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.0.get_mut().write_all(bytes).is_ok()
    }

    /// How long the next reads may wait.
    pub(crate) fn wait_at_most(&mut self, time: Duration) {
        self.0.get_mut().set_read_timeout(Some(time)).unwrap();
    }

    pub(crate) fn reply(&mut self) -> Reply {
        self.try_reply().expect("an answer before the connection closes")
    }

    /// The next answer, or `None` when the server closed the connection instead.
    pub(crate) fn try_reply(&mut self) -> Option<Reply> {
        let mut reply = self.head()?;
        if reply.header("transfer-encoding") == Some("chunked") {
            reply.body = self.chunks();
        } else if let Some(length) = reply.header("content-length") {
            reply.body = vec![0; length.parse().unwrap()];
            self.0.read_exact(&mut reply.body).unwrap();
        }
        Some(reply)
    }

    /// Status and headers of the next answer.
    fn head(&mut self) -> Option<Reply> {
        let status_line = self.line()?;
        let status = status_line.split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap();
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        Some(Reply { status, headers, body: Vec::new() })
    }

    /// Says that nothing more will be sent, and keeps listening.
    pub(crate) fn finish(&mut self) {
        self.0.get_mut().shutdown(Shutdown::Write).unwrap();
    }

    /// Whether the server has closed its side. Waits up to the read timeout for it.
    pub(crate) fn is_closed(&mut self) -> bool {
        match self.0.fill_buf() {
            Ok(bytes) => bytes.is_empty(),
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }

    fn chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let size = usize::from_str_radix(self.line().unwrap().trim(), 16).unwrap();
            let mut chunk = vec![0; size];
            self.0.read_exact(&mut chunk).unwrap();
            self.line();
            if size == 0 {
                return body;
            }
            body.extend(chunk);
        }
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.0.read_line(&mut line) {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(line.trim_end_matches(['\r', '\n']).to_owned()),
        }
    }
}
