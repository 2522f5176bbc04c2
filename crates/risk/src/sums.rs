//! Sums in a fixed order that does not depend on the machine.

/// Independent partial sums: they break the chain of dependent additions and keep rounding errors small.
const LANES: usize = 8;

/// `Σ f(xᵢ)` in a fixed order that does not depend on the machine.
#[inline(always)]
pub(crate) fn sum_map(values: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let mut lanes = [0.0; LANES];
    // Indices within arrays of known length become vector code; iterators in step with each other do not.
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for l in 0..LANES {
            lanes[l] += f(chunk[l]);
        }
    }
    for (lane, &x) in lanes.iter_mut().zip(rest) {
        *lane += f(x);
    }
    fold(lanes)
}

/// `Σ f(xᵢ, yᵢ)` over two series of one length, in the same fixed order.
#[inline(always)]
pub(crate) fn sum_map2(xs: &[f64], ys: &[f64], f: impl Fn(f64, f64) -> f64) -> f64 {
    let mut lanes = [0.0; LANES];
    let ((x_chunks, x_rest), (y_chunks, y_rest)) = (xs.as_chunks::<LANES>(), ys.as_chunks::<LANES>());
    for (x_chunk, y_chunk) in x_chunks.iter().zip(y_chunks) {
        for l in 0..LANES {
            lanes[l] += f(x_chunk[l], y_chunk[l]);
        }
    }
    for ((lane, &x), &y) in lanes.iter_mut().zip(x_rest).zip(y_rest) {
        *lane += f(x, y);
    }
    fold(lanes)
}

/// The largest `|xᵢ|`, 0 for no values, of eight maxima beside each other: each waits for its own last value only.
#[inline(always)]
pub(crate) fn largest_size(values: &[f64]) -> f64 {
    let more = |most: f64, x: f64| if x.abs() > most { x.abs() } else { most };
    let (chunks, rest) = values.as_chunks::<LANES>();
    let lanes = chunks.iter().fold([0.0; LANES], |most, chunk| std::array::from_fn(|l| more(most[l], chunk[l])));
    lanes.into_iter().chain(rest.iter().copied()).fold(0.0, more)
}

// Inlined, the compiler would interleave the lanes inside the loops in the order of this sum, with twice the instructions.
#[inline(never)]
fn fold(l: [f64; LANES]) -> f64 {
    ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_size_is_found_wherever_it_is() {
        for length in [1, 7, 8, 9, 40] {
            for at in 0..length {
                let mut values = vec![0.5; length];
                values[at] = -2.0;
                assert_eq!(largest_size(&values), 2.0, "{at} of {length}");
            }
        }
        assert_eq!(largest_size(&[]), 0.0);
    }
}
