//! The likelihood of GARCH(1,1) and its derivatives.

use statrs::function::gamma::{digamma, ln_gamma};

use super::{GarchInnovations, GarchMean, GarchOptions, MOST_DEGREES_OF_FREEDOM};

/// Number of days and decay of the backcast, the variance before the first observation.
const BACKCAST_DAYS: usize = 75;
const BACKCAST_DECAY: f64 = 0.94;

/// The parameters in the unit of the standardised data.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parameters {
    pub(super) mean: f64,
    pub(super) omega: f64,
    pub(super) alpha: f64,
    pub(super) beta: f64,
    pub(super) nu: f64,
    /// `α + β` and `α/(α + β)`, the coordinates of the search.
    persistence: f64,
    share: f64,
}

impl Parameters {
    /// A point of the search: mean, ln ω, logit(α + β), logit(α/(α + β)), ln(ν − 2).
    pub(super) fn start(alpha: f64, persistence: f64, level: f64) -> [f64; 5] {
        let logit = |p: f64| (p / (1.0 - p)).ln();
        [0.0, ((1.0 - persistence) * level).ln(), logit(persistence), logit(alpha / persistence), 6.0_f64.ln()]
    }

    pub(super) fn from(point: &[f64; 5]) -> Self {
        let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
        let (persistence, share) = (logistic(point[2]), logistic(point[3]));
        Self {
            mean: point[0],
            omega: point[1].exp(),
            alpha: persistence * share,
            beta: persistence * (1.0 - share),
            nu: 2.0 + point[4].exp(),
            persistence,
            share,
        }
    }

    /// The parameters mean, ω, α, β, ν themselves.
    pub(super) fn natural([mean, omega, alpha, beta, nu]: [f64; 5]) -> Self {
        Self { mean, omega, alpha, beta, nu, persistence: alpha + beta, share: alpha / (alpha + beta) }
    }

    /// Derivatives with respect to the coordinates of the search, from those with respect to mean, ω, α, β, ν.
    fn chain(&self, [mean, omega, alpha, beta, nu]: [f64; 5]) -> [f64; 5] {
        let (p, s) = (self.persistence, self.share);
        [
            mean,
            omega * self.omega,
            (alpha * s + beta * (1.0 - s)) * p * (1.0 - p),
            (alpha - beta) * p * s * (1.0 - s),
            nu * (self.nu - 2.0),
        ]
    }
}

/// Standardised returns and the model fitted to them.
pub(super) struct Model<'a> {
    pub(super) data: &'a [f64],
    pub(super) options: &'a GarchOptions,
}

