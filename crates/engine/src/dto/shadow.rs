//! The results of challengers on the inputs of plans, and their scores, on the wire.

use evaluate::Verdict;
use governance::ModelIdentity;
use models::Purpose;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::metadata::Metadata;

/// One figure of the plan as it was made and of the plan that the challenger would have made.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ShadowPair {
    /// With the model that made the plan.
    #[schema(example = 0.6)]
    pub champion: f64,
    /// With the challenger.
    #[schema(example = 0.6)]
    pub challenger: f64,
}

/// The challenger's interval for the next return of an asset.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ShadowInterval {
    /// Share of the next returns that such intervals contain in the long run.
    #[schema(example = 0.9)]
    pub coverage: f64,
    /// Lower end, a simple return per period.
    #[schema(example = -0.0151)]
    pub lower: f64,
    /// Upper end, a simple return per period.
    #[schema(example = 0.0159)]
    pub upper: f64,
}

/// One asset of the two plans.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ShadowAsset {
    /// Its name.
    #[schema(example = "ETF")]
    pub asset: String,
    /// Expected simple return per period.
    pub forecast: ShadowPair,
    /// Target weight, tilted or solved.
    pub optimized_target_weight: ShadowPair,
    /// Traded value, money in the plan's currency, negative for a sale.
    pub signed_trade_value: ShadowPair,
    /// Weight after the plan.
    pub weight_after: ShadowPair,
    /// The interval for the next return around the challenger's forecast: its own, or a conformal one of the service; null where there is
    /// none.
    #[schema(required)]
    pub outcome_interval: Option<ShadowInterval>,
}

/// The main figures of the two plans.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ShadowFigures {
    /// Two-way turnover, a fraction of NAV.
    pub turnover: ShadowPair,
    /// Cost of the trades, money in the plan's currency.
    pub transaction_cost: ShadowPair,
    /// Cost of the trades, a fraction of NAV.
    pub cost_of_nav: ShadowPair,
    /// Variance per period of the weights after the plan as it was made, by the two covariance models, for a challenger
    /// of the covariance; null for any other challenger, and where the histories do not support it.
    #[schema(required)]
    pub variance: Option<ShadowPair>,
}

/// What one challenger computed from the inputs of a plan. It is stored when the challenger has run and never changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ShadowComparison {
    /// What both models are for.
    pub purpose: Purpose,
    /// The version that the plan used: its champion, or the model that its request named.
    pub champion: ModelIdentity,
    /// The version that ran in shadow.
    pub challenger: ModelIdentity,
    /// Why the challenger makes no plan from these inputs; null where it makes one.
    #[schema(required, example = json!(null))]
    pub refusal: Option<String>,
    /// Whether any trade differs.
    #[schema(example = false)]
    pub trades_differ: bool,
    /// The assets in the order of the plan; none where the challenger makes no plan.
    pub assets: Vec<ShadowAsset>,
    /// The main figures; null where the challenger makes no plan.
    #[schema(required)]
    pub figures: Option<ShadowFigures>,
}

/// What challengers computed from the inputs of a plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanShadow {
    /// The plan.
    #[schema(example = "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f")]
    pub plan_id: String,
    /// Whether the challengers have run. They run after the plan is returned; before that there are no runs.
    #[schema(example = true)]
    pub is_done: bool,
    /// One for each challenger, by its id.
    pub runs: Vec<ShadowComparison>,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}

/// The loss by which two models are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShadowLoss {
    /// Mean squared difference between realised and expected returns, over assets and days.
    SquaredError,
    /// `ln v + s/v` with the forecast variance `v` of the weights after the plan and the mean square `s` of their returns.
    Qlike,
    /// The return of the weights after the plan less the cost of its trades, basis points of NAV, with its sign turned.
    NegativeNetReturn,
}

/// Why a comparison has no test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShadowReason {
    /// Fewer than ten plans have an outcome.
    TooFewPlans,
    /// The outcomes of more than half of the plans cover the same days, so there are fewer independent observations.
    PlansOverlap,
    /// The two have the same loss on every plan.
    NoDifference,
    /// A loss is too large for a floating-point number.
    TooLarge,
}

