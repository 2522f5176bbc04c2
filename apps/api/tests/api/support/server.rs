//! Servers that tests start on free ports.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use engine::access::keyring::Keyring;
use engine::draining::Draining;
use engine::records::{RecordSettings, Records};
use engine::shadow::DEFAULT_CHALLENGERS;
use engine::webhooks::Reach;
use rebalancer::http::access::Doors;
use rebalancer::http::hosts::Hosts;
use rebalancer::http::problem::refusal_document;
use rebalancer::http::rates::{Quotas, Rates};
use rebalancer::http::totals::Limits;
use rebalancer::machine::Machine;
use rebalancer::startup::{Settings, run};
use rebalancer::tenants::{Means, Tenants};
use serde_json::Value;

use super::{Connection, Reply};

/// The server that most tests speak to, started once.
pub(crate) fn address() -> SocketAddr {
    static ADDRESS: OnceLock<SocketAddr> = OnceLock::new();
    *ADDRESS.get_or_init(|| start(Settings { workers: 2, queue: 256 }))
}

/// A folder of this process's own for records. Folders of processes that ended are removed on the way.
pub(crate) fn data_dir() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let all = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    if number == 0 {
        for entry in std::fs::read_dir(all).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let process = name.strip_prefix("records-").and_then(|rest| rest.split('-').next()?.parse::<u32>().ok());
            if process.is_some_and(|process| !Path::new(&format!("/proc/{process}")).exists()) {
                // Another test may be removing it at the same time.
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
    }
    all.join(format!("records-{}-{number}", std::process::id()))
}

/// Starts a server as production does, with records of its own; it lives until the process ends.
pub(crate) fn start(settings: Settings) -> SocketAddr {
    start_in(settings, data_dir()).0
}

/// Starts a server with records in `data_dir`.
pub(crate) fn start_in(settings: Settings, data_dir: PathBuf) -> (SocketAddr, Draining) {
    start_reaching(settings, data_dir, Reach::Public)
}

/// As [`start_in`], with webhooks that may call addresses within `reach`.
pub(crate) fn start_reaching(settings: Settings, data_dir: PathBuf, reach: Reach) -> (SocketAddr, Draining) {
    start_behind(settings, data_dir, reach, false, Quotas::default(), DEFAULT_CHALLENGERS)
}

/// Starts a server that asks for a key, with records in `data_dir`.
pub(crate) fn start_locked(data_dir: PathBuf) -> SocketAddr {
    start_behind(
        Settings { workers: 2, queue: 64 },
        data_dir,
        Reach::Public,
        true,
        Quotas::default(),
        DEFAULT_CHALLENGERS,
    )
    .0
}

/// Starts a server whose callers have quotas, with records in `data_dir`; it asks for no key, and knows who sends one.
pub(crate) fn start_rated(data_dir: PathBuf, quotas: Quotas) -> SocketAddr {
    start_behind(Settings { workers: 2, queue: 64 }, data_dir, Reach::Public, false, quotas, DEFAULT_CHALLENGERS).0
}

/// Starts a server that runs so many challengers on each plan.
pub(crate) fn start_challenged(challengers: usize) -> SocketAddr {
    let settings = Settings { workers: 2, queue: 64 };
    start_behind(settings, data_dir(), Reach::Public, false, Quotas::default(), challengers).0
}

/// The records of every server of this process, for tests that need plans of another time than now.
static RECORDS: Mutex<Vec<(SocketAddr, Records)>> = Mutex::new(Vec::new());

/// The records of a server.
pub(crate) fn records(address: SocketAddr) -> Records {
    let all = RECORDS.lock().unwrap();
    all.iter().find(|(own, _)| *own == address).unwrap().1.clone()
}

fn start_behind(
    settings: Settings,
    data_dir: PathBuf,
    reach: Reach,
    keys_required: bool,
    quotas: Quotas,
    challengers: usize,
) -> (SocketAddr, Draining) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (ready, wait) = channel();
    let draining = Draining::default();
    let shared = draining.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let keeping = RecordSettings {
            data_dir,
            database_url: None,
            key_file: None,
            reserve_mib: 0,
            tenant: None,
            tenant_bytes: None,
            public_key: None,
            new_key: false,
            new_records: false,
            retention_days: None,
        };
        let records = runtime.block_on(Records::open(&keeping, Arc::new(Machine))).unwrap();
        RECORDS.lock().unwrap().push((address, records.clone()));
        actix_web::rt::System::new().block_on(async {
            // The name that `Connection` asks for.
            let hosts = Hosts::new(&["test".to_owned()], false).unwrap();
            let doors = Doors {
                hosts,
                keys_required,
                keyring: Keyring::new(records.clone()),
                rates: Rates::of(quotas).map(Arc::new),
                tls: None,
                limits: Limits::default(),
                metrics: Arc::default(),
            };
            let means = Means {
                compute: settings.compute(doors.limits),
                draining: shared,
                reach,
                challengers,
                write_refusal: refusal_document,
                // Other tests make plans all the time: these challengers do not wait until they end.
                patience: Duration::ZERO,
            };
            let tenants = Tenants::start(records, keeping, means, runtime.handle().clone()).unwrap();
            let server = run(listener, settings, doors, tenants).unwrap();
            ready.send(()).unwrap();
            server.await.unwrap();
        });
    });
    wait.recv().unwrap();
    (address, draining)
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
