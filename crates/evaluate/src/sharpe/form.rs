//! The two forms of the variance of a Sharpe ratio.

use serde::Serialize;

use super::SharpeSample;
use crate::NoFigure;
use crate::reason::finite;

/// The formulas of a figure.
///
/// ```text
/// 2012/14   V = [ 1 − γ₃·SR + (γ₄ − 1)/4·SR² ] / (T − 1)                at the observed ratio SR
/// 2025      V = [ a − b·γ₃·SR₀ + c·(γ₄ − 1)/4·SR₀² ] / T                at the ratio SR₀ of the hypothesis
///           a = 1 + 2ρ/(1 − ρ),   b = 1 + ρ/(1 − ρ) + ρ²/(1 − ρ²),   c = 1 + 2ρ²/(1 − ρ²)
/// ```
///
/// `γ₃`: skewness, `γ₄`: raw kurtosis, `ρ`: autocorrelation of a first-order autoregression, `T`: observations. The
/// older form assumes independent returns.
///
/// # Reference
/// Form of 2012/14: Bailey and López de Prado (2012), "The Sharpe ratio efficient frontier", Journal of Risk 15(2), 3–44;
/// Bailey and López de Prado (2014), "The deflated Sharpe ratio", Journal of Portfolio Management 40(5), 94–107.
/// Form of 2025: López de Prado, Lipton and Zoonekynd (2025), "How to use the Sharpe ratio", ADIA Lab Research Paper
/// Series 19.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SharpeForm {
    /// Bailey and López de Prado (2012, 2014).
    Form2012,
    /// López de Prado, Lipton and Zoonekynd (2025).
    Form2025,
}

impl SharpeSample {
    /// The variance of the Sharpe ratio that a form uses to test a hypothesis `null`, per period.
    ///
    /// # Errors
    /// [`NoFigure::NoVariance`] when the formula gives no positive number; [`NoFigure::TooLarge`].
    pub fn variance(&self, form: SharpeForm, null: f64) -> Result<f64, NoFigure> {
        let observations = self.moments().observations as f64;
        Ok(match form {
            SharpeForm::Form2012 => self.variance_of_one(form, null)? / (observations - 1.0),
            SharpeForm::Form2025 => self.variance_of_one(form, null)? / observations,
        })
    }

    /// Standard error of the observed ratio with autocorrelation, `√V` of 2025 at the observed ratio: for intervals, not
    /// for tests.
    ///
    /// # Errors
    /// As [`variance`](Self::variance).
    pub fn standard_error(&self) -> Result<f64, NoFigure> {
        Ok(self.variance(SharpeForm::Form2025, self.sharpe())?.sqrt())
    }

    /// The variance times the number of observations (of 2012: minus one).
    pub(super) fn variance_of_one(&self, form: SharpeForm, null: f64) -> Result<f64, NoFigure> {
        let moments = self.moments();
        let (at, [a, b, c]) = match form {
            SharpeForm::Form2012 => (self.sharpe(), [1.0; 3]),
            SharpeForm::Form2025 => (null, autoregression(moments.autocorrelation)),
        };
        let variance = finite(a - b * moments.skewness * at + c * (moments.kurtosis - 1.0) / 4.0 * at * at)?;
        if variance > 0.0 { Ok(variance) } else { Err(NoFigure::NoVariance) }
    }
}

/// The factors `a`, `b`, `c` of the constant, the skewness and the kurtosis.
fn autoregression(rho: f64) -> [f64; 3] {
    let (first, second) = (rho / (1.0 - rho), rho * rho / (1.0 - rho * rho));
    [1.0 + 2.0 * first, 1.0 + first + second, 1.0 + 2.0 * second]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SharpeMoments;

    #[test]
    fn a_variance_that_is_not_positive_is_a_reason() {
        // Returns with two values: here the ratio has no variance at SR = 1.
        let sample = SharpeSample::from_moments(SharpeMoments {
            mean: 1.0,
            sd: 1.0,
            skewness: 2.0,
            kurtosis: 5.0,
            autocorrelation: 0.0,
            observations: 10,
        })
        .unwrap();
        assert_eq!(sample.variance(SharpeForm::Form2025, 1.0), Err(NoFigure::NoVariance));
        assert_eq!(sample.variance(SharpeForm::Form2012, 0.0), Err(NoFigure::NoVariance));
    }

    #[test]
    fn independent_normal_returns_have_the_textbook_variance() {
        let sample = SharpeSample::from_moments(SharpeMoments {
            mean: 0.1,
            sd: 1.0,
            skewness: 0.0,
            kurtosis: 3.0,
            autocorrelation: 0.0,
            observations: 101,
        })
        .unwrap();
        let textbook = 1.0 + 0.5 * 0.1 * 0.1;
        assert!((sample.variance(SharpeForm::Form2012, 0.7).unwrap() - textbook / 100.0).abs() < 1e-15);
        assert!((sample.standard_error().unwrap().powi(2) - textbook / 101.0).abs() < 1e-15);
        // Under the hypothesis of no skill, the newer variance is that of a mean.
        assert!((sample.variance(SharpeForm::Form2025, 0.0).unwrap() - 1.0 / 101.0).abs() < 1e-15);
    }
}
