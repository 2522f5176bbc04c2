//! Histories and latest returns that no market has shown.

use risk::{RiskOptions, mean_return, sharpe_ratio, volatility_annual};

use super::FEW_OBSERVATIONS;
use crate::admitted::Admitted;
use crate::plausibility::{HistoryOf, ImplausibleInput};

/// At least half of the numbers in a series of prices, index levels or growth factors are above this; this is never
/// true of the returns of an asset.
const LEVEL: f64 = 0.5;
/// The upper quartile of the moves of an asset is hardly ever larger than this: for the most volatile large
/// cryptocurrencies it is half of this. For a bond fund whose percentages are read as fractions it is larger.
const LARGE_MOVE: f64 = 0.15;
/// The median move of an asset is hardly ever larger than this, even if its volatility is above [`WILDEST`]: half of
/// the daily moves of Dogecoin in 2021 were below 4 %.
const USUAL_MOVE: f64 = 0.05;
/// Annual volatility of the most volatile assets, used together with [`USUAL_MOVE`].
const WILDEST: f64 = 1.5;
/// An annual volatility that no portfolio has over its history.
const POLICY_VOLATILITY: f64 = 2.0;
/// A Sharpe ratio that no portfolio sustains unless it holds only cash, which earns less than [`CASH_ALONE`] a year.
const POLICY_SHARPE: f64 = 10.0;
const CASH_ALONE: f64 = 0.5;
/// Minimum number of returns for the check of the quartile.
const QUARTILE_MIN: usize = 4;
/// Largest gain of one period. Dogecoin gained 356 % on one day (2021-01-28).
const LARGEST_GAIN: f64 = 4.0;
/// Largest loss of one period, apart from ruin.
const LARGEST_LOSS: f64 = 0.8;
/// Largest mean return per period over its standard deviation: a Sharpe ratio of 10 a year.
const STEADIEST: f64 = 0.63;
/// Mean return per period below which a steady gain is attributed to cash.
const CASH_LIKE: f64 = 0.002;
/// Number of periods a year from which periods are a week or shorter.
const WEEKLY: f64 = 50.0;

/// Implausible values in the histories and latest returns of the assets that are held, in the policy, or may be bought,
/// and in the benchmark: at most one finding for each. Cost: a few passes over each history.
pub(crate) fn implausible_histories(admitted: &Admitted<'_>) -> Vec<ImplausibleInput> {
    let market = &admitted.market;
    let mut found = Vec::new();
    let periods_per_year = RiskOptions::default().periods_per_year;
    for asset in admitted.active() {
        found.extend(in_history(HistoryOf::Asset(asset), market.history(asset), periods_per_year));
        let latest = market.market_returns.get(asset).copied().flatten();
        found.extend(
            latest.filter(|value| is_unseen(*value)).map(|value| ImplausibleInput::MarketReturn { asset, value }),
        );
    }
    let benchmark = market.benchmark.unwrap_or_default();
    found.extend(in_history(HistoryOf::Benchmark, benchmark, periods_per_year));
    found
}

/// Implausible values in the returns of the policy, if there are none in those of its assets: at most one finding.
/// `observed`: number of returns of the asset with the shortest history; the spread of a few returns is not
/// informative.
pub(crate) fn implausible_policy(returns: &[f64], observed: usize, risk_free_rate: f64) -> Option<ImplausibleInput> {
    if observed < FEW_OBSERVATIONS {
        return None;
    }
    let options = RiskOptions { risk_free_rate, ..RiskOptions::default() };
    if let Some(volatility) = volatility_annual(returns, &options).ok().filter(|found| *found > POLICY_VOLATILITY) {
        return Some(ImplausibleInput::PolicyVolatility { volatility });
    }
    let gains = mean_return(returns).is_ok_and(|mean| mean * options.periods_per_year > CASH_ALONE);
    let sharpe = sharpe_ratio(returns, &options).ok().filter(|found| gains && *found > POLICY_SHARPE)?;
    Some(ImplausibleInput::PolicySharpe { sharpe })
}

impl ImplausibleInput {
    /// Values that no market has shown in a series of returns per period, oldest first: at most one finding. Size and
    /// steadiness are checked only for periods of at most a week (`periods_per_year` of at least 50): annual returns
    /// are larger.
    ///
    /// # Example
    /// ```
    /// use pipeline::ImplausibleInput;
    ///
    /// let percent = [0.4, -0.8, 0.3, 1.1, -0.6];
    /// assert!(ImplausibleInput::in_returns(&percent, 252.0).unwrap().to_string().contains("percentages"));
    /// assert_eq!(ImplausibleInput::in_returns(&percent.map(|r| 0.01 * r), 252.0), None);
    /// ```
    #[must_use]
    pub fn in_returns(returns: &[f64], periods_per_year: f64) -> Option<Self> {
        let found = in_history(HistoryOf::Series, returns, periods_per_year)?;
        (matches!(found, Self::Prices { .. }) || periods_per_year >= WEEKLY).then_some(found)
    }
}

