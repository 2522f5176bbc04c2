//! Vector instructions of the processor, chosen at run time. Every set computes the same bits.

#[cfg(target_arch = "x86_64")]
use pulp::{
    Simd, WithSimd,
    x86::{V3, V4},
};

/// A computation that benefits from vector instructions. `run` and everything it calls in its loops are
/// `#[inline(always)]`: functions that are not inlined are compiled without these instructions, and adapters such as
/// `collect` or a `zip` inside a loop often are not, so inner loops count indices. No kernel fuses a multiplication
/// with an addition, so that every processor rounds in the same way.
pub(crate) trait Kernel {
    type Output;

    fn run(self) -> Self::Output;
}

/// Runs a kernel with the widest instructions available.
pub(crate) fn vectorised<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(set) = V4::try_new() {
            return Simd::vectorize(set, Inlined(kernel));
        }
        if let Some(set) = V3::try_new() {
            return Simd::vectorize(set, Inlined(kernel));
        }
    }
    kernel.run()
}

#[cfg(target_arch = "x86_64")]
struct Inlined<K>(K);

#[cfg(target_arch = "x86_64")]
impl<K: Kernel> WithSimd for Inlined<K> {
    type Output = K::Output;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> K::Output {
        self.0.run()
    }
}

/// `f(x[i])`, with vector instructions.
pub(crate) fn map<F: Fn(f64) -> f64>(x: &[f64], f: F) -> Vec<f64> {
    struct Map<'a, F>(&'a [f64], F);
    impl<F: Fn(f64) -> f64> Kernel for Map<'_, F> {
        type Output = Vec<f64>;

        // A loop over a vector that is there: what collects is not inlined, and so is compiled without these
        // instructions.
        #[inline(always)]
        fn run(self) -> Vec<f64> {
            let mut out = self.0.to_vec();
            for x in &mut out {
                *x = (self.1)(*x);
            }
            out
        }
    }
    vectorised(Map(x, f))
}

/// `f(x[i], y[i])`, with vector instructions.
pub(crate) fn zip<F: Fn(f64, f64) -> f64>(x: &[f64], y: &[f64], f: F) -> Vec<f64> {
    struct Zip<'a, F>(&'a [f64], &'a [f64], F);
    impl<F: Fn(f64, f64) -> f64> Kernel for Zip<'_, F> {
        type Output = Vec<f64>;

        #[inline(always)]
        fn run(self) -> Vec<f64> {
            let mut out = self.0.to_vec();
            for (x, y) in out.iter_mut().zip(self.1) {
                *x = (self.2)(*x, *y);
            }
            out
        }
    }
    vectorised(Zip(x, y, f))
}

/// `sums[j] += rows[i][j]` for each row in turn.
pub(crate) fn add_rows(sums: &mut [f64], rows: &[f64]) {
    struct Add<'a>(&'a mut [f64], &'a [f64]);
    impl Kernel for Add<'_> {
        type Output = ();

        #[inline(always)]
        fn run(self) {
            for row in self.1.chunks_exact(self.0.len().max(1)) {
                for (sum, x) in self.0.iter_mut().zip(row) {
                    *sum += x;
                }
            }
        }
    }
    vectorised(Add(sums, rows));
}

/// `Σ f(x[i])` as eight sums that are added at the end: the order is the same on every machine.
#[inline(always)]
pub(crate) fn sum(x: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let (eights, rest) = x.as_chunks::<8>();
    let mut lanes = [0.0; 8];
    for eight in eights {
        for i in 0..8 {
            lanes[i] += f(eight[i]);
        }
    }
    let [a, b, c, d, e, g, h, i] = lanes;
    let whole = ((a + e) + (c + h)) + ((b + g) + (d + i));
    rest.iter().fold(whole, |sum, x| sum + f(*x))
}
