//! The committee's brief: every number is the plan's, names stay inert, and the page keeps its own policy.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::bodies::{random_book, scenarios, small, with};
use crate::support::json::{list, number, text};
use crate::support::{Connection, Reply, plan, post, server};

const REPORT: &str = "/api/ai-copilot/report";

fn report(body: &Value, accept: &str) -> Reply {
    let headers = [("Content-Type", "application/json"), ("Accept", accept)];
    let reply = Connection::open(server::address()).request("POST", REPORT, &headers, body.to_string().as_bytes());
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply
}

/// Whether a printed number is the figure at its pointer, to the last digit printed.
fn says(printed: &str, figure: f64) -> bool {
    let (digits, unit) = printed.split_once(['%', ' ']).unwrap_or((printed, ""));
    let digits = digits.replace(',', "");
    let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let is_percentage = printed.ends_with('%') || unit == "pp";
    let exact = if is_percentage { 100.0 * figure } else { figure };
    let exact = if unit == "pp" { exact.abs() } else { exact };
    (digits.parse::<f64>().unwrap() - exact).abs() <= 0.5 * 0.1_f64.powi(decimals as i32) + 1e-9 * exact.abs()
}

#[test]
fn every_number_of_the_brief_is_the_plans_at_its_pointer() {
    let mut bodies = scenarios();
    bodies.extend([small(), random_book(5, 20, 60), random_book(6, 12, 0), with("/turnover_limit", json!(0.01))]);
    let mut seen = 0;
    for body in &bodies {
        let plan = plan(body);
        let brief = post("/api/ai-copilot/insights", body).json()["committee_brief"].clone();
        assert_eq!(brief["decision"], plan["verdict"]["decision"]);
        let answers = list(&brief, "/sections").iter().flat_map(|section| list(section, "/sentences"));
        let actions = list(&brief, "/actions").iter().map(|action| &action["sentence"]);
        for sentence in answers.chain(actions) {
            for cited in list(sentence, "/numbers") {
                let (printed, pointer) = (text(cited, "/text"), text(cited, "/pointer"));
                assert!(text(sentence, "/text").contains(printed), "{sentence}");
                assert!(
                    says(printed, number(&plan, pointer)),
                    "{printed} is not {pointer}: {}",
                    number(&plan, pointer)
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 200, "{seen}");
}

#[test]
fn actions_are_ranked_by_what_each_is_worth() {
    for body in &scenarios() {
        let brief = post("/api/ai-copilot/insights", body).json();
        let worth: Vec<f64> = list(&brief, "/committee_brief/actions")
            .iter()
            .map(|action| number(action, "/marginal_benefit_bps"))
            .collect();
        assert!(!worth.is_empty() && worth.is_sorted_by(|a, b| a >= b), "{worth:?}");
        let top: Vec<f64> =
            list(&brief, "/top_actions").iter().map(|action| number(action, "/marginal_benefit_bps")).collect();
        assert_eq!(top[..], worth[..top.len()]);
    }
}

#[test]
fn the_report_is_one_page_with_a_policy_that_admits_its_style_and_nothing_else() {
    let reply = report(&scenarios()[0], "text/html");
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = reply.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    let page = reply.text();
    assert!(page.starts_with("<!DOCTYPE html>") && page.matches("<svg").count() == 2);
    for absent in ["<script", "javascript:", "src=", "href=", " style=", "@import", "url("] {
        assert!(!page.contains(absent), "{absent}");
    }
    for question in ["What changed?", "What happens if we wait a week?", "by which limit?"] {
        assert!(page.contains(question), "{question}");
    }
    assert_eq!(report(&scenarios()[0], "*/*").body, reply.body, "the same request, the same bytes");
}

#[test]
fn the_other_forms_are_a_header_away() {
    for (accept, media, start) in [
        ("text/markdown", "text/markdown; charset=utf-8", "## "),
        ("application/x, text/plain;q=0.5", "text/plain; charset=utf-8", ""),
        ("TEXT/CSV", "text/csv; charset=utf-8", "rank,asset,action,marginal_benefit_bps,sentence,name,"),
    ] {
        let reply = report(&small(), accept);
        assert_eq!(reply.header("content-type"), Some(media));
        assert!(reply.text().starts_with(start) && !reply.text().contains("<html"), "{}", reply.text());
    }
}

#[test]
fn hostile_names_reach_every_form_as_text() {
    for name in ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "=1+1", "\u{202e}x\u{1b}[2J"] {
        let body = with("/assets/0/asset", json!(name));
        let page = report(&body, "text/html").text();
        assert!(!page.contains("<script") && !page.contains("<img"), "{name}");
        let terminal = report(&body, "text/plain").text();
        assert!(terminal.chars().all(|c| c == '\n' || !c.is_control()) && !terminal.contains('\u{202e}'));
        let sheet = report(&body, "text/csv").text();
        assert!(!sheet.contains(",\"=") && !sheet.contains('\u{1b}'), "{sheet}");
    }
}

#[test]
fn the_examples_in_the_documents_are_what_the_service_says() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/copilot.md");
    let committed = std::fs::read_to_string(&file).unwrap();
    let (head, _) = committed.split_once("<!-- examples:").expect("the page has its examples");
    let mut current = format!("{head}<!-- examples: written by the test `report`, UPDATE_DOCS=1 rewrites them -->\n");
    for body in &scenarios()[..3] {
        let brief = report(body, "text/markdown").text();
        let (title, brief) = brief.split_once('\n').expect("the report begins with its title");
        assert_eq!(title, format!("## {}", text(body, "/name")));
        current += &format!("\n{title}\n\n{}\n{brief}", text(body, "/description"));
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, &current).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap();
    assert!(committed == current, "docs/copilot.md is out of date; UPDATE_DOCS=1 rewrites its examples");
}