/// Whether no check can find anything in a series, by its sums and extremes alone, as for nearly every history; false
/// where they leave it open.
///
/// With the upper quartile of the sizes below [`LARGE_MOVE`] the median is below [`LEVEL`] as well. Sums in another
/// order than that of the checks differ from theirs by rounding, for which there is room.
fn is_ordinary(returns: &[f64], periods_per_year: f64) -> bool {
    const ROUNDING: f64 = 1e-6;
    let (mut total, mut squares, mut least, mut most) = ([0.0; 8], [0.0; 8], [0.0; 8], [0.0; 8]);
    let mut large = [0_u64; 8];
    let (chunks, rest) = returns.as_chunks::<8>();
    let last: [f64; 8] = std::array::from_fn(|l| rest.get(l).copied().unwrap_or(0.0));
    for chunk in chunks.iter().chain(std::iter::once(&last)) {
        for l in 0..8 {
            let r = chunk[l];
            total[l] += r;
            squares[l] += r * r;
            least[l] = if r < least[l] { r } else { least[l] };
            most[l] = if r > most[l] { r } else { most[l] };
            large[l] += u64::from(r.abs() > LARGE_MOVE);
        }
    }
    let n = returns.len();
    let (total, squares): (f64, f64) = (total.iter().sum(), squares.iter().sum());
    // The squares around zero are no less than those around the mean.
    least.iter().all(|r| *r >= -LARGEST_LOSS)
        && most.iter().all(|r| *r <= LARGEST_GAIN)
        && (n == 0 || large.iter().sum::<u64>() < (n - (3 * n) / 4) as u64)
        && squares * periods_per_year <= (1.0 - ROUNDING) * n as f64 * WILDEST * WILDEST
        && total <= (1.0 - ROUNDING) * n as f64 * CASH_LIKE
}

fn in_history(history: HistoryOf, returns: &[f64], periods_per_year: f64) -> Option<ImplausibleInput> {
    if is_ordinary(returns, periods_per_year) {
        return None;
    }
    found_in(history, returns, periods_per_year)
}

fn found_in(history: HistoryOf, returns: &[f64], periods_per_year: f64) -> Option<ImplausibleInput> {
    let (n, last) = (returns.len(), *returns.last()?);
    let (median, quartile) = (n / 2, (3 * n) / 4);
    // The k-th smallest size is above a bound where at most k are not: hardly any history has to be ordered. One pass counts while it adds.
    let (mut falls, mut to_level, mut to_large, mut total) = (0_usize, 0_usize, 0_usize, 0.0);
    for r in returns {
        total += r;
        falls += usize::from(*r <= 0.0);
        to_level += usize::from(r.abs() <= LEVEL);
        to_large += usize::from(r.abs() <= LARGE_MOVE);
    }
    let percentages = || ImplausibleInput::Percentages { history, upper_quartile: size_at(returns, quartile) };
    if n >= 2 && 10 * falls <= n && to_level <= median {
        return Some(ImplausibleInput::Prices { history, last });
    }
    if n >= QUARTILE_MIN && to_large <= quartile {
        return Some(percentages());
    }
    let mean = total / n as f64;
    let (mut squares, mut to_usual, mut unseen) = (0.0, 0_usize, 0_usize);
    for r in returns {
        squares += (r - mean).powi(2);
        to_usual += usize::from(r.abs() <= USUAL_MOVE);
        unseen += usize::from(is_unseen(*r));
    }
    let variance = squares / n as f64;
    let is_wild = variance * periods_per_year > WILDEST * WILDEST;
    if n >= FEW_OBSERVATIONS && is_wild && to_usual <= median {
        return Some(percentages());
    }
    if n >= FEW_OBSERVATIONS && mean > CASH_LIKE && mean > STEADIEST * variance.sqrt() {
        return Some(ImplausibleInput::SteadyGain { history, mean });
    }
    if unseen == 0 {
        return None;
    }
    let observation = returns.iter().position(|r| is_unseen(*r))?;
    Some(ImplausibleInput::Move { history, observation, value: returns[observation] })
}

/// The absolute return at place `k` in ascending order, from 0.
fn size_at(returns: &[f64], k: usize) -> f64 {
    let mut sizes: Vec<f64> = returns.iter().map(|r| r.abs()).collect();
    *sizes.select_nth_unstable_by(k, f64::total_cmp).1
}

