use super::PlanSource;
use crate::check::CopilotError;
use crate::{ActionReason, AdvisedAction, Decision, Stated};

/// A number and the place it stands: a JSON pointer (RFC 6901) into the document the reader has.
#[derive(Debug, Clone, PartialEq)]
pub struct Cited {
    /// The number.
    pub value: f64,
    /// Where it stands: `/turnover_used`.
    pub pointer: String,
}

impl Cited {
    /// A number at a place.
    #[must_use]
    pub fn new(value: f64, pointer: impl Into<String>) -> Self {
        Self { value, pointer: pointer.into() }
    }
}

/// Everything a committee brief may speak of. Fractions have no suffix, money is in major units.
#[derive(Debug, Clone, PartialEq)]
pub struct CommitteeFacts {
    /// The stored plan they are of, if it is stored.
    pub plan: Option<PlanSource>,
    /// Code of the portfolio's currency: `USD`.
    pub currency: String,
    /// Decimals of an amount in it, 0 to 8.
    pub minor_digits: u8,
    /// Value before the plan, money.
    pub portfolio_value: Cited,
    /// Half-width of the band around each target.
    pub drift_threshold: Cited,
    /// ½·Σ|drift| before.
    pub drift_before: Cited,
    /// ½·Σ|drift| after.
    pub drift_after: Cited,
    /// Two-way turnover of the plan.
    pub turnover_used: Cited,
    /// The most it may be.
    pub turnover_limit: Cited,
    /// Whether that limit shrank the trades.
    pub turnover_bound: bool,
    /// Sum of the estimated costs, money.
    pub total_cost: Cited,
    /// Cash before, a fraction of the portfolio.
    pub cash_before: Cited,
    /// Cash after, a fraction of the portfolio.
    pub cash_after: Cited,
    /// One entry per asset, in the order of the request.
    pub assets: Vec<CommitteeAsset>,
    /// The orders, in the sequence they may be placed.
    pub orders: Vec<OrderFacts>,
    /// Figures of risk before and after, in the order of the text.
    pub risk: Vec<RiskLine>,
    /// Tracking error a year that the forecast tilt spends.
    pub tilt_spent: Cited,
    /// The most it may spend.
    pub tilt_budget: Cited,
    /// What limited the tilt, as the end of a sentence.
    pub tilt_reason: String,
    /// Data-quality score, 0 to 1.
    pub data_quality: Stated<Cited>,
    /// Every limit that is not clear.
    pub limits: Vec<LimitFacts>,
    /// What each binding limit of the optimal method costs; empty under the drift method.
    pub priced_limits: Vec<PricedLimit>,
    /// What agents asked the supervisor for.
    pub relaxations: Vec<RelaxationFacts>,
    /// The supervisor's decision.
    pub decision: Decision,
    /// A week of waiting.
    pub wait: Stated<WaitFacts>,
}

/// One asset.
#[derive(Debug, Clone, PartialEq)]
pub struct CommitteeAsset {
    /// Its name, as the client sent it.
    pub asset: String,
    /// What the plan does with it.
    pub action: AdvisedAction,
    /// Why it trades or does not.
    pub reason: ActionReason,
    /// Current less target weight.
    pub drift: Cited,
    /// Weight held.
    pub current: Cited,
    /// Weight the policy wants.
    pub target: Cited,
    /// Weight after the plan.
    pub after: Cited,
    /// What is left undone.
    pub residual: Cited,
    /// Expected simple return per period.
    pub forecast: Cited,
    /// How far evidence carries it, 0 to 1.
    pub confidence: Cited,
}

/// One order.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderFacts {
    /// Position in [`CommitteeFacts::assets`].
    pub position: usize,
    /// Its size, money.
    pub notional: Cited,
    /// Its estimated cost, money.
    pub cost: Cited,
    /// Number of slices it is placed in.
    pub slices: Cited,
    /// Whether the slices follow daily volume; otherwise time.
    pub by_volume: bool,
    /// Worth of this order alone, basis points of NAV a year after cost.
    pub benefit_bps: Stated<Cited>,
}

/// A figure of risk before and after the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct RiskLine {
    /// Its name in a sentence.
    pub name: &'static str,
    /// Of the current weights, a fraction.
    pub before: Stated<Cited>,
    /// Of the weights after the plan, a fraction.
    pub after: Stated<Cited>,
}

/// A limit that is not clear.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitFacts {
    /// What is measured, with its point in time: `maximum drawdown before the plan`.
    pub name: String,
    /// How grave it is.
    pub severity: LimitSeverity,
    /// Its value, a fraction, or why there is none.
    pub value: Stated<Cited>,
    /// The level it passed, or the first one when it could not be assessed.
    pub level: Cited,
}

/// A binding limit of the optimal method.
#[derive(Debug, Clone, PartialEq)]
pub struct PricedLimit {
    /// Which, up to a name: `the upper bound of `.
    pub limit: &'static str,
    /// The asset, group or exposure it is of, as the client named it.
    pub name: Option<String>,
    /// What loosening it by one percentage point is worth, basis points of NAV a year.
    pub bps: Cited,
}

/// How grave a limit that is not clear is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitSeverity {
    /// Above the warning level.
    Warning,
    /// The data cannot say.
    NotAssessed,
    /// Above the critical level.
    Critical,
    /// Above the level at which plans are rejected.
    Blocking,
}

/// Something an agent asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelaxationFacts {
    /// What, in words: `to plan without figures of risk`.
    pub what: &'static str,
    /// Why, as the end of a sentence.
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
    /// Loss over the days not exceeded with 95 % probability, waiting.
    pub loss_waiting: Cited,
    /// The same after the plan.
    pub loss_planned: Cited,
    /// Price of the deviation over the days, basis points of NAV.
    pub cost_bps: Cited,
}

impl CommitteeFacts {
    /// Refuses facts that no true brief can be made of.
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
        }
        for order in &self.orders {
            let asset = Some(order.position);
            if order.position >= self.assets.len() {
                return Err(CopilotError::UnknownAsset { position: order.position });
            }
            let benefit = order.benefit_bps.given();
            for cited in [&order.notional, &order.cost, &order.slices].into_iter().chain(benefit) {
                finite("order", cited, asset)?;
            }
        }
        let lines = self.risk.iter().flat_map(|line| [line.before.given(), line.after.given()]);
        let limits = self.limits.iter().flat_map(|limit| [limit.value.given(), Some(&limit.level)]);
        for cited in lines.chain(limits).chain([self.data_quality.given()]).flatten() {
            finite("risk", cited, None)?;
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
