//! Dense matrices and their product.

use serde::{Deserialize, Serialize};

use crate::wide::{Kernel, vectorised};

/// A dense matrix, row by row.
///
/// # Example
/// ```
/// use tft::Matrix;
///
/// let m = Matrix::from_rows(2, 3, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
/// assert_eq!((m.rows(), m.cols(), m.row(1)), (2, 3, [4.0, 5.0, 6.0].as_slice()));
/// assert!(Matrix::from_rows(2, 3, vec![1.0]).is_none());
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Matrix {
    rows: usize,
    cols: usize,
    data: Vec<f64>,
}

impl Matrix {
    /// `rows × cols` numbers, row by row; none when their count is different.
    #[must_use]
    pub fn from_rows(rows: usize, cols: usize, data: Vec<f64>) -> Option<Self> {
        (rows.checked_mul(cols) == Some(data.len())).then_some(Self { rows, cols, data })
    }

    /// Zeros.
    #[must_use]
    pub fn zeros(rows: usize, cols: usize) -> Self {
        Self { rows, cols, data: vec![0.0; rows * cols] }
    }

    /// Zeros in the shape of another.
    pub(crate) fn like(other: &Self) -> Self {
        Self::zeros(other.rows, other.cols)
    }

    /// Numbers in the shape of another, one for each of its own.
    pub(crate) fn shaped(other: &Self, data: Vec<f64>) -> Self {
        Self { rows: other.rows, cols: other.cols, data }
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// The numbers, row by row.
    #[must_use]
    pub fn data(&self) -> &[f64] {
        &self.data
    }

    pub(crate) fn data_mut(&mut self) -> &mut [f64] {
        &mut self.data
    }

    /// A row.
    ///
    /// # Panics
    /// For a row that does not exist.
    #[must_use]
    #[inline]
    pub fn row(&self, row: usize) -> &[f64] {
        &self.data[row * self.cols..(row + 1) * self.cols]
    }

    #[inline]
    pub(crate) fn row_mut(&mut self, row: usize) -> &mut [f64] {
        &mut self.data[row * self.cols..(row + 1) * self.cols]
    }

    /// Whether every number is finite and their count matches the shape; for a matrix read from a file, neither is
    /// certain.
    pub(crate) fn is_sound(&self) -> bool {
        self.rows.checked_mul(self.cols) == Some(self.data.len()) && self.data.iter().all(|x| x.is_finite())
    }

    pub(crate) fn transposed(&self) -> Self {
        let mut out = Self::zeros(self.cols, self.rows);
        for (i, row) in self.data.chunks_exact(self.cols.max(1)).enumerate() {
            for (j, x) in row.iter().enumerate() {
                out.data[j * self.rows + i] = *x;
            }
        }
        out
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (x, y) in self.data.iter_mut().zip(&other.data) {
            *x += y;
        }
    }

    /// `self · other`.
    pub(crate) fn times(&self, other: &Self) -> Self {
        let mut out = Self::zeros(self.rows, other.cols);
        let shape = Shape { n: self.rows, k: self.cols, m: other.cols, row: self.cols, col: 1 };
        product(&self.data, &other.data, &mut out.data, shape);
        out
    }

    /// `self · other`, and the row `plus` added to each row.
    pub(crate) fn times_plus(&self, other: &Self, plus: &Self) -> Self {
        let mut out = Self { rows: self.rows, cols: other.cols, data: plus.data.repeat(self.rows) };
        let shape = Shape { n: self.rows, k: self.cols, m: other.cols, row: self.cols, col: 1 };
        product(&self.data, &other.data, &mut out.data, shape);
        out
    }

    /// `selfᵀ · other`.
    pub(crate) fn transposed_times(&self, other: &Self) -> Self {
        let mut out = Self::zeros(self.cols, other.cols);
        let shape = Shape { n: self.cols, k: self.rows, m: other.cols, row: 1, col: self.cols };
        product(&self.data, &other.data, &mut out.data, shape);
        out
    }
}

/// Of a product: `n × k` times `k × m`; the strides of the first factor.
#[derive(Clone, Copy)]
struct Shape {
    n: usize,
    k: usize,
    m: usize,
    row: usize,
    col: usize,
}

/// `out[i][j] += Σₚ a[i][p]·b[p][j]`; each sum is in ascending order of `p`, whatever the instruction set.
fn product(a: &[f64], b: &[f64], out: &mut [f64], shape: Shape) {
    vectorised(Product { a, b, out, shape });
}

struct Product<'a> {
    a: &'a [f64],
    b: &'a [f64],
    out: &'a mut [f64],
    shape: Shape,
}

