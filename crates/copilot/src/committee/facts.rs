//! The facts of a committee's brief, each number with its location in the plan.

use optimizer::{Limit, Objective};
use pipeline::{IntervalKind, LimitPoint, Measure, RelaxationKind, Severity, VerdictDecision};
use portfolio_core::{Action, TradeReason};
use risk::RiskFigure;

use super::{Cited, ControlFacts, PlanSource, Proposer, control_facts, words};
use crate::check::CopilotError;
use crate::{Stated, reason};

/// The facts of a committee brief. Fractions have no suffix; money is in major units.
#[derive(Debug, Clone, PartialEq)]
pub struct CommitteeFacts {
    /// The stored plan; absent when the plan is not stored.
    pub plan: Option<PlanSource>,
    /// The title of the portfolio or of the plan, where the client gave one.
    pub title: Option<String>,
    /// The reference for tracking error; absent from plans stored before the answer stated it.
    pub benchmark: Option<BenchmarkFacts>,
    /// Who proposes the plan.
    pub proposed_by: Proposer,
    /// Code of the portfolio's currency, such as `USD`.
    pub currency: String,
    /// Decimals of an amount in that currency, 0 to 8.
    pub minor_digits: u8,
    /// Value before the plan, money.
    pub portfolio_value: Cited,
    /// Half-width of the band around each target.
    pub drift_threshold: Cited,
    /// ½·Σ|drift| before the plan.
    pub drift_before: Cited,
    /// ½·Σ|drift| after the plan.
    pub drift_after: Cited,
    /// Two-way turnover of the plan.
    pub turnover_used: Cited,
    /// The limit on that turnover.
    pub turnover_limit: Cited,
    /// Whether that limit allowed less turnover than the plan needs.
    pub turnover_bound: bool,
    /// Sum of the estimated costs, money.
    pub total_cost: Cited,
    /// The parts of that sum, and the additional expected costs; empty if the request states no tariff.
    pub cost_parts: Vec<CostPartFacts>,
    /// Weeks until the smaller deviation from the targets has paid for the costs, or why it never does.
    pub payback_weeks: Stated<Cited>,
    /// The longest payback in weeks that the histories allow, or why they give no bound.
    pub payback_weeks_at_most: Stated<Cited>,
    /// The risk aversion γ and the horizon in years of the objective that measures worth and payback; `None` for a plan that does not state them.
    pub objective: Option<[Cited; 2]>,
    /// Cash before the plan, a fraction of the portfolio.
    pub cash_before: Cited,
    /// Cash after the plan, a fraction of the portfolio.
    pub cash_after: Cited,
    /// One entry per asset, in the order of the request.
    pub assets: Vec<CommitteeAsset>,
    /// The orders, in the sequence in which they may be placed.
    pub orders: Vec<OrderFacts>,
    /// Risk figures before and after, in the order of the text, which is that of
    /// [`committee_figures`](crate::committee_figures).
    pub risk: Vec<RiskLine>,
    /// Annual tracking error that the forecast tilt spends.
    pub tilt_spent: Cited,
    /// The tilt's tracking-error budget.
    pub tilt_budget: Cited,
    /// What limited the tilt, as the end of a sentence without its full stop.
    pub tilt_reason: String,
    /// Data-quality score, 0 to 1; absent when no asset with a weight has a history.
    pub data_quality: Option<Cited>,
    /// What is wrong with the data, asset by asset.
    pub data_issues: Vec<DataIssue>,
    /// Every measure that has a limit.
    pub limits: Vec<LimitFacts>,
    /// The result of the control policy for the plan; `None` for a plan whose answer does not have it.
    pub controls: Option<ControlFacts>,
    /// The price of each binding limit of the optimal method; empty under the drift method.
    pub priced_limits: Vec<PricedLimit>,
    /// The path of which the plan trades the first step; `None` for a plan of one problem, and where there is no path.
    pub path: Option<PathFacts>,
    /// Whether the plan sells everything: distances from its targets are then not reported as undone.
    pub is_liquidation: bool,
    /// The shortfall of the cash to raise or to invest and its causes, as a sentence without its full stop.
    pub shortfall: Option<String>,
    /// The relaxations that agents requested from the supervisor.
    pub relaxations: Vec<RelaxationFacts>,
    /// The supervisor's decision.
    pub decision: VerdictDecision,
    /// The outlook for a week without the plan.
    pub wait: Stated<WaitFacts>,
}

/// The reference for tracking error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BenchmarkFacts {
    /// The targets of the policy, rebalanced daily, by the name that the client gave them.
    Policy {
        /// The name, if there is one.
        name: Option<String>,
    },
    /// Returns that the client sent, by the name it gave them.
    Returns {
        /// The name, if there is one.
        name: Option<String>,
    },
}

/// The path of a plan over several periods: two-way turnover, fractions of the portfolio.
#[derive(Debug, Clone, PartialEq)]
pub struct PathFacts {
    /// Turnover of the first step, before whole minor units and costs.
    pub first: Cited,
    /// Turnover of all steps.
    pub turnover: Cited,
}

