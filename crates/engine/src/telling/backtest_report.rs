//! The report of a backtest, from the bytes of its request and of its answer.

use copilot::{
    BacktestFacts, BacktestSource, ComparisonFacts, PolicyFacts, PolicyFigure, PolicyFigureName, ReplayedPolicy,
    backtest_csv, backtest_html,
};
use governance::Digest;
use portfolio_core::NaiveDate;
use serde::Deserialize;

use crate::decode::decode;
use crate::dto::backtest::{
    BacktestBand, BacktestPolicyKind, BacktestPolicyRequest, PolicyBacktestRequest, RebalanceCadence,
};
use crate::dto::warning_code::WarningCode;
use crate::questions::backtest::survivors;
use crate::refusal::Refusal;

/// The forms of the report of a backtest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BacktestReportForm {
    /// One printable page with curves.
    Html,
    /// Wealth and drawdown by day, as a table.
    Csv,
}

/// A queued backtest: its id, and when it was accepted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeptAs<'a> {
    pub(crate) backtest_id: &'a str,
    pub(crate) created_at: &'a str,
}

/// The report of a backtest that was answered and not kept.
///
/// # Errors
/// [`Refusal::RecordChanged`] when the bytes are not those of a backtest and its answer.
pub fn report_of_answer(request: &[u8], answer: &[u8], form: BacktestReportForm) -> Result<String, Refusal> {
    backtest_report(request, answer, None, form)
}

/// The report of a backtest: `request` and `answer` are the bytes of both, and nothing is computed again.
///
/// # Errors
/// [`Refusal::RecordChanged`] when the bytes are not those of a backtest.
pub(crate) fn backtest_report(
    request: &[u8],
    answer: &[u8],
    kept_as: Option<KeptAs<'_>>,
    form: BacktestReportForm,
) -> Result<String, Refusal> {
    let asked: PolicyBacktestRequest = decode(request).map_err(|_| Refusal::RecordChanged)?;
    let kept: KeptBacktest = serde_json::from_slice(answer).map_err(|error| Refusal::unreadable(&error))?;
    let source = BacktestSource {
        request_digest: Digest::of_bytes(request).to_string(),
        backtest_id: kept_as.map(|kept_as| kept_as.backtest_id.to_owned()),
        created_at: kept_as.map_or(kept.metadata.timestamp_utc.as_str(), |kept_as| kept_as.created_at).to_owned(),
        engine_version: kept.metadata.engine_version.clone(),
    };
    let facts = facts(&asked, kept, source);
    Ok(match form {
        BacktestReportForm::Html => backtest_html(&facts),
        BacktestReportForm::Csv => backtest_csv(&facts),
    })
}

/// The answer of a backtest, as far as its report reads it. Each field has the name of its member.
#[derive(Debug, Deserialize)]
struct KeptBacktest {
    first_day: usize,
    policies: Vec<KeptPolicy>,
    comparisons: Vec<KeptComparison>,
    trials: u64,
    digest: String,
    warnings: Vec<KeptWarning>,
    metadata: KeptMetadata,
}

#[derive(Debug, Deserialize)]
struct KeptPolicy {
    name: String,
    terminal_wealth: f64,
    wealth: Vec<f64>,
    drawdown: Vec<f64>,
    turnover_two_way: f64,
    cost_fraction: f64,
    metrics: KeptMetrics,
    intervals: KeptIntervals,
    annual_growth: Option<f64>,
    trades: u64,
    digest: String,
}

