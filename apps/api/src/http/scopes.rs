//! Which scope each operation needs. A test compares the table with the contract: an operation without a row fails it.

use engine::access::scope::Scope;

use crate::routes::page::PAGES;

/// What somebody must be to use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nobody in particular: its answer is the same for all and says nothing of what is stored.
    Nothing,
    /// A holder of this scope.
    Scope(Scope),
}

/// Method and path of each operation of the contract that needs a scope. The answers to HEAD need what those to GET do.
#[rustfmt::skip]
const TABLE: [(&str, &str, Scope); 90] = {
    use Scope::{Admin, Approve, Plan, Read};
    [
        ("GET", "/api/preview-scenarios", Read),
        ("POST", "/api/rebalance", Plan),
        ("POST", "/api/plans", Plan),
        ("POST", "/api/rebalance/compare", Plan),
        ("POST", "/api/ai-copilot/insights", Plan),
        ("POST", "/api/ai-copilot/report", Plan),
        ("POST", "/api/import/preview", Plan),
        ("GET", "/api/multi-agent-blueprint", Read),
        ("POST", "/api/multi-agent/tandem-demo", Plan),
        ("POST", "/api/multi-agent/run", Plan),
        ("GET", "/api/multi-agent/runs/{plan_id}", Read),
        ("POST", "/api/forecast", Plan),
        ("POST", "/api/risk/report", Plan),
        ("POST", "/api/risk/covariance", Plan),
        ("POST", "/api/stress/monte-carlo", Plan),
        ("GET", "/api/stress/scenarios", Read),
        ("POST", "/api/stress/scenarios", Plan),
        ("POST", "/api/evaluate/sharpe", Plan),
        ("POST", "/api/tca", Plan),
        ("POST", "/api/regimes", Plan),
        ("POST", "/api/models/explain", Plan),
        ("POST", "/api/backtests", Plan),
        ("GET", "/api/backtests", Read),
        ("GET", "/api/backtests/{backtest_id}", Read),
        ("GET", "/api/backtests/{backtest_id}/events", Read),
        ("GET", "/api/backtests/{backtest_id}/report", Read),
        ("GET", "/api/backtests/{backtest_id}/report.csv", Read),
        ("DELETE", "/api/backtests/{backtest_id}", Plan),
        ("GET", "/api/studies", Read),
        ("GET", "/api/studies/{study}", Read),
        ("POST", "/api/policy/footprint", Plan),
        ("POST", "/api/optimizer/solve", Plan),
        ("POST", "/api/optimizer/path", Plan),
        ("POST", "/api/optimizer/allocate", Plan),
        ("GET", "/api/plans", Read),
        ("GET", "/api/plans/{plan_id}", Read),
        ("GET", "/api/plans/{plan_id}/request", Read),
        ("POST", "/api/plans/{plan_id}/replay", Read),
        ("GET", "/api/plans/{plan_id}/verify", Read),
        ("POST", "/api/plans/{plan_id}/verify", Read),
        ("GET", "/api/plans/{plan_id}/proof", Read),
        ("GET", "/api/plans/{plan_id}/report", Read),
        // Whoever takes the orders of an approved plan moves it to `executing`.
        ("GET", "/api/plans/{plan_id}/orders", Plan),
        ("POST", "/api/plans/{plan_id}/fills", Plan),
        ("GET", "/api/plans/{plan_id}/fills", Read),
        ("GET", "/api/plans/{plan_id}/execution", Read),
        ("GET", "/api/execution", Read),
        ("GET", "/api/plans/{plan_id}/shadow", Read),
        ("GET", "/api/plans/{plan_id}/state", Read),
        ("POST", "/api/plans/{plan_id}/approve", Approve),
        ("POST", "/api/plans/{plan_id}/reject", Approve),
        ("POST", "/api/plans/{plan_id}/cancel", Plan),
        ("POST", "/api/plans/{plan_id}/finish", Plan),
        ("POST", "/api/plans/{plan_id}/outcome", Plan),
        ("GET", "/api/calibration", Read),
        ("POST", "/api/portfolios", Plan),
        ("GET", "/api/portfolios", Read),
        ("GET", "/api/portfolios/{portfolio_id}", Read),
        ("PUT", "/api/portfolios/{portfolio_id}", Plan),
        ("DELETE", "/api/portfolios/{portfolio_id}", Plan),
        ("GET", "/api/portfolios/{portfolio_id}/versions", Read),
        ("GET", "/api/portfolios/{portfolio_id}/versions/{version}", Read),
        ("GET", "/api/models", Read),
        ("GET", "/api/models/{model_id}", Read),
        ("GET", "/api/models/{model_id}/monitoring", Read),
        ("GET", "/api/models/{model_id}/shadow", Read),
        ("POST", "/api/models/{model_id}/promotion", Admin),
        ("POST", "/api/models/{model_id}/demotion", Admin),
        ("POST", "/api/models/cost/refit", Admin),
        // A version of the inventory decides nothing until somebody names it or promotes it.
        ("POST", "/api/models/train", Plan),
        ("POST", "/api/controls/check", Plan),
        ("GET", "/api/controls/policy", Read),
        ("PUT", "/api/controls/policy", Admin),
        ("DELETE", "/api/controls/policy", Admin),
        ("POST", "/api/controls/halt", Approve),
        ("POST", "/api/controls/resume", Admin),
        ("GET", "/api/controls/halts", Read),
        ("POST", "/api/runs", Plan),
        ("GET", "/api/runs", Read),
        ("GET", "/api/runs/{run_id}", Read),
        ("GET", "/api/runs/{run_id}/results", Read),
        ("GET", "/api/runs/{run_id}/events", Read),
        ("DELETE", "/api/runs/{run_id}", Plan),
        // A webhook sends what is stored to an address of its maker's choice.
        ("POST", "/api/webhooks", Admin),
        ("GET", "/api/webhooks", Admin),
        ("DELETE", "/api/webhooks/{webhook_id}", Admin),
        ("GET", "/api/audit", Read),
        ("GET", "/api/audit/verify", Read),
        ("GET", "/api/audit/head", Read),
        ("GET", "/api/audit/export", Read),
    ]
};

