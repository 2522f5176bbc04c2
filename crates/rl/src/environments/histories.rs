//! Real prices: a book traded day by day along histories.

use portfolio_core::{CostModel, Money};
use serde::{Deserialize, Serialize};

use super::account::Account;
use super::target::onto;
use crate::environment::{ActionSpace, End, Environment, Transition};
use crate::error::{RlError, length, within};
use crate::random::Random;

/// Prices of the assets, and other features known on each day.
#[derive(Debug, Clone, PartialEq)]
pub struct Histories {
    assets: usize,
    prices: Vec<f64>,
    width: usize,
    features: Vec<f64>,
}

impl Histories {
    /// `prices` are `days × assets`, row by row, oldest first, positive. `features` are `days × width`, of the order of 1: forecasts,
    /// volatilities, filtered probabilities of a regime. A row may hold only what was known on its day; nothing here can check that.
    ///
    /// # Errors
    /// [`RlError::Length`] or [`RlError::OutOfRange`], also for fewer than two days.
    pub fn new(assets: usize, prices: Vec<f64>, features: Vec<f64>) -> Result<Self, RlError> {
        within("number of assets", assets as f64, assets > 0, "at least 1")?;
        let days = prices.len() / assets;
        within("number of days", days as f64, days >= 2, "at least 2")?;
        length("the prices", prices.len(), days * assets)?;
        let width = features.len() / days;
        length("the features", features.len(), days * width)?;
        for price in &prices {
            within("a price", *price, *price > 0.0, "above 0")?;
        }
        for feature in &features {
            within("a feature", *feature, true, "a finite number")?;
        }
        Ok(Self { assets, prices, width, features })
    }

    /// Number of days.
    #[must_use]
    pub fn days(&self) -> usize {
        self.prices.len() / self.assets
    }

    /// Number of assets.
    #[must_use]
    pub fn assets(&self) -> usize {
        self.assets
    }

    /// Prices of a day.
    #[must_use]
    pub fn prices(&self, day: usize) -> &[f64] {
        &self.prices[day * self.assets..(day + 1) * self.assets]
    }

    fn features(&self, day: usize) -> &[f64] {
        &self.features[day * self.width..(day + 1) * self.width]
    }
}

/// The meaning of an action for a book of several assets. Its first numbers, one per asset, tilt the policy's weights:
/// the centre is `policy·e^(2a)`, scaled to a sum of one. The last number says how far to move towards it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum DecisionForm {
    /// Half-width of the band around each weight, from 0 to 10 points: a weight outside is traded to the edge.
    #[default]
    Band,
    /// The fraction of the way that every weight moves.
    Intensity,
}

/// A book that is fully invested and trades once a day, with the sizing and the ledger of the product.
///
/// The reward of a day is the growth of the log of its value from before the trade of the day to before that of the
/// next, after costs, minus [`drawdown_aversion`](Self::drawdown_aversion) times the amount that the day adds to the
/// fall from the highest value of the episode. The observation is the distance of each weight from the policy's in
/// units of a tenth, the fall from the highest value in units of a tenth if it is observed, and the features of the day.
#[derive(Debug, Clone)]
pub struct HistoriesEnv {
    /// Prices and features.
    pub histories: Histories,
    /// The cost of trades.
    pub costs: CostModel,
    /// Weights that an episode begins with, and that actions tilt; their sum is 1.
    pub policy: Vec<f64>,
    /// Value of the account at the beginning.
    pub initial_value: Money,
    /// The meaning of an action.
    pub form: DecisionForm,
    /// `λ`: the log growth that offsets a further point of drawdown, at least 0.
    pub drawdown_aversion: f64,
    /// Whether the fall from the highest value of the episode is observed. Without it the observation is what a replay tells a policy, and a
    /// reward with a weight on drawdowns depends on what is not seen.
    pub observes_fall: bool,
    /// Days of an episode; each begins on a random day with at least this many days left.
    pub episode: usize,
}

/// A book on a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoriesState {
    /// The day, an index of the histories.
    pub day: usize,
    /// The day on which the episode ends.
    pub last: usize,
    /// The book before the trade of the day.
    pub account: Account,
    /// Value directly after the trade of the previous day, major units.
    pub traded_value: f64,
    /// Highest value of the episode so far, major units.
    pub peak: f64,
    /// Costs of the episode so far, minor units.
    pub costs_minor: i64,
}

