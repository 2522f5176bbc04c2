//! `XᵀX` of a tall matrix stored by columns.
//!
//! Needs nothing but the compiler, and adds in an order that does not depend on the machine.

/// Rows per block: twenty columns of a block fit the first-level cache.
const BLOCK: usize = 256;

/// Columns per tile, on the left and on the right: eight sums of two lanes and their operands fit 16 registers.
const LEFT: usize = 4;
const RIGHT: usize = 2;

/// Partial sums per entry, which the compiler turns into vector lanes.
const LANES: usize = 2;

/// The full symmetric `n × n` matrix of dot products of `n` columns of length `rows`.
///
/// Blocks of rows keep the columns in cache, tiles of 4 × 2 entries reuse every load. The order of
/// additions is fixed, so the result does not depend on the machine.
pub(super) fn gram(columns: &[f64], n: usize, rows: usize) -> Vec<f64> {
    let mut out = vec![0.0; n * n];
    let mut start = 0;
    while start < rows {
        let end = (start + BLOCK).min(rows);
        let column = |i: usize| &columns[i * rows + start..i * rows + end];
        for i in (0..n).step_by(LEFT) {
            for j in (i..n).step_by(RIGHT) {
                if i + LEFT <= n && j + RIGHT <= n {
                    let left: [&[f64]; LEFT] = std::array::from_fn(|k| column(i + k));
                    let right: [&[f64]; RIGHT] = std::array::from_fn(|k| column(j + k));
                    for (a, row) in tile(left, right).iter().enumerate() {
                        for (b, value) in row.iter().enumerate() {
                            out[(i + a) * n + j + b] += value;
                        }
                    }
                } else {
                    for a in i..(i + LEFT).min(n) {
                        for b in j..(j + RIGHT).min(n) {
                            out[a * n + b] += tile([column(a)], [column(b)])[0][0];
                        }
                    }
                }
            }
        }
        start = end;
    }
    for i in 0..n {
        for j in 0..i {
            out[i * n + j] = out[j * n + i];
        }
    }
    out
}

/// Dot products of the left columns with the right ones.
fn tile<const L: usize, const R: usize>(left: [&[f64]; L], right: [&[f64]; R]) -> [[f64; R]; L] {
    let mut sums = [[[0.0_f64; LANES]; R]; L];
    let rows = left[0].len();
    // Slices of one known length, so that the inner loop needs no bounds checks.
    let (left, right) = (left.map(|c| &c[..rows]), right.map(|c| &c[..rows]));
    let whole = rows - rows % LANES;
    let mut t = 0;
    while t < whole {
        for i in 0..L {
            for j in 0..R {
                for lane in 0..LANES {
                    sums[i][j][lane] += left[i][t + lane] * right[j][t + lane];
                }
            }
        }
        t += LANES;
    }
    for t in whole..rows {
        for i in 0..L {
            for j in 0..R {
                sums[i][j][0] += left[i][t] * right[j][t];
            }
        }
    }
    sums.map(|row| row.map(|lanes| lanes.iter().sum()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_sums_of_products_for_every_remainder() {
        for n in [1, 3, 4, 5, 8, 11] {
            for rows in [1, 2, 7, 255, 256, 257, 600] {
                let columns: Vec<f64> = (0..n * rows).map(|i| ((i * 2_654_435_761) % 1013) as f64 - 500.0).collect();
                let out = gram(&columns, n, rows);
                for i in 0..n {
                    for j in 0..n {
                        let dot: f64 = (0..rows).map(|t| columns[i * rows + t] * columns[j * rows + t]).sum();
                        assert!((out[i * n + j] - dot).abs() <= 1e-6, "{n} {rows} {i} {j}");
                    }
                }
            }
        }
    }
}