fn is_unseen(value: f64) -> bool {
    !(-LARGEST_LOSS..=LARGEST_GAIN).contains(&value)
}

#[cfg(test)]
mod tests {
    use portfolio_core::WeightSide;

    use super::*;
    use crate::limit_check::{CheckReason, Measure};
    use crate::limits::Severity;
    use crate::sample::Case;
    use crate::supervisor::VerdictDecision;

    fn found(returns: &[f64]) -> Option<ImplausibleInput> {
        in_history(HistoryOf::Asset(0), returns, 252.0)
    }

    #[test]
    fn what_sums_call_ordinary_no_check_finds() {
        let mut state = 11_u64;
        let mut uniform = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let (mut ordinary, mut odd) = (0, 0);
        for series in 0..20_000 {
            // Spreads from half a percent to 60 %, means from losses to steady gains, and now and then one huge move.
            let (length, spread) = (1 + series % 67, 0.005 * 120.0_f64.powf(uniform()));
            let mean = (uniform() - 0.3) * if series % 3 == 0 { spread } else { 0.004 };
            let mut returns: Vec<f64> =
                (0..length).map(|_| (mean + spread * (2.0 * uniform() - 1.0)).max(-1.0)).collect();
            if series % 5 == 0 {
                returns[(series / 5) % length] = 6.0 * uniform() - 1.0;
            }
            for periods in [252.0, 12.0] {
                let finding = found_in(HistoryOf::Series, &returns, periods);
                assert_eq!(in_history(HistoryOf::Series, &returns, periods), finding, "{returns:?}");
                if is_ordinary(&returns, periods) {
                    ordinary += 1;
                    assert_eq!(finding, None, "{returns:?}");
                } else {
                    odd += 1;
                }
            }
        }
        assert!(ordinary > 10_000 && odd > 5_000, "{ordinary} ordinary, {odd} odd");
        assert!(is_ordinary(&[], 252.0) && !is_ordinary(&[f64::NAN], 252.0));
    }

    #[test]
    fn moves_of_fifteen_percent_on_every_day_are_no_market() {
        // ±15 % in turn: a volatility of 0.15·√252, 238 % a year. A coin that moves 4 % on most days, and 90 % in some weeks, is one.
        let moves: Vec<f64> = (0..60).map(|t| if t % 2 == 0 { 0.15 } else { -0.15 }).collect();
        let found_moves = found(&moves).map(|found| found.to_string()).unwrap_or_default();
        assert!(found_moves.contains("moves of 15 % or more in a quarter"), "{found_moves}");
        let coin: Vec<f64> = (0..60).map(|t| if t % 12 == 5 { 0.9 } else { 0.04 * f64::from(t % 3 - 1) }).collect();
        assert_eq!(found(&coin), None);
        // The same moves of months have a volatility of 52 %.
        assert_eq!(in_history(HistoryOf::Series, &moves, 12.0), None);
    }

    #[test]
    fn a_policy_no_portfolio_is_like_is_an_implausible_input_and_names_the_mistake() {
        // Each asset gains 0.3 % a day in turn with a spread that alone is usual; both together hardly vary.
        let mut case = Case::pair();
        for (asset, sign) in [(0, 1.0), (1, -1.0)] {
            case.returns[asset] = (0..60).map(|t| 0.003 + sign * if t % 2 == 0 { 0.012 } else { -0.012 }).collect();
        }
        let sharpe = |weights: &[f64]| {
            let apart = 0.012 * (weights[0] - weights[1]).abs();
            0.003 / (apart * (60.0_f64 / 59.0).sqrt()) * 252.0_f64.sqrt()
        };
        case.config.risk_free_rate = 0.0;
        assert!(sharpe(&case.config.policy.weights) > 10.0, "{:?}", case.config.policy);
        let found = case.lend().surveyed().implausible;
        let [ImplausibleInput::PolicySharpe { sharpe: told }] = found[..] else { panic!("{found:?}") };
        assert!((told - sharpe(&case.config.policy.weights)).abs() < 1e-9, "{told}");
        let verdict = case.lend().judged().verdict;
        assert_eq!(verdict.decision, VerdictDecision::ReviewRequired);
        assert!(
            verdict.sentence.contains("implausible inputs") && verdict.sentence.contains("a Sharpe ratio of"),
            "{}",
            verdict.sentence
        );
        for check in verdict.checks.iter().filter(|check| check.measure == Measure::Var95) {
            let critical = check.severity >= Severity::Critical;
            assert_eq!(critical, check.value > Some(check.critical_above), "{check:?}");
        }
        assert_eq!(implausible_policy(&[0.3, -0.3, 0.3, -0.3], 4, 0.0), None, "a few returns say nothing");
        let wild: Vec<f64> = (0..30).map(|t| if t % 2 == 0 { 0.13 } else { -0.13 }).collect();
        assert!(matches!(implausible_policy(&wild, 30, 0.0), Some(ImplausibleInput::PolicyVolatility { .. })));
    }

