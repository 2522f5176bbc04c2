//! How many multiply-adds of doubles one core can do in a second: the peak that `compare.py` holds matrix products against.
//!
//! Compiled alone for the machine it runs on (`rustc -C opt-level=3 -C target-cpu=native`). Independent chains of fused
//! multiply-adds on registers, no memory; several shapes are tried, because how many chains of how many lanes hide the
//! latency differs from machine to machine. Prints the best of them in GFLOP/s, a multiply-add being two operations.

use std::hint::black_box;
use std::time::Instant;

/// Short enough that some runs are not interrupted on a busy machine.
const STEPS: u32 = 200_000;

fn gflops<const CHAINS: usize, const LANES: usize>() -> f64 {
    let mut sums = black_box([[1.0_f64; LANES]; CHAINS]);
    let (factor, term) = (black_box([0.999_999_f64; LANES]), black_box([1e-9_f64; LANES]));
    let start = Instant::now();
    for _ in 0..STEPS {
        for sum in &mut sums {
            for lane in 0..LANES {
                sum[lane] = sum[lane].mul_add(factor[lane], term[lane]);
            }
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    black_box(sums);
    2.0 * f64::from(STEPS) * (CHAINS * LANES) as f64 / seconds / 1e9
}

fn main() {
    let mut best = 0.0_f64;
    for _ in 0..60 {
        for rate in [gflops::<8, 8>(), gflops::<10, 8>(), gflops::<12, 8>(), gflops::<10, 4>(), gflops::<12, 4>()] {
            best = best.max(rate);
        }
    }
    println!("{best}");
}
