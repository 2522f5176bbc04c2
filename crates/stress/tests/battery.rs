//! The normal numbers of the generator: goodness of fit, and independence over days, lanes, blocks and seeds. Every statistic has a known law
//! if the numbers are independent and standard normal; with fixed seeds each lies within 4.5 of its standard deviations, or far from its
//! critical value at one in a hundred thousand.

use risk::normal_cdf;
use stress::{LANES, LaneStream, NormalShocks, Seed, ShockLaw};

/// Rows of numbers of one stream: a row is a draw of all lanes.
fn rows(seed: u64, stream: u64, count: usize) -> Vec<[f64; LANES]> {
    let mut rows = vec![[0.0; LANES]; count];
    NormalShocks.fill(&mut LaneStream::new(Seed(seed), stream), &mut rows);
    rows
}

/// The same, a row at a time: days of a path.
fn days(seed: u64, stream: u64, count: usize) -> Vec<[f64; LANES]> {
    let mut stream = LaneStream::new(Seed(seed), stream);
    let mut rows = vec![[[0.0; LANES]]; count];
    rows.iter_mut().for_each(|row| NormalShocks.fill(&mut stream, row));
    rows.into_iter().flatten().collect()
}

/// The correlation of pairs has the standard deviation `1/√n`.
fn uncorrelated(name: &str, pairs: impl Iterator<Item = (f64, f64)>) {
    let (mut sum, mut squares, mut n) = (0.0, 0.0, 0.0);
    for (x, y) in pairs {
        sum += x * y;
        // The squares are correlated where volatility is shared though the numbers are not; the variance of x² is 2.
        squares += (x * x - 1.0) * (y * y - 1.0) / 2.0;
        n += 1.0;
    }
    let error = f64::sqrt(n);
    assert!((sum / error).abs() < 4.5, "{name}: {}", sum / error);
    assert!((squares / error).abs() < 4.5, "{name}, squares: {}", squares / error);
}

#[test]
fn counts_in_256_equally_likely_bins_are_those_of_the_normal_law() {
    for seed in [1, 42, 0xDEAD_BEEF] {
        let mut counts = [0.0; 256];
        let numbers = rows(seed, 7, 2_000);
        numbers.iter().flatten().for_each(|z| counts[((normal_cdf(*z) * 256.0) as usize).min(255)] += 1.0);
        let want = (2_000 * LANES) as f64 / 256.0;
        let chi: f64 = counts.iter().map(|count| (count - want) * (count - want) / want).sum();
        // Chi-square with 255 degrees of freedom: mean 255, standard deviation √510.
        assert!((chi - 255.0).abs() < 4.5 * 510.0_f64.sqrt(), "{seed}: {chi}");
    }
}

/// Anderson and Darling (1954), "A test of goodness of fit", JASA 49, 765–769: A² is above 3.857 once in 100 and above 10 about once in 10⁵.
#[test]
fn the_tails_fit_by_anderson_and_darling() {
    for seed in [3, 99] {
        let mut z: Vec<f64> = rows(seed, 0, 400).into_iter().flatten().collect();
        z.sort_by(f64::total_cmp);
        let n = z.len();
        let sum: f64 =
            (0..n).map(|i| (2 * i + 1) as f64 * (normal_cdf(z[i]).ln() + normal_cdf(-z[n - 1 - i]).ln())).sum();
        let statistic = -(n as f64) - sum / n as f64;
        assert!(statistic > 0.0 && statistic < 10.0, "{seed}: {statistic}");
    }
}

#[test]
fn days_lanes_blocks_and_seeds_are_independent() {
    let numbers = days(5, 0, 600);
    for lag in [1, 2, 3, 7, 8, 16] {
        let pairs = (lag..numbers.len()).flat_map(|t| (0..LANES).map(move |lane| (t, lane)));
        uncorrelated(&format!("days {lag} apart"), pairs.map(|(t, lane)| (numbers[t][lane], numbers[t - lag][lane])));
    }
    for apart in [1, 2, 4, 8, 16, 128] {
        let pairs = numbers.iter().flat_map(|row| (0..LANES - apart).map(move |lane| (row[lane], row[lane + apart])));
        uncorrelated(&format!("lanes {apart} apart"), pairs);
    }
    let pair = |name: &str, other: Vec<[f64; LANES]>| {
        uncorrelated(name, numbers.iter().flatten().copied().zip(other.into_iter().flatten()));
    };
    pair("the next block", days(5, 1, 600));
    pair("the block of the highest number", days(5, u64::MAX, 600));
    pair("the next seed", days(6, 0, 600));
    pair("a seed that differs in the highest bit", days(5 | 1 << 63, 0, 600));
}

/// Runs of signs along the days of a lane: the number of changes among `n − 1` neighbours is binomial with one half.
#[test]
fn signs_change_half_of_the_time() {
    let numbers = days(8, 3, 600);
    let changes = (1..600).flat_map(|t| (0..LANES).map(move |lane| (t, lane)));
    let changes = changes.filter(|(t, lane)| (numbers[*t][*lane] < 0.0) != (numbers[t - 1][*lane] < 0.0)).count();
    let n = (599 * LANES) as f64;
    assert!((changes as f64 - n / 2.0).abs() < 4.5 * (n / 4.0).sqrt(), "{changes} of {n}");
}
