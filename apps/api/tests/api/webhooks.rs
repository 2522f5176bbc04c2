//! Webhooks: made with a secret, told of the end of runs in signed messages, tried again, and gone on with after a restart.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use engine::webhooks::Reach;
use hmac::{Hmac, KeyInit, Mac};
use rebalancer::startup::Settings;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::contract::validator;
use crate::support::bodies::small;
use crate::support::json::{list, names, text};
use crate::support::problem::problem;
use crate::support::{Connection, Reply, server};

const HOOKS: &str = "/api/webhooks";
const SETTINGS: Settings = Settings { workers: 2, queue: 64 };

/// What a receiver was sent.
struct Received {
    head: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Received {
    #[track_caller]
    fn header(&self, name: &str) -> &str {
        let found = self.head.iter().find(|(known, _)| known == name);
        found.map_or_else(|| panic!("no {name} in {:?}", self.head), |(_, value)| value)
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Computes the signature as a receiver does.
    #[track_caller]
    fn is_signed_with(&self, secret: &str) {
        let key = BASE64.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{}.{}.", self.header("webhook-id"), self.header("webhook-timestamp")).as_bytes());
        mac.update(&self.body);
        let signature = format!("v1,{}", BASE64.encode(mac.finalize().into_bytes()));
        assert_eq!(self.header("webhook-signature"), signature);
    }
}

/// A receiver on loopback that answers with these statuses, one after the other, and hands over what it was sent.
struct Receiving {
    address: SocketAddr,
    received: Receiver<Received>,
}

impl Receiving {
    fn answering(statuses: &'static [&'static str]) -> Self {
        Self::at(TcpListener::bind("127.0.0.1:0").unwrap(), statuses)
    }

    fn at(listener: TcpListener, statuses: &'static [&'static str]) -> Self {
        let address = listener.local_addr().unwrap();
        let (sender, received) = channel();
        thread::spawn(move || statuses.iter().for_each(|status| take(&listener, status, &sender)));
        Self { address, received }
    }

    fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    #[track_caller]
    fn next(&self) -> Received {
        self.received.recv_timeout(Duration::from_secs(30)).unwrap()
    }
}