    #[test]
    fn numbers_in_the_place_of_returns_are_told_apart() {
        let walk: Vec<f64> = Case::pair().returns[0].clone();
        assert_eq!(found(&walk), None);
        let levels = |start: f64| -> Vec<f64> {
            walk.iter()
                .scan(start, |level, r| {
                    *level *= 1.0 + r;
                    Some(*level)
                })
                .collect()
        };
        assert!(matches!(found(&levels(60.2)), Some(ImplausibleInput::Prices { .. })));
        assert!(matches!(found(&levels(1.0)), Some(ImplausibleInput::Prices { .. })), "a fund's price near one");
        assert!(matches!(found(&levels(0.05)), Some(ImplausibleInput::SteadyGain { .. })), "a share at five cents");
        assert!(matches!(found(&[64.02, 63.8]), Some(ImplausibleInput::Prices { .. })));
        let percent: Vec<f64> = walk.iter().map(|r| 100.0 * r).collect();
        assert!(matches!(found(&percent), Some(ImplausibleInput::Percentages { .. })));
        // `-0,02` cut at its comma.
        assert!(matches!(found(&[0.0, 2.0, 0.0, 1.0, 0.0, 3.0, 0.0, 2.0]), Some(ImplausibleInput::Percentages { .. })));
        let mut slipped = walk.clone();
        slipped[30] = 4.5;
        let slip = ImplausibleInput::Move { history: HistoryOf::Asset(0), observation: 30, value: 4.5 };
        assert_eq!(found(&slipped), Some(slip.clone()));
        assert!(slip.to_string().starts_with("entry 31 of the history of asset 1 is a move of 450 %"), "{slip}");
    }

    #[test]
    fn what_markets_have_shown_is_no_finding() {
        // A money-market fund, an exchange-rate peg, a meme stock, one short rally.
        let money_market: Vec<f64> = (0..250).map(|t| 0.0002 + 1e-6 * f64::from(t % 3)).collect();
        let meme: Vec<f64> = (0..60).map(|t| if t % 15 == 7 { 1.3 } else { 0.05 * f64::from(t % 5 - 2) }).collect();
        for returns in [&[][..], &[0.3], &[0.0; 40], &money_market, &meme, &[0.02, 0.03, 0.01]] {
            assert_eq!(found(returns), None, "{returns:?}");
        }
    }

    #[test]
    fn a_plan_from_implausible_input_is_not_approved_and_says_why() {
        let mut case = Case::pair();
        let calm = case.lend().judged().verdict;
        assert_eq!(calm.decision, VerdictDecision::Approved);
        let check = calm.checks.iter().find(|check| check.measure == Measure::ImplausibleInputs).unwrap();
        assert_eq!((check.value, check.severity), (Some(0.0), Severity::Clear));

        case.config.doubts = vec![ImplausibleInput::WeightSum { side: WeightSide::Current, sum: 1_092.15 }];
        case.market_returns[1] = Some(60.2);
        let told: Vec<String> = case.lend().surveyed().findings().collect();
        assert!(told[1].starts_with("the latest return of A1 is 6020 %"), "{told:?}");
        let verdict = case.lend().judged().verdict;
        assert_eq!((verdict.decision, verdict.severity), (VerdictDecision::ReviewRequired, Severity::Critical));
        let check = verdict.checks.iter().find(|check| check.measure == Measure::ImplausibleInputs).unwrap();
        assert_eq!((check.value, check.reason), (Some(2.0), Some(CheckReason::ImplausibleInput)));
        assert!(
            verdict.sentence.ends_with(
                "implausible inputs; current weights sum to 1092.15: they may be numbers of shares or values, where \
                 weights belong, and 1 more."
            ),
            "{}",
            verdict.sentence
        );
    }

    #[test]
    fn an_asset_that_plays_no_part_and_a_benchmark_of_prices() {
        let mut case = Case::pair();
        (case.current[1], case.config.policy.weights) = (0.0, vec![1.0, 0.0]);
        case.current[0] = 1.0;
        case.returns[1].iter_mut().for_each(|r| *r += 60.0);
        assert_eq!(case.lend().surveyed().implausible, []);
        case.benchmark = Some(case.returns[1].clone());
        let found = case.lend().surveyed().implausible;
        assert!(matches!(found[..], [ImplausibleInput::Prices { history: HistoryOf::Benchmark, .. }]), "{found:?}");
    }
}
