//! Portfolios to try: the files of `examples/` with real windows of market history, which `build_scenarios.py` there cuts.

use std::sync::OnceLock;

use utoipa::ToSchema;

use crate::dto::portfolio::RebalanceRequest;

/// The request files, as they are served and as they can be posted.
pub const SCENARIOS: [&str; 7] = [
    include_str!("../../../examples/risk_off_shock.json"),
    include_str!("../../../examples/risk_on_rally.json"),
    include_str!("../../../examples/rates_move.json"),
    include_str!("../../../examples/concentrated_stock_book.json"),
    include_str!("../../../examples/financial_crisis.json"),
    include_str!("../../../examples/pandemic_crash.json"),
    include_str!("../../../examples/inflation_year.json"),
];

/// Portfolios to try.
#[derive(ToSchema)]
pub struct PreviewScenarios {
    /// Request bodies, each with a `name` and a `description` of its window.
    #[schema(min_items = 2)]
    #[expect(dead_code, reason = "describes the answer, which is put together from the files")]
    pub(crate) scenarios: Vec<RebalanceRequest>,
}

/// The answer, put together once from the files.
#[must_use]
pub fn preview_scenarios_json() -> &'static str {
    static JSON: OnceLock<String> = OnceLock::new();
    JSON.get_or_init(|| format!("{{\"scenarios\":[{}]}}", SCENARIOS.map(str::trim).join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::decode;
    use crate::planning::case::Case;
    use crate::planning::plan::make_plan;

    use pipeline::RunWarning;
    use portfolio_core::Action;

    #[test]
    fn every_scenario_gives_complete_figures_and_a_trade() {
        for text in SCENARIOS {
            let request: RebalanceRequest = decode(text.as_bytes()).unwrap();
            let name = request.name.clone().unwrap();
            let plan = make_plan(Case::try_from(request).unwrap()).unwrap().plan;
            assert!(plan.observations >= 250, "{name}");
            assert!(plan.risk_now.unavailable.is_empty(), "{name}: {:?}", plan.risk_now.unavailable);
            assert!(plan.simulation.is_ok(), "{name}");
            assert!(plan.trades.rows.iter().any(|row| row.action != Action::Hold), "{name}");
            // Where the last trades of a turnover limit cost more than they take off, they are left, and a warning says so.
            let others = plan.warnings.iter().filter(|warning| !matches!(warning, RunWarning::TurnoverUnspent { .. }));
            assert_eq!(others.count(), 0, "{name}: {:?}", plan.warnings);
        }
    }
}
