//! Several policies on one book, side by side.

use pipeline::VerdictDecision;
use portfolio_core::Money;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::{Document, decode, optional_integer, optional_object, optional_objects};
use crate::dto::band::{BandInput, BandSetting};
use crate::dto::checks::{check_distinct, check_name};
use crate::dto::groups::{BandGroupRequest, GroupDriftEntry};
use crate::dto::instructions::{IntentRequest, ScopeName};
use crate::dto::metadata::Metadata;
use crate::dto::optimal::{OptimizationRequest, RebalanceMethodName};
use crate::dto::plan::{LotFit, PlanIntent, TradeEntry};
use crate::dto::portfolio::RebalanceRequest;
use crate::dto::ranges::AssetWeight;
use crate::dto::trigger::{TriggerEntry, TriggerRequest};
use crate::dto::warning::PlanWarning;
use crate::fault::{Fault, Faults};
use crate::fault_code::FaultCode;

/// Policies of one comparison.
const MAX_POLICIES: usize = 20;
/// Target weights of one policy.
const MAX_ASSETS: usize = 2000;

/// A portfolio, and the policies to plan it under. Nothing is stored.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "portfolio": {
        "cash": 8431.22,
        "assets": [
            {"asset": "VTI", "quantity": 212, "price": 287.31, "target_weight": 0.6, "lot_size": 1},
            {"asset": "BND", "quantity": 500, "price": 73.44, "target_weight": 0.4, "lot_size": 1}
        ]
    },
    "policies": [
        {"name": "5/25 to target", "band": {"relative": 0.25, "cap": 0.05}},
        {"name": "own band to its edge", "band": "self", "destination": 1}
    ]
}))]
pub struct ComparisonRequest {
    /// The portfolio, with the members that all policies share.
    #[validate(nested)]
    #[serde(deserialize_with = "crate::decode::object")]
    pub portfolio: RebalanceRequest,
    /// The policies, at most 20, in the order the answer keeps.
    #[schema(value_type = Vec<PolicyVariant>, min_items = 1, max_items = 20)]
    pub policies: Vec<SentPolicy>,
}

/// A policy as it was sent. It is read when its turn comes: its errors do not stop the others from being planned.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct SentPolicy(Box<RawValue>);

/// The name of a policy, whatever else is in it.
#[derive(Deserialize)]
struct Named {
    name: String,
}

impl SentPolicy {
    /// Its name as it was sent; `None` where it has none that can be read.
    pub fn name(&self) -> Option<String> {
        serde_json::from_str(self.0.get()).ok().map(|Named { name }| name)
    }

    /// The policy.
    ///
    /// # Errors
    /// Everything found wrong with it, with pointers from the top of the policy.
    pub fn read(&self) -> Result<PolicyVariant, Vec<Fault>> {
        decode(self.0.get().as_bytes())
    }

    fn is_object(&self) -> bool {
        self.0.get().starts_with('{')
    }
}