impl DecisionForm {
    /// Targets and half-width of an action on weights, around the weights of a policy.
    #[must_use]
    pub fn decide(self, policy: &[f64], action: &[f64], weights: &[f64]) -> (Vec<f64>, f64) {
        let (tilts, last) = action.split_at(policy.len().min(action.len()));
        let last = last.first().copied().unwrap_or_default();
        let raw = policy.iter().zip(tilts).map(|(w, a)| w * (2.0 * a.clamp(-1.0, 1.0)).exp());
        let mut target: Vec<f64> = raw.collect();
        let sum: f64 = target.iter().sum();
        target.iter_mut().for_each(|w| *w /= sum);
        match self {
            Self::Band => (target, onto(last, 0.0, 0.1)),
            Self::Intensity => {
                let part = onto(last, 0.0, 1.0);
                target.iter_mut().zip(weights).for_each(|(t, w)| *t = w + part * (*t - w));
                (target, 0.0)
            }
        }
    }
}

impl HistoriesEnv {
    /// An environment over whole histories as one episode, whose actions are bands, with no weight on drawdowns.
    ///
    /// # Errors
    /// [`RlError::Length`] or [`RlError::OutOfRange`] for weights whose number is not that of the assets, or that do
    /// not sum to 1.
    pub fn new(
        histories: Histories,
        costs: CostModel,
        policy: Vec<f64>,
        initial_value: Money,
    ) -> Result<Self, RlError> {
        length("the policy", policy.len(), histories.assets())?;
        for weight in &policy {
            within("a weight of the policy", *weight, *weight >= 0.0, "at least 0")?;
        }
        let sum: f64 = policy.iter().sum();
        within("the sum of the policy", sum, (sum - 1.0).abs() <= 1e-9, "1")?;
        let (form, episode) = (DecisionForm::default(), histories.days() - 1);
        Ok(Self { histories, costs, policy, initial_value, form, drawdown_aversion: 0.0, observes_fall: true, episode })
    }

    /// The state at the beginning of an episode on this day.
    ///
    /// # Errors
    /// [`RlError::OutOfRange`] when no day follows, or an error of the booking.
    pub fn open(&self, day: usize) -> Result<HistoriesState, RlError> {
        let days = self.histories.days();
        within("the first day", day as f64, day + 1 < days, "before the last day")?;
        let account = Account::invested(self.initial_value, &self.policy, self.histories.prices(day))?;
        let value = account.value;
        let last = (day + self.episode).min(days - 1);
        Ok(HistoriesState { day, last, account, traded_value: value, peak: value, costs_minor: 0 })
    }

    /// Targets and half-width of an action on weights.
    #[must_use]
    pub fn decision(&self, action: &[f64], weights: &[f64]) -> (Vec<f64>, f64) {
        self.form.decide(&self.policy, action, weights)
    }
}

impl Environment for HistoriesEnv {
    type State = HistoriesState;

    fn observation_size(&self) -> usize {
        self.policy.len() + usize::from(self.observes_fall) + self.histories.width
    }

    fn action_space(&self) -> ActionSpace {
        ActionSpace::Continuous(self.policy.len() + 1)
    }

    fn reset(&self, random: &mut Random) -> Result<HistoriesState, RlError> {
        let starts = self.histories.days().saturating_sub(self.episode).max(1);
        self.open(random.below(starts))
    }

    fn observe(&self, state: &HistoriesState, observation: &mut [f64]) {
        let weights = state.account.weights(self.histories.prices(state.day));
        let drift = weights.iter().zip(&self.policy).map(|(w, p)| 10.0 * (w - p));
        let fall = 10.0 * (1.0 - state.account.value / state.peak);
        let features = self.histories.features(state.day).iter().copied();
        observation
            .iter_mut()
            .zip(drift.chain(self.observes_fall.then_some(fall)).chain(features))
            .for_each(|(o, v)| *o = v);
    }

    fn step(&self, state: &mut HistoriesState, action: &[f64], _: &mut Random) -> Result<Transition, RlError> {
        length("the action", action.len(), self.policy.len() + 1)?;
        within("the day", state.day as f64, state.day < state.last, "before the end of the episode")?;
        let currency = self.initial_value.currency();
        let (before, fall) = (state.account.value, 1.0 - state.account.value / state.peak);
        let prices = self.histories.prices(state.day);
        let (target, half_width) = self.decision(action, &state.account.weights(prices));
        state.costs_minor += state.account.trade(&target, half_width, prices, &self.costs, currency)?;
        state.traded_value = state.account.value;
        state.day += 1;
        state.account.value_at(self.histories.prices(state.day), currency);
        state.peak = state.peak.max(state.account.value);
        let further = (1.0 - state.account.value / state.peak - fall).max(0.0);
        let reward = (state.account.value / before).ln() - self.drawdown_aversion * further;
        Ok(Transition { reward, end: (state.day >= state.last).then_some(End::Truncated) })
    }
}
