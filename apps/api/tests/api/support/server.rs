use std::net::{SocketAddr, TcpListener};
use std::sync::OnceLock;
use std::sync::mpsc::channel;

use rebalancer::startup::{Settings, run};
use serde_json::Value;

use super::{Connection, Reply};

/// The server that most tests speak to, started once.
pub(crate) fn address() -> SocketAddr {
    static ADDRESS: OnceLock<SocketAddr> = OnceLock::new();
    *ADDRESS.get_or_init(|| start(Settings { workers: 2, queue: 256 }))
}

/// Starts a server as production does; it lives until the process ends.
pub(crate) fn start(settings: Settings) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (ready, wait) = channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async {
            let server = run(listener, settings).unwrap();
            ready.send(()).unwrap();
            server.await.unwrap();
        });
    });
    wait.recv().unwrap();
    address
}

pub(crate) fn get(path: &str) -> Reply {
    Connection::open(address()).request("GET", path, &[], b"")
}

pub(crate) fn post(path: &str, body: &Value) -> Reply {
    post_bytes(path, body.to_string().as_bytes())
}

pub(crate) fn post_bytes(path: &str, body: &[u8]) -> Reply {
    Connection::open(address()).post(path, body)
}

/// The plan for a body that must be accepted.
pub(crate) fn plan(body: &Value) -> Value {
    let reply = post("/api/rebalance", body);
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}
