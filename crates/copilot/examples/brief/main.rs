//! Prints the briefs of three plans for one book: trades under a turnover limit, no trades, and no price history.
//!
//! ```text
//! cargo run -p copilot --example brief
//! ```
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

mod book;

use copilot::{Brief, CopilotError, brief};

fn main() -> Result<(), CopilotError> {
    for (title, facts) in [
        ("Four drifts past the threshold, a tight turnover limit", book::mixed()),
        ("Every drift inside the threshold", book::all_hold()),
        ("The first plan again, without price history", book::without_history()),
    ] {
        print(title, &brief(&facts)?);
    }
    Ok(())
}

fn print(title: &str, brief: &Brief) {
    println!("== {title}\n\n{}\n\nTop actions", brief.narrative);
    for top in &brief.top_actions {
        println!("  {:?} {} ({:.4})\n    {}", top.action, top.asset, top.priority_score, top.reason);
    }
    println!("\nRisk flags");
    for flag in &brief.risk_flags {
        println!("  {flag}");
    }
    println!("\nPlaybook");
    for stage in &brief.execution_playbook {
        println!("  - {stage}");
    }
    println!();
}
