//! The simplex search of Nelder and Mead.

/// When a search ends, and how much it may cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct SimplexLimits {
    /// Difference between the best and the worst corner, in the function's value, at which the search ends.
    pub(super) tolerance: f64,
    /// Largest number of evaluations of the function.
    pub(super) evaluations: usize,
}

/// Minimises a function from a point; the corners of the first simplex are `step` away along each axis.
///
/// Returns the best point and its value. Values that are not finite count as infinite. The search uses no derivative and
/// can end early on a flat slope: restart it from its end until nothing is gained.
///
/// # Reference
/// Nelder and Mead (1965), "A simplex method for function minimization", The Computer Journal 7(4), 308–313.
pub(super) fn minimise(
    from: &[f64],
    step: f64,
    limits: SimplexLimits,
    mut function: impl FnMut(&[f64]) -> f64,
) -> (Vec<f64>, f64) {
    let n = from.len();
    let mut value = |point: &[f64]| {
        let value = function(point);
        if value.is_nan() { f64::INFINITY } else { value }
    };
    let mut corners: Vec<(f64, Vec<f64>)> = (0..=n)
        .map(|corner| {
            let mut point = from.to_vec();
            if corner > 0 {
                point[corner - 1] += step;
            }
            (value(&point), point)
        })
        .collect();
    let mut used = n + 1;
    loop {
        corners.sort_by(|a, b| a.0.total_cmp(&b.0));
        if corners[n].0 - corners[0].0 < limits.tolerance || used >= limits.evaluations {
            let (value, point) = corners.swap_remove(0);
            return (point, value);
        }
        let mut centre = vec![0.0; n];
        for (_, corner) in &corners[..n] {
            for (c, x) in centre.iter_mut().zip(corner) {
                *c += x / n as f64;
            }
        }
        // The point on the line from the worst corner through the centre of the others.
        let along = |worst: &[f64], share: f64| -> Vec<f64> {
            centre.iter().zip(worst).map(|(c, w)| c + share * (c - w)).collect()
        };
        let reflected = along(&corners[n].1, 1.0);
        let at_reflected = value(&reflected);
        used += 1;
        if at_reflected < corners[0].0 {
            let further = along(&corners[n].1, 2.0);
            let at_further = value(&further);
            used += 1;
            corners[n] = if at_further < at_reflected { (at_further, further) } else { (at_reflected, reflected) };
        } else if at_reflected < corners[n - 1].0 {
            corners[n] = (at_reflected, reflected);
        } else {
            let share = if at_reflected < corners[n].0 { 0.5 } else { -0.5 };
            let nearer = along(&corners[n].1, share);
            let at_nearer = value(&nearer);
            used += 1;
            if at_nearer < corners[n].0.min(at_reflected) {
                corners[n] = (at_nearer, nearer);
            } else {
                let best = corners[0].1.clone();
                for (at, corner) in &mut corners[1..] {
                    for (x, b) in corner.iter_mut().zip(&best) {
                        *x = b + 0.5 * (*x - b);
                    }
                    *at = value(corner);
                }
                used += n;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_valley_of_rosenbrock_is_followed_to_its_end() {
        let rosenbrock = |x: &[f64]| (1.0 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2);
        let limits = SimplexLimits { tolerance: 1e-14, evaluations: 2_000 };
        let (point, value) = minimise(&[-1.2, 1.0], 0.5, limits, rosenbrock);
        assert!(value < 1e-10 && (point[0] - 1.0).abs() < 1e-4 && (point[1] - 1.0).abs() < 1e-4, "{point:?}");
    }

    #[test]
    fn a_search_keeps_to_its_budget() {
        let mut calls = 0;
        let limits = SimplexLimits { tolerance: 0.0, evaluations: 50 };
        minimise(&[3.0; 4], 1.0, limits, |x| {
            calls += 1;
            x.iter().map(|x| x * x).sum()
        });
        assert!((50..56).contains(&calls), "{calls}");
    }
}
