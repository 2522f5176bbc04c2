//! The interface of a policy: the initial holdings, and a decision for each day.

use std::fmt::Debug;

use governance::Digest;
use pipeline::Plan;
use portfolio_core::{ModelParameter, TradePlan};

use crate::desk::Desk;
use crate::error::PolicyError;
use crate::past::Past;

/// A policy that can be replayed. Implement this trait to replay your own policy.
///
/// A decision is a function of the past, the account and the policy's own parameters: it keeps no state, reads no clock, and the
/// same arguments give the same decision. Everything a policy needs to remember is in the account ([`Desk`]).
///
/// # Example
/// ```
/// use backtest::{Decision, Desk, History, Past, Policy, PolicyError, ReplayOptions, Terms, Trial, TrialLedger, replay};
/// use portfolio_core::{ModelParameter, ReturnPanel, Universe};
///
/// /// Holds what rose most over the last days, and nothing else.
/// #[derive(Debug)]
/// struct Chase {
///     days: usize,
///     opening: Vec<f64>,
/// }
///
/// impl Policy for Chase {
///     fn id(&self) -> &str { "chase" }
///     fn parameters(&self) -> Vec<ModelParameter> { vec![ModelParameter::new("days", self.days as f64)] }
///     fn target(&self) -> &[f64] { &self.opening }
///     fn decide(&self, past: &Past<'_>, desk: &Desk<'_>) -> Result<Decision, PolicyError> {
///         let Some(then) = past.before(self.days) else { return Ok(Decision::Hold) };
///         let gain = |i: usize| past.prices()[i] / then.prices()[i];
///         let best = (0..past.assets()).max_by(|&a, &b| gain(a).total_cmp(&gain(b))).unwrap_or_default();
///         let target: Vec<f64> = (0..past.assets()).map(|i| f64::from(u8::from(i == best))).collect();
///         Ok(desk.trade_to(&target)?)
///     }
/// }
///
/// let panel = ReturnPanel::new(Universe::new(["A", "B"])?, vec![vec![0.01, -0.02, 0.03], vec![0.0, 0.02, -0.01]])?;
/// let history = History::from_returns(panel)?;
/// let chase = Trial::new("chase", Chase { days: 1, opening: vec![0.5, 0.5] }, Terms::proportional(2, 10.0)?);
/// let result = replay(&history, &[chase], &ReplayOptions::default(), &mut TrialLedger::default())?;
/// // It bought A after its rise, and B after A's fall: late both times.
/// assert!(result.runs[0].terminal_wealth() < 0.98);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Policy: Debug + Send + Sync {
    /// The id used in records, snake_case.
    fn id(&self) -> &str;

    /// The version of the rule. It changes whenever the same past, account and parameters give another decision.
    fn version(&self) -> &str {
        "1"
    }

    /// Every parameter, in a fixed order: each set of parameters is a separate trial.
    fn parameters(&self) -> Vec<ModelParameter>;

    /// The weights of the policy, one per asset, at least 0, with a sum of at most 1; the rest is cash.
    ///
    /// The book of a replay begins with them, and a withdrawal is paid by selling assets above them.
    fn target(&self) -> &[f64];

    /// The decision of a day, called on every day once deposits, withdrawals and delistings of the day are booked.
    ///
    /// # Errors
    /// A [`PolicyError`] of any kind; it ends the replay.
    fn decide(&self, past: &Past<'_>, desk: &Desk<'_>) -> Result<Decision, PolicyError>;
}

/// What a policy does on a day.
#[derive(Debug)]
#[non_exhaustive]
pub enum Decision {
    /// Nothing.
    Hold,
    /// These trades, at the prices of the day.
    Trade(Box<TradePlan>),
    /// The trades of this plan of the pipeline; none if its verdict rejects it.
    Plan(Box<Plan>),
}

impl Decision {
    /// The trades; `None` for none.
    #[must_use]
    pub fn trades(&self) -> Option<&TradePlan> {
        match self {
            Self::Hold => None,
            Self::Trade(trades) => Some(trades),
            Self::Plan(plan) if plan.verdict.decision == pipeline::VerdictDecision::Rejected => None,
            Self::Plan(plan) => Some(&plan.trades),
        }
    }

    /// The digest of the pipeline's last step; `None` for a decision that is not a traced plan.
    #[must_use]
    pub fn plan_digest(&self) -> Option<Digest> {
        match self {
            Self::Plan(plan) => plan.record.trace.last().map(|trace| trace.output_digest),
            _ => None,
        }
    }

    /// SHA-256 of the trades and of the plan behind them; an empty list of trades is the same as holding.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let rows = self.trades().map_or(&[][..], |trades| &trades.rows);
        let traded = rows.iter().enumerate().filter(|(_, row)| row.value.minor() != 0);
        let bytes: Vec<u8> = traded
            .flat_map(|(asset, row)| {
                [asset as u64, row.value.minor() as u64, row.cost.minor() as u64, row.units.to_bits()]
            })
            .flat_map(u64::to_le_bytes)
            .collect();
        let plan = self.plan_digest();
        let plan = plan.as_ref().map_or(&[][..], |digest| digest.as_bytes());
        Digest::of_fields("smart-portfolio-rebalancer/backtest-decision/1", &[&bytes, plan])
    }
}