/// One policy: each member that is sent replaces that of the portfolio and has the same meaning.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyVariant {
    /// Its name, distinct within the comparison; 1 to 255 characters after trimming.
    #[schema(example = "5/25 to target", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub name: String,
    /// Target weights, one per asset. Each from 0 to 1e12.
    #[schema(value_type = Option<Vec<AssetWeight>>, max_items = 2000)]
    pub target_weights: Option<Vec<f64>>,
    /// Half-width of every band, fraction of NAV; it also replaces `band`.
    #[schema(example = 0.02, minimum = 0.0, maximum = 0.5)]
    #[validate(range(min = 0.0, max = 0.5))]
    pub drift_threshold: Option<f64>,
    /// How wide the band around each target weight is; it also replaces `drift_threshold`.
    #[schema(value_type = Option<BandInput>)]
    pub band: Option<BandSetting>,
    /// Groups of assets with a band of their own; an empty list means no groups.
    #[schema(max_items = 100)]
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_objects")]
    pub groups: Option<Vec<BandGroupRequest>>,
    /// When the policy trades.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub trigger: Option<TriggerRequest>,
    /// Where a trade ends, between the target weight, 0, and the edge of the band, 1.
    #[schema(example = 0.5, minimum = 0.0, maximum = 1.0)]
    #[validate(range(min = 0.0, max = 1.0))]
    pub destination: Option<f64>,
    /// Which assets trade once something is outside its band.
    pub scope: Option<ScopeName>,
    /// Weight the policy wants in cash, a fraction of NAV.
    #[schema(example = 0.02, minimum = 0.0, maximum = 1.0)]
    #[validate(range(min = 0.0, max = 1.0))]
    pub cash_target_weight: Option<f64>,
    /// Half-width of the band of cash, fraction of NAV.
    #[schema(example = 0.01, minimum = 0.0, maximum = 1.0)]
    #[validate(range(min = 0.0, max = 1.0))]
    pub cash_band: Option<f64>,
    /// What the plan is for.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub intent: Option<IntentRequest>,
    /// Budget for two-way turnover, fraction of NAV.
    #[schema(example = 0.2, exclusive_minimum = 0.0, maximum = 2.0)]
    #[validate(range(exclusive_min = 0.0, max = 2.0))]
    pub turnover_limit: Option<f64>,
    /// Smallest value of an order, major units.
    #[schema(example = 100.0, minimum = 0.0, maximum = 1e12)]
    #[validate(range(min = 0.0, max = 1e12))]
    pub min_notional: Option<f64>,
    /// Maximum number of orders of the plan.
    #[schema(example = 10, minimum = 1, maximum = 2000)]
    #[validate(range(min = 1, max = 2000))]
    #[serde(default, deserialize_with = "optional_integer")]
    pub max_tickets: Option<u64>,
    /// Risk aversion.
    #[schema(example = 5.0, minimum = 0.0, maximum = 1e6)]
    #[validate(range(min = 0.0, max = 1e6))]
    pub risk_aversion: Option<f64>,
    /// Years over which the benefit of a plan is counted.
    #[schema(example = 1.0, exclusive_minimum = 0.0, maximum = 30.0)]
    #[validate(range(exclusive_min = 0.0, max = 30.0))]
    pub horizon_years: Option<f64>,
    /// Least worth of a plan of the method `drift`, basis points of the portfolio over the horizon; −10,000 leaves it to the bands alone.
    #[schema(example = 0.0, minimum = -10_000.0, maximum = 10_000.0)]
    #[validate(range(min = -10_000.0, max = 10_000.0))]
    pub worth_min_bps: Option<f64>,
    /// Tracking error a year that the forecast tilt may spend, a fraction.
    #[schema(example = 0.01, minimum = 0.0, maximum = 0.2)]
    #[validate(range(min = 0.0, max = 0.2))]
    pub tracking_error_budget: Option<f64>,
    /// How trades are decided.
    pub method: Option<RebalanceMethodName>,
    /// The problem that the method `optimal` solves.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub optimization: Option<OptimizationRequest>,
}

/// The plans of the policies, and the untraded book.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparisonResponse {
    /// Net asset value.
    #[schema(example = 147_679.94)]
    pub portfolio_value: f64,
    /// ISO 4217 code of all amounts.
    #[schema(example = "USD")]
    pub currency: &'static str,
    /// The book without a trade.
    pub baseline: HeldBook,
    /// One entry per policy, in the order sent.
    pub policies: Vec<ComparedPolicy>,
    /// Request, engine version, time.
    pub metadata: Metadata,
}

/// The book without a trade, against the targets of the portfolio.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeldBook {
    /// Half the sum of the absolute drifts of the assets, a fraction of NAV.
    #[schema(example = 0.087)]
    pub portfolio_drift: f64,
    /// Annual tracking error to the target weights, a fraction; null when the histories do not support it.
    #[schema(required = true, example = 0.011)]
    pub tracking_error: Option<f64>,
    /// Weight of cash, a fraction of NAV.
    #[schema(example = 0.057)]
    pub cash_weight: f64,
}

