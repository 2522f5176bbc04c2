//! Weights of experts that learn from their losses.

/// How weights follow from losses. Losses are divided by their largest value, so bounds are in units of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// Always equal weights: hard to beat, but without a guarantee.
    Equal,
    /// Exponential weights e^(−η L) of the cumulative losses L, at a rate η in (0, 8]. Regret after T rounds at most ln K / η + η T / 8.
    Ewa {
        /// The rate η.
        rate: f64,
    },
    /// ML-Poly (Gaillard, Stoltz and van Erven 2014): weights η_k (R_k)₊ of the regrets R_k, where 1/η_k is 1 plus the sum of their squared
    /// steps. It has no parameter to tune. Regret at most √(K (1 + ln(1 + T)) (1 + T)).
    MlPoly,
    /// Bernstein online aggregation (Wintenberger 2017) at a rate η in (0, 1/2]: exponential weights of Σ (η r − η² r²) of the
    /// steps r of a regret. Regret at most ln K / η + η T, and less for an expert whose losses are close to those of the mixture.
    Boa {
        /// The rate η.
        rate: f64,
    },
}

impl Rule {
    /// The largest regret against the best of `experts` after `rounds` rounds with losses in [0, 1], whatever the losses are; none for
    /// equal weights. When outcomes arrive `delay` rounds late, it is that of `delay` + 1 learners that share the
    /// rounds.
    #[must_use]
    pub fn regret_bound(self, experts: usize, rounds: usize, delay: usize) -> Option<f64> {
        let learners = (delay + 1) as f64;
        // The most rounds that one of the learners has.
        let (k, t) = (experts as f64, rounds.div_ceil(delay + 1) as f64);
        let one = match self {
            Self::Equal => return None,
            Self::Ewa { rate } => k.ln() / rate + rate * t / 8.0,
            Self::MlPoly => (k * (1.0 + t.ln_1p()) * (1.0 + t)).sqrt(),
            Self::Boa { rate } => k.ln() / rate + rate * t,
        };
        Some(learners * one)
    }
}

/// What is wrong with the input of an aggregation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AggregateError {
    /// There is no expert.
    #[error("there are no experts")]
    NoExperts,
    /// A rate is outside its range.
    #[error("the rate is out of its range")]
    Rate,
    /// The largest loss is not positive and finite.
    #[error("the largest loss is not above zero and finite")]
    Range,
    /// The number of values differs from the number of experts.
    #[error("there are {got} numbers for {expected} experts")]
    Length {
        /// Number of experts.
        expected: usize,
        /// Numbers given.
        got: usize,
    },
    /// The weights were issued by an aggregator of another kind.
    #[error("the weights were issued by another aggregator")]
    Foreign,
    /// A loss is below zero or above the largest one.
    #[error("the loss of expert {} is not between 0 and the largest loss", expert + 1)]
    Loss {
        /// The expert, from 0.
        expert: usize,
    },
}

/// Weights of experts, learned from losses that may arrive late.
///
/// Weights are issued from the losses settled before, and each issue is settled once. While outcomes are missing, the
/// next weights come from another learner of the same rule (Joulani, György and Szepesvári 2013), so the bound of the
/// rule holds for each of them whatever the losses are.
///
/// # Example
/// ```
/// use online::{Aggregator, Rule};
///
/// let mut experts = Aggregator::new(Rule::MlPoly, 2, 1.0)?;
/// for _ in 0..50 {
///     let issued = experts.issue();
///     experts.settle(issued, &[0.2, 0.9])?;
/// }
/// assert!(experts.issue().weights()[0] > 0.99);
/// # Ok::<(), online::AggregateError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregator {
    rule: Rule,
    experts: usize,
    largest: f64,
    learners: Vec<Learner>,
    /// Learners that are not waiting for an outcome, the next one last.
    free: Vec<usize>,
}

/// What a learner stores for each expert.
#[derive(Debug, Clone, PartialEq)]
struct Learner {
    /// The sum on which the rule bases the weights: regrets, or exponents.
    sum: Vec<f64>,
    /// Sum of the squared steps of the regret.
    squares: Vec<f64>,
}

