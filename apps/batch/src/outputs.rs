//! The files that a shard writes: orders, plans and refusals.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, DictionaryArray, FixedSizeBinaryBuilder, Float64Builder, Int32Array, Int32Builder, Int64Builder,
    RecordBatch, StringArray, StringBuilder,
};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use crate::decision::{Decided, Outcome, joined, mark};
use crate::documents::FORMAT;
use crate::error::BatchError;

/// Rows that are collected before they are written.
const ROWS: usize = 16_384;

fn coded() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

fn field(name: &str, kind: DataType) -> Field {
    Field::new(name, kind, false)
}

/// The columns of the orders.
#[must_use]
pub fn order_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        field("order_id", DataType::FixedSizeBinary(16)),
        field("account_id", DataType::Utf8),
        field("asset", coded()),
        field("side", coded()),
        field("value_minor", DataType::Int64),
        field("cost_minor", DataType::Int64),
        field("units", DataType::Float64),
        field("currency", coded()),
    ]))
}

/// The columns of the figures of the plans.
#[must_use]
pub fn plan_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        field("account_id", DataType::Utf8),
        field("outcome", coded()),
        field("nav_minor", DataType::Int64),
        field("cash_before_minor", DataType::Int64),
        field("cash_after_minor", DataType::Int64),
        field("traded_minor", DataType::Int64),
        field("cost_minor", DataType::Int64),
        field("drift_before", DataType::Float64),
        field("drift_after", DataType::Float64),
        field("orders", DataType::Int32),
        field("work", DataType::Int32),
        Field::new("duality_gap", DataType::Float64, true),
    ]))
}

/// The columns of the refusals.
#[must_use]
pub fn refusal_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        field("account_id", DataType::Utf8),
        field("outcome", coded()),
        field("reason", DataType::Utf8),
        field("detail", DataType::Utf8),
    ]))
}

/// What all columns of a file have in common. Ids differ in every row, so they are written as they are.
pub(crate) fn properties(kind: &str) -> WriterProperties {
    let version = KeyValue::new("rebalancer.schema".to_owned(), format!("{kind}/{FORMAT}"));
    let plain =
        ["account_id", "order_id", "value_minor", "units", "nav_minor", "cash_before_minor", "cash_after_minor"];
    let plain = plain.into_iter().chain(["traded_minor", "drift_before", "drift_after", "duality_gap"]);
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_created_by("rebalancer-batch".to_owned())
        .set_key_value_metadata(Some(vec![version]));
    for name in plain {
        builder = builder.set_column_dictionary_enabled(ColumnPath::from(name), false);
    }
    let quantity = ["positions", "list", "item", "quantity"].map(str::to_owned).to_vec();
    builder.set_column_dictionary_enabled(ColumnPath::new(quantity), false).build()
}

/// A file in memory with the rows it has.
struct Sheet {
    writer: ArrowWriter<Vec<u8>>,
    rows: u64,
}

impl Sheet {
    fn new(kind: &str, schema: SchemaRef) -> Result<Self, BatchError> {
        let writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties(kind)))?;
        Ok(Self { writer, rows: 0 })
    }

    fn write(&mut self, schema: SchemaRef, columns: Vec<ArrayRef>) -> Result<(), BatchError> {
        let batch = RecordBatch::try_new(schema, columns)?;
        self.rows += batch.num_rows() as u64;
        Ok(self.writer.write(&batch)?)
    }

    fn finish(self, kind: &'static str) -> Result<WrittenFile, BatchError> {
        Ok(WrittenFile { kind, rows: self.rows, bytes: self.writer.into_inner()? })
    }
}

/// A finished file.
pub(crate) struct WrittenFile {
    pub(crate) kind: &'static str,
    pub(crate) rows: u64,
    pub(crate) bytes: Vec<u8>,
}

/// The rows of the three files.
pub(crate) struct Outputs<'a> {
    run_id: &'a str,
    /// Of each asset, its part of the ids of orders.
    marks: Vec<[u8; 16]>,
    assets: Arc<StringArray>,
    currencies: Vec<&'static str>,
    sheets: [Sheet; 3],
    orders: OrderRows,
    plans: PlanRows,
    refusals: RefusalRows,
}

#[derive(Default)]
struct OrderRows {
    ids: Vec<[u8; 16]>,
    account: StringBuilder,
    asset: Vec<i32>,
    side: Vec<i32>,
    value: Int64Builder,
    cost: Int64Builder,
    units: Float64Builder,
    currency: Vec<i32>,
}

#[derive(Default)]
struct PlanRows {
    account: StringBuilder,
    outcome: Vec<i32>,
    amounts: [Int64Builder; 5],
    drift: [Float64Builder; 2],
    orders: Int32Builder,
    work: Int32Builder,
    gap: Float64Builder,
}

#[derive(Default)]
struct RefusalRows {
    account: StringBuilder,
    outcome: Vec<i32>,
    reason: StringBuilder,
    detail: StringBuilder,
}

fn words(keys: &mut Vec<i32>, values: ArrayRef) -> Result<ArrayRef, BatchError> {
    let keys = Int32Array::from(std::mem::take(keys));
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(keys, values)?))
}

