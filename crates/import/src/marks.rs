//! Which sign separates decimals, proven for each column.
//!
//! A cell such as `41,244` has two possible values that differ by a factor of a thousand. It is read only if other
//! cells prove the mark: a number with one possible reading is a proof, two proofs without a contradiction decide, and
//! otherwise arithmetic between columns decides (`positions`). One proof alone is not enough: a single damaged byte
//! could have produced it.

use crate::number::{DecimalMark, Evidence, NumberCell};

/// How the numbers of a column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnMark {
    /// Every cell has one value, whatever the mark.
    Plain,
    /// The mark is proven.
    Proven(DecimalMark),
    /// Cells of the column prove both marks.
    Mixed,
    /// Some cells have two values, and nothing proves which.
    Open,
}

/// Proofs for each mark, and cells with two values.
#[derive(Debug, Clone, Copy, Default)]
struct Proofs {
    point: usize,
    comma: usize,
    open: usize,
}

fn count<'a>(cells: impl Iterator<Item = &'a NumberCell>) -> Proofs {
    cells.fold(Proofs::default(), |mut proofs, cell| {
        if let NumberCell::Number(written) = cell {
            match written.evidence() {
                Evidence::None => {}
                Evidence::Only(DecimalMark::Point) => proofs.point += 1,
                Evidence::Only(DecimalMark::Comma) => proofs.comma += 1,
                Evidence::Open => proofs.open += 1,
            }
        }
        proofs
    })
}

/// The mark of each column, from all columns together.
pub(crate) fn prove(columns: &[Vec<NumberCell>], stated: Option<DecimalMark>) -> Vec<ColumnMark> {
    let own: Vec<Proofs> = columns.iter().map(|cells| count(cells.iter())).collect();
    let point: usize = own.iter().map(|p| p.point).sum();
    let comma: usize = own.iter().map(|p| p.comma).sum();
    own.iter()
        .map(|column| {
            if column.open == 0 {
                return if column.point > 0 && column.comma > 0 { ColumnMark::Mixed } else { ColumnMark::Plain };
            }
            if let Some(mark) = stated {
                return ColumnMark::Proven(mark);
            }
            match (point, comma) {
                _ if column.point > 0 && column.comma > 0 => ColumnMark::Mixed,
                (2.., 0) => ColumnMark::Proven(DecimalMark::Point),
                (0, 2..) => ColumnMark::Proven(DecimalMark::Comma),
                _ => ColumnMark::Open,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::read_number;

    fn marks(columns: &[&[&str]]) -> Vec<ColumnMark> {
        let cells: Vec<Vec<NumberCell>> = columns.iter().map(|c| c.iter().map(|x| read_number(x)).collect()).collect();
        prove(&cells, None)
    }

    #[test]
    fn other_columns_prove_the_mark() {
        let comma = ColumnMark::Proven(DecimalMark::Comma);
        assert_eq!(marks(&[&["41,244"], &["38,46", "61,54"]]), [comma, ColumnMark::Plain]);
        assert_eq!(marks(&[&["67.500", "287,31", "64,02"]]), [comma]);
    }

    #[test]
    fn without_proof_with_one_proof_or_with_both_the_column_is_open() {
        assert_eq!(marks(&[&["67.500", "1.234"]]), [ColumnMark::Open]);
        assert_eq!(marks(&[&["1.000", "7,30"]]), [ColumnMark::Open]);
        assert_eq!(marks(&[&["1.000"], &["7,30", "7.30", "7.40"]]), [ColumnMark::Open, ColumnMark::Mixed]);
    }

    #[test]
    fn a_caller_who_knows_decides() {
        assert_eq!(
            prove(&[vec![read_number("67.500")]], Some(DecimalMark::Comma)),
            [ColumnMark::Proven(DecimalMark::Comma)]
        );
    }
}
