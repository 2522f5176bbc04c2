//! Wide instructions of the processor, chosen at run time. Every set computes the same bits.

#[cfg(target_arch = "x86_64")]
use pulp::{
    Simd, WithSimd,
    x86::{V3, V4},
};

/// A computation that gains from wide instructions. `run` and all it calls in its loops are `#[inline(always)]`: what is not inlined is
/// compiled without them. No kernel fuses a multiplication with an addition, so that every processor rounds alike.
pub(crate) trait Kernel {
    fn run(self);
}

/// Runs a kernel with the widest instructions that there are.
pub(crate) fn vectorised<K: Kernel>(kernel: K) {
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(set) = V4::try_new() {
            return Simd::vectorize(set, Inlined(kernel));
        }
        if let Some(set) = V3::try_new() {
            return Simd::vectorize(set, Inlined(kernel));
        }
    }
    kernel.run();
}

#[cfg(target_arch = "x86_64")]
struct Inlined<K>(K);

#[cfg(target_arch = "x86_64")]
impl<K: Kernel> WithSimd for Inlined<K> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.0.run();
    }
}

/// `out[i] = f(x[i])`, in wide instructions.
pub(crate) fn map<F: Fn(f64) -> f64>(x: &[f64], out: &mut [f64], f: F) {
    struct Map<'a, F>(&'a [f64], &'a mut [f64], F);
    impl<F: Fn(f64) -> f64> Kernel for Map<'_, F> {
        #[inline(always)]
        fn run(self) {
            for (out, x) in self.1.iter_mut().zip(self.0) {
                *out = (self.2)(*x);
            }
        }
    }
    vectorised(Map(x, out, f));
}

/// `out[i] = f(x[i], y[i])`, in wide instructions.
pub(crate) fn zip<F: Fn(f64, f64) -> f64>(x: &[f64], y: &[f64], out: &mut [f64], f: F) {
    struct Zip<'a, F>(&'a [f64], &'a [f64], &'a mut [f64], F);
    impl<F: Fn(f64, f64) -> f64> Kernel for Zip<'_, F> {
        #[inline(always)]
        fn run(self) {
            for ((out, x), y) in self.2.iter_mut().zip(self.0).zip(self.1) {
                *out = (self.3)(*x, *y);
            }
        }
    }
    vectorised(Zip(x, y, out, f));
}
