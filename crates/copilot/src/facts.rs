//! The facts of a brief.

use pipeline::{AlertLevels, AnnualInterval, VerdictDecision};
use portfolio_core::{Action, TradeReason};
use risk::RiskSummary;
use serde::Serialize;

use crate::measures::{SimulationFacts, Stated, TiltFacts};
use crate::{quote, reason};

/// The facts of a brief: the figures of one plan, computed elsewhere.
///
/// A number that is not in here cannot appear in a [`Brief`](crate::Brief). Fractions have no suffix (0.01 is one
/// percent), money is in major units of `currency`, and every number is finite ([`Facts::check`]).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Facts {
    /// Code of the portfolio's currency, three to eight capital letters: `USD`.
    pub currency: String,
    /// Decimals of an amount in `currency`, 0 to 8: 2 for `USD`, 0 for `JPY`.
    pub minor_digits: u8,
    /// Value of the portfolio before the plan, money, not negative.
    pub portfolio_value: f64,
    /// An asset triggers a trade when its drift is strictly greater than this; a fraction of the portfolio.
    pub drift_threshold: f64,
    /// Two-way turnover of the plan: Σ of absolute weight changes over assets, a fraction.
    pub turnover_used: f64,
    /// The limit on that turnover, a fraction.
    pub turnover_limit: f64,
    /// Whether the limit binds; if so, the trades that remove the most tracking error come first.
    pub turnover_binding: bool,
    /// Sum of the estimated costs of all trades, money, not negative.
    pub estimated_total_transaction_cost: f64,
    /// Cash as a fraction of the portfolio before the plan.
    pub cash_weight_before: f64,
    /// Cash as a fraction of the portfolio after the plan.
    pub cash_weight_after: f64,
    /// One entry per asset, in the order of the request; at least one.
    pub assets: Vec<AssetFacts>,
    /// Risk measures of the current weights.
    pub risk: RiskSummary,
    /// The simulation of the current weights, or why there is none.
    pub simulation: Stated<SimulationFacts>,
    /// The effect of the forecasts on the targets; absent for a plan without a tilt.
    pub tilt: Option<TiltFacts>,
    /// The alert levels of the plan. VaR, maximum drawdown and turnover above their levels are flagged.
    pub alerts: AlertLevels,
    /// Whether the plan sells everything: distances from its targets are then not reported as undone.
    pub is_liquidation: bool,
    /// The supervisor's verdict.
    pub verdict: VerdictFacts,
    /// The planner's warnings, in its order.
    pub warnings: Vec<WarningFacts>,
    /// The model that made the forecasts.
    pub model: ModelFacts,
    /// What adds most to the forecasts, the largest first; empty for a model that cannot say.
    pub drivers: Vec<DriverFacts>,
}

/// What a feature adds to the forecast of an asset.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DriverFacts {
    /// The asset's name, as the client sent it.
    pub asset: String,
    /// The feature, in the words of its model.
    pub feature: String,
    /// What it adds: a simple return per year, a fraction, not compounded.
    pub annual: f64,
}

/// The facts of one asset. A positive drift means overweight; positive units are bought.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AssetFacts {
    /// The asset's name, as the client sent it.
    pub asset: String,
    /// The plan's action for it.
    pub action: Action,
    /// Current weight minus target weight, a fraction of the portfolio; the trigger.
    pub drift: f64,
    /// Half-width of its band, a fraction of the portfolio.
    pub half_width: f64,
    /// The weight of the policy, a fraction.
    pub target_weight: f64,
    /// The target weight of the plan, after the forecast tilt, a fraction.
    pub optimized_target_weight: f64,
    /// The weight before the plan, a fraction.
    pub current_weight: f64,
    /// Expected simple return per year, a fraction, not compounded.
    pub forecast_annual: f64,
    /// Its 95 % interval, or why there is none.
    pub forecast_interval: Stated<AnnualInterval>,
    /// Share of the forecast that the evidence supports, 0 to 1.
    pub forecast_confidence: f64,
    /// Size of the trade, money, not negative; 0 for a hold.
    pub trade_value: f64,
    /// Units traded, negative when sold; 0 for a hold.
    pub trade_units: f64,
    /// Estimated cost of the trade, money, not negative; 0 for a hold.
    pub estimated_cost: f64,
    /// Weight after the plan less its target, a fraction of the portfolio; positive when the asset stays overweight.
    pub residual_drift: f64,
    /// The caller's score that ranks the action: `0.45·|drift| + 0.35·|forecast| + 0.20·confidence`.
    pub priority_score: f64,
    /// The order's contribution to the worth of the plan in basis points of NAV over the horizon, after its cost;
    /// absent for a hold or without a history.
    pub marginal_benefit_bps: Option<f64>,
    /// Why the asset trades or does not trade.
    pub reason: TradeReason,
}

impl Facts {
    /// The half-width of every band, if all assets have the plan's band.
    pub(crate) fn common_band(&self) -> Option<f64> {
        self.assets.iter().all(|asset| asset.half_width == self.drift_threshold).then_some(self.drift_threshold)
    }
}

impl AssetFacts {
    /// Why a trade that was due was not made in full.
    pub(crate) fn obstacle(&self) -> Option<&'static str> {
        reason::obstacle(self.reason)
    }

    /// Whether the plan leaves it off its target, either although an order was due or by more than its band.
    pub(crate) fn is_left(&self) -> bool {
        self.residual_drift != 0.0 && (self.obstacle().is_some() || self.residual_drift.abs() > self.half_width)
    }

    /// Whether it is outside its band before the plan, by more than printed weights are rounded.
    pub(crate) fn is_outside(&self) -> bool {
        self.drift.abs() > self.half_width + 1e-12
    }

    /// The weight after the plan, a fraction of the portfolio.
    pub(crate) fn weight_after(&self) -> f64 {
        self.optimized_target_weight + self.residual_drift
    }

    /// Whether the asset has an order.
    pub(crate) fn trades(&self) -> bool {
        self.action != Action::Hold
    }
}

/// The supervisor's verdict on the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerdictFacts {
    /// The decision.
    pub decision: VerdictDecision,
    /// The decision in one sentence, as stated in the verdict.
    pub sentence: String,
}

impl VerdictFacts {
    /// The text that replaces the all-clear if the verdict does not support it; no full stop.
    pub(crate) fn objection(&self) -> Option<String> {
        let sentence = quote::sentence(self.sentence.trim_end_matches('.'));
        (self.decision != VerdictDecision::Approved).then_some(sentence)
    }
}

/// A warning of the planner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WarningFacts {
    /// Stable code, such as `weights_normalized`.
    pub code: String,
    /// One sentence for the reader.
    pub sentence: String,
}

/// The model behind the forecasts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModelFacts {
    /// Identifier, such as `ensemble_v2`.
    pub id: String,
    /// Version, such as `2.0.1`.
    pub version: String,
}
