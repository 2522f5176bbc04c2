//! One risky asset, proportional costs: Merton's problem.

use serde::{Deserialize, Serialize};

use super::target::{into_band, onto};
use crate::environment::{ActionSpace, End, Environment, Transition};
use crate::error::{RlError, length, within};
use crate::random::Random;

/// The meaning of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ActionForm {
    /// Centre and half-width of a band: a weight outside goes to the nearer edge. Two numbers: the centre from 0 to 1, the half-width
    /// from 0 to a half.
    #[default]
    Band,
    /// A target and the fraction of the way to it: two numbers, each from 0 to 1.
    TargetAndIntensity,
}

/// Choose the weight of a risky asset in a book; the rest earns nothing. Trading costs a fraction of the traded amount,
/// and weights drift with returns.
///
/// ```text
/// reward = (μ·w − γ·σ²·w²/2)/periods − cost·|trade|,   w(t+1) = w·R/(w·R + 1 − w),   ln R ~ N((μ − σ²/2)/periods, σ²/periods)
/// ```
///
/// For `γ = 1` the reward is the expected growth of the log of wealth, as a fraction per period. Without costs the best
/// weight is `μ/(γσ²)`; with costs it is a band around it, whose width is `portfolio_core::no_trade_half_width`. The
/// observation is one number, four times the distance of the weight from a half; actions are clamped to −1 to 1.
///
/// # Reference
/// Merton (1969), "Lifetime Portfolio Selection under Uncertainty"; Shreve, Soner (1994), "Optimal Investment and Consumption with
/// Transaction Costs".
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProportionalCosts {
    /// `μ`: expected return in excess of cash, per year.
    pub excess: f64,
    /// `σ`, per year.
    pub volatility: f64,
    /// Cost per unit of traded NAV.
    pub cost: f64,
    /// `γ`.
    pub risk_aversion: f64,
    /// Periods of a year.
    pub periods_per_year: f64,
    /// Periods of an episode.
    pub periods: u32,
    /// The meaning of an action.
    pub form: ActionForm,
}

/// The weight before the trade, and the periods of the episode so far.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ProportionalCostsState {
    /// Weight of the risky asset.
    pub weight: f64,
    /// Periods so far.
    pub period: u32,
}

impl ProportionalCosts {
    /// A monthly problem with episodes of ten years, whose actions are bands.
    ///
    /// # Errors
    /// [`RlError::OutOfRange`] unless volatility and risk aversion are positive and the cost is from 0 to below 1.
    pub fn monthly(excess: f64, volatility: f64, cost: f64, risk_aversion: f64) -> Result<Self, RlError> {
        within("excess", excess, true, "a finite number")?;
        within("volatility", volatility, volatility > 0.0, "above 0")?;
        within("cost", cost, (0.0..1.0).contains(&cost), "at least 0 and below 1")?;
        within("risk aversion", risk_aversion, risk_aversion > 0.0, "above 0")?;
        let form = ActionForm::default();
        Ok(Self { excess, volatility, cost, risk_aversion, periods_per_year: 12.0, periods: 120, form })
    }

    /// The best weight when trading is free.
    #[must_use]
    pub fn merton_weight(&self) -> f64 {
        self.excess / (self.risk_aversion * self.volatility.powi(2))
    }

    /// The weight after the trade that an action specifies.
    #[must_use]
    pub fn traded(&self, weight: f64, action: [f64; 2]) -> f64 {
        match self.form {
            ActionForm::Band => {
                let (centre, half) = (onto(action[0], 0.0, 1.0), onto(action[1], 0.0, 0.5));
                into_band(weight, (centre - half).max(0.0), (centre + half).min(1.0))
            }
            ActionForm::TargetAndIntensity => weight + onto(action[1], 0.0, 1.0) * (onto(action[0], 0.0, 1.0) - weight),
        }
    }

    /// Simulates a period after a trade to `weight`, and returns its reward.
    pub fn hold(&self, state: &mut ProportionalCostsState, weight: f64, random: &mut Random) -> f64 {
        let variance = self.volatility.powi(2);
        let growth =
            (self.excess * weight - self.risk_aversion * variance * weight * weight / 2.0) / self.periods_per_year;
        let reward = growth - self.cost * (weight - state.weight).abs();
        let drift = (self.excess - variance / 2.0) / self.periods_per_year;
        let grown = weight * (drift + self.volatility / self.periods_per_year.sqrt() * random.normal()).exp();
        state.weight = grown / (grown + 1.0 - weight);
        state.period += 1;
        reward
    }

    /// The mean reward per period over the given number of periods of one path, under a rule that maps the weight
    /// before the trade to the weight after it, starting from the best weight without costs. The same generator gives
    /// every rule the same returns.
    #[must_use]
    pub fn mean_reward(&self, periods: usize, mut random: Random, rule: impl Fn(f64) -> f64) -> f64 {
        let mut state = ProportionalCostsState { weight: self.merton_weight().clamp(0.0, 1.0), period: 0 };
        let mut hold = || {
            let weight = rule(state.weight);
            self.hold(&mut state, weight, &mut random)
        };
        (0..periods).map(|_| hold()).sum::<f64>() / periods.max(1) as f64
    }
}

impl Environment for ProportionalCosts {
    type State = ProportionalCostsState;

    fn observation_size(&self) -> usize {
        1
    }

    fn action_space(&self) -> ActionSpace {
        ActionSpace::Continuous(2)
    }

    /// Any weight from 5 % to 95 %.
    fn reset(&self, random: &mut Random) -> Result<ProportionalCostsState, RlError> {
        Ok(ProportionalCostsState { weight: random.between(0.05, 0.95), period: 0 })
    }

    fn observe(&self, state: &ProportionalCostsState, observation: &mut [f64]) {
        observation.iter_mut().for_each(|o| *o = 4.0 * (state.weight - 0.5));
    }

    fn step(
        &self,
        state: &mut ProportionalCostsState,
        action: &[f64],
        random: &mut Random,
    ) -> Result<Transition, RlError> {
        length("the action", action.len(), 2)?;
        let reward = self.hold(state, self.traded(state.weight, [action[0], action[1]]), random);
        Ok(Transition { reward, end: (state.period >= self.periods).then_some(End::Truncated) })
    }
}