impl Model<'_> {
    /// The backcast and its derivative with respect to the mean.
    fn backcast(&self, mean: f64) -> (f64, f64) {
        let (mut weight, mut total, mut squares, mut slope) = (1.0, 0.0, 0.0, 0.0);
        for x in self.data.iter().take(BACKCAST_DAYS) {
            let e = x - mean;
            total += weight;
            squares += weight * e * e;
            slope -= 2.0 * weight * e;
            weight *= BACKCAST_DECAY;
        }
        (squares / total, slope / total)
    }

    /// Conditional variances of all observations and of the one after them.
    pub(super) fn variances(&self, p: &Parameters) -> Vec<f64> {
        let (backcast, _) = self.backcast(p.mean);
        let mut variances = Vec::with_capacity(self.data.len() + 1);
        let mut variance = p.omega + p.persistence * backcast;
        for x in self.data {
            variances.push(variance);
            let e = x - p.mean;
            variance = p.omega + p.alpha * e * e + p.beta * variance;
        }
        variances.push(variance);
        variances
    }

    /// Value and gradient of `−ln L/T` at a point of the search.
    pub(super) fn evaluate(&self, point: &[f64; 5]) -> (f64, [f64; 5]) {
        let p = Parameters::from(point);
        let inside = p.omega > 0.0 && p.omega.is_finite() && p.nu < 2.0 * MOST_DEGREES_OF_FREEDOM && p.nu > 2.0;
        if !inside {
            return (f64::NAN, [0.0; 5]);
        }
        let (mut value, mut gradient) = (0.0, [0.0; 5]);
        self.walk(&p, |v, score| {
            value += v;
            for (total, s) in gradient.iter_mut().zip(score) {
                *total += s;
            }
        });
        let n = self.data.len() as f64;
        (value / n, p.chain(gradient.map(|g| g / n)))
    }

    /// Passes `−ln` of each observation's likelihood and its derivatives with respect to mean, ω, α, β, ν to `visit`. The
    /// derivatives of parameters that are not estimated are zero.
    pub(super) fn walk(&self, p: &Parameters, mut visit: impl FnMut(f64, [f64; 5])) {
        let student = self.options.innovations == GarchInnovations::StudentT;
        let estimate_mean = self.options.mean == GarchMean::Constant;
        let constant = if student {
            ln_gamma(0.5 * p.nu) - ln_gamma(0.5 * (p.nu + 1.0)) + 0.5 * (std::f64::consts::PI * (p.nu - 2.0)).ln()
        } else {
            0.5 * (2.0 * std::f64::consts::PI).ln()
        };
        let constant_by_nu =
            if student { -0.5 * (digamma(0.5 * (p.nu + 1.0)) - digamma(0.5 * p.nu)) + 0.5 / (p.nu - 2.0) } else { 0.0 };
        let (backcast, backcast_slope) = self.backcast(p.mean);
        let mut variance = p.omega + p.persistence * backcast;
        // Derivatives of the variance with respect to mean, ω, α, β.
        let mut slope = [p.persistence * backcast_slope, 1.0, backcast, backcast];
        for &x in self.data {
            let e = x - p.mean;
            let squared = e * e;
            let (value, by_variance, by_mean, by_nu);
            if student {
                let scaled = variance * (p.nu - 2.0);
                let log = (squared / scaled).ln_1p();
                let pull = (p.nu + 1.0) / (scaled + squared);
                value = 0.5 * variance.ln() + 0.5 * (p.nu + 1.0) * log;
                by_variance = 0.5 / variance - 0.5 * pull * squared / variance;
                by_mean = -pull * e;
                by_nu = 0.5 * log - 0.5 * pull * squared / (p.nu - 2.0);
            } else {
                value = 0.5 * (variance.ln() + squared / variance);
                by_variance = 0.5 * (1.0 - squared / variance) / variance;
                by_mean = -e / variance;
                by_nu = 0.0;
            }
            let through = slope.map(|s| by_variance * s);
            let mean = if estimate_mean { by_mean + through[0] } else { 0.0 };
            visit(value + constant, [mean, through[1], through[2], through[3], by_nu + constant_by_nu]);
            slope = [
                -2.0 * p.alpha * e + p.beta * slope[0],
                1.0 + p.beta * slope[1],
                squared + p.beta * slope[2],
                variance + p.beta * slope[3],
            ];
            variance = p.omega + p.alpha * squared + p.beta * variance;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_is_the_slope_of_the_value() {
        let data: Vec<f64> = (0..200).map(|i| f64::from((i * 37) % 53) / 15.0 - 1.7).collect();
        for innovations in [GarchInnovations::Normal, GarchInnovations::StudentT] {
            let options = GarchOptions { mean: GarchMean::Constant, innovations };
            let model = Model { data: &data, options: &options };
            let at = [0.05, -2.0, 1.5, -1.0, 1.2];
            let (_, gradient) = model.evaluate(&at);
            for i in 0..5 {
                let (mut up, mut down) = (at, at);
                up[i] += 1e-6;
                down[i] -= 1e-6;
                let slope = (model.evaluate(&up).0 - model.evaluate(&down).0) / 2e-6;
                assert!((slope - gradient[i]).abs() < 1e-7, "{innovations:?} {i}: {slope} {}", gradient[i]);
            }
        }
    }
}
