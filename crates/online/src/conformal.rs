//! Conformal intervals around any point forecast.

use std::collections::VecDeque;

/// How intervals are constructed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConformalSpec {
    /// Share of outcomes that the intervals should contain, in (0, 1).
    pub coverage: f64,
    /// Number of latest scores of which the width is a quantile, at least 1.
    pub window: usize,
    /// Number of scores before the first interval, 1 to `window`.
    pub warm_up: usize,
    /// How fast the level reacts to hits and misses: γ of adaptive conformal inference, 0 or more and below 1. At 0 the
    /// intervals are rolling quantiles, and their coverage is guaranteed only while the distribution of the scores does
    /// not change.
    pub rate: f64,
}

impl Default for ConformalSpec {
    /// 90 % from the last 250 scores, γ = 0.025.
    fn default() -> Self {
        Self { coverage: 0.9, window: 250, warm_up: 100, rate: 0.025 }
    }
}

/// Why there is no interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoInterval {
    /// There are fewer scores than the warm-up requires.
    #[error("there are too few outcomes so far")]
    WarmUp,
    /// The required level is above what the scores of the window can support: only an unbounded interval would reach
    /// it.
    #[error("the level that recent misses ask for is above every outcome of the window")]
    BeyondWindow,
    /// Recent outcomes were inside so often that the next one should not be: only an empty interval would do that.
    #[error("the level that recent hits ask for holds no outcome")]
    Empty,
}

/// What is wrong with the input of an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConformalError {
    /// A member of the specification is outside its range.
    #[error("{0} is out of its range")]
    Range(&'static str),
    /// A forecast or an outcome is not finite.
    #[error("a forecast or an outcome is not finite")]
    NotFinite,
    /// The scale is not positive and finite.
    #[error("the scale is not above zero and finite")]
    Scale,
}

/// Rolling or adaptive conformal intervals (Gibbs and Candès 2021).
///
/// The score of an outcome is its distance from the point forecast, divided by the scale known at that time, such as a
/// volatility. The half-width of an interval is the scale times the quantile of the latest scores at the level 1 − α_t,
/// and α follows α_{t+1} = α_t + γ (α − miss_t). For γ above zero, the share of hits among T intervals is within
/// (max(α₁, 1 − α₁) + γ) / (γ T) of the coverage **on every sequence**.
///
/// An interval is issued from what has been settled before, and only an issued interval can be settled: no outcome can
/// influence an interval that precedes it. With delayed outcomes, several issued intervals are open at once.
///
/// # Example
/// ```
/// use online::{Conformal, ConformalSpec, NoInterval};
///
/// let mut intervals = Conformal::new(ConformalSpec { window: 20, warm_up: 9, ..ConformalSpec::default() })?;
/// for day in 0..9 {
///     let issued = intervals.issue(0.0, 1.0)?;
///     assert_eq!(issued.half_width(), Err(NoInterval::WarmUp));
///     intervals.settle(issued, f64::from(day) / 10.0)?;
/// }
/// // Of nine scores and the next, the ninth smallest holds 90 %.
/// assert_eq!(intervals.issue(0.0, 1.0)?.half_width(), Ok(0.8));
/// # Ok::<(), online::ConformalError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Conformal {
    spec: ConformalSpec,
    /// α_t, the current target share of misses; it may leave [0, 1].
    level: f64,
    scores: VecDeque<f64>,
}

/// An interval whose outcome is not yet known.
#[derive(Debug, PartialEq)]
#[must_use = "an interval that is not settled teaches nothing"]
pub struct Issued {
    point: f64,
    scale: f64,
    half_width: Result<f64, NoInterval>,
}

/// The result of an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settled {
    /// Whether the outcome was inside; none if there was no interval because of the warm-up. An unbounded interval
    /// contains everything, an empty one nothing.
    pub hit: Option<bool>,
    /// Distance of the outcome from the point forecast, divided by the scale.
    pub score: f64,
}

impl Issued {
    /// The point forecast.
    #[must_use]
    pub const fn point(&self) -> f64 {
        self.point
    }

    /// Half the width of the interval around the point.
    ///
    /// # Errors
    /// Why there is none.
    pub const fn half_width(&self) -> Result<f64, NoInterval> {
        self.half_width
    }
}

