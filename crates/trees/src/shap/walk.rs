//! The walk through a tree that explains one row.

use super::plan::{NONE, Plan};

/// Adds what each feature contributes to one tree's value of a row.
///
/// `way` and `on` are buffers for the edges of the tree; their contents do not matter between calls.
pub(super) fn add_values<const Q: usize>(
    plan: &Plan<Q>,
    row: &[f64],
    way: &mut [[f64; Q]],
    on: &mut [bool],
    values: &mut [f64],
) {
    // Down: the product of the factors on the way to each edge, and the value of the leaf at its end.
    for (place, step) in plan.steps.iter().enumerate() {
        let above = if step.above == NONE { [1.0; Q] } else { way[step.above as usize] };
        let was_on = step.same == NONE || on[step.same as usize];
        let goes_left = step.split.goes_left(row);
        for (e, takes) in [(2 * place, goes_left), (2 * place + 1, !goes_left)] {
            let edge = &plan.edges[e];
            on[e] = was_on && takes;
            let mut here = above;
            if was_on {
                let factor = if takes { &edge.taken } else { &edge.left };
                here.iter_mut().zip(factor).for_each(|(h, f)| *h *= f);
            } else {
                here.iter_mut().for_each(|h| *h *= edge.share);
            }
            if let Some(value) = edge.leaf {
                here.iter_mut().for_each(|h| *h *= value);
            }
            way[e] = here;
        }
    }
    // Up: the sum over the leaves below each edge, weighed into the value of the feature.
    for (place, step) in plan.steps.iter().enumerate().rev() {
        let (left, right) = (way[2 * place], way[2 * place + 1]);
        if step.same == NONE || on[step.same as usize] {
            let (a, b) = (&plan.edges[2 * place], &plan.edges[2 * place + 1]);
            let (a, b) = if on[2 * place] { (&a.gain_taken, &b.gain_left) } else { (&a.gain_left, &b.gain_taken) };
            let mut sum = 0.0;
            for q in 0..Q {
                sum += left[q] * a[q] + right[q] * b[q];
            }
            values[step.split.feature] += sum;
        }
        if step.above != NONE {
            let above = &mut way[step.above as usize];
            for q in 0..Q {
                above[q] = left[q] + right[q];
            }
        }
    }
}