fn outcome_words() -> ArrayRef {
    Arc::new(StringArray::from_iter_values(Outcome::ALL.map(Outcome::name)))
}

impl<'a> Outputs<'a> {
    pub(crate) fn new(run_id: &'a str, names: &'a [String]) -> Result<Self, BatchError> {
        Ok(Self {
            run_id,
            marks: names.iter().map(|name| mark(&[name])).collect(),
            assets: Arc::new(StringArray::from_iter_values(names)),
            currencies: Vec::new(),
            sheets: [
                Sheet::new("orders", order_schema())?,
                Sheet::new("plans", plan_schema())?,
                Sheet::new("refusals", refusal_schema())?,
            ],
            orders: OrderRows::default(),
            plans: PlanRows::default(),
            refusals: RefusalRows::default(),
        })
    }

    pub(crate) fn add(
        &mut self,
        account_id: &str,
        currency: &'static str,
        decided: &Decided,
    ) -> Result<(), BatchError> {
        let plans = &mut self.plans;
        plans.account.append_value(account_id);
        plans.outcome.push(decided.outcome as i32);
        let amounts = [
            decided.nav_minor,
            decided.cash_before_minor,
            decided.cash_after_minor,
            decided.traded_minor,
            decided.cost_minor,
        ];
        plans.amounts.iter_mut().zip(amounts).for_each(|(column, amount)| column.append_value(amount));
        plans.drift[0].append_value(decided.drift_before);
        plans.drift[1].append_value(decided.drift_after);
        plans.orders.append_value(decided.orders.len() as i32);
        plans.work.append_value(decided.work as i32);
        plans.gap.append_option(decided.duality_gap);
        if plans.outcome.len() >= ROWS {
            self.flush_plans()?;
        }
        if let Some(reason) = &decided.reason {
            let refusals = &mut self.refusals;
            refusals.account.append_value(account_id);
            refusals.outcome.push(decided.outcome as i32);
            refusals.reason.append_value(reason.code());
            refusals.detail.append_value(reason.to_string());
            if refusals.outcome.len() >= ROWS {
                self.flush_refusals()?;
            }
        }
        if decided.orders.is_empty() {
            return Ok(());
        }
        let code = self.currencies.iter().position(|own| *own == currency).unwrap_or_else(|| {
            self.currencies.push(currency);
            self.currencies.len() - 1
        });
        let orders = &mut self.orders;
        let own = mark(&[self.run_id, account_id]);
        for order in &decided.orders {
            orders.ids.push(joined(own, self.marks[order.asset as usize]));
            orders.account.append_value(account_id);
            orders.asset.push(order.asset as i32);
            orders.side.push(i32::from(order.value_minor < 0));
            orders.value.append_value(order.value_minor);
            orders.cost.append_value(order.cost_minor);
            orders.units.append_value(order.units);
            orders.currency.push(code as i32);
        }
        if orders.asset.len() >= ROWS { self.flush_orders() } else { Ok(()) }
    }

    fn flush_orders(&mut self) -> Result<(), BatchError> {
        let rows = &mut self.orders;
        let mut ids = FixedSizeBinaryBuilder::with_capacity(rows.ids.len(), 16);
        for id in rows.ids.drain(..) {
            ids.append_value(id)?;
        }
        let columns: Vec<ArrayRef> = vec![
            Arc::new(ids.finish()),
            Arc::new(rows.account.finish()),
            words(&mut rows.asset, Arc::clone(&self.assets) as ArrayRef)?,
            words(&mut rows.side, Arc::new(StringArray::from_iter_values(["buy", "sell"])))?,
            Arc::new(rows.value.finish()),
            Arc::new(rows.cost.finish()),
            Arc::new(rows.units.finish()),
            words(&mut rows.currency, Arc::new(StringArray::from_iter_values(&self.currencies)))?,
        ];
        self.sheets[0].write(order_schema(), columns)
    }

    fn flush_plans(&mut self) -> Result<(), BatchError> {
        let rows = &mut self.plans;
        let mut columns: Vec<ArrayRef> =
            vec![Arc::new(rows.account.finish()), words(&mut rows.outcome, outcome_words())?];
        columns.extend(rows.amounts.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef));
        columns.extend(rows.drift.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef));
        columns.push(Arc::new(rows.orders.finish()));
        columns.push(Arc::new(rows.work.finish()));
        columns.push(Arc::new(rows.gap.finish()));
        self.sheets[1].write(plan_schema(), columns)
    }

    fn flush_refusals(&mut self) -> Result<(), BatchError> {
        let rows = &mut self.refusals;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(rows.account.finish()),
            words(&mut rows.outcome, outcome_words())?,
            Arc::new(rows.reason.finish()),
            Arc::new(rows.detail.finish()),
        ];
        self.sheets[2].write(refusal_schema(), columns)
    }

    pub(crate) fn finish(mut self) -> Result<[WrittenFile; 3], BatchError> {
        self.flush_orders()?;
        self.flush_plans()?;
        self.flush_refusals()?;
        let [orders, plans, refusals] = self.sheets;
        Ok([orders.finish("orders")?, plans.finish("plans")?, refusals.finish("refusals")?])
    }
}