/// One thing wrong with the data of an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataIssue {
    /// The asset's name, as the client sent it.
    pub asset: String,
    /// The fault, as the end of a sentence without its full stop.
    pub detail: String,
}

/// One asset.
#[derive(Debug, Clone, PartialEq)]
pub struct CommitteeAsset {
    /// Its name, as the client sent it.
    pub asset: String,
    /// The plan's action for it.
    pub action: Action,
    /// Why it trades or does not trade.
    pub reason: TradeReason,
    /// Current less target weight.
    pub drift: Cited,
    /// Half-width of its band.
    pub half_width: Cited,
    /// Weight before the plan.
    pub current: Cited,
    /// Weight of the policy.
    pub target: Cited,
    /// Weight after the plan.
    pub after: Cited,
    /// Weight after the plan less the target of the plan.
    pub residual: Cited,
    /// The smallest and the largest weight between which no trade of it pays; absent without any.
    pub no_trade: Option<[Cited; 2]>,
    /// Expected simple return per period.
    pub forecast: Cited,
    /// The forecast per year; absent from plans stored before there was one.
    pub forecast_annual: Option<AnnualCited>,
    /// Share of the forecast that the evidence supports, 0 to 1.
    pub confidence: Cited,
}

/// An expected simple return per year, with its 95 % interval if there is one.
#[derive(Debug, Clone, PartialEq)]
pub struct AnnualCited {
    /// The expected return.
    pub expected: Cited,
    /// The kind of the interval, its lower and its upper end.
    pub interval: Option<(IntervalKind, [Cited; 2])>,
}

/// One part of the costs of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct CostPartFacts {
    /// Its id, such as `minimum_commission`.
    pub part: String,
    /// Whether it is paid; otherwise it is a worse price that only counts in the worth.
    pub is_charged: bool,
    /// Its sum over the orders, money.
    pub cost: Cited,
}

/// One order.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderFacts {
    /// Position in [`CommitteeFacts::assets`].
    pub position: usize,
    /// Units to trade; absent from plans stored before orders had them.
    pub quantity: Option<Cited>,
    /// Price that the plan uses, money per unit; absent if the quantity is.
    pub price: Option<Cited>,
    /// The account that holds the asset, as the client sent it.
    pub account: Option<String>,
    /// The full name of the asset, as the client sent it.
    pub name: Option<String>,
    /// An identifier of the asset with its kind, such as `ISIN US9229087690`.
    pub identifier: Option<String>,
    /// The class of the asset, as the client sent it.
    pub asset_class: Option<String>,
    /// The sleeve of the asset, as the client sent it.
    pub sleeve: Option<String>,
    /// Its size, money.
    pub trade_value: Cited,
    /// Its estimated cost, money.
    pub cost: Cited,
    /// Whether it waits for the proceeds of sells; otherwise cash pays for it, or it needs none.
    pub waits: bool,
    /// Number of slices in which it is placed.
    pub slices: Cited,
    /// Whether the slices follow daily volume; otherwise they follow time.
    pub by_volume: bool,
    /// The order's contribution to the worth of the plan in basis points of NAV over the horizon, after its cost;
    /// absent when the histories do not support it.
    pub benefit_bps: Option<Cited>,
}

/// A risk figure before and after the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct RiskLine {
    /// Which figure.
    pub figure: RiskFigure,
    /// Of the current weights.
    pub before: Option<Cited>,
    /// Of the weights after the plan.
    pub after: Option<Cited>,
}

/// A measure and its limit.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitFacts {
    /// What is measured.
    pub measure: Measure,
    /// The book it is measured on.
    pub point: LimitPoint,
    /// Its severity.
    pub severity: Severity,
    /// Its value, a fraction, or why there is none.
    pub value: Stated<Cited>,
    /// The level that the value exceeded; the warning level when it exceeded none or could not be assessed.
    pub level: Cited,
    /// Why its severity differs from the one the value alone would give, as the end of a sentence without its full
    /// stop.
    pub reason: Option<String>,
}

/// A binding limit of the optimal method.
#[derive(Debug, Clone, PartialEq)]
pub struct PricedLimit {
    /// Which limit; its asset is a position in [`CommitteeFacts::assets`].
    pub limit: Limit,
    /// The value of loosening it by one percentage point, in ten-thousandths of the objective. When the objective is a
    /// utility, these are basis points of NAV a year.
    pub bps: Cited,
    /// What the objective measures.
    pub objective: Objective,
}

/// A relaxation that an agent requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelaxationFacts {
    /// What was requested.
    pub kind: RelaxationKind,
    /// Why, as the end of a sentence without its full stop.
    pub reason: String,
    /// Whether it was granted.
    pub granted: bool,
}

