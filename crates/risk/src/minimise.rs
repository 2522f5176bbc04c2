//! Smooth minimisation in a few dimensions, for the likelihoods of this crate.

/// The point at which the search ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Minimum<const N: usize> {
    pub(crate) point: [f64; N],
    pub(crate) value: f64,
    /// Largest absolute component of the gradient there.
    pub(crate) residual: f64,
    pub(crate) iterations: usize,
}

/// Limits of the search.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) max_iterations: usize,
    /// The search ends when no component of the gradient is larger than this.
    pub(crate) tolerance: f64,
}

/// BFGS with a backtracking line search (Nocedal and Wright, "Numerical Optimization", algorithm 6.1).
///
/// `objective` returns value and gradient. A value that is not finite marks a point outside the domain, and the line
/// search steps back from it. The starting point must be inside the domain.
pub(crate) fn bfgs<const N: usize>(
    start: [f64; N],
    effort: Effort,
    mut objective: impl FnMut(&[f64; N]) -> (f64, [f64; N]),
) -> Minimum<N> {
    let mut point = start;
    let (mut value, mut gradient) = objective(&point);
    let mut inverse = identity::<N>();
    let mut fresh = true;
    let mut iterations = 0;
    // Consecutive steps whose gain is hidden by rounding.
    let mut idle = 0;
    while idle < 3 && iterations < effort.max_iterations && largest(&gradient) > effort.tolerance {
        iterations += 1;
        let mut direction = times(&inverse, &gradient).map(|d| -d);
        let mut slope = dot(&direction, &gradient);
        if slope >= 0.0 || slope.is_nan() {
            inverse = identity();
            fresh = true;
            direction = gradient.map(|g| -g);
            slope = -dot(&gradient, &gradient);
        }
        // A first steepest-descent step has no scale, so limit its length.
        let mut step: f64 = if fresh { (0.5 / largest(&direction)).min(1.0) } else { 1.0 };
        let mut accepted = None;
        for _ in 0..30 {
            let trial: [f64; N] = std::array::from_fn(|i| point[i] + step * direction[i]);
            let (trial_value, trial_gradient) = objective(&trial);
            // Near the minimum, rounding hides differences of the value; a flatter slope is then sufficient evidence.
            let enough = trial_value <= value + 1e-4 * step * slope
                || (trial_value - value <= 1e-13 * value.abs()
                    && dot(&trial_gradient, &direction).abs() <= 0.9 * slope.abs());
            if trial_value.is_finite() && enough {
                accepted = Some((trial, trial_value, trial_gradient));
                break;
            }
            step *= 0.5;
        }
        let Some((next, next_value, next_gradient)) = accepted else {
            if fresh {
                break;
            }
            inverse = identity();
            fresh = true;
            continue;
        };
        idle = if value - next_value > 1e-15 * value.abs() { 0 } else { idle + 1 };
        let s: [f64; N] = std::array::from_fn(|i| next[i] - point[i]);
        let y: [f64; N] = std::array::from_fn(|i| next_gradient[i] - gradient[i]);
        let curvature = dot(&s, &y);
        if curvature > 1e-12 * dot(&s, &s).sqrt() * dot(&y, &y).sqrt() {
            if fresh {
                let scale = curvature / dot(&y, &y);
                inverse = identity().map(|row: [f64; N]| row.map(|v| v * scale));
            }
            update(&mut inverse, &s, &y, curvature);
            fresh = false;
        }
        (point, value, gradient) = (next, next_value, next_gradient);
    }
    Minimum { point, value, residual: largest(&gradient), iterations }
}

/// `H ← (I − ρsyᵀ)H(I − ρysᵀ) + ρssᵀ`, `ρ = 1/curvature`.
fn update<const N: usize>(inverse: &mut [[f64; N]; N], s: &[f64; N], y: &[f64; N], curvature: f64) {
    let hy = times(inverse, y);
    let factor = (1.0 + dot(y, &hy) / curvature) / curvature;
    for i in 0..N {
        for j in 0..N {
            inverse[i][j] += factor * s[i] * s[j] - (hy[i] * s[j] + s[i] * hy[j]) / curvature;
        }
    }
}

fn identity<const N: usize>() -> [[f64; N]; N] {
    std::array::from_fn(|i| std::array::from_fn(|j| if i == j { 1.0 } else { 0.0 }))
}

fn times<const N: usize>(matrix: &[[f64; N]; N], vector: &[f64; N]) -> [f64; N] {
    std::array::from_fn(|i| dot(&matrix[i], vector))
}

fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn largest<const N: usize>(vector: &[f64; N]) -> f64 {
    vector.iter().fold(0.0, |m, v| if v.is_nan() { f64::INFINITY } else { f64::max(m, v.abs()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_bottom_of_rosenbrocks_valley() {
        let effort = Effort { max_iterations: 200, tolerance: 1e-10 };
        let minimum = bfgs([-1.2, 1.0], effort, |&[x, y]| {
            let (a, b) = (1.0 - x, y - x * x);
            (a * a + 100.0 * b * b, [-2.0 * a - 400.0 * x * b, 200.0 * b])
        });
        assert!(minimum.residual <= 1e-10 && minimum.iterations < 100, "{minimum:?}");
        assert!((minimum.point[0] - 1.0).abs() < 1e-8 && minimum.value < 1e-16, "{minimum:?}");
    }

    #[test]
    fn steps_back_from_outside_the_domain() {
        // x − ln x is undefined at and below 0.
        let effort = Effort { max_iterations: 100, tolerance: 1e-12 };
        let minimum =
            bfgs([30.0], effort, |&[x]| if x <= 0.0 { (f64::NAN, [0.0]) } else { (x - x.ln(), [1.0 - 1.0 / x]) });
        assert!((minimum.point[0] - 1.0).abs() < 1e-10, "{minimum:?}");
    }
}
