//! Figures of many accounts that do not depend on how these are divided: whole numbers, counts of buckets, and the first of an order.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::decision::{Decided, Outcome};

/// Accounts in the report of the slowest.
pub const TAIL: usize = 100;
/// Units of an order are counted in millionths.
const MICRO: f64 = 1e6;

/// The orders of one asset on one side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// Orders.
    pub orders: u64,
    /// Units, in millionths, each order rounded to the nearest.
    pub units_micro: i128,
    /// Value, minor units.
    pub value_minor: i128,
    /// Costs, minor units.
    pub cost_minor: i128,
}

/// Sums in one currency, minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CurrencySums {
    /// Net asset value before the orders.
    pub nav_minor: i128,
    /// Purchases and sales together.
    pub traded_minor: i128,
    /// Costs.
    pub cost_minor: i128,
}

/// How many accounts have a figure of about this size. Bucket `b` counts figures from `1.02^b` up to `1.02^(b+1)`, so that a quantile is right
/// to within 2 % of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Histogram {
    /// Accounts whose figure is zero.
    pub zero: u64,
    /// Accounts by bucket.
    pub buckets: BTreeMap<i32, u64>,
}

impl Histogram {
    const STEP: f64 = 1.02;

    /// Counts a figure, not negative.
    pub fn add(&mut self, figure: f64) {
        if figure > 0.0 {
            let bucket = (figure.ln() / Self::STEP.ln()).floor() as i32;
            *self.buckets.entry(bucket).or_default() += 1;
        } else {
            self.zero += 1;
        }
    }

    /// Adds the counts of other accounts.
    pub fn merge(&mut self, other: &Self) {
        self.zero += other.zero;
        for (bucket, count) in &other.buckets {
            *self.buckets.entry(*bucket).or_default() += count;
        }
    }

    /// The figure below which a share of the accounts is: the middle of the bucket of that account. `None` without accounts.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let all = self.zero + self.buckets.values().sum::<u64>();
        if all == 0 {
            return None;
        }
        let rank = ((share * all as f64).ceil() as u64).clamp(1, all);
        let mut seen = self.zero;
        if rank <= seen {
            return Some(0.0);
        }
        for (bucket, count) in &self.buckets {
            seen += count;
            if rank <= seen {
                return Some(Self::STEP.powf(f64::from(*bucket) + 0.5));
            }
        }
        None
    }
}

/// An account that took much work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlowAccount {
    /// Its id.
    pub account_id: String,
    /// Iterations of the solver and of the search for the costs.
    pub work: u32,
    /// Its outcome.
    pub outcome: String,
    /// The reason of a refusal or of a fallback.
    pub reason: Option<String>,
}

/// The totals of a set of accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// Accounts by outcome.
    pub outcomes: BTreeMap<String, u64>,
    /// Refusals and fallbacks by reason.
    pub reasons: BTreeMap<String, u64>,
    /// Sums by currency.
    pub currencies: BTreeMap<String, CurrencySums>,
    /// Orders by `currency/asset/side`.
    pub blocks: BTreeMap<String, Block>,
    /// Drift of the accounts before the orders, `½·Σ|w − t|`.
    pub drift_before: Histogram,
    /// Drift after the orders.
    pub drift_after: Histogram,
    /// Two-way turnover of the accounts, fractions of NAV.
    pub turnover: Histogram,
    /// The accounts that took most work, most first; of equal ones the first by id. At most [`TAIL`].
    pub slowest: Vec<SlowAccount>,
}

impl Totals {
    /// Adds the totals of other accounts.
    pub fn merge(&mut self, other: &Self) {
        for (outcome, count) in &other.outcomes {
            *self.outcomes.entry(outcome.clone()).or_default() += count;
        }
        for (reason, count) in &other.reasons {
            *self.reasons.entry(reason.clone()).or_default() += count;
        }
        for (currency, sums) in &other.currencies {
            let own = self.currencies.entry(currency.clone()).or_default();
            own.nav_minor += sums.nav_minor;
            own.traded_minor += sums.traded_minor;
            own.cost_minor += sums.cost_minor;
        }
        for (key, block) in &other.blocks {
            let own = self.blocks.entry(key.clone()).or_default();
            own.orders += block.orders;
            own.units_micro += block.units_micro;
            own.value_minor += block.value_minor;
            own.cost_minor += block.cost_minor;
        }
        self.drift_before.merge(&other.drift_before);
        self.drift_after.merge(&other.drift_after);
        self.turnover.merge(&other.turnover);
        self.slowest.extend(other.slowest.iter().cloned());
        keep_slowest(&mut self.slowest);
    }
}

