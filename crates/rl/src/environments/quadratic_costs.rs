//! Trading on factors that fade, at quadratic costs: the problem of Gârleanu and Pedersen.

use serde::{Deserialize, Serialize};

use crate::environment::{ActionSpace, End, Environment, Transition};
use crate::error::{RlError, length, within};
use crate::random::Random;

/// Positions `x` in `n` assets whose expected returns follow from `k` independent factors of unit variance:
///
/// ```text
/// f(t+1) = (1 − φ)·f(t) + √(1 − (1 − φ)²)·ε      reward(t) = x(t)'·B·f(t) − γ/2·x(t)'·Σ·x(t) − ½·Δx(t)'·Λ·Δx(t)
/// ```
///
/// The reward is the expected one of the period: the deviation of returns from their expectation has mean zero and
/// would only add noise. The action is the trade of each asset in units of [`trade_unit`](Self::trade_unit), unbounded;
/// the observation is the positions in units of [`position_unit`](Self::position_unit), then the factors.
///
/// Matrices are row-major. The optimum is `allocators::closed_form`, with the same loadings, covariance and cost.
///
/// # Reference
/// Gârleanu, Pedersen (2013), "Dynamic Trading with Predictable Returns and Transaction Costs", Journal of Finance 68(6).
#[derive(Debug, Clone, PartialEq)]
pub struct QuadraticCosts {
    loadings: Vec<f64>,
    decay: Vec<f64>,
    covariance: Vec<f64>,
    cost: Vec<f64>,
    risk_aversion: f64,
    /// The size of 1 in an observed position, in units of the position. An episode begins with positions of this
    /// standard deviation.
    pub position_unit: f64,
    /// The size of 1 in an action, in units of the position.
    pub trade_unit: f64,
    /// Periods of an episode.
    pub periods: u32,
}

/// Positions, factors and the periods of the episode so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuadraticCostsState {
    /// Position in each asset before the trade.
    pub positions: Vec<f64>,
    /// Factors, known before the trade.
    pub factors: Vec<f64>,
    /// Periods so far.
    pub period: u32,
}

impl QuadraticCosts {
    /// A problem of `n` assets and `k` factors: `loadings` is `B`, `n × k`; `decay` is `φ` of each factor, above 0 and at most 1;
    /// `covariance` and `cost` are `Σ` and `Λ`, `n × n`; `risk_aversion` is `γ`. Units are 1, episodes have 200 periods.
    ///
    /// # Errors
    /// [`RlError::Length`] or [`RlError::OutOfRange`].
    pub fn new(
        loadings: &[f64],
        decay: &[f64],
        covariance: &[f64],
        cost: &[f64],
        risk_aversion: f64,
    ) -> Result<Self, RlError> {
        let n = covariance.len().isqrt();
        within("number of assets", n as f64, n > 0, "at least 1")?;
        within("number of factors", decay.len() as f64, !decay.is_empty(), "at least 1")?;
        length("the covariance", covariance.len(), n * n)?;
        length("the cost", cost.len(), n * n)?;
        length("the loadings", loadings.len(), n * decay.len())?;
        for value in decay {
            within("decay", *value, *value > 0.0 && *value <= 1.0, "above 0 and at most 1")?;
        }
        for value in [loadings, covariance, cost].concat() {
            within("an entry of a matrix", value, true, "a finite number")?;
        }
        within("risk aversion", risk_aversion, risk_aversion > 0.0, "above 0")?;
        Ok(Self {
            loadings: loadings.to_vec(),
            decay: decay.to_vec(),
            covariance: covariance.to_vec(),
            cost: cost.to_vec(),
            risk_aversion,
            position_unit: 1.0,
            trade_unit: 1.0,
            periods: 200,
        })
    }

    /// With other units of positions and trades.
    #[must_use]
    pub fn with_units(self, position_unit: f64, trade_unit: f64) -> Self {
        Self { position_unit, trade_unit, ..self }
    }

