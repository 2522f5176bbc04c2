//! The instruction set on which the kernels run, chosen at run time.

use std::sync::atomic::{AtomicU8, Ordering};

#[cfg(target_arch = "x86_64")]
use pulp::{
    Simd, WithSimd,
    x86::{V3, V4},
};

/// Instructions with which a simulation computes. The results have the same bits with each of them: no kernel uses a
/// fused multiply-add, and every sum has a fixed order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum InstructionSet {
    /// What the program was compiled for.
    Portable,
    /// AVX2, on x86-64: four numbers at once.
    Avx2,
    /// AVX-512, on x86-64: eight numbers at once.
    Avx512,
}

/// The widest set that may be used.
static LIMIT: AtomicU8 = AtomicU8::new(InstructionSet::Avx512 as u8);

impl InstructionSet {
    /// Every set, the narrowest first.
    pub const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    /// The set in use: the widest one that the processor has and [`InstructionSet::use_at_most`] allows.
    #[must_use]
    pub fn in_use() -> Self {
        let limit = LIMIT.load(Ordering::Relaxed);
        #[cfg(target_arch = "x86_64")]
        {
            if limit >= Self::Avx512 as u8 && V4::try_new().is_some() {
                return Self::Avx512;
            }
            if limit >= Self::Avx2 as u8 && V3::try_new().is_some() {
                return Self::Avx2;
            }
        }
        let _unread = limit;
        Self::Portable
    }

    /// Allows no wider set from now on, in the whole process. It affects the duration of a simulation but none of its
    /// bits; tests and benchmarks compare the sets.
    pub fn use_at_most(self) {
        LIMIT.store(self as u8, Ordering::Relaxed);
    }
}

/// A computation that benefits from wide instructions. `run` and everything it calls in its loops are
/// `#[inline(always)]`: code that is not inlined is compiled without them.
pub(crate) trait Kernel {
    type Output;

    fn run(self) -> Self::Output;
}

/// Runs a kernel with the instruction set in use.
pub(crate) fn vectorised<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    match InstructionSet::in_use() {
        InstructionSet::Avx512 => {
            if let Some(set) = V4::try_new() {
                return Simd::vectorize(set, Inlined(kernel));
            }
        }
        InstructionSet::Avx2 => {
            if let Some(set) = V3::try_new() {
                return Simd::vectorize(set, Inlined(kernel));
            }
        }
        InstructionSet::Portable => {}
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
