//! The command as a shell meets it.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use governance::Digest;
use serde_json::{Value, json};

use crate::support::bodies::{rejected, scenarios, small, without};
use crate::support::client::timeless;
use crate::support::json::{names, text};
use crate::support::server::{self, data_dir};
use crate::support::{Connection, post};

pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rebalancer"));
    for (name, _) in
        std::env::vars().filter(|(name, _)| name == "HOST" || name == "PORT" || name.starts_with("REBALANCER_"))
    {
        command.env_remove(name);
    }
    command.env_remove("DATABASE_URL").env("REBALANCER_DATA_DIR", data_dir());
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub(crate) fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = command(arguments).spawn().unwrap();
    // A command that does not read its input closes it early; that is its business.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A file of this test's own, removed when the test ends.
pub(crate) struct File(PathBuf);

impl File {
    pub(crate) fn new(name: &str, content: &str) -> Self {
        let path = std::env::temp_dir().join(format!("rebalancer-test-{}-{name}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // The file is a temporary one: whether it can still be removed does not matter.
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn a_plan_on_the_command_line_is_the_plan_of_the_api() {
    for (i, body) in scenarios().into_iter().enumerate() {
        let served = post("/api/rebalance", &body).timeless();
        let file = File::new(&format!("plan-{i}.json"), &body.to_string());
        let from_file = run(&["plan", file.path()], "");
        let from_stdin = run(&["plan", "-"], &body.to_string());
        for output in [from_file, from_stdin] {
            assert_eq!(output.status.code(), Some(0));
            assert_eq!(timeless(&stdout(&output)), served);
            assert!(output.stderr.is_empty());
        }
    }
}

#[test]
fn the_committed_examples_can_be_planned() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut planned = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let output = run(&["plan", path.to_str().unwrap()], "");
            assert_eq!(output.status.code(), Some(0), "{}", path.display());
            let plan: Value = serde_json::from_slice(&output.stdout).unwrap();
            assert!(names(&plan, "/trades", "action").iter().any(|action| *action != "Hold"), "{}", path.display());
            planned += 1;
        }
    }
    assert!(planned >= 4);
}

#[test]
fn a_table_has_a_line_per_asset_and_totals() {
    let output = run(&["plan", "-", "--format", "table"], &small().to_string());
    assert_eq!(output.status.code(), Some(0));
    let table = stdout(&output);
    let line = |start: &str| {
        table.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{start} in {table}")).to_owned()
    };
    assert!(line("ETF").contains("66.00%") && line("ETF").contains("Sell"), "{table}");
    assert!(line("Gold").contains("Buy") && line("cash").contains('%'), "{table}");
    assert!(table.contains("Two-way turnover") && table.contains("Costs"), "{table}");
}

#[test]
fn a_name_cannot_move_the_cursor_of_a_terminal() {
    let mut body = small();
    body["assets"][0]["asset"] = "\u{1b}[2J\u{9b}31mred\r\n".into();
    let output = run(&["plan", "-", "--format", "table"], &body.to_string());
    assert_eq!(output.status.code(), Some(0));
    assert!(!stdout(&output).contains(['\u{1b}', '\u{9b}', '\r']));
}

#[test]
fn a_refused_plan_is_a_problem_on_standard_error_and_exit_code_one() {
    let output = run(&["plan", "-"], &without("/assets/0/target_weight").to_string());
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let problem: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(names(&problem, "/errors", "pointer"), ["/assets/0/target_weight"]);
    assert_eq!(text(&problem, "/type"), "/problems/invalid-request");
    for bad in ["", "{", "[]"] {
        let output = run(&["plan", "-"], bad);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{bad:?}");
    }
}

#[test]
fn a_missing_file_or_a_wrong_argument_is_exit_code_two() {
    let wrong: [&[&str]; 6] = [
        &["plan", "/no/such/file.json"],
        &["plan"],
        &["no-such-command"],
        &["--no-such-flag"],
        &["serve", "--port", "70000"],
        &["serve", "--workers", "0"],
    ];
    for arguments in wrong {
        let output = run(arguments, "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}");
    }
    let output = run(&["plan", "/no/such/file.json"], "");
    assert!(String::from_utf8_lossy(&output.stderr).contains("/no/such/file.json"));
}

#[test]
fn the_document_the_help_and_the_version_are_printed() {
    let openapi = run(&["openapi"], "");
    assert_eq!((openapi.status.code(), stdout(&openapi)), (Some(0), rebalancer::openapi::document_json().to_owned()));
    let help = run(&["--help"], "");
    assert_eq!(help.status.code(), Some(0));
    for word in [
        "serve",
        "plan",
        "openapi",
        "health",
        "HOST",
        "PORT",
        "REBALANCER_WORKERS",
        "REBALANCER_QUEUE",
        "REBALANCER_LOG",
        "Exit codes",
    ] {
        assert!(stdout(&help).contains(word), "{word}");
    }
    let version = run(&["--version"], "");
    assert_eq!(stdout(&version), format!("rebalancer {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_configuration_is_printed_without_secrets() {
    let mut asked = command(&["config", "--queue", "7"]);
    asked.env("DATABASE_URL", "postgres://me:hunter2@db/records").env("REBALANCER_BODIES_MIB", "64");
    let printed = asked.env("REBALANCER_HOSTS", "a.example,b.example").output().unwrap();
    assert_eq!(printed.status.code(), Some(0));
    let table = stdout(&printed);
    let row = |variable: &str| {
        let line =
            table.lines().find(|line| line.starts_with(variable)).unwrap_or_else(|| panic!("{variable}\n{table}"));
        line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).take(3).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(row("REBALANCER_QUEUE"), ["REBALANCER_QUEUE", "7", "command line"]);
    assert_eq!(row("REBALANCER_BODIES_MIB"), ["REBALANCER_BODIES_MIB", "64", "environment"]);
    assert_eq!(row("REBALANCER_ANSWERS_MIB"), ["REBALANCER_ANSWERS_MIB", "256", "default"]);
    assert_eq!(row("REBALANCER_HOSTS"), ["REBALANCER_HOSTS", "a.example,b.example", "environment"]);
    assert_eq!(row("REBALANCER_REQUIRE_KEYS"), ["REBALANCER_REQUIRE_KEYS", "false", "default"]);
    assert_eq!(row("REBALANCER_RETENTION_DAYS"), ["REBALANCER_RETENTION_DAYS", "-", "default"]);
    assert_eq!(row("DATABASE_URL"), ["DATABASE_URL", "(set, not shown)", "environment"]);
    assert!(!table.contains("hunter2"));
}

#[test]
fn a_mistyped_variable_is_told_and_changes_nothing() {
    let mut asked = command(&["config"]);
    asked.env("REBALANCER_REQUIRE_KEY", "true").env("REBALANCER_NEW_KEYS", "x");
    // What a cluster adds for a service of this name.
    asked.env("REBALANCER_SERVICE_HOST", "10.0.0.1").env("REBALANCER_PORT_5000_TCP", "tcp://10.0.0.1:5000");
    let table = stdout(&asked.output().unwrap());
    for name in ["REBALANCER_REQUIRE_KEY", "REBALANCER_NEW_KEYS"] {
        assert!(table.contains(&format!("{name}  is set, and no setting of this service\n")), "{table}");
    }
    assert!(!table.contains("10.0.0.1") && !table.contains("REBALANCER_SERVICE_HOST"), "{table}");
    // The table has every setting of its own once.
    let known = stdout(&command(&["config"]).output().unwrap());
    assert!(!known.contains("no setting of this service"), "{known}");
}

/// A service started as a user starts it; ended with the test at the latest.
struct Service {
    child: Child,
    port: u16,
}

impl Service {
    fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://127.0.0.1:").nth(1).unwrap_or_else(|| panic!("no address in {line:?}"));
        let port = address.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap();
        Self { child, port }
    }

    fn connect(&self) -> Connection {
        Connection::open(([127, 0, 0, 1], self.port).into())
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    fn exit_code(&mut self, within: Duration) -> Option<i32> {
        let started = Instant::now();
        while started.elapsed() < within {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("still running after {within:?}");
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // A test that failed half-way leaves it running; one that passed has ended it already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_service_says_where_it_is_answers_and_ends_when_asked() {
    let mut environment = command(&[]);
    environment.env("PORT", "0");
    for (mut command, signal) in [(environment, "-TERM"), (command(&["serve", "--port", "0"]), "-INT")] {
        command.stdin(Stdio::null());
        let mut service = Service::start(command);
        let port = service.port.to_string();
        let health = run(&["health", "--port", &port], "");
        assert_eq!((health.status.code(), stdout(&health).as_str()), (Some(0), "ok\n"));
        assert_eq!(service.connect().post("/api/rebalance", small().to_string().as_bytes()).status, 200);

        service.signal(signal);
        assert_eq!(service.exit_code(Duration::from_secs(10)), Some(0), "{signal}");
        let health = run(&["health", "--port", &port], "");
        assert_eq!(health.status.code(), Some(1), "nobody is there any more");
        assert!(String::from_utf8_lossy(&health.stderr).contains(&port));
    }
}

/// Peak resident memory of a process in bytes, where the system tells.
#[cfg(target_os = "linux")]
fn peak_memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[cfg(target_os = "linux")]
#[test]
fn hostile_bodies_do_not_swell_the_service() {
    let mut command = command(&["serve", "--port", "0", "--workers", "2"]);
    command.stdin(Stdio::null());
    let service = Service::start(command);
    assert_eq!(service.connect().post("/api/rebalance", small().to_string().as_bytes()).status, 200);
    let before = peak_memory(service.child.id());
    for piece in ["[],", "{},", "0,", "\"\","] {
        let body = format!("{{\"assets\": [{}0]}}", piece.repeat(7 * 1024 * 1024 / piece.len()));
        assert_eq!(service.connect().post("/api/rebalance", body.as_bytes()).status, 400);
    }
    let grown = peak_memory(service.child.id()).saturating_sub(before);
    assert!(grown < 256 * 1024 * 1024, "grown by {} MiB", grown / 1024 / 1024);
}

#[test]
fn an_address_in_use_is_a_failure_with_a_reason() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = run(&["serve", "--port", &port], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains(&port));
}

#[test]
fn the_log_is_json_lines_that_a_client_cannot_forge() {
    let mut command = command(&["serve", "--port", "0", "--log", "info"]);
    command.stdin(Stdio::null());
    let mut service = Service::start(command);
    let hostile = [("X-Request-Id", "forged\"},{\"level\":\"ERROR")];
    assert_eq!(service.connect().request("GET", "/api/health", &hostile, b"").status, 200);
    assert_eq!(service.connect().request("GET", "/%0a%7b%22level%22:1%7d", &[], b"").status, 404);
    service.signal("-TERM");
    service.exit_code(Duration::from_secs(10));
    let mut log = String::new();
    service.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect();
    let answered: Vec<&Value> = lines.iter().filter(|line| line["fields"]["message"] == "answered").collect();
    assert_eq!(answered.len(), 2, "{log}");
    assert!(answered.iter().all(|line| line["level"] == "INFO" && line["fields"]["status"].is_u64()), "{log}");
}

#[test]
fn stress_prints_json_or_tables_of_a_plan_and_of_a_request_for_scenarios() {
    let history: Vec<f64> = (0..80).map(|day| 0.01 * f64::from(day * 37 % 11 - 5)).collect();
    let plan = json!({"portfolio_value": 50_000, "drift_threshold": 0.02, "assets": [
        {"asset": "SP500_INDEX", "target_weight": 0.5, "current_weight": 0.6, "historical_returns": history},
        {"asset": "Gold", "target_weight": 0.5, "current_weight": 0.4},
    ]});
    let printed = run(&["stress", "-"], &plan.to_string());
    assert!(printed.status.success() && printed.stderr.is_empty(), "{}", String::from_utf8_lossy(&printed.stderr));
    let answer: Value = serde_json::from_str(&stdout(&printed)).unwrap();
    let crisis = answer["scenarios"]["scenarios"].as_array().unwrap().iter().find(|s| s["id"] == "2008").unwrap();
    assert!(
        (crisis["profit_and_loss"].as_f64().unwrap() + 30_000.0 * (1.0 - 676.53 / 1565.15)).abs() < 2.0,
        "{crisis}"
    );
    assert_eq!(crisis["not_assessed"][0]["asset"], "Gold");
    assert_eq!(answer["simulation"]["paths_used"], 10_000);
    assert_eq!(answer["simulation"]["drift"], "risk_free_plus_premium");
    assert!(answer["scenarios"]["reverse"]["kkt_residual"].as_f64().unwrap() <= 1e-9);

    let drawn = stdout(&run(&["stress", "-", "--format", "table"], &plan.to_string()));
    for words in [
        "Global financial crisis",
        "2009-03-09",
        "standard deviations away",
        "####",
        "Gold (no shipped series",
        "(risk_free_plus_premium)",
    ] {
        assert!(drawn.contains(words), "{words}: {drawn}");
    }
    let scenarios = r#"{"portfolio_value": 100, "assets": [{"asset": "SPY", "weight": 1}], "scenarios": ["2015"]}"#;
    let answer: Value = serde_json::from_str(&stdout(&run(&["stress", "-"], scenarios))).unwrap();
    assert_eq!((&answer["simulation"], answer["scenarios"]["scenarios"].as_array().unwrap().len()), (&Value::Null, 1));
    let refused = run(&["stress", "-"], r#"{"portfolio_value": 100, "assets": []}"#);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("/assets"));
}

#[test]
fn a_backtest_prints_json_or_a_chart() {
    let body = r#"{"returns": {"Wave": [1.0, -0.5, 1.0, -0.5], "Still": [0, 0, 0, 0]}, "policies": [
        {"name": "hold", "kind": "buy_and_hold"}, {"name": "uniform", "kind": "fixed_weights"}]}"#;
    let printed = run(&["backtest", "-"], body);
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    let answer: Value = serde_json::from_str(&stdout(&printed)).unwrap();
    // As text: the order of the assets is part of the history.
    let served = Connection::open(server::address()).post("/api/backtests", body.as_bytes()).json();
    assert_eq!((&answer["policies"], &answer["digest"]), (&served["policies"], &served["digest"]));

    let drawn = stdout(&run(&["backtest", "-", "--chart"], body));
    assert!(drawn.contains("* hold") && drawn.contains("o uniform"), "{drawn}");
    assert!(drawn.contains("uniform beside hold: not distinguishable (no p-value, level 0.05, 1 trials)"), "{drawn}");

    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let [page, table] = ["backtest-report.html", "backtest-days.csv"].map(|name| folder.join(name));
    let files = ["--html", page.to_str().unwrap(), "--csv", table.to_str().unwrap()];
    let written = run(&[&["backtest", "-"][..], &files].concat(), body);
    // Nothing is printed instead, and no bar is drawn where nobody watches.
    assert!(written.status.success() && written.stdout.is_empty() && written.stderr.is_empty(), "{written:?}");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("<h2>Verdict</h2>") && page.contains(text(&answer, "/digest")), "{page}");
    assert!(page.contains(&Digest::of_bytes(body.as_bytes()).to_string()));
    let table = std::fs::read_to_string(table).unwrap();
    let last = table.trim_end().rsplit("\r\n").next().unwrap();
    // What was doubled and halved twice is what it was.
    assert!(last.starts_with("4,1,0.333"), "{table}");
    let nowhere = run(&["backtest", "-", "--html", folder.to_str().unwrap()], body);
    assert_eq!(nowhere.status.code(), Some(1));

    let refused = run(&["backtest", "-"], r#"{"returns": {"A": [0.1, 0.2]}, "policies": []}"#);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("/policies"));
}

#[test]
fn a_table_shows_the_verdict_and_its_gravest_measures() {
    let table = |body: &Value| stdout(&run(&["plan", "-", "--format", "table"], &body.to_string()));
    let approved = table(&small());
    let verdict = post("/api/rebalance", &small()).json()["verdict"].clone();
    let line = format!("Verdict {}. {}", text(&verdict, "/decision"), text(&verdict, "/sentence"));
    assert!(approved.lines().any(|shown| shown == line), "{line}: {approved}");

    let shown = table(&rejected());
    assert!(shown.contains("\nVerdict REJECTED. Rejected: above a level at which plans are rejected"), "{shown}");
    let measure = shown.lines().find(|line| line.starts_with("  Blocking: data-quality shortfall "));
    assert!(measure.is_some_and(|line| line.contains("%, rejected above 3.00%")), "{shown}");
}

#[test]
fn the_orders_of_a_rejected_plan_are_written_only_despite_its_verdict() {
    let body = rejected().to_string();
    let said = |output: &Output| String::from_utf8(output.stderr.clone()).unwrap();
    for format in ["json", "csv", "basket", "fix"] {
        let refused = run(&["orders", "-", "--format", format], &body);
        assert_eq!((refused.status.code(), refused.stdout.len()), (Some(1), 0), "{format}");
        assert!(said(&refused).starts_with("rebalancer: Verdict REJECTED. Rejected: "), "{}", said(&refused));
        assert!(said(&refused).contains("--despite-verdict"), "{}", said(&refused));
    }
    let written = run(&["orders", "-", "--format", "csv", "--despite-verdict"], &body);
    assert_eq!(written.status.code(), Some(0), "{}", said(&written));
    assert!(stdout(&written).lines().count() > 1 && said(&written).contains("Verdict REJECTED."), "{written:?}");
    let usual = run(&["orders", "-"], &small().to_string());
    let decision = text(&post("/api/rebalance", &small()).json(), "/verdict/decision").to_owned();
    assert_eq!(usual.status.code(), Some(0));
    assert!(said(&usual).starts_with(&format!("rebalancer: Verdict {decision}. ")), "{}", said(&usual));
}