impl Conformal {
    /// Intervals before any outcome.
    ///
    /// # Errors
    /// A member outside its range.
    pub fn new(spec: ConformalSpec) -> Result<Self, ConformalError> {
        for (holds, name) in [
            (spec.coverage > 0.0 && spec.coverage < 1.0, "coverage"),
            (spec.window >= 1, "window"),
            (spec.warm_up >= 1 && spec.warm_up <= spec.window, "warm_up"),
            ((0.0..1.0).contains(&spec.rate), "rate"),
        ] {
            if !holds {
                return Err(ConformalError::Range(name));
            }
        }
        Ok(Self { spec, level: 1.0 - spec.coverage, scores: VecDeque::new() })
    }

    /// The current target share of misses, α_t; below 0 every outcome should be inside, above 1 none.
    #[must_use]
    pub const fn level(&self) -> f64 {
        self.level
    }

    /// The level at which an interval excludes a value that is a `score` away from its point: the number of the latest
    /// scores that are smaller, divided by n + 1. An interval with a higher coverage contains that value; none before
    /// the warm-up.
    ///
    /// # Example
    /// ```
    /// use online::{Conformal, ConformalSpec};
    ///
    /// let mut intervals = Conformal::new(ConformalSpec { window: 20, warm_up: 9, ..ConformalSpec::default() })?;
    /// for day in 0..9 {
    ///     let issued = intervals.issue(0.0, 1.0)?;
    ///     intervals.settle(issued, f64::from(day) / 10.0)?;
    /// }
    /// // Of the scores 0, 0.1, …, 0.8 four are below 0.35.
    /// assert_eq!(intervals.exclusion(0.35), Some(0.4));
    /// # Ok::<(), online::ConformalError>(())
    /// ```
    #[must_use]
    pub fn exclusion(&self, score: f64) -> Option<f64> {
        let n = self.scores.len();
        let below = self.scores.iter().filter(|seen| **seen < score).count();
        (n >= self.spec.warm_up).then(|| below as f64 / (n + 1) as f64)
    }

    /// The interval around a point forecast, from the outcomes settled so far.
    ///
    /// # Errors
    /// A point that is not finite, or a scale that is not positive and finite.
    pub fn issue(&self, point: f64, scale: f64) -> Result<Issued, ConformalError> {
        if !point.is_finite() {
            return Err(ConformalError::NotFinite);
        }
        if !(scale > 0.0 && scale.is_finite()) {
            return Err(ConformalError::Scale);
        }
        Ok(Issued { point, scale, half_width: self.quantile().map(|score| score * scale) })
    }

    /// Learns from the outcome of an interval.
    ///
    /// # Errors
    /// An outcome that is not finite, or whose score is not finite.
    pub fn settle(&mut self, issued: Issued, outcome: f64) -> Result<Settled, ConformalError> {
        let score = (outcome - issued.point).abs() / issued.scale;
        if !score.is_finite() {
            return Err(ConformalError::NotFinite);
        }
        let hit = match issued.half_width {
            Ok(half_width) => Some((outcome - issued.point).abs() <= half_width),
            Err(NoInterval::BeyondWindow) => Some(true),
            Err(NoInterval::Empty) => Some(false),
            Err(NoInterval::WarmUp) => None,
        };
        if let Some(hit) = hit {
            let missed = if hit { 0.0 } else { 1.0 };
            self.level += self.spec.rate * ((1.0 - self.spec.coverage) - missed);
        }
        if self.scores.len() == self.spec.window {
            self.scores.pop_front();
        }
        self.scores.push_back(score);
        Ok(Settled { hit, score })
    }

    /// The score that the next one should not exceed: the ⌈(1 − α_t)(n + 1)⌉-th smallest of n scores.
    fn quantile(&self) -> Result<f64, NoInterval> {
        let n = self.scores.len();
        if n < self.spec.warm_up {
            return Err(NoInterval::WarmUp);
        }
        // Rounding must not ask for one more: 0.9 × 10 is 9.
        let rank = ((1.0 - self.level) * (n + 1) as f64 - 1e-9).ceil();
        if rank < 1.0 {
            return Err(NoInterval::Empty);
        }
        if rank > n as f64 {
            return Err(NoInterval::BeyondWindow);
        }
        let mut sorted: Vec<f64> = self.scores.iter().copied().collect();
        let (_, score, _) = sorted.select_nth_unstable_by(rank as usize - 1, f64::total_cmp);
        Ok(*score)
    }
}
