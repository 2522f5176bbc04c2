//! One measure of portfolio risk, split into the contributions of the assets.

use portfolio_core::{Confidence, return_rounding};
use pulp::NullaryFnOnce;

use crate::reason::finite;
use crate::spread::Spread;
use crate::sums::sum_map2;
use crate::tail::TailMass;
use crate::{RiskOptions, UnavailableReason};

/// One risk measure, split.
#[derive(Debug, Default)]
pub(super) struct Split {
    pub(super) total: Option<f64>,
    pub(super) marginal: Option<Vec<f64>>,
    pub(super) component: Option<Vec<f64>>,
    pub(super) percent: Option<Vec<f64>>,
}

impl Split {
    fn of(marginal: Vec<f64>, weights: &[f64], total: f64) -> Result<Self, UnavailableReason> {
        let component: Vec<f64> = marginal.iter().zip(weights).map(|(m, w)| m * w).collect();
        let all_finite = marginal.iter().chain(&component).chain([&total]).all(|v| v.is_finite());
        if !all_finite {
            return Err(UnavailableReason::Overflow);
        }
        // Shares of a total that is zero within rounding are undefined.
        let percent = (total.abs() > return_rounding(1.0)).then(|| component.iter().map(|c| c / total).collect());
        let percent = percent.filter(|p: &Vec<f64>| p.iter().all(|v| v.is_finite()));
        Ok(Self { total: Some(total), marginal: Some(marginal), component: Some(component), percent })
    }
}

/// A series beside a portfolio, and the mean of the portfolio.
struct Joint<'a> {
    column: &'a [f64],
    portfolio: &'a [f64],
    mean: f64,
}

/// The spread of a series, and the sum of the products of its deviations and those of the portfolio: in wider vector
/// registers where the machine has them, with the same sums.
fn joint(of: Joint<'_>) -> (Spread, f64) {
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = pulp::x86::V3::try_new() {
        return simd.vectorize(of);
    }
    of.call()
}

impl NullaryFnOnce for Joint<'_> {
    type Output = (Spread, f64);

    #[inline(always)]
    fn call(self) -> (Spread, f64) {
        let Self { column, portfolio, mean } = self;
        let own = Spread::of(column);
        (own, sum_map2(column, portfolio, |x, p| (x - own.mean) * (p - mean)))
    }
}

/// Volatility by asset, and the diversification ratio.
pub(super) fn split_volatility(
    columns: &[&[f64]],
    weights: &[f64],
    portfolio: &[f64],
    options: &RiskOptions,
) -> Result<(Split, f64), UnavailableReason> {
    let spread = Spread::of(portfolio);
    let deviation = spread.divisor()?;
    let annual = options.periods_per_year.sqrt();
    let degrees = (portfolio.len() - 1) as f64;
    let mut undiversified = 0.0;
    let mut marginal = Vec::with_capacity(columns.len());
    for (column, weight) in columns.iter().zip(weights) {
        let (own, products) = joint(Joint { column, portfolio, mean: spread.mean });
        marginal.push(products / degrees / deviation * annual);
        undiversified += weight * own.deviation()?;
    }
    let split = Split::of(marginal, weights, deviation * annual)?;
    Ok((split, finite(undiversified / deviation)?))
}

/// CVaR at 95 % by asset.
pub(super) fn split_tail(columns: &[&[f64]], weights: &[f64], portfolio: &[f64]) -> Result<Split, UnavailableReason> {
    let tail = TailMass::of(Confidence::P95, portfolio.len());
    let mut order: Vec<usize> = (0..portfolio.len()).collect();
    // Ties are broken by position, so that the earliest of equal returns is chosen.
    order.select_nth_unstable_by(tail.rank() - 1, |&a, &b| portfolio[a].total_cmp(&portfolio[b]).then(a.cmp(&b)));
    let boundary = order[tail.rank() - 1];
    let mut beyond = order[..tail.rank() - 1].to_vec();
    beyond.sort_unstable();
    let (share, boundary_share) = tail.shares();
    let mean_loss = |series: &[f64]| {
        0.0 - share * beyond.iter().map(|&t| series[t]).sum::<f64>() - boundary_share * series[boundary]
    };
    let marginal: Vec<f64> = columns.iter().map(|column| mean_loss(column)).collect();
    Split::of(marginal, weights, mean_loss(portfolio))
}
