//! What ranks the shares: three simple rules, trees that learn, and mixtures of the four.

use std::error::Error;

use boosting::FEATURES;
use online::{Aggregator, Rule};
use portfolio_core::Seed;
use trees::{Ensemble, GbdtSpec, Rows};

use crate::book::Book;
use crate::market::{BLOCK, Market, START};

/// The rules, of which the last one learns.
pub(crate) const RULES: [&str; 4] = ["momentum", "reversal of a month", "low volatility", "boosted trees"];
/// Mixtures of them: weights of the rules learn from what each earned after costs.
pub(crate) const MIXTURES: [&str; 4] = ["equal mixture", "EWA", "ML-Poly", "BOA"];

/// Days between two trainings.
const REFIT: usize = 252;
/// First day with a whole year before it.
const FIRST: usize = 252;
/// Net returns of a block are told apart up to this distance from equal weights.
const LARGEST: f64 = 0.1;

/// Trees that are trained again each year, and what they forecast.
#[derive(Default)]
pub(crate) struct Learner {
    model: Option<(usize, Ensemble)>,
    /// Forecasts by day.
    issued: Vec<(usize, Vec<f64>)>,
}

impl Learner {
    /// Scores of every rule on a day.
    pub(crate) fn scores(&mut self, market: &Market, day: usize) -> Result<[Vec<f64>; 4], Box<dyn Error>> {
        let rows = market.features(day)?;
        let model = match self.model.take() {
            Some((since, model)) if day < since + REFIT => (since, model),
            _ => (day, trained(market, day)?),
        };
        let told = model.1.predict(&Rows::new(FEATURES.len(), rows.clone())?)?;
        self.model = Some(model);
        self.issued.push((day, told.clone()));
        let of = |feature: usize, sign: f64| rows.chunks(FEATURES.len()).map(|row| sign * row[feature]).collect();
        Ok([of(2, 1.0), of(1, -1.0), of(4, -1.0), told])
    }

    /// Mean squared error of each block's forecasts, and of forecasting zero.
    pub(crate) fn losses(&self, market: &Market) -> [Vec<f64>; 2] {
        let mut losses = [Vec::new(), Vec::new()];
        for (day, told) in &self.issued {
            let came = market.beyond_mean(*day);
            let mean = |errors: Vec<f64>| errors.iter().map(|error| error * error).sum::<f64>() / errors.len() as f64;
            losses[0].push(mean(came.iter().zip(told).map(|(came, told)| came - told).collect()));
            losses[1].push(mean(came));
        }
        losses
    }
}

/// Trees on every block that was over a whole block before the day: no label meets a day that a decision knows.
fn trained(market: &Market, day: usize) -> Result<Ensemble, Box<dyn Error>> {
    let (mut rows, mut targets) = (Vec::new(), Vec::new());
    // The blocks of the decisions, and those before the first of them.
    let first = START - (START - FIRST) / BLOCK * BLOCK;
    for past in (first..).step_by(BLOCK).take_while(|past| past + 2 * BLOCK <= day) {
        rows.extend(market.features(past)?);
        targets.extend(market.beyond_mean(past));
    }
    let spec = GbdtSpec { rounds: 200, learning_rate: 0.02, leaves: 8, rows_in_leaf: 100, ..GbdtSpec::default() };
    Ok(Ensemble::fit(&FEATURES, &Rows::new(FEATURES.len(), rows)?, &targets, &spec, Seed(1), None)?.ensemble)
}

/// Weights of the shares under each mixture of the rules.
pub(crate) fn mixtures(
    chosen: &[Vec<Vec<f64>>],
    own: &[Book],
    equal: &Book,
) -> Result<[Vec<Vec<f64>>; 4], Box<dyn Error>> {
    let (experts, rounds) = (chosen.len() as f64, equal.net.len() as f64);
    // The rates at which the bounds on regret are smallest for so many rounds.
    let rules = [
        Rule::Equal,
        Rule::Ewa { rate: (8.0 * experts.ln() / rounds).sqrt() },
        Rule::MlPoly,
        Rule::Boa { rate: (experts.ln() / rounds).sqrt().min(0.5) },
    ];
    let mut mixed = [const { Vec::new() }; 4];
    for (weights, rule) in mixed.iter_mut().zip(rules) {
        let mut aggregator = Aggregator::new(rule, chosen.len(), 2.0 * LARGEST)?;
        for round in 0..equal.net.len() {
            let pending = aggregator.issue();
            let shares = chosen.first().and_then(|rounds| rounds.first()).map_or(0, Vec::len);
            let held = (0..shares).map(|share| {
                chosen.iter().zip(pending.weights()).map(|(rule, weight)| weight * rule[round][share]).sum()
            });
            weights.push(held.collect());
            let losses: Vec<f64> = own
                .iter()
                .map(|book| LARGEST - (book.net[round] - equal.net[round]).clamp(-LARGEST, LARGEST))
                .collect();
            let _learnt = aggregator.settle(pending, &losses)?;
        }
    }
    Ok(mixed)
}