/// The result of one policy: its plan, or its errors.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparedPolicy {
    /// Its name, trimmed.
    #[schema(example = "5/25 to target")]
    pub name: String,
    /// The plan; null when the policy was refused.
    #[schema(required = true)]
    pub plan: Option<ComparedPlan>,
    /// What is wrong with the policy, with pointers from the top of the request (`/policies/1/turnover_limit`), or else
    /// with the portfolio under that policy, with pointers into the portfolio; empty when there is a plan.
    pub errors: Vec<Fault>,
}

/// The plan of one policy in figures.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparedPlan {
    /// What the plan is for.
    pub intent: PlanIntent,
    /// How trades were decided.
    pub method: RebalanceMethodName,
    /// Number of orders.
    #[schema(example = 4)]
    pub orders: usize,
    /// Two-way turnover, fraction of NAV.
    #[schema(example = 0.122)]
    pub turnover_used: f64,
    /// One-way turnover, fraction of NAV.
    #[schema(example = 0.061)]
    pub turnover_one_way: f64,
    /// Sell-side turnover, fraction of NAV.
    #[schema(example = 0.033)]
    pub turnover_sell_side: f64,
    /// Sum of all costs, money.
    #[schema(example = 18.04, value_type = f64)]
    pub estimated_total_transaction_cost: Money,
    /// Half the sum of the absolute drifts of the assets after the plan, a fraction of NAV.
    #[schema(example = 0.002)]
    pub portfolio_drift_after: f64,
    /// Annual tracking error to the target weights after the plan, a fraction; null when the histories do not support it.
    #[schema(required = true, example = 0.0004)]
    pub tracking_error_after: Option<f64>,
    /// Weight of cash after the plan, a fraction.
    #[schema(example = 0.0002)]
    pub cash_weight_after: f64,
    /// Cash after the plan, money.
    #[schema(example = 33.13, value_type = f64)]
    pub cash_value_after: Money,
    /// Worth of the plan after its costs, basis points of NAV over the horizon, under the sample covariance of the histories whatever the method and its
    /// estimator; null when the histories do not support it.
    #[schema(required = true, example = 4.2)]
    pub net_worth_bps: Option<f64>,
    /// How close orders in whole lots come to the plan without lots; null where nothing was fitted.
    #[schema(required = true)]
    pub lot_fit: Option<LotFit>,
    /// The groups against their bands; absent where the policy has none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub groups: Vec<GroupDriftEntry>,
    /// Whether the policy trades on `trade_date`; absent where it has no trigger.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = TriggerEntry, required = false)]
    pub trigger: Option<TriggerEntry>,
    /// The supervisor's decision.
    pub decision: VerdictDecision,
    /// The trades, one entry per asset.
    pub trades: Vec<TradeEntry>,
    /// What was assumed or is missing.
    pub warnings: Vec<PlanWarning>,
}

impl Document for ComparisonRequest {
    fn check_size(&self, faults: &mut Faults) {
        if self.policies.is_empty() || self.policies.len() > MAX_POLICIES {
            faults.add("/policies", FaultCode::Limit, format!("must have 1 to {MAX_POLICIES} entries"));
        }
        faults.within("/portfolio", |faults| self.portfolio.check_size(faults));
    }

    fn reads_later(pointer: &str) -> bool {
        let mut parts = pointer.split('/').skip(1);
        parts.next() == Some("policies")
            && parts.next().is_some()
            && parts.next().is_some_and(|member| member != "name")
    }

    fn check(&self, faults: &mut Faults) {
        faults.within("/portfolio", |faults| self.portfolio.check(faults));
        let mut names = Vec::with_capacity(self.policies.len());
        for (k, policy) in self.policies.iter().enumerate() {
            match policy.name() {
                Some(name) => {
                    check_name(&name, || format!("/policies/{k}/name"), faults);
                    names.push(name);
                }
                None if policy.is_object() => {
                    faults.add(format!("/policies/{k}/name"), FaultCode::Required, "is required: a text, sent once");
                }
                None => faults.add(format!("/policies/{k}"), FaultCode::Type, "must be an object"),
            }
        }
        // An answer names its policies.
        if faults.is_empty() {
            check_distinct(names.iter().map(String::as_str), |k| format!("/policies/{k}/name"), faults);
        }
    }
}