/// A challenger against the champion by one loss, over the plans with an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct LossComparison {
    /// The loss: lower is better.
    pub loss: ShadowLoss,
    /// Plans with an outcome on which both losses are known.
    #[schema(example = 72, minimum = 0)]
    pub plans: usize,
    /// Mean loss of the champion; null without plans.
    #[schema(required, example = 0.000_152)]
    pub champion: Option<f64>,
    /// Mean loss of the challenger; null without plans.
    #[schema(required, example = 0.000_151)]
    pub challenger: Option<f64>,
    /// Lower end of the 95 % interval of the challenger's loss less the champion's; null where there is no test.
    #[schema(required, example = -0.000_003)]
    pub difference_lower: Option<f64>,
    /// Upper end of that interval.
    #[schema(required, example = 0.000_001)]
    pub difference_upper: Option<f64>,
    /// Largest number of plans whose outcomes share a day: the horizon of the test, in plans.
    #[schema(required, example = 4, minimum = 1)]
    pub horizon: Option<usize>,
    /// Two-sided p-value of Diebold and Mariano with the correction of Harvey, Leybourne and Newbold, before any division by the trials.
    #[schema(required, example = 0.31, minimum = 0.0, maximum = 1.0)]
    pub p_value: Option<f64>,
    /// The challenger compared with the champion, as one of `trials` comparisons; null where there is no test.
    #[schema(required)]
    pub verdict: Option<Verdict>,
    /// Why there is no test; null where there is one.
    #[schema(required)]
    pub reason: Option<ShadowReason>,
}

/// How often what came was inside the challenger's intervals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct ShadowCoverage {
    /// Nominal coverage, a share.
    #[schema(example = 0.9, minimum = 0.0, maximum = 1.0)]
    pub nominal: f64,
    /// Realised coverage, a share.
    #[schema(example = 0.91, minimum = 0.0, maximum = 1.0)]
    pub realised: f64,
    /// Intervals: of a forecaster one for each asset of each plan with an outcome, of a covariance one for each day; those of one day are
    /// not independent.
    #[schema(example = 432, minimum = 1)]
    pub intervals: usize,
}

/// A challenger against the champion.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ChallengerRecord {
    /// The version that ran in shadow.
    pub challenger: ModelIdentity,
    /// Stored plans of this champion on which this version ran.
    #[schema(example = 96, minimum = 0)]
    pub plans: usize,
    /// Those for which it makes no plan.
    #[schema(example = 0, minimum = 0)]
    pub refused: usize,
    /// Those in which its trades differ.
    #[schema(example = 3, minimum = 0)]
    pub plans_with_other_trades: usize,
    /// Those with an outcome that was not yet known when the plan was made.
    #[schema(example = 72, minimum = 0)]
    pub scored: usize,
    /// Those whose outcome was known when the plan was made: they do not test a forecast and are not scored.
    #[schema(example = 0, minimum = 0)]
    pub in_hindsight: usize,
    /// One for each loss of the purpose.
    pub comparisons: Vec<LossComparison>,
    /// Coverage of its intervals: of a forecaster for the next return of each asset, of a covariance within 1.645 of its standard
    /// deviations for each day's return of the weights after the plan; null without outcomes.
    #[schema(required)]
    pub coverage: Option<ShadowCoverage>,
}

/// The champion of a purpose against the challengers that run in its shadow.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelShadow {
    /// The requested model.
    #[schema(example = "ensemble_v3")]
    pub id: String,
    /// What the models are for.
    pub purpose: Purpose,
    /// The champion.
    pub champion: ModelIdentity,
    /// If the champion was requested, every challenger with runs; if a challenger was requested, that one only.
    pub challengers: Vec<ChallengerRecord>,
    /// Number of comparisons made with challengers of this purpose, over all losses: the verdicts allow for them
    /// (Bonferroni).
    #[schema(example = 4, minimum = 1)]
    pub trials: u64,
    /// Probability of reporting a difference that does not exist, over all trials.
    #[schema(example = 0.05)]
    pub level: f64,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}