impl Kernel for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        let m = self.shape.m;
        let mut j = 0;
        while j + 16 <= m {
            self.columns::<16>(j);
            j += 16;
        }
        while j + 8 <= m {
            self.columns::<8>(j);
            j += 8;
        }
        while j + 4 <= m {
            self.columns::<4>(j);
            j += 4;
        }
        while j < m {
            self.columns::<1>(j);
            j += 1;
        }
    }
}

impl Product<'_> {
    /// `P` columns of the result, four rows at a time.
    #[inline(always)]
    fn columns<const P: usize>(&mut self, j: usize) {
        let n = self.shape.n;
        let mut i = 0;
        while i + 4 <= n {
            self.four::<P>(i, j);
            i += 4;
        }
        while i < n {
            self.one::<P>(i, j);
            i += 1;
        }
    }

    /// `P` columns of four rows, in registers: sums that are one array of arrays stay in memory.
    #[inline(always)]
    fn four<const P: usize>(&mut self, i: usize, j: usize) {
        let Shape { k, m, row, col, .. } = self.shape;
        let [mut first, mut second, mut third, mut fourth] = [[0.0; P]; 4];
        for p in 0..k {
            let at = i * row + p * col;
            let Some(b) = self.b[p * m + j..].first_chunk::<P>() else { return };
            accumulate(&mut first, self.a[at], b);
            accumulate(&mut second, self.a[at + row], b);
            accumulate(&mut third, self.a[at + 2 * row], b);
            accumulate(&mut fourth, self.a[at + 3 * row], b);
        }
        self.add::<P>(i, j, &first);
        self.add::<P>(i + 1, j, &second);
        self.add::<P>(i + 2, j, &third);
        self.add::<P>(i + 3, j, &fourth);
    }

    /// `P` columns of a row.
    #[inline(always)]
    fn one<const P: usize>(&mut self, i: usize, j: usize) {
        let Shape { k, m, row, col, .. } = self.shape;
        let mut sums = [0.0; P];
        for p in 0..k {
            let Some(b) = self.b[p * m + j..].first_chunk::<P>() else { return };
            accumulate(&mut sums, self.a[i * row + p * col], b);
        }
        self.add::<P>(i, j, &sums);
    }

    #[inline(always)]
    fn add<const P: usize>(&mut self, i: usize, j: usize, sums: &[f64; P]) {
        let Some(out) = self.out[i * self.shape.m + j..].first_chunk_mut::<P>() else { return };
        accumulate(out, 1.0, sums);
    }
}

/// `sums += a·b`. By index: an iterator that is not inlined into a set of instructions keeps the sums in memory.
#[inline(always)]
fn accumulate<const P: usize>(sums: &mut [f64; P], a: f64, b: &[f64; P]) {
    for c in 0..P {
        sums[c] += a * b[c];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_those_of_the_definition_in_every_shape() {
        for (n, k, m) in [(1, 1, 1), (5, 3, 2), (9, 7, 29), (4, 16, 16), (3, 0, 2)] {
            let of = |rows: usize, cols: usize, s: f64| {
                let data = (0..rows * cols).map(|i| (i as f64 * s).sin()).collect();
                Matrix::from_rows(rows, cols, data).unwrap()
            };
            let (a, b) = (of(n, k, 0.7), of(k, m, 1.3));
            let mut direct = Matrix::zeros(n, m);
            for i in 0..n {
                for j in 0..m {
                    // The order of the kernel, so the bits are the same.
                    direct.row_mut(i)[j] = (0..k).fold(0.0, |sum, p| sum + a.row(i)[p] * b.row(p)[j]);
                }
            }
            assert_eq!(a.times(&b), direct);
            let plus = of(1, m, 0.3);
            let mut with = direct.clone();
            for i in 0..n {
                with.row_mut(i).iter_mut().zip(plus.data()).for_each(|(x, y)| *x += y);
            }
            assert_eq!(a.times_plus(&b, &plus), with);
            assert_eq!(a.transposed().transposed_times(&b), direct);
        }
    }
}
