//! A task whose best forecast is known: what a network can learn of it, and what is left, follow from the law.
//!
//! ```text
//! yᵢₜ = A·aᵢ·√2·sin(2πt/21) + E·gᵢ·eₜᵢ + G·xᵢₜ + S·εᵢₜ,     xᵢₜ₊₁ = ρ·xᵢₜ + √(1 − ρ²)·ηᵢₜ
//! ```
//!
//! The season and the events `e` (−1, 0 or 1) are known ahead, their effects `aᵢ` (from −1 to 1) and `gᵢ` (−1 or 1) only through the series, and `x` is
//! observed. Two observed inputs and one known input are noise. All normals are independent, so the target `h` ahead is normal with a known mean and
//! the variance `S² + G²(1 − ρ²ʰ)`.

use std::f64::consts::TAU;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tft::{Matrix, Panel, Series, StaticInput, TftError, TftSpec};

/// Sizes of the effects: season, events, the state, noise.
const SIZES: [f64; 4] = [0.975, 0.675, 0.3, 0.226];
/// Persistence of the state.
const RHO: f64 = 0.97;
/// Period of the season.
const PERIOD: usize = 21;
/// Mean over the five levels of the density of the normal law at its quantiles: the pinball loss of the best forecast per unit of its spread.
const BEST: f64 = 0.248_153_338_863;

/// Number of series, and steps read and forecast.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) series: usize,
    pub(crate) lookback: usize,
    pub(crate) horizon: usize,
    pub(crate) width: usize,
}

/// That of the goal.
pub(crate) const WHOLE: Size = Size { series: 20, lookback: 63, horizon: 21, width: 16 };

pub(crate) fn spec(size: Size) -> TftSpec {
    let statics = vec![StaticInput::Category { name: "series".into(), values: size.series }];
    let observed = ["target", "state", "noise 1", "noise 2"];
    let known = ["sine", "cosine", "event", "noise 3"];
    let spec = TftSpec::new(statics, &observed, &known, size.lookback, size.horizon);
    TftSpec { width: size.width, dropout: 0.0, ..spec }
}

/// Series of the task, `rows` long; effects depend on the number of a series and nothing else.
pub(crate) fn panel(size: Size, rows: usize, seed: u64) -> Result<Panel, TftError> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    // Box and Muller (1958).
    let mut normal = || {
        let (u, v) = (1.0 - random.random::<f64>(), random.random::<f64>());
        (-2.0 * u.ln()).sqrt() * (TAU * v).cos()
    };
    let mut series = Vec::new();
    for i in 0..size.series {
        let season = 2.0 * i as f64 / (size.series - 1) as f64 - 1.0;
        let group = if i.is_multiple_of(2) { 1.0 } else { -1.0 };
        let (mut observed, mut known, mut target) = (Vec::new(), Vec::new(), Vec::new());
        let mut state = normal();
        for t in 0..rows + size.horizon {
            let angle = TAU * (t % PERIOD) as f64 / PERIOD as f64;
            // A normal number is beyond 0.6745 half of the time.
            let drawn = normal();
            let event = if drawn.abs() > 0.674_489_75 { drawn.signum() } else { 0.0 };
            known.extend([angle.sin(), angle.cos(), event, normal()]);
            if t < rows {
                let [a, e, g, s] = SIZES;
                let y = a * season * 2.0_f64.sqrt() * angle.sin() + e * group * event + g * state + s * normal();
                observed.extend([y, state, normal(), normal()]);
                target.push(y);
            }
            state = RHO * state + (1.0 - RHO * RHO).sqrt() * normal();
        }
        let matrix = |rows, data| Matrix::from_rows(rows, 4, data).unwrap_or_default();
        series.push(Series {
            categories: vec![i],
            numbers: Vec::new(),
            observed: matrix(rows, observed),
            known: matrix(rows + size.horizon, known),
            target,
        });
    }
    Panel::new(&spec(size), series)
}

/// The expected pinball loss of the forecast that knows the law.
pub(crate) fn floor(size: Size) -> f64 {
    let [_, _, g, s] = SIZES;
    let spread = |h: usize| (s * s + g * g * (1.0 - RHO.powi(2 * h as i32))).sqrt();
    BEST * (1..=size.horizon).map(spread).sum::<f64>() / size.horizon as f64
}
