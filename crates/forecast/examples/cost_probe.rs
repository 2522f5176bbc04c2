#![allow(missing_docs, clippy::all)]
use forecast::*;
use std::time::Instant;
fn main() {
    for (n, t) in [(6usize, 250usize), (2000, 50), (100, 250)] {
        let mut x: u64 = 88172645463325252;
        let series: Vec<Vec<f64>> = (0..n)
            .map(|i| {
                (0..t)
                    .map(|_| {
                        let mut s = 0.0;
                        for _ in 0..4 {
                            x ^= x << 13;
                            x ^= x >> 7;
                            x ^= x << 17;
                            s += (x >> 11) as f64 / (1u64 << 53) as f64 - 0.5;
                        }
                        0.01 * s + 0.002 * (i as f64 / n as f64)
                    })
                    .collect()
            })
            .collect();
        let h: Vec<_> = series.iter().map(|r| AssetHistory { returns: r, market_return: None }).collect();
        let m = ForecastModel::default();
        let reps = if n == 6 { 20000 } else { 100 };
        let mut best = f64::MAX;
        let mut bt = f64::MAX;
        let mut bc = f64::MAX;
        let f = forecast_assets(&m, &h).unwrap();
        let a: Vec<_> = f.iter().zip(&series).map(|(f, r)| TiltAsset::new(1.0 / n as f64, f, r)).collect();
        let o = TiltOptions { max_active_weight: 1.0, ..Default::default() };
        let oc = TiltOptions { max_active_weight: 0.3 / n as f64, tracking_error_budget: 0.01, ..Default::default() };
        for _ in 0..5 {
            let s = Instant::now();
            for _ in 0..reps {
                std::hint::black_box(forecast_assets(&m, std::hint::black_box(&h)).unwrap());
            }
            best = best.min(s.elapsed().as_secs_f64() / reps as f64);
            let s = Instant::now();
            for _ in 0..reps {
                std::hint::black_box(tilt_targets(std::hint::black_box(&a), &o).unwrap());
            }
            bt = bt.min(s.elapsed().as_secs_f64() / reps as f64);
            let s = Instant::now();
            for _ in 0..reps {
                std::hint::black_box(tilt_targets(std::hint::black_box(&a), &oc).unwrap());
            }
            bc = bc.min(s.elapsed().as_secs_f64() / reps as f64);
        }
        let tt = tilt_targets(&a, &o).unwrap();
        let tc = tilt_targets(&a, &oc).unwrap();
        println!(
            "n={n} t={t}: forecast {:.2} us, tilt {:.2} us ({:?}), tilt capped {:.2} us ({:?} {})",
            best * 1e6,
            bt * 1e6,
            tt.limited_by,
            bc * 1e6,
            tc.limited_by,
            tc.tracking_error_annual
        );
    }
}
