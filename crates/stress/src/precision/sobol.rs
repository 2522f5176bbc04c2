//! Sobol points with a nested scrambling, so that each set of points is a random one whose mean is the integral.

/// Coordinates with direction numbers; further ones are drawn at random.
pub(super) const DIMENSIONS: usize = 16;
const BITS: usize = 32;

/// Degree, inner coefficients and first direction numbers of the primitive polynomials of the coordinates after the first: those of Joe and
/// Kuo (2008), "Constructing Sobol sequences with better two-dimensional projections", SIAM J. Sci. Comput. 30, 2635–2654.
const POLYNOMIALS: [(usize, u32, [u32; 6]); DIMENSIONS - 1] = [
    (1, 0, [1, 0, 0, 0, 0, 0]),
    (2, 1, [1, 3, 0, 0, 0, 0]),
    (3, 1, [1, 3, 1, 0, 0, 0]),
    (3, 2, [1, 1, 1, 0, 0, 0]),
    (4, 1, [1, 1, 3, 3, 0, 0]),
    (4, 4, [1, 3, 5, 13, 0, 0]),
    (5, 2, [1, 1, 5, 5, 17, 0]),
    (5, 4, [1, 1, 5, 5, 5, 0]),
    (5, 7, [1, 1, 7, 11, 19, 0]),
    (5, 11, [1, 1, 5, 1, 1, 0]),
    (5, 13, [1, 1, 1, 3, 11, 0]),
    (5, 14, [1, 3, 5, 5, 31, 0]),
    (6, 1, [1, 3, 3, 9, 7, 49]),
    (6, 13, [1, 1, 1, 15, 21, 21]),
    (6, 16, [1, 3, 1, 13, 27, 49]),
];

/// Direction numbers, from the highest bit of the point down.
#[derive(Debug, Clone)]
pub(super) struct Sobol {
    directions: [[u32; BITS]; DIMENSIONS],
}

impl Sobol {
    pub(super) fn new() -> Self {
        let mut directions = [[0; BITS]; DIMENSIONS];
        for (bit, v) in directions[0].iter_mut().enumerate() {
            *v = 1 << (BITS - 1 - bit);
        }
        for (v, (degree, inner, first)) in directions[1..].iter_mut().zip(POLYNOMIALS) {
            for bit in 0..BITS {
                v[bit] = if bit < degree {
                    first[bit] << (BITS - 1 - bit)
                } else {
                    let mut next = v[bit - degree] ^ (v[bit - degree] >> degree);
                    for back in 1..degree {
                        if inner >> (degree - 1 - back) & 1 == 1 {
                            next ^= v[bit - back];
                        }
                    }
                    next
                };
            }
        }
        Self { directions }
    }

    /// Coordinate `dimension` of point `index`, in units of 2⁻³², in the binary order of the indices.
    pub(super) fn point(&self, index: u32, dimension: usize) -> u32 {
        let (mut point, mut rest) = (0, index);
        for v in &self.directions[dimension] {
            // All bits or none, without a branch.
            point ^= v & 0_u32.wrapping_sub(rest & 1);
            rest >>= 1;
        }
        point
    }

    /// The scrambled coordinate in (0, 1). Points that share a `seed` are scrambled together.
    pub(super) fn scrambled(&self, index: u32, dimension: usize, seed: u32) -> f64 {
        (f64::from(owen(self.point(index, dimension), seed)) + 0.5) / 4_294_967_296.0
    }
}

/// Flips each bit by a hash of the bits above it: the nested uniform scrambling of Owen, by the hash of Laine and Karras with the constants of
/// Vegdahl. Reference: Burley (2020), "Practical hash-based Owen scrambling", J. Computer Graphics Techniques 10(4).
fn owen(x: u32, seed: u32) -> u32 {
    let mut x = x.reverse_bits();
    x ^= x.wrapping_mul(0x3d20_adea);
    x = x.wrapping_add(seed);
    x = x.wrapping_mul((seed >> 16) | 1);
    x ^= x.wrapping_mul(0x0552_6c56);
    x ^= x.wrapping_mul(0x53a2_2864);
    x.reverse_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points of `scipy.stats.qmc.Sobol(16, scramble=False, bits=32)` 1.17.1, which are in the order of the Gray code.
    #[test]
    fn the_points_are_those_of_joe_and_kuo() {
        let sobol = Sobol::new();
        for (position, want) in SCIPY {
            let gray = position ^ (position >> 1);
            let got: Vec<u32> = (0..DIMENSIONS).map(|dimension| sobol.point(gray, dimension)).collect();
            assert_eq!(got, want, "{position}");
        }
    }

    /// Every coordinate of 2ᵏ scrambled points has one point in each of 2ᵏ equal intervals, and every pair of the first coordinates is
    /// balanced in quarters.
    #[test]
    fn scrambled_points_stay_in_their_intervals() {
        let sobol = Sobol::new();
        for seed in [1, 0xDEAD_BEEF, 77_777] {
            for dimension in 0..DIMENSIONS {
                let mut seen = [false; 256];
                (0..256).for_each(|i| seen[(sobol.scrambled(i, dimension, seed) * 256.0) as usize] = true);
                assert!(seen.iter().all(|s| *s), "{dimension}");
            }
            let quarters = (0..256)
                .filter(|i| sobol.scrambled(*i, 0, seed) < 0.5 && sobol.scrambled(*i, 1, seed.wrapping_mul(31)) < 0.5);
            assert_eq!(quarters.count(), 64);
        }
    }

    /// Over the seeds a point is uniform: mean and variance within 4.5 standard errors.
    #[test]
    fn a_scrambled_point_is_uniform() {
        let sobol = Sobol::new();
        let n = 20_000_u32;
        let mut hash = 1_u32;
        let (mut first, mut second) = (0.0, 0.0);
        for _ in 0..n {
            hash = hash.wrapping_mul(0x9E37_79B9).wrapping_add(0x7F4A_7C15);
            let u = sobol.scrambled(3, 2, hash ^ (hash >> 15)) - 0.5;
            first += u;
            second += u * u;
        }
        let n = f64::from(n);
        assert!((first / n).abs() < 4.5 / (12.0 * n).sqrt(), "{}", first / n);
        assert!((second / n - 1.0 / 12.0).abs() < 4.5 * (1.0 / 180.0 / n).sqrt(), "{}", second / n);
    }

    const SCIPY: [(u32, [u32; DIMENSIONS]); 3] = [
        (
            5,
            [
                3758096384, 3758096384, 536870912, 1610612736, 3758096384, 2684354560, 3758096384, 1610612736,
                1610612736, 536870912, 1610612736, 3758096384, 3758096384, 536870912, 3758096384, 1610612736,
            ],
        ),
        (
            100,
            [
                1778384896, 1107296256, 3321888768, 3120562176, 3791650816, 3187671040, 100663296, 2046820352,
                2717908992, 2986344448, 1979711488, 2919235584, 2046820352, 3657433088, 1375731712, 2113929216,
            ],
        ),
        (
            1777,
            [
                2443182080, 2938109952, 1407188992, 3261071360, 1457520640, 65011712, 329252864, 2208301056,
                1939865600, 715128832, 2602565632, 2904555520, 2032140288, 3193962496, 2392850432, 3709861888,
            ],
        ),
    ];
}
