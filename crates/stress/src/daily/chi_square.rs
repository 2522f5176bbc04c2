//! Chi-square numbers with any number of degrees of freedom above two.

use crate::{
    LANES, LaneStream, Lanes, NormalShocks, ShockLaw,
    elementary::ln,
    instruction_set::{Kernel, vectorised},
};

/// Smallest argument of the logarithm: below it a proposal is rejected, which happens with probability below 1e-300.
const TINY: f64 = 1e-300;

/// Fills one chi-square number per lane, by rejection: rows of proposals are drawn for all lanes until every lane has accepted one.
///
/// # Reference
/// Marsaglia and Tsang (2000), "A simple method for generating gamma variables", ACM TOMS 26(3), 363–372.
pub(super) fn chi_square(degrees: f64, stream: &mut LaneStream, out: &mut Lanes) {
    let d = degrees / 2.0 - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    let mut normals = [[0.0; LANES]];
    let mut uniforms = [0.0; LANES];
    *out = [0.0; LANES];
    while out.contains(&0.0) {
        NormalShocks.fill(stream, &mut normals);
        stream.uniforms(&mut uniforms);
        vectorised(Accept { d, c, normals: &normals[0], uniforms: &uniforms, out });
    }
}

/// One proposal per lane.
struct Accept<'a> {
    d: f64,
    c: f64,
    normals: &'a Lanes,
    uniforms: &'a Lanes,
    out: &'a mut Lanes,
}

impl Kernel for Accept<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (d, c) = (self.d, self.c);
        for ((chi, x), u) in self.out.iter_mut().zip(self.normals).zip(self.uniforms) {
            let root = 1.0 + c * x;
            let v = root * root * root;
            let is_possible = v > TINY;
            let logarithm = ln(if is_possible { v } else { 1.0 });
            // Every lane computes everything, so that there is no branch.
            let accepted = (*chi == 0.0) & is_possible & (ln(*u) < 0.5 * x * x + d - d * v + d * logarithm);
            *chi = if accepted { 2.0 * d * v } else { *chi };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;

    #[test]
    fn mean_and_variance_are_those_of_the_law() {
        for degrees in [2.5, 5.0, 30.0] {
            let (mut first, mut second) = (0.0, 0.0);
            let blocks = 800;
            let mut lanes = [0.0; LANES];
            for block in 0..blocks {
                chi_square(degrees, &mut LaneStream::new(Seed(3), block), &mut lanes);
                first += lanes.iter().sum::<f64>();
                second += lanes.iter().map(|x| (x - degrees) * (x - degrees)).sum::<f64>();
            }
            let n = (blocks as usize * LANES) as f64;
            // Variance 2ν; the variance of the squared distance is 8ν² + 48ν.
            assert!((first / n - degrees).abs() < 4.0 * (2.0 * degrees / n).sqrt());
            let deviation = (8.0 * degrees * degrees + 48.0 * degrees).sqrt();
            assert!((second / n - 2.0 * degrees).abs() < 4.0 * deviation / n.sqrt());
        }
    }
}
