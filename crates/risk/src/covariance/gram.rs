//! `XᵀX` of the returns of a panel, with the widest vector instructions of the machine.
//!
//! Every entry is a chain of fused multiply-adds over the periods of a block, and blocks are added in order. Vector
//! lanes hold different entries, never parts of one, so the width of the registers does not change a result. Every
//! machine with fused multiply-adds (x86-64 since 2013, all of aarch64) gives the same bits.

use portfolio_core::interrupt::checkpoint;

use super::columns::{STRIP, Strips};

/// Periods per block: a strip of a block is 16 KiB.
const BLOCK: usize = 256;

/// Strips on the left that stay in the second-level cache while all strips on the right are read.
const LEFT: usize = 16;

/// The full symmetric `n × n` matrix of dot products of the columns, row by row.
pub(super) fn gram(panel: &Strips) -> Vec<f64> {
    let strips = panel.strips();
    let mut tiles = vec![[[0.0; STRIP]; STRIP]; strips * (strips + 1) / 2];
    accumulate(panel, &mut tiles);

    let order = panel.order;
    let mut matrix = vec![0.0; order * order];
    for j in 0..strips {
        for i in 0..=j {
            for (r, row) in tiles[position(i, j)].iter().enumerate() {
                for (c, value) in row.iter().enumerate() {
                    let (r, c) = (j * STRIP + r, i * STRIP + c);
                    if r < order && c < order {
                        matrix[r * order + c] = *value;
                        matrix[c * order + r] = *value;
                    }
                }
            }
        }
    }
    matrix
}

/// Products of strip `j` (rows) with strip `i ≤ j` (columns).
type Tile = [[f64; STRIP]; STRIP];

fn position(i: usize, j: usize) -> usize {
    j * (j + 1) / 2 + i
}

#[cfg(target_arch = "x86_64")]
fn accumulate(panel: &Strips, tiles: &mut [Tile]) {
    use pulp::x86::{V3, V4};

    // Process as many columns at a time as keep their sums in registers: 8 of 32, 8 of 16, 8 of 16. The closures are
    // inlined into functions that are compiled for the instructions in question, where plain loops become vector code.
    if let Some(simd) = V4::try_new() {
        simd.vectorize(
            #[inline(always)]
            || Accumulate::<8, true> { panel, tiles }.run(),
        );
    } else if let Some(simd) = V3::try_new() {
        simd.vectorize(
            #[inline(always)]
            || Accumulate::<4, true> { panel, tiles }.run(),
        );
    } else {
        Accumulate::<2, false> { panel, tiles }.run();
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn accumulate(panel: &Strips, tiles: &mut [Tile]) {
    // Without hardware support, a fused multiply-add is a function call.
    Accumulate::<4, { cfg!(target_arch = "aarch64") }> { panel, tiles }.run();
}

/// Processes `COLUMNS` columns of the right strip at a time, fused or not.
struct Accumulate<'a, const COLUMNS: usize, const FUSED: bool> {
    panel: &'a Strips,
    tiles: &'a mut [Tile],
}

impl<const COLUMNS: usize, const FUSED: bool> Accumulate<'_, COLUMNS, FUSED> {
    #[inline(always)]
    fn run(self) {
        let strips = self.panel.strips();
        let mut start = 0;
        while start < self.panel.observations {
            let end = (start + BLOCK).min(self.panel.observations);
            for first in (0..strips).step_by(LEFT) {
                checkpoint();
                for j in first..strips {
                    let right = &self.panel.strip(j)[start..end];
                    for i in first..(first + LEFT).min(j + 1) {
                        let left = &self.panel.strip(i)[start..end];
                        let tile = &mut self.tiles[position(i, j)];
                        for (from, rows) in (0..STRIP).step_by(COLUMNS).zip(tile.chunks_exact_mut(COLUMNS)) {
                            let sums = products::<COLUMNS, FUSED>(left, right, from);
                            for (row, sum) in rows.iter_mut().zip(&sums) {
                                for (total, s) in row.iter_mut().zip(sum) {
                                    *total += s;
                                }
                            }
                        }
                    }
                }
            }
            start = end;
        }
    }
}

/// Dot products of the eight left columns with `COLUMNS` right ones.
#[inline(always)]
fn products<const COLUMNS: usize, const FUSED: bool>(
    left: &[[f64; STRIP]],
    right: &[[f64; STRIP]],
    from: usize,
) -> [[f64; STRIP]; COLUMNS] {
    let mut sums = [[0.0; STRIP]; COLUMNS];
    for (a, b) in left.iter().zip(right) {
        // Indices, so that the lanes of a row stay together in vector registers.
        for c in 0..COLUMNS {
            let b = b[from + c];
            for k in 0..STRIP {
                sums[c][k] = if FUSED { a[k].mul_add(b, sums[c][k]) } else { a[k] * b + sums[c][k] };
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::covariance::columns::Columns;

    fn columns(n: usize, rows: usize) -> Vec<Vec<f64>> {
        let value = |i: usize, t: usize| ((i * rows + t) * 2_654_435_761 % 1013) as f64 / 64.0 - 8.0;
        (0..n).map(|i| (0..rows).map(|t| value(i, t)).collect()).collect()
    }

    #[test]
    fn equals_the_sums_of_products_for_every_remainder() {
        for n in [1, 3, 7, 8, 9, 16, 17, 130, 137] {
            for rows in [1, 2, 7, 255, 256, 257, 600] {
                let columns = columns(n, rows);
                let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
                let panel = Columns::of(&slices, rows).weighted(&vec![1.0; rows]);
                let out = gram(&panel);
                for i in (0..n).step_by(1 + n / 20) {
                    for j in 0..n {
                        let dot: f64 = columns[i].iter().zip(&columns[j]).map(|(a, b)| a * b).sum();
                        let found = out[i * n + j] * panel.unit * panel.unit;
                        assert!((found - dot).abs() <= 1e-11 * rows as f64 * 64.0, "{n} {rows} {i} {j}: {found} {dot}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_width_gives_the_same_bits() {
        let columns = columns(37, 700);
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let panel = Columns::of(&slices, 700).centred();
        let empty = || vec![[[0.0; STRIP]; STRIP]; 15];
        let (mut wide, mut narrow, mut plain) = (empty(), empty(), empty());
        Accumulate::<8, true> { panel: &panel, tiles: &mut wide }.run();
        Accumulate::<2, true> { panel: &panel, tiles: &mut narrow }.run();
        Accumulate::<2, false> { panel: &panel, tiles: &mut plain }.run();
        assert_eq!(wide, narrow);
        let mut chosen = empty();
        accumulate(&panel, &mut chosen);
        assert!(chosen == wide || chosen == plain);
    }
}
