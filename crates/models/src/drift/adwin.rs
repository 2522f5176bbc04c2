//! ADWIN: a window over a stream that is shortened where its mean has changed.

use std::collections::VecDeque;

/// Settings of [`Adwin`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdwinOptions {
    /// Bound on the rate of false alarms; between 0 and 1.
    pub delta: f64,
    /// Buckets of one size before two of them are merged.
    pub buckets: usize,
    /// Values between two comparisons.
    pub clock: u64,
    /// Fewest values on each side of a cut.
    pub side_min: u64,
}

impl Default for AdwinOptions {
    fn default() -> Self {
        Self { delta: 0.002, buckets: 5, clock: 32, side_min: 5 }
    }
}

/// The values of a section of the stream: their number, their mean, and the sum of their squared distances from it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bucket {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Bucket {
    const EMPTY: Self = Self { count: 0.0, mean: 0.0, squares: 0.0 };

    /// Both combined (Chan, Golub and LeVeque 1983).
    fn joined(self, other: Self) -> Self {
        let count = self.count + other.count;
        if count == 0.0 {
            return Self::EMPTY;
        }
        let distance = other.mean - self.mean;
        Self {
            count,
            mean: self.mean + distance * other.count / count,
            squares: self.squares + other.squares + distance * distance * self.count * other.count / count,
        }
    }
}

/// The adaptive window of Bifet and Gavaldà (2007), on the losses of a forecaster.
///
/// The window holds the newest values. Where two parts of it differ in mean by more than
///
/// ```text
/// ε = √(2/m · σ² · ln(2/δ')) + 2/(3m) · ln(2/δ'),   1/m = 1/n₀ + 1/n₁,   δ' = δ/ln n
/// ```
///
/// the older part is dropped and [`Adwin::add`] reports it. The bound of the paper is for values in `[0, 1]`: here its
/// second term is multiplied by the range of the observed values, so that the unit of the loss does not matter. Memory
/// grows with the logarithm of the window.
///
/// # Example
/// ```
/// use models::drift::{Adwin, AdwinOptions};
///
/// let mut window = Adwin::new(AdwinOptions::default());
/// let noise = |i: i32| f64::from((i * 97) % 101) / 100.0;
/// assert!((0..1000).all(|i| !window.add(noise(i))));
/// assert!((0..200).any(|i| window.add(2.0 + noise(i))));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Adwin {
    options: AdwinOptions,
    /// Rows of buckets, newest first; those of row `i` hold `2ⁱ` values, the newest at the back.
    rows: Vec<VecDeque<Bucket>>,
    seen: u64,
    lowest: f64,
    highest: f64,
}

impl Adwin {
    /// An empty window.
    #[must_use]
    pub fn new(options: AdwinOptions) -> Self {
        Self { options, rows: Vec::new(), seen: 0, lowest: f64::INFINITY, highest: f64::NEG_INFINITY }
    }

    /// Adds the next loss; `true` if the window was shortened, that is, the losses have changed. A loss that is not
    /// finite is ignored.
    pub fn add(&mut self, loss: f64) -> bool {
        if !loss.is_finite() {
            return false;
        }
        self.seen += 1;
        (self.lowest, self.highest) = (self.lowest.min(loss), self.highest.max(loss));
        self.insert(Bucket { count: 1.0, mean: loss, squares: 0.0 });
        if !self.seen.is_multiple_of(self.options.clock.max(1)) {
            return false;
        }
        let mut is_cut = false;
        while self.has_change() {
            self.drop_oldest();
            is_cut = true;
        }
        is_cut
    }

    /// Number of values in the window.
    #[must_use]
    pub fn width(&self) -> u64 {
        self.whole().count as u64
    }

    /// Mean of the window; `None` when it is empty.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let whole = self.whole();
        (whole.count > 0.0).then_some(whole.mean)
    }

    fn whole(&self) -> Bucket {
        self.oldest_first().fold(Bucket::EMPTY, Bucket::joined)
    }

    fn oldest_first(&self) -> impl Iterator<Item = Bucket> + '_ {
        self.rows.iter().rev().flat_map(|row| row.iter().copied())
    }

    fn insert(&mut self, bucket: Bucket) {
        let mut carried = Some(bucket);
        let mut level = 0;
        while let Some(bucket) = carried.take() {
            if level == self.rows.len() {
                self.rows.push(VecDeque::new());
            }
            let row = &mut self.rows[level];
            row.push_back(bucket);
            if row.len() > self.options.buckets.max(1)
                && let (Some(first), Some(second)) = (row.pop_front(), row.pop_front())
            {
                carried = Some(first.joined(second));
            }
            level += 1;
        }
    }

    fn drop_oldest(&mut self) {
        while let Some(row) = self.rows.last_mut() {
            let dropped = row.pop_front();
            if row.is_empty() {
                self.rows.pop();
            }
            if dropped.is_some() {
                return;
            }
        }
    }

    /// Whether the window has two parts whose means differ by more than chance explains.
    fn has_change(&self) -> bool {
        let whole = self.whole();
        if whole.count < 2.0 * self.options.side_min as f64 {
            return false;
        }
        let variance = whole.squares / whole.count;
        let logarithm = (2.0 * whole.count.ln() / self.options.delta).ln();
        let range = self.highest - self.lowest;
        let mut older = Bucket::EMPTY;
        for bucket in self.oldest_first() {
            older = older.joined(bucket);
            let newer = whole.count - older.count;
            if newer < self.options.side_min as f64 {
                return false;
            }
            if older.count < self.options.side_min as f64 {
                continue;
            }
            let newer_mean = (whole.mean * whole.count - older.mean * older.count) / newer;
            let inverse = 1.0 / older.count + 1.0 / newer;
            let limit = (2.0 * inverse * variance * logarithm).sqrt() + 2.0 / 3.0 * inverse * range * logarithm;
            if (newer_mean - older.mean).abs() > limit {
                return true;
            }
        }
        false
    }
}
