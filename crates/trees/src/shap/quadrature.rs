//! Gauss-Legendre quadrature on [0, 1].

use std::f64::consts::PI;

/// Nodes and weights of the rule with `N` nodes on [0, 1], exact for polynomials of degree up to 2N - 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct GaussLegendre<const N: usize> {
    /// The nodes t, ascending.
    pub(super) node: [f64; N],
    /// 1 - t, with the relative precision of t.
    pub(super) rest: [f64; N],
    /// The weights, which sum to 1.
    pub(super) weight: [f64; N],
}

impl<const N: usize> GaussLegendre<N> {
    /// Newton's method on the Legendre polynomial, from the asymptotic roots.
    pub(super) fn new() -> Self {
        let mut rule = Self { node: [0.0; N], rest: [0.0; N], weight: [0.0; N] };
        for i in 0..N {
            // Descending roots x of the polynomial on [-1, 1]; t = (1 - x) / 2 ascends.
            let mut x = (PI * (i as f64 + 0.75) / (N as f64 + 0.5)).cos();
            for _ in 0..8 {
                let (value, slope) = legendre(N, x);
                x -= value / slope;
            }
            let slope = legendre(N, x).1;
            rule.node[i] = 0.5 * (1.0 - x);
            rule.rest[i] = 0.5 * (1.0 + x);
            rule.weight[i] = 1.0 / ((1.0 - x * x) * slope * slope);
        }
        rule
    }
}

/// The Legendre polynomial of degree `n` and its derivative at x inside (-1, 1).
fn legendre(n: usize, x: f64) -> (f64, f64) {
    let (mut before, mut value) = (1.0, x);
    for k in 1..n {
        let k = k as f64;
        (before, value) = (value, ((2.0 * k + 1.0) * x * value - k * before) / (k + 1.0));
    }
    (value, n as f64 * (x * value - before) / (x * x - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The integral of t^a (1 - t)^b is a! b! / (a + b + 1)!.
    fn check<const N: usize>() {
        let rule = GaussLegendre::<N>::new();
        let degree = 2 * N as i32 - 1;
        let mut exact = 1.0 / f64::from(degree + 1);
        for a in (0..=degree).rev() {
            let b = degree - a;
            let sum: f64 = (0..N).map(|q| rule.weight[q] * rule.node[q].powi(a) * rule.rest[q].powi(b)).sum();
            assert!((sum - exact).abs() <= 1e-13 * exact, "{N} nodes, t^{a}: {sum:e} for {exact:e}");
            exact *= f64::from(b + 1) / f64::from(a.max(1));
        }
    }

    #[test]
    fn polynomials_are_integrated_exactly() {
        check::<1>();
        check::<2>();
        check::<4>();
        check::<8>();
        check::<16>();
        check::<32>();
        check::<64>();
    }
}