fn keep_slowest(slowest: &mut Vec<SlowAccount>) {
    slowest.sort_by(|a, b| b.work.cmp(&a.work).then_with(|| a.account_id.cmp(&b.account_id)));
    slowest.truncate(TAIL);
}

/// Adds accounts one by one, without looking names up.
#[derive(Debug)]
pub(crate) struct Counter {
    totals: Totals,
    outcomes: [u64; Outcome::ALL.len()],
    currency: CurrencySums,
    /// By asset: purchases and sales.
    blocks: Vec<[Block; 2]>,
    /// The least work that still gets into the tail.
    threshold: u32,
}

impl Counter {
    pub(crate) fn new(assets: usize) -> Self {
        Self {
            totals: Totals::default(),
            outcomes: [0; Outcome::ALL.len()],
            currency: CurrencySums::default(),
            blocks: vec![[Block::default(); 2]; assets],
            threshold: 0,
        }
    }

    pub(crate) fn add(&mut self, account_id: &str, decided: &Decided) {
        self.outcomes[decided.outcome as usize] += 1;
        if let Some(reason) = &decided.reason {
            *self.totals.reasons.entry(reason.code().to_owned()).or_default() += 1;
        }
        if decided.outcome != Outcome::Refused {
            self.currency.nav_minor += i128::from(decided.nav_minor);
            self.currency.traded_minor += i128::from(decided.traded_minor);
            self.currency.cost_minor += i128::from(decided.cost_minor);
            self.totals.drift_before.add(decided.drift_before);
            self.totals.drift_after.add(decided.drift_after);
            self.totals.turnover.add(decided.traded_minor as f64 / decided.nav_minor as f64);
        }
        for order in &decided.orders {
            let block = &mut self.blocks[order.asset as usize][usize::from(order.value_minor < 0)];
            block.orders += 1;
            block.units_micro += (order.units.abs() * MICRO).round() as i128;
            block.value_minor += i128::from(order.value_minor.abs());
            block.cost_minor += i128::from(order.cost_minor);
        }
        if decided.work > self.threshold || (self.totals.slowest.len() < TAIL && decided.work > 0) {
            self.totals.slowest.push(SlowAccount {
                account_id: account_id.to_owned(),
                work: decided.work,
                outcome: decided.outcome.name().to_owned(),
                reason: decided.reason.as_ref().map(ToString::to_string),
            });
            if self.totals.slowest.len() >= 2 * TAIL {
                keep_slowest(&mut self.totals.slowest);
                // Accounts of equal work compete by their id, so only less work is out.
                self.threshold = self.totals.slowest.last().map_or(0, |last| last.work.saturating_sub(1));
            }
        }
    }

    pub(crate) fn finish(mut self, currency: &str, names: &[String]) -> Totals {
        for (outcome, count) in Outcome::ALL.into_iter().zip(self.outcomes).filter(|(_, count)| *count > 0) {
            self.totals.outcomes.insert(outcome.name().to_owned(), count);
        }
        if self.currency != CurrencySums::default() {
            self.totals.currencies.insert(currency.to_owned(), self.currency);
        }
        for (name, sides) in names.iter().zip(&self.blocks) {
            for (side, block) in ["buy", "sell"].into_iter().zip(sides).filter(|(_, block)| block.orders > 0) {
                self.totals.blocks.insert(format!("{currency}/{name}/{side}"), *block);
            }
        }
        keep_slowest(&mut self.totals.slowest);
        self.totals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_right_to_within_two_per_cent_however_the_accounts_are_divided() {
        let (mut all, mut even, mut odd) = (Histogram::default(), Histogram::default(), Histogram::default());
        for i in 1..=1_000_u32 {
            let figure = f64::from(i) * 1e-4;
            all.add(figure);
            if i % 2 == 0 { even.add(figure) } else { odd.add(figure) }
        }
        odd.merge(&even);
        assert_eq!(all, odd);
        // The median of 0.0001 … 0.1 is 0.05.
        assert!((all.quantile(0.5).unwrap() / 0.05 - 1.0).abs() < 0.02);
        assert!((all.quantile(1.0).unwrap() / 0.1 - 1.0).abs() < 0.02);
        all.add(0.0);
        assert_eq!(all.quantile(0.0), Some(0.0));
        assert_eq!(Histogram::default().quantile(0.5), None);
    }
}
