//! Standard errors of a fitted GARCH model.

use nalgebra::DMatrix;

use super::likelihood::{Model, Parameters};
use super::{GarchErrors, GarchInnovations, GarchMean};

/// Relative step of the finite differences that turn the exact gradients into the Hessian.
const STEP: f64 = 1e-5;

/// Robust standard errors at the maximum, in the unit of the returns, `None` where the Hessian is not positive definite.
///
/// `unit`: the divisor that standardised the returns.
pub(super) fn robust(model: &Model<'_>, at: &Parameters, unit: f64) -> Option<GarchErrors> {
    let point = [at.mean, at.omega, at.alpha, at.beta, at.nu];
    let constant = model.options.mean == GarchMean::Constant;
    let student = model.options.innovations == GarchInnovations::StudentT;
    // Positions of the estimated parameters.
    let free: Vec<usize> = (0..5).filter(|&i| (constant || i != 0) && (student || i != 4)).collect();
    let count = model.data.len() as f64;

    let gradient = |moved: [f64; 5]| {
        let mut total = [0.0; 5];
        model.walk(&Parameters::natural(moved), |_, score| {
            for (sum, s) in total.iter_mut().zip(score) {
                *sum += s / count;
            }
        });
        total
    };
    let columns: Vec<[f64; 5]> = free
        .iter()
        .map(|&i| {
            // The mean of standardised data may be zero; the other parameters stay positive.
            let step = STEP * if i == 0 { 1.0 } else { point[i] };
            let (mut up, mut down) = (point, point);
            up[i] += step;
            down[i] -= step;
            let (up, down) = (gradient(up), gradient(down));
            std::array::from_fn(|k| (up[k] - down[k]) / (2.0 * step))
        })
        .collect();
    let size = free.len();
    let hessian = DMatrix::from_fn(size, size, |r, c| 0.5 * (columns[c][free[r]] + columns[r][free[c]]));
    let mut outer = DMatrix::zeros(size, size);
    model.walk(at, |_, score| {
        for r in 0..size {
            for c in 0..size {
                outer[(r, c)] += score[free[r]] * score[free[c]] / count;
            }
        }
    });

    let inverse = hessian.cholesky()?.inverse();
    let covariance = &inverse * outer * &inverse / count;
    let error = |parameter: usize| {
        let position = free.iter().position(|&i| i == parameter)?;
        Some(covariance[(position, position)].sqrt()).filter(|e| e.is_finite())
    };
    Some(GarchErrors {
        mean: if constant { Some(unit * error(0)?) } else { None },
        omega: unit * unit * error(1)?,
        alpha: error(2)?,
        beta: error(3)?,
        degrees_of_freedom: if student { Some(error(4)?) } else { None },
    })
}