fn take(listener: &TcpListener, status: &str, sender: &Sender<Received>) {
    let (stream, _) = listener.accept().unwrap();
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    let mut head = Vec::new();
    reader.read_line(&mut line).unwrap();
    assert_eq!(line.trim_end(), "POST /hook HTTP/1.1");
    loop {
        line.clear();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        head.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut received = Received { head, body: Vec::new() };
    received.body = vec![0; received.header("content-length").parse().unwrap()];
    reader.read_exact(&mut received.body).unwrap();
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nLocation: /elsewhere\r\nConnection: close\r\n\r\n");
    reader.get_mut().write_all(answer.as_bytes()).unwrap();
    sender.send(received).unwrap();
}

fn ask(address: SocketAddr, method: &str, path: &str) -> Reply {
    Connection::open(address).request(method, path, &[], b"")
}

#[track_caller]
fn hook(address: SocketAddr, body: &Value) -> Value {
    let made = Connection::open(address).post(HOOKS, body.to_string().as_bytes());
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()
}

/// Id of a run of one portfolio.
#[track_caller]
fn submit(address: SocketAddr) -> String {
    let accepted = Connection::open(address).post("/api/runs", json!({"portfolios": [small()]}).to_string().as_bytes());
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    text(&accepted.json(), "/run_id").to_owned()
}

/// The only webhook of a list once `fits` holds of it.
#[track_caller]
fn listed(address: SocketAddr, fits: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..200 {
        let list = ask(address, "GET", HOOKS).json();
        if fits(&list["items"][0]) {
            return list["items"][0].clone();
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("{}", ask(address, "GET", HOOKS).text());
}

#[test]
fn the_end_of_a_run_is_told_signed_and_told_again_until_it_is_taken() {
    let (address, _) = server::start_reaching(SETTINGS, server::data_dir(), Reach::Private);
    let receiver = Receiving::answering(&["500 Internal Server Error", "302 Found", "204 No Content", "200 OK"]);
    let made = hook(address, &json!({"url": receiver.url()}));
    let secret = text(&made, "/secret");
    assert_eq!(made["events"], json!(["run.finished", "run.cancelled"]));
    let run_id = submit(address);
    let attempts = [receiver.next(), receiver.next(), receiver.next()];
    for attempt in &attempts {
        attempt.is_signed_with(secret);
        assert_eq!(attempt.header("content-type"), "application/json");
        assert_eq!(attempt.header("webhook-id"), attempts[0].header("webhook-id"), "one id for all attempts");
        assert_eq!(attempt.body, attempts[0].body);
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let sent: u64 = attempt.header("webhook-timestamp").parse().unwrap();
        assert!(now - 60 < sent && sent <= now, "{sent} {now}");
    }
    assert!(attempts[0].header("webhook-id").contains(&run_id));
    let told = attempts[0].json();
    let schema = validator(&json!({"$ref": "#/components/schemas/WebhookDelivery"}));
    let faults: Vec<String> = schema.iter_errors(&told).map(|fault| fault.to_string()).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    assert_eq!(text(&told, "/type"), "run.finished");
    assert_eq!((text(&told, "/data/kind"), text(&told, "/data/run_id")), ("done", run_id.as_str()));
    assert_eq!(told["data"]["progress"], json!({"total": 1, "finished": 1, "failed": 0, "cancelled": 0}));
    assert_eq!(
        told["timestamp"],
        ask(address, "GET", &format!("/api/runs/{run_id}")).json()["metadata"]["finished_at"]
    );

    let webhook = listed(address, |webhook| webhook["last_delivered_at"].is_string());
    assert_eq!((text(&webhook, "/last_failure"), &webhook["waiting"]), ("answered 302", &json!(0)));
    assert!(!ask(address, "GET", HOOKS).text().contains(secret), "a secret is shown once");
    // Another run is another event.
    let other = submit(address);
    let next = receiver.next();
    assert!(next.header("webhook-id").contains(&other));
    next.is_signed_with(secret);
}

#[test]
fn a_delivery_goes_on_after_a_restart() {
    let folder = server::data_dir();
    // Nobody listens there yet.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap();
    drop(listener);
    let (address, draining) = server::start_reaching(SETTINGS, folder.clone(), Reach::Private);
    let made = hook(address, &json!({"url": format!("http://{place}/hook"), "events": ["run.finished"]}));
    let run_id = submit(address);
    let webhook = listed(address, |webhook| webhook["last_failed_at"].is_string());
    assert_eq!((text(&webhook, "/last_failure"), &webhook["waiting"]), ("not reached", &json!(1)));
    draining.begin();
    thread::sleep(Duration::from_secs(1));

    let receiver = Receiving::at(TcpListener::bind(place).unwrap(), &["200 OK"]);
    let (restarted, _) = server::start_reaching(SETTINGS, folder, Reach::Private);
    let told = receiver.next();
    told.is_signed_with(text(&made, "/secret"));
    assert_eq!(text(&told.json(), "/data/run_id"), run_id);
    let webhook = listed(restarted, |webhook| webhook["last_delivered_at"].is_string());
    assert_eq!((text(&webhook, "/webhook_id"), &webhook["waiting"]), (text(&made, "/webhook_id"), &json!(0)));
}

#[test]
fn what_an_address_leads_to_is_checked_when_it_is_called() {
    let folder = server::data_dir();
    // Neither a name nor an address that was taken before opens the service's own network.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (before, draining) = server::start_reaching(SETTINGS, folder.clone(), Reach::Private);
    for host in ["localhost", "127.0.0.1"] {
        hook(before, &json!({"url": format!("http://{host}:{port}/hook")}));
    }
    draining.begin();
    thread::sleep(Duration::from_secs(1));
    let (address, _) = server::start_reaching(SETTINGS, folder, Reach::Public);
    submit(address);
    listed(address, |webhook| webhook["last_failed_at"].is_string());
    // The second one is tried by another thread at about the same time.
    thread::sleep(Duration::from_secs(1));
    let webhooks = ask(address, "GET", HOOKS).json();
    assert_eq!(names(&webhooks, "/items", "last_failure"), ["an address that is not allowed"; 2]);
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "nobody called");
}

#[test]
fn https_is_told_to_nobody_who_does_not_speak_it() {
    let (address, _) = server::start_reaching(SETTINGS, server::data_dir(), Reach::Private);
    let plain = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/hook", plain.local_addr().unwrap());
    hook(address, &json!({"url": url, "events": ["run.finished"]}));
    submit(address);
    let (mut stream, _) = plain.accept().unwrap();
    let mut head = [0; 3];
    stream.read_exact(&mut head).unwrap();
    assert_eq!(head[..2], [0x16, 3], "a TLS handshake, and not a request in the clear");
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
    drop(stream);
    let webhook = listed(address, |webhook| webhook["last_failed_at"].is_string());
    assert_eq!((text(&webhook, "/last_failure"), &webhook["waiting"]), ("not reached", &json!(1)));
}

#[test]
fn a_receiver_that_does_not_answer_holds_up_no_other() {
    let (address, _) = server::start_reaching(SETTINGS, server::data_dir(), Reach::Private);
    // It takes connections and is silent, for ten seconds each.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    hook(address, &json!({"url": format!("http://{}/hook", silent.local_addr().unwrap())}));
    let receiver = Receiving::answering(&["200 OK"; 4]);
    hook(address, &json!({"url": receiver.url()}));
    for _ in 0..4 {
        submit(address);
    }
    let first = silent.accept().unwrap();
    for _ in 0..4 {
        receiver.next();
    }
    // The others were told while the first attempt still waits, and it is the only one of its receiver.
    silent.set_nonblocking(true).unwrap();
    assert_eq!(silent.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    let (mut stream, _) = first;
    stream.set_nonblocking(true).unwrap();
    let mut sent = [0; 65_536];
    while stream.read(&mut sent).is_ok_and(|count| count > 0) {}
    assert_eq!(stream.read(&mut sent).unwrap_err().kind(), ErrorKind::WouldBlock, "it is still open");
}

#[test]
fn a_receiver_that_is_gone_or_removed_is_told_nothing_more() {
    let (address, _) = server::start_reaching(SETTINGS, server::data_dir(), Reach::Private);
    let receiver = Receiving::answering(&["410 Gone"]);
    let made = hook(address, &json!({"url": receiver.url(), "events": ["run.finished", "run.finished"]}));
    assert_eq!(made["events"], json!(["run.finished"]));
    submit(address);
    receiver.next();
    let webhook = listed(address, |webhook| webhook["last_failed_at"].is_string());
    assert_eq!((text(&webhook, "/last_failure"), &webhook["waiting"]), ("answered that it is gone", &json!(0)));
    // One for cancelled runs is not told of others.
    hook(address, &json!({"url": receiver.url(), "events": ["run.cancelled"]}));
    let both = ask(address, "GET", HOOKS).json();
    assert_eq!(names(&both, "/items", "url"), [receiver.url(), receiver.url()]);
    let path = format!("{HOOKS}/{}", text(&made, "/webhook_id"));
    assert_eq!(ask(address, "DELETE", &path).status, 204);
    problem(&ask(address, "DELETE", &path), 404, "webhook-not-found");
    let left = ask(address, "GET", HOOKS).json();
    assert_eq!((list(&left, "/items").len(), &left["items"][0]["waiting"]), (1, &json!(0)));
}

#[test]
fn only_addresses_that_may_be_called_are_taken() {
    let (public, _) = server::start_reaching(SETTINGS, server::data_dir(), Reach::Public);
    let send = |body: &Value| Connection::open(public).post(HOOKS, body.to_string().as_bytes());
    for url in [
        "http://127.0.0.1/",
        "http://localhost/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "ftp://example.com/",
        "hook",
        "",
    ] {
        let refused = problem(&send(&json!({"url": url})), 400, "invalid-request");
        assert_eq!(text(&refused, "/errors/0/pointer"), "/url", "{url}");
    }
    for (body, pointer) in [
        (json!({}), "/url"),
        (json!({"url": "https://example.com/", "events": []}), "/events"),
        (json!({"url": "https://example.com/", "events": ["plan.made"]}), "/events/0"),
        (json!({"url": "https://example.com/", "secret": "mine"}), "/secret"),
    ] {
        assert_eq!(text(&problem(&send(&body), 400, "invalid-request"), "/errors/0/pointer"), pointer, "{body}");
    }
    assert_eq!(ask(public, "GET", HOOKS).json()["items"], json!([]));
    for _ in 0..100 {
        assert_eq!(send(&json!({"url": "https://desk.example/hook"})).status, 201);
    }
    let refused = problem(&send(&json!({"url": "https://desk.example/hook"})), 400, "invalid-request");
    assert_eq!(text(&refused, "/errors/0/code"), "limit");
}