impl Document for PolicyVariant {
    fn check_size(&self, faults: &mut Faults) {
        if self.target_weights.as_ref().is_some_and(|weights| weights.len() > MAX_ASSETS) {
            faults.add("/target_weights", FaultCode::Limit, format!("must have at most {MAX_ASSETS} entries"));
        }
    }

    fn check(&self, faults: &mut Faults) {
        let weights = self.target_weights.as_deref().unwrap_or_default();
        for (i, _) in weights.iter().enumerate().filter(|(_, weight)| !(0.0..=1e12).contains(*weight)) {
            faults.add(format!("/target_weights/{i}"), FaultCode::Range, "must be at least 0 and at most 1e12");
        }
        if self.drift_threshold.is_some() && self.band.is_some() {
            let detail = "is one band for all: send it or \"band\", not both";
            faults.add("/drift_threshold", FaultCode::Value, detail);
        }
    }
}

impl SentPolicy {
    /// The portfolio under the policy at place `k` of the request.
    ///
    /// # Errors
    /// What is wrong with the policy, or with the portfolio under it; see [`ComparedPolicy::errors`].
    pub fn applied_to(&self, k: usize, portfolio: &RebalanceRequest) -> Result<RebalanceRequest, Vec<Fault>> {
        let within = |faults: Vec<Fault>| {
            let mut all = Faults::default();
            all.extend_within(&format!("/policies/{k}"), faults);
            all.into_vec()
        };
        let policy = self.read().map_err(within)?;
        let assets = portfolio.assets.len();
        if policy.target_weights.as_ref().is_some_and(|weights| weights.len() != assets) {
            let detail = format!("must have one entry per asset, {assets}");
            return Err(within(vec![Fault::in_body("/target_weights", FaultCode::Length, detail)]));
        }
        policy.applied_to(portfolio)
    }
}

impl PolicyVariant {
    /// The portfolio under this policy.
    ///
    /// # Errors
    /// What is wrong with it, with pointers into the portfolio.
    fn applied_to(&self, portfolio: &RebalanceRequest) -> Result<RebalanceRequest, Vec<Fault>> {
        let mut of = portfolio.clone();
        if self.band.is_some() || self.drift_threshold.is_some() {
            (of.band, of.drift_threshold) = (self.band, self.drift_threshold);
        }
        for (asset, weight) in of.assets.iter_mut().zip(self.target_weights.iter().flatten()) {
            asset.target_weight = *weight;
        }
        let Self {
            name: _,
            target_weights: _,
            drift_threshold: _,
            band: _,
            groups,
            trigger,
            destination,
            scope,
            cash_target_weight,
            cash_band,
            intent,
            turnover_limit,
            min_notional,
            max_tickets,
            risk_aversion,
            horizon_years,
            worth_min_bps,
            tracking_error_budget,
            method,
            optimization,
        } = self;
        replace(&mut of.groups, groups);
        replace(&mut of.trigger, trigger);
        replace(&mut of.destination, destination);
        replace(&mut of.scope, scope);
        replace(&mut of.cash_target_weight, cash_target_weight);
        replace(&mut of.cash_band, cash_band);
        replace(&mut of.intent, intent);
        replace(&mut of.turnover_limit, turnover_limit);
        replace(&mut of.min_notional, min_notional);
        replace(&mut of.max_tickets, max_tickets);
        replace(&mut of.risk_aversion, risk_aversion);
        replace(&mut of.horizon_years, horizon_years);
        replace(&mut of.worth_min_bps, worth_min_bps);
        replace(&mut of.tracking_error_budget, tracking_error_budget);
        replace(&mut of.method, method);
        replace(&mut of.optimization, optimization);
        let mut faults = Faults::default();
        of.check(&mut faults);
        if faults.is_empty() { Ok(of) } else { Err(faults.into_vec()) }
    }
}

fn replace<T: Clone>(member: &mut Option<T>, sent: &Option<T>) {
    if sent.is_some() {
        member.clone_from(sent);
    }
}
