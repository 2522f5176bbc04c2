//! The three products of a layer, in a fixed order of summation.
//!
//! The inner loops run over independent sums or over four interleaved ones, so that a compiler may use vector instructions without
//! changing the order in which numbers are added: the bits are the same with every instruction set.

/// `outputs[b] = bias + inputs[b]·weights` for each row `b`; `weights` is `inputs × outputs` in row-major order.
pub(super) fn affine(inputs: &[f64], weights: &[f64], bias: &[f64], outputs: &mut [f64]) {
    let (m, n) = (weights.len() / bias.len(), bias.len());
    for (input, output) in inputs.chunks_exact(m).zip(outputs.chunks_exact_mut(n)) {
        output.copy_from_slice(bias);
        for (x, row) in input.iter().zip(weights.chunks_exact(n)) {
            add_scaled(output, *x, row);
        }
    }
}

/// Adds the gradient of [`affine`] with respect to its weights and bias.
pub(super) fn add_gradient(inputs: &[f64], deltas: &[f64], weights: &mut [f64], bias: &mut [f64]) {
    let (m, n) = (weights.len() / bias.len(), bias.len());
    for (input, delta) in inputs.chunks_exact(m).zip(deltas.chunks_exact(n)) {
        for (x, row) in input.iter().zip(weights.chunks_exact_mut(n)) {
            add_scaled(row, *x, delta);
        }
        add_scaled(bias, 1.0, delta);
    }
}

/// The gradient of [`affine`] with respect to its inputs: `deltas[b]·weights'`.
pub(super) fn backwards(deltas: &[f64], weights: &[f64], outputs: usize, gradient: &mut [f64]) {
    let m = weights.len() / outputs;
    for (delta, row) in deltas.chunks_exact(outputs).zip(gradient.chunks_exact_mut(m)) {
        for (g, weight) in row.iter_mut().zip(weights.chunks_exact(outputs)) {
            *g = dot(delta, weight);
        }
    }
}

fn add_scaled(to: &mut [f64], factor: f64, of: &[f64]) {
    for (t, v) in to.iter_mut().zip(of) {
        *t += factor * v;
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (fours, rest) = (a.chunks_exact(4), a.len() - a.len() % 4);
    for (x, y) in fours.zip(b.chunks_exact(4)) {
        for lane in 0..4 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    let tail: f64 = a[rest..].iter().zip(&b[rest..]).map(|(x, y)| x * y).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + tail
}