/// The probes: they answer to everybody under every name. They say that the service is there, which whoever reaches the port knows, and
/// nothing of what it keeps.
pub const PROBES: [&str; 2] = ["/api/health", "/api/ready"];

/// Files of the page and of the API browser; the same for everybody, as they are in the binary.
const FILES: [&str; 2] = ["/assets/{file:.*}", "/docs/{file:.*}"];

/// What an operation needs, by its method and the pattern of its path. `None` for what is in no table: then nobody but an administrator
/// passes, so a route that is forgotten here is closed and not open.
#[must_use]
pub fn needs(method: &str, pattern: &str) -> Option<Needs> {
    let method = if method == "HEAD" { "GET" } else { method };
    let is_open = method == "GET" && [&PROBES[..], &PAGES, &FILES].iter().any(|open| open.contains(&pattern));
    if is_open {
        return Some(Needs::Nothing);
    }
    let row = TABLE.iter().find(|row| (row.0, row.1) == (method, pattern));
    row.map(|row| Needs::Scope(row.2))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::openapi::document;

    #[test]
    fn each_operation_of_the_contract_has_a_row_and_each_row_an_operation() {
        let mut operations = BTreeSet::new();
        for (path, item) in &document().paths.paths {
            for (operation, method) in [
                (&item.get, "GET"),
                (&item.post, "POST"),
                (&item.put, "PUT"),
                (&item.delete, "DELETE"),
                (&item.patch, "PATCH"),
            ] {
                if operation.is_some() {
                    operations.insert((method, path.as_str()));
                }
            }
        }
        let mut rows: BTreeSet<_> = TABLE.iter().map(|row| (row.0, row.1)).collect();
        assert_eq!(rows.len(), TABLE.len(), "an operation stands twice in the table");
        rows.extend(PROBES.map(|path| ("GET", path)));
        assert_eq!(rows, operations);
    }

    #[test]
    fn only_probes_and_files_need_nothing() {
        for open in ["/", "/docs/", "/openapi.json", "/assets/{file:.*}", "/api/health", "/api/ready"] {
            assert_eq!(
                (needs("GET", open), needs("HEAD", open)),
                (Some(Needs::Nothing), Some(Needs::Nothing)),
                "{open}"
            );
            assert_eq!(needs("POST", open), None, "{open}");
        }
        assert_eq!(needs("HEAD", "/api/plans"), Some(Needs::Scope(Scope::Read)));
        assert_eq!((needs("DELETE", "/api/plans"), needs("GET", "/api/forgotten")), (None, None));
    }
}