/// A week without the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitFacts {
    /// Trading days.
    pub days: Cited,
    /// ½·Σ|drift| now.
    pub drift_now: Cited,
    /// Expected ½·Σ|drift| after the days.
    pub drift_expected: Cited,
    /// Tracking error over the days, waiting.
    pub tracking_error_waiting: Cited,
    /// Tracking error over the days, after the plan.
    pub tracking_error_planned: Cited,
    /// The loss over the days that is not exceeded with 95 % probability, waiting.
    pub loss_waiting: Cited,
    /// The same after the plan.
    pub loss_planned: Cited,
    /// Price of the deviation over the days, in basis points of NAV.
    pub cost_bps: Cited,
}

impl CommitteeAsset {
    /// Whether it is outside its band before the plan, by more than printed weights are rounded.
    pub(super) fn is_outside(&self) -> bool {
        self.drift.value.abs() > self.half_width.value + 1e-12
    }

    /// Why a trade that was due was not made in full.
    pub(super) fn obstacle(&self) -> Option<&'static str> {
        reason::obstacle(self.reason)
    }
}

impl CommitteeFacts {
    /// Rejects invalid facts.
    pub(super) fn check(&self) -> Result<(), CopilotError> {
        if !(3..=8).contains(&self.currency.len()) || !self.currency.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(CopilotError::CurrencyCode);
        }
        if self.minor_digits > 8 {
            return Err(CopilotError::MinorDigits { digits: self.minor_digits });
        }
        if self.assets.is_empty() {
            return Err(CopilotError::NoAssets);
        }
        for (field, cited) in [
            ("portfolio_value", &self.portfolio_value),
            ("drift_threshold", &self.drift_threshold),
            ("drift_before", &self.drift_before),
            ("drift_after", &self.drift_after),
            ("turnover_used", &self.turnover_used),
            ("turnover_limit", &self.turnover_limit),
            ("total_cost", &self.total_cost),
            ("cash_before", &self.cash_before),
            ("cash_after", &self.cash_after),
            ("tilt_spent", &self.tilt_spent),
            ("tilt_budget", &self.tilt_budget),
        ] {
            finite(field, cited, None)?;
        }
        for cited in self.objective.iter().flatten() {
            finite("objective", cited, None)?;
        }
        for part in &self.cost_parts {
            finite("cost_parts", &part.cost, None)?;
        }
        for (field, weeks) in
            [("payback_weeks", &self.payback_weeks), ("payback_weeks_at_most", &self.payback_weeks_at_most)]
        {
            if let Some(weeks) = weeks.given() {
                finite(field, weeks, None)?;
            }
        }
        for (i, asset) in self.assets.iter().enumerate() {
            for (field, cited) in [
                ("drift", &asset.drift),
                ("current", &asset.current),
                ("target", &asset.target),
                ("after", &asset.after),
                ("residual", &asset.residual),
                ("forecast", &asset.forecast),
                ("confidence", &asset.confidence),
            ] {
                finite(field, cited, Some(i))?;
            }
            if let Some(annual) = &asset.forecast_annual {
                let ends = annual.interval.iter().flat_map(|(_, ends)| ends);
                for cited in ends.chain([&annual.expected]) {
                    finite("forecast_annual", cited, Some(i))?;
                }
            }
            for end in asset.no_trade.iter().flatten() {
                finite("no_trade", end, Some(i))?;
            }
        }
        for order in &self.orders {
            let asset = Some(order.position);
            if order.position >= self.assets.len() {
                return Err(CopilotError::UnknownAsset { position: order.position });
            }
            let more = [&order.benefit_bps, &order.quantity, &order.price].into_iter().flatten();
            for cited in [&order.trade_value, &order.cost, &order.slices].into_iter().chain(more) {
                finite("order", cited, asset)?;
            }
        }
        for limited in self.priced_limits.iter().filter_map(|priced| words::limited_asset(&priced.limit)) {
            if limited >= self.assets.len() {
                return Err(CopilotError::UnknownAsset { position: limited });
            }
        }
        let lines = self.risk.iter().flat_map(|line| [line.before.as_ref(), line.after.as_ref()]);
        let limits = self.limits.iter().flat_map(|limit| [limit.value.given(), Some(&limit.level)]);
        for cited in lines.chain(limits).chain([self.data_quality.as_ref()]).flatten() {
            finite("risk", cited, None)?;
        }
        for cited in self.path.iter().flat_map(|path| [&path.first, &path.turnover]) {
            finite("path", cited, None)?;
        }
        for cited in self.controls.iter().flat_map(control_facts::numbers) {
            finite("controls", cited, None)?;
        }
        if let Some(wait) = self.wait.given() {
            for cited in wait.all() {
                finite("wait", cited, None)?;
            }
        }
        Ok(())
    }
}

impl WaitFacts {
    fn all(&self) -> [&Cited; 8] {
        [
            &self.days,
            &self.drift_now,
            &self.drift_expected,
            &self.tracking_error_waiting,
            &self.tracking_error_planned,
            &self.loss_waiting,
            &self.loss_planned,
            &self.cost_bps,
        ]
    }
}

fn finite(field: &'static str, cited: &Cited, asset: Option<usize>) -> Result<(), CopilotError> {
    if cited.value.is_finite() { Ok(()) } else { Err(CopilotError::NotFinite { field, asset }) }
}
