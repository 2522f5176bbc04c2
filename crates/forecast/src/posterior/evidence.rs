//! The evidence about means from histories of different lengths, with their errors treated jointly.

use crate::posterior::correlation::Correlation;
use crate::sample::{sum, sum_pairs};

/// Histories that end in the same period and vary, longest first, with their prior.
pub(super) struct Evidence<'a> {
    /// Simple returns per period.
    pub(super) histories: &'a [&'a [f64]],
    /// Standard deviation of each history, positive.
    pub(super) volatilities: &'a [f64],
    /// Mean of the prior, per period.
    pub(super) priors: &'a [f64],
    /// Correlation of returns, and of the prior's deviations.
    pub(super) correlation: &'a Correlation,
    /// Number of returns that the prior is worth.
    pub(super) prior_periods: f64,
}

/// The posterior of one asset's mean in units of its volatility.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Belief {
    /// Posterior mean minus prior mean.
    pub(super) shift: f64,
    /// Posterior variance.
    pub(super) variance: f64,
    /// One minus posterior variance over prior variance.
    pub(super) reliability: f64,
}

impl Evidence<'_> {
    /// The joint Gaussian posterior, asset by asset.
    ///
    /// In units of the volatilities, deviations from the prior are `L·ξ`, where `L` is the Cholesky factor of the
    /// correlations and the entries of `ξ` are independent. The prior is `ξ_j ~ N(0, 1/T₀)`. The histories are nested
    /// (longest first), so asset `j` is observed only where all assets before it are observed too. The only information
    /// on `ξ` in its `T_j` returns is
    ///
    /// ```text
    /// y_j = [L⁻¹ x]_j ~ N(ξ_j, 1/T_j),    x = mean over the last T_j periods, less the prior, over the volatility
    /// ```
    ///
    /// so that `E ξ_j = T_j/(T_j + T₀)·y_j` with variance `1/(T_j + T₀)`, independent of the others.
    ///
    /// Reference: Anderson (1957), "Maximum likelihood estimates for a multivariate normal distribution when some observations are
    /// missing", Journal of the American Statistical Association 52(278), 200–203; Stambaugh (1997), "Analyzing investments whose
    /// histories differ in length", Journal of Financial Economics 45(3), 285–331.
    pub(super) fn beliefs(&self) -> Vec<Belief> {
        let innovations = self.innovations();
        (0..self.histories.len())
            .map(|i| {
                let mut belief = Belief { shift: 0.0, variance: 0.0, reliability: 0.0 };
                for (j, loading) in self.correlation.factor_row(i).iter().enumerate() {
                    let periods = self.histories[j].len() as f64;
                    let share = loading * loading;
                    let gain = periods / (periods + self.prior_periods);
                    belief.shift += loading * gain * innovations[j];
                    belief.variance += share / (periods + self.prior_periods);
                    belief.reliability += share * gain;
                }
                Belief { reliability: belief.reliability.min(1.0), ..belief }
            })
            .collect()
    }

    /// `y` of [`beliefs`](Self::beliefs): one forward substitution for each length of a history.
    fn innovations(&self) -> Vec<f64> {
        let assets = self.histories.len();
        let mut innovations = vec![0.0; assets];
        let mut window = Vec::with_capacity(assets);
        let mut start = 0;
        while start < assets {
            let periods = self.histories[start].len();
            let end = start + self.histories[start..].iter().take_while(|history| history.len() == periods).count();
            window.clear();
            for i in 0..end {
                let history = self.histories[i];
                let mean = sum(&history[history.len() - periods..], |x| x) / periods as f64;
                let deviation = (mean - self.priors[i]) / self.volatilities[i];
                let loadings = self.correlation.factor_row(i);
                let explained = sum_pairs(&loadings[..i], &window, |x, y| x * y);
                window.push((deviation - explained) / loadings[i]);
            }
            innovations[start..end].copy_from_slice(&window[start..end]);
            start = end;
        }
        innovations
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The posterior of two means, computed from its precision matrix: the sum of that of the prior, that of the common
    /// periods, and that of the first asset's own periods.
    fn by_precision(long: &[f64], short: &[f64], rho: f64, prior: [f64; 2], prior_periods: f64) -> [(f64, f64); 2] {
        let inverse = 1.0 / (1.0 - rho * rho);
        let common = short.len() as f64;
        let alone = (long.len() - short.len()) as f64;
        let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
        let (early, late) = long.split_at(long.len() - short.len());
        let seen = [mean(late), mean(short)];
        let weight = |m: [f64; 2], n: f64| [n * inverse * (m[0] - rho * m[1]), n * inverse * (m[1] - rho * m[0])];
        let (from_prior, from_common) = (weight(prior, prior_periods), weight(seen, common));
        let right = [from_prior[0] + from_common[0] + alone * mean(early), from_prior[1] + from_common[1]];
        let diagonal = (prior_periods + common) * inverse;
        let (a, b, d) = (diagonal + alone, -diagonal * rho, diagonal);
        let determinant = a * d - b * b;
        [
            ((d * right[0] - b * right[1]) / determinant, d / determinant),
            ((a * right[1] - b * right[0]) / determinant, a / determinant),
        ]
    }

    #[test]
    fn the_recursion_is_the_posterior_of_the_joint_normal_law() {
        let long: Vec<f64> = (0..40).map(|t| f64::from((t * 7) % 11) - 4.0).collect();
        let short: Vec<f64> = (0..12).map(|t| f64::from((t * 5) % 7 + ((t + 28) * 7) % 11) - 8.0).collect();
        let correlation = Correlation::estimate(&[&long, &short]);
        let rho = correlation.row(0)[1];
        assert!(rho.abs() > 0.1, "{rho}");
        let priors = [0.5, -0.25];
        let evidence = Evidence {
            histories: &[&long, &short],
            volatilities: &[1.0, 1.0],
            priors: &priors,
            correlation: &correlation,
            prior_periods: 25.0,
        };
        let expected = by_precision(&long, &short, rho, priors, 25.0);
        for ((belief, (mean, variance)), prior) in evidence.beliefs().iter().zip(expected).zip(priors) {
            assert!((prior + belief.shift - mean).abs() < 1e-13);
            assert!((belief.variance - variance).abs() < 1e-15);
            assert!((belief.reliability - (1.0 - 25.0 * variance)).abs() < 1e-13);
        }
    }
}