/// Weights whose losses are not yet known.
#[derive(Debug, PartialEq)]
#[must_use = "weights that are not settled teach nothing"]
pub struct Pending {
    learner: usize,
    weights: Vec<f64>,
}

impl Pending {
    /// The weight of each expert: 0 or more, with sum 1.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }
}

impl Aggregator {
    /// Experts without a history; their losses are between 0 and `largest_loss`.
    ///
    /// # Errors
    /// No experts, or numbers out of range.
    pub fn new(rule: Rule, experts: usize, largest_loss: f64) -> Result<Self, AggregateError> {
        if experts == 0 {
            return Err(AggregateError::NoExperts);
        }
        let fits = match rule {
            Rule::Equal | Rule::MlPoly => true,
            Rule::Ewa { rate } => rate > 0.0 && rate <= 8.0,
            Rule::Boa { rate } => rate > 0.0 && rate <= 0.5,
        };
        if !fits {
            return Err(AggregateError::Rate);
        }
        if !(largest_loss > 0.0 && largest_loss.is_finite()) {
            return Err(AggregateError::Range);
        }
        Ok(Self { rule, experts, largest: largest_loss, learners: Vec::new(), free: Vec::new() })
    }

    /// The weights of the next round.
    pub fn issue(&mut self) -> Pending {
        let learner = self.free.pop().unwrap_or_else(|| {
            self.learners.push(Learner { sum: vec![0.0; self.experts], squares: vec![0.0; self.experts] });
            self.learners.len() - 1
        });
        Pending { learner, weights: self.learners[learner].weights(self.rule) }
    }

    /// Learns the loss of each expert in the round of these weights and returns the weighted loss.
    ///
    /// # Errors
    /// A number of losses other than the number of experts, or losses out of range; the round is then lost, and nothing
    /// is learned.
    pub fn settle(&mut self, pending: Pending, losses: &[f64]) -> Result<f64, AggregateError> {
        if pending.learner >= self.learners.len() || pending.weights.len() != self.experts {
            return Err(AggregateError::Foreign);
        }
        self.free.push(pending.learner);
        if losses.len() != self.experts {
            return Err(AggregateError::Length { expected: self.experts, got: losses.len() });
        }
        if let Some(expert) = losses.iter().position(|loss| !(0.0..=self.largest).contains(loss)) {
            return Err(AggregateError::Loss { expert });
        }
        let mixed: f64 = pending.weights.iter().zip(losses).map(|(weight, loss)| weight * loss).sum();
        self.learners[pending.learner].learn(self.rule, mixed / self.largest, losses, self.largest);
        Ok(mixed)
    }
}

impl Learner {
    fn learn(&mut self, rule: Rule, mixed: f64, losses: &[f64], largest: f64) {
        for ((sum, squares), loss) in self.sum.iter_mut().zip(&mut self.squares).zip(losses) {
            let step = mixed - loss / largest;
            *squares += step * step;
            *sum += match rule {
                Rule::Equal => 0.0,
                Rule::MlPoly => step,
                // The loss of the mixture is the same for all, and keeps the exponents small.
                Rule::Ewa { rate } => rate * step,
                Rule::Boa { rate } => rate * step - rate * rate * step * step,
            };
        }
    }

    fn weights(&self, rule: Rule) -> Vec<f64> {
        let raw: Vec<f64> = match rule {
            Rule::Equal => vec![1.0; self.sum.len()],
            Rule::MlPoly => self.sum.iter().zip(&self.squares).map(|(r, s)| r.max(0.0) / (1.0 + s)).collect(),
            Rule::Ewa { .. } | Rule::Boa { .. } => {
                let top = self.sum.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                self.sum.iter().map(|exponent| (exponent - top).exp()).collect()
            }
        };
        let total: f64 = raw.iter().sum();
        // When no expert is ahead of the mixture, all of them are alike.
        let equal = 1.0 / self.sum.len() as f64;
        raw.iter().map(|weight| if total > 0.0 { weight / total } else { equal }).collect()
    }
}
