//! Columns of a batch of rows, by name and type.

use arrow::array::{Array, ArrayRef, Float64Array, Int64Array, ListArray, RecordBatch, StringArray, StructArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;

use crate::error::BatchError;

/// A column of a table, whatever its index; a type that converts without loss is converted.
pub(crate) fn column(table: &str, batch: &RecordBatch, name: &str, kind: &DataType) -> Result<ArrayRef, BatchError> {
    let found = batch.column_by_name(name);
    let found = found.ok_or_else(|| BatchError::input(format!("{table} has no column {name}")))?;
    if found.data_type() == kind {
        return Ok(ArrayRef::clone(found));
    }
    let wrong = |_| BatchError::input(format!("{table}: column {name} is {}, not {kind}", found.data_type()));
    cast(found, kind).map_err(wrong)
}

pub(crate) fn texts(table: &str, batch: &RecordBatch, name: &str) -> Result<StringArray, BatchError> {
    typed(table, name, &*column(table, batch, name, &DataType::Utf8)?)
}

pub(crate) fn numbers(table: &str, batch: &RecordBatch, name: &str) -> Result<Float64Array, BatchError> {
    typed(table, name, &*column(table, batch, name, &DataType::Float64)?)
}

pub(crate) fn whole(table: &str, batch: &RecordBatch, name: &str) -> Result<Int64Array, BatchError> {
    typed(table, name, &*column(table, batch, name, &DataType::Int64)?)
}

/// A column of lists.
pub(crate) fn lists(table: &str, batch: &RecordBatch, name: &str) -> Result<ListArray, BatchError> {
    let found = batch.column_by_name(name);
    let found = found.ok_or_else(|| BatchError::input(format!("{table} has no column {name}")))?;
    typed(table, name, found)
}

/// A column that may be missing: then every entry is null.
pub(crate) fn numbers_if_there(table: &str, batch: &RecordBatch, name: &str) -> Result<Float64Array, BatchError> {
    match batch.column_by_name(name) {
        Some(_) => numbers(table, batch, name),
        None => Ok(Float64Array::new_null(batch.num_rows())),
    }
}

pub(crate) fn structs(table: &str, name: &str, array: &dyn Array) -> Result<StructArray, BatchError> {
    typed(table, name, array)
}

fn typed<T: Array + Clone + 'static>(table: &str, name: &str, array: &dyn Array) -> Result<T, BatchError> {
    let found = array.as_any().downcast_ref::<T>().cloned();
    found.ok_or_else(|| BatchError::input(format!("{table}: column {name} is {}", array.data_type())))
}

/// The text of a row; nothing may be null.
pub(crate) fn text<'a>(table: &str, name: &str, column: &'a StringArray, row: usize) -> Result<&'a str, BatchError> {
    match column.is_null(row) {
        false if !column.value(row).is_empty() => Ok(column.value(row)),
        _ => Err(BatchError::input(format!("{table}: row {row} has no {name}"))),
    }
}

/// The number of a row, which has to be there.
pub(crate) fn number(table: &str, name: &str, column: &Float64Array, row: usize) -> Result<f64, BatchError> {
    match column.is_null(row) {
        false => Ok(column.value(row)),
        true => Err(BatchError::input(format!("{table}: row {row} has no {name}"))),
    }
}

/// The number of a row, if it is there.
pub(crate) fn optional(column: &Float64Array, row: usize) -> Option<f64> {
    (!column.is_null(row)).then(|| column.value(row))
}