#[derive(Debug, Deserialize)]
struct KeptMetrics {
    volatility: Option<f64>,
    sharpe: Option<f64>,
    max_drawdown: Option<f64>,
    var_95: Option<f64>,
    cvar_95: Option<f64>,
    tracking_error: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct KeptIntervals {
    volatility: Option<KeptInterval>,
    sharpe: Option<KeptInterval>,
    var_95: Option<KeptInterval>,
    cvar_95: Option<KeptInterval>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct KeptInterval {
    lower: Option<f64>,
    upper: Option<f64>,
    level: f64,
}

#[derive(Debug, Deserialize)]
struct KeptComparison {
    a: String,
    b: String,
    verdict: String,
    p_value: Option<f64>,
    significance: f64,
    trials: u64,
}

#[derive(Debug, Deserialize)]
struct KeptWarning {
    code: String,
    pointer: String,
    detail: String,
}

#[derive(Debug, Deserialize)]
struct KeptMetadata {
    timestamp_utc: String,
    engine_version: String,
}

fn facts(asked: &PolicyBacktestRequest, kept: KeptBacktest, source: BacktestSource) -> BacktestFacts {
    let assets: Vec<String> = asked.series().names().map(|name| name.trim().to_owned()).collect();
    let days = kept.policies.first().map_or(0, |policy| policy.wealth.len());
    BacktestFacts {
        source,
        caveats: survivors(assets.iter().map(String::as_str)).into_iter().collect(),
        assets,
        first_day: kept.first_day,
        dates: dates(asked, kept.first_day, days),
        policies: kept.policies.into_iter().zip(&asked.policies).map(|(kept, asked)| policy(kept, asked)).collect(),
        comparisons: kept.comparisons.into_iter().map(comparison).collect(),
        trials: kept.trials,
        digest: kept.digest,
        // A caveat is told above everything else, and once.
        warnings: (kept.warnings.into_iter())
            .filter(|warning| warning.code != WarningCode::SurvivorsOnly.name())
            .map(|warning| (warning.pointer, warning.detail))
            .collect(),
    }
}

/// The dates of the days from the first decision on. Returns have none for the day before the first of them.
fn dates(asked: &PolicyBacktestRequest, first_day: usize, days: usize) -> Option<Vec<NaiveDate>> {
    let dates = asked.dates.as_ref()?;
    let before = asked.returns.as_ref().and(dates.first()).and_then(NaiveDate::pred_opt);
    Some(before.into_iter().chain(dates.iter().copied()).skip(first_day).take(days).collect())
}

fn policy(kept: KeptPolicy, asked: &BacktestPolicyRequest) -> PolicyFacts {
    let KeptPolicy { metrics, intervals, .. } = kept;
    let figure = |name, value, interval: Option<KeptInterval>| PolicyFigure {
        name,
        value,
        interval: interval.map_or((None, None), |interval| (interval.lower, interval.upper)),
        level: interval.map(|interval| interval.level),
    };
    PolicyFacts {
        name: kept.name,
        asked: ReplayedPolicy { rule: rule(asked), cost_bps: asked.transaction_cost_bps.unwrap_or(0.0) },
        wealth: kept.wealth,
        drawdown: kept.drawdown,
        terminal_wealth: kept.terminal_wealth,
        figures: vec![
            figure(PolicyFigureName::AnnualGrowth, kept.annual_growth, None),
            figure(PolicyFigureName::Volatility, metrics.volatility, intervals.volatility),
            figure(PolicyFigureName::Sharpe, metrics.sharpe, intervals.sharpe),
            figure(PolicyFigureName::MaxDrawdown, metrics.max_drawdown, None),
            figure(PolicyFigureName::Var95, metrics.var_95, intervals.var_95),
            figure(PolicyFigureName::Cvar95, metrics.cvar_95, intervals.cvar_95),
            figure(PolicyFigureName::TrackingError, metrics.tracking_error, None),
        ],
        turnover_two_way: kept.turnover_two_way,
        cost_fraction: kept.cost_fraction,
        trades: kept.trades,
        digest: kept.digest,
    }
}

/// What a policy does, in words.
fn rule(asked: &BacktestPolicyRequest) -> String {
    let cadence = match asked.cadence() {
        RebalanceCadence::Daily => "daily",
        RebalanceCadence::Weekly => "weekly",
        RebalanceCadence::Monthly => "monthly",
        RebalanceCadence::Quarterly => "quarterly",
        RebalanceCadence::Annually => "annually",
        RebalanceCadence::Never => "on the first day only",
    };
    match asked.kind {
        BacktestPolicyKind::BuyAndHold => "bought once".to_owned(),
        BacktestPolicyKind::FixedWeights => format!("brought to its weights {cadence}"),
        BacktestPolicyKind::Band => {
            let band = match asked.band {
                Some(BacktestBand::HalfWidth(_)) => "a fixed band",
                Some(BacktestBand::Computed) => "the band that computes itself",
                Some(BacktestBand::Rule(_)) | None => "a band that follows the weight",
            };
            format!("{band}, looked at {cadence}")
        }
        BacktestPolicyKind::Optimal => format!("optimal weights, {cadence}"),
        BacktestPolicyKind::Plan => format!("the plan of its settings, {cadence}"),
    }
}

fn comparison(kept: KeptComparison) -> ComparisonFacts {
    let KeptComparison { a, b, verdict, p_value, significance, trials } = kept;
    ComparisonFacts { a, b, verdict, p_value, significance, trials }
}
