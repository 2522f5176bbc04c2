//! Sums over slices in a fixed order that the compiler can vectorise.

/// Dot product, in eight partial sums.
#[inline]
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut acc = [0.0; 8];
    let ((ca, ra), (cb, rb)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let tail: f64 = ra.iter().zip(rb).map(|(x, y)| x * y).sum();
    if ca.is_empty() {
        return 0.0 + tail;
    }
    for (x, y) in ca.iter().zip(cb) {
        for l in 0..8 {
            acc[l] += x[l] * y[l];
        }
    }
    fold(acc) + tail
}

// Inlined, the compiler would interleave the sums inside the loops in the order of this one, with twice the instructions.
#[inline(never)]
fn fold(acc: [f64; 8]) -> f64 {
    ((acc[0] + acc[1]) + (acc[2] + acc[3])) + ((acc[4] + acc[5]) + (acc[6] + acc[7]))
}

/// Sum, in the same order.
pub(crate) fn sum(a: &[f64]) -> f64 {
    let mut acc = [0.0; 8];
    let (chunks, rest) = a.as_chunks::<8>();
    let tail: f64 = rest.iter().sum();
    for x in chunks {
        for l in 0..8 {
            acc[l] += x[l];
        }
    }
    fold(acc) + tail
}

/// The largest of `values`, or 0 when none is positive.
pub(crate) fn largest(mut values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let mut acc = [0.0_f64; 8];
    let rounds = values.len() / 8;
    let pick = |m: &mut f64, v: f64| *m = if v > *m { v } else { *m };
    for _ in 0..rounds {
        let chunk: [f64; 8] = std::array::from_fn(|_| values.next().unwrap_or(0.0));
        for l in 0..8 {
            pick(&mut acc[l], chunk[l]);
        }
    }
    for v in values {
        pick(&mut acc[0], v);
    }
    acc.into_iter().fold(0.0, f64::max)
}

/// `y ← y + a·x`.
#[inline]
pub(crate) fn axpy(a: f64, x: &[f64], y: &mut [f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += a * x;
    }
}
