//! Correlated numbers from independent ones: a triangular matrix times rows of lanes, in registers.

use crate::{
    InstructionSet, LANES, Lanes,
    factor::Factor,
    instruction_set::{Kernel, vectorised},
};

/// Assets whose sums are held in registers together.
const GROUP: usize = 4;

/// What is done with `Σₖ F[asset][k]·z[k]` in each lane.
pub(crate) trait Finish {
    /// Must be `#[inline(always)]`.
    fn finish(&self, asset: usize, sum: f64) -> f64;
}

/// The sums multiplied by one number.
pub(crate) struct Scaled(pub(crate) f64);

impl Finish for Scaled {
    #[inline(always)]
    fn finish(&self, _: usize, sum: f64) -> f64 {
        sum * self.0
    }
}

/// The order in which assets are combined: those with equally long rows of the factor together.
#[derive(Debug, Clone)]
pub(crate) struct Correlator<'a> {
    factor: &'a Factor,
    order: Vec<usize>,
}

impl<'a> Correlator<'a> {
    pub(crate) fn new(factor: &'a Factor, assets: usize) -> Self {
        let mut order: Vec<usize> = (0..assets).collect();
        order.sort_by_key(|asset| factor.row(*asset).len());
        Self { factor, order }
    }

    /// `out[i][l] = finish(i, Σₖ F[i][k]·z[k][l])`. Each sum starts at zero and is added in ascending `k`, whatever the
    /// instruction set.
    pub(crate) fn apply<F: Finish>(&self, z: &[Lanes], out: &mut [Lanes], finish: F) {
        let combine = Combine { correlator: self, z, out, finish };
        match InstructionSet::in_use() {
            // As many sums as there are registers for.
            InstructionSet::Avx512 => vectorised(Panels::<16, _>(combine)),
            InstructionSet::Avx2 => vectorised(Panels::<8, _>(combine)),
            InstructionSet::Portable => vectorised(Panels::<4, _>(combine)),
        }
    }
}

struct Combine<'a, F> {
    correlator: &'a Correlator<'a>,
    z: &'a [Lanes],
    out: &'a mut [Lanes],
    finish: F,
}

/// The combination, `P` lanes at a time.
struct Panels<const P: usize, C>(C);

impl<const P: usize, F: Finish> Kernel for Panels<P, Combine<'_, F>> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Combine { correlator, z, out, finish } = self.0;
        let (groups, rest) = correlator.order.as_chunks::<GROUP>();
        for assets in groups {
            group::<P, GROUP, F>(correlator.factor, *assets, z, out, &finish);
        }
        for asset in rest {
            group::<P, 1, F>(correlator.factor, [*asset], z, out, &finish);
        }
    }
}

#[inline(always)]
fn group<const P: usize, const G: usize, F: Finish>(
    factor: &Factor,
    assets: [usize; G],
    z: &[Lanes],
    out: &mut [Lanes],
    finish: &F,
) {
    let mut rows: [&[f64]; G] = [&[]; G];
    for (row, asset) in rows.iter_mut().zip(assets) {
        *row = factor.row(asset);
    }
    // The first row is the shortest one.
    let common = rows[0].len();
    let mut heads = rows;
    for head in &mut heads {
        *head = &head[..common];
    }
    for panel in 0..LANES / P {
        let mut sums = [[0.0; P]; G];
        for (k, z) in z[..common].iter().enumerate() {
            let z = &z.as_chunks::<P>().0[panel];
            for (sums, head) in sums.iter_mut().zip(&heads) {
                let f = head[k];
                for (sum, z) in sums.iter_mut().zip(z) {
                    *sum += f * z;
                }
            }
        }
        for ((sums, row), asset) in sums.iter_mut().zip(&rows).zip(assets) {
            for (f, z) in row[common..].iter().zip(&z[common..]) {
                for (sum, z) in sums.iter_mut().zip(&z.as_chunks::<P>().0[panel]) {
                    *sum += f * z;
                }
            }
            for (x, sum) in out[asset].as_chunks_mut::<P>().0[panel].iter_mut().zip(sums.iter()) {
                *x = finish.finish(asset, *sum);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Plain;

    impl Finish for Plain {
        fn finish(&self, _: usize, sum: f64) -> f64 {
            sum
        }
    }

    /// Every instruction set adds in the order of a loop over the columns, for groups and for the remainder.
    #[test]
    fn the_sums_are_those_of_a_plain_loop_to_the_bit() {
        for assets in [1, 3, 4, 6, 9] {
            let mut sigma = vec![0.0; assets * assets];
            for i in 0..assets {
                for j in 0..assets {
                    sigma[i * assets + j] = if i == j { 0.04 + 0.01 * i as f64 } else { 0.011 };
                }
            }
            let factor = Factor::of(&sigma, assets).unwrap();
            let mut z = vec![[0.0; LANES]; factor.rank()];
            for (k, row) in z.iter_mut().enumerate() {
                for (lane, z) in row.iter_mut().enumerate() {
                    *z = ((k * LANES + lane) as f64 * 12.9898).sin();
                }
            }
            for set in InstructionSet::ALL {
                set.use_at_most();
                let mut out = vec![[0.0; LANES]; assets];
                Correlator::new(&factor, assets).apply(&z, &mut out, Plain);
                for (asset, out) in out.iter().enumerate() {
                    for (lane, got) in out.iter().enumerate() {
                        let mut want = 0.0;
                        for (f, z) in factor.row(asset).iter().zip(&z) {
                            want += f * z[lane];
                        }
                        assert_eq!(got.to_bits(), f64::to_bits(want), "{set:?} {assets} {asset} {lane}");
                    }
                }
            }
        }
        InstructionSet::Avx512.use_at_most();
    }

    #[test]
    fn an_asset_without_variance_does_not_move() {
        let factor = Factor::of(&[0.04, 0.0, 0.0, 0.0], 2).unwrap();
        let mut out = [[1.0; LANES]; 2];
        Correlator::new(&factor, 2).apply(&[[2.0; LANES]], &mut out, Scaled(3.0));
        assert!((out[0][LANES - 1] - 1.2).abs() < 1e-15);
        assert_eq!(out[1], [0.0; LANES]);
    }
}