    /// With episodes of this number of periods.
    #[must_use]
    pub fn with_periods(self, periods: u32) -> Self {
        Self { periods, ..self }
    }

    /// Simulates a period in which these trades are made, and returns its reward.
    ///
    /// # Errors
    /// [`RlError::Length`] unless there is one trade per asset.
    pub fn trade(&self, state: &mut QuadraticCostsState, trades: &[f64], random: &mut Random) -> Result<f64, RlError> {
        length("the trades", trades.len(), state.positions.len())?;
        state.positions.iter_mut().zip(trades).for_each(|(x, trade)| *x += trade);
        let k = self.decay.len();
        let expected: f64 = (state.positions.iter().zip(self.loadings.chunks_exact(k)))
            .map(|(x, row)| x * row.iter().zip(&state.factors).map(|(b, f)| b * f).sum::<f64>())
            .sum();
        let risk = self.risk_aversion * quadratic(&self.covariance, &state.positions) / 2.0;
        let cost = quadratic(&self.cost, trades) / 2.0;
        for (f, decay) in state.factors.iter_mut().zip(&self.decay) {
            let kept = 1.0 - decay;
            *f = kept * *f + (1.0 - kept * kept).sqrt() * random.normal();
        }
        state.period += 1;
        Ok(expected - risk - cost)
    }

    /// The mean reward of the given number of periods of one path under a rule that maps positions and factors to
    /// trades. The same generator gives every rule the same factors, so that the difference between two rules has less
    /// noise than either of them.
    ///
    /// # Errors
    /// Errors of the rule, or [`RlError::Length`].
    pub fn mean_reward(
        &self,
        periods: usize,
        mut random: Random,
        mut rule: impl FnMut(&QuadraticCostsState) -> Result<Vec<f64>, RlError>,
    ) -> Result<f64, RlError> {
        within("number of periods", periods as f64, periods > 0, "at least 1")?;
        let mut state = self.reset(&mut random)?;
        let mut sum = 0.0;
        for _ in 0..periods {
            let trades = rule(&state)?;
            sum += self.trade(&mut state, &trades, &mut random)?;
        }
        Ok(sum / periods as f64)
    }
}

/// `x'·M·x`.
fn quadratic(matrix: &[f64], x: &[f64]) -> f64 {
    let rows = matrix.chunks_exact(x.len());
    rows.zip(x).map(|(row, xi)| xi * row.iter().zip(x).map(|(m, xj)| m * xj).sum::<f64>()).sum()
}

impl Environment for QuadraticCosts {
    type State = QuadraticCostsState;

    fn observation_size(&self) -> usize {
        self.covariance.len().isqrt() + self.decay.len()
    }

    fn action_space(&self) -> ActionSpace {
        ActionSpace::Continuous(self.covariance.len().isqrt())
    }

    fn reset(&self, random: &mut Random) -> Result<QuadraticCostsState, RlError> {
        let mut normals = |n: usize, unit: f64| (0..n).map(|_| unit * random.normal()).collect();
        let positions = normals(self.covariance.len().isqrt(), self.position_unit);
        Ok(QuadraticCostsState { positions, factors: normals(self.decay.len(), 1.0), period: 0 })
    }

    fn observe(&self, state: &QuadraticCostsState, observation: &mut [f64]) {
        let positions = state.positions.iter().map(|x| x / self.position_unit);
        observation.iter_mut().zip(positions.chain(state.factors.iter().copied())).for_each(|(o, v)| *o = v);
    }

    fn step(
        &self,
        state: &mut QuadraticCostsState,
        action: &[f64],
        random: &mut Random,
    ) -> Result<Transition, RlError> {
        let trades: Vec<f64> = action.iter().map(|a| self.trade_unit * a).collect();
        let reward = self.trade(state, &trades, random)?;
        Ok(Transition { reward, end: (state.period >= self.periods).then_some(End::Truncated) })
    }
}
