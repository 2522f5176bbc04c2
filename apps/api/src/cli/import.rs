//! Reads a file of positions, targets or a history, and prints what was read.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::ExitCode;

use ::import::{ColumnRole, DateOrder, HistoryNumbers, ImportOptions, Importer, MAX_BYTES, RowContent};
use clap::{Args, ValueEnum};
use engine::dto::import::ImportPreview;

use super::book_files::{Mark, column, currency};
use super::import_table::table;
use super::output::{fail, print};

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// CSV, TSV or Excel file, `-` for standard input
    file: PathBuf,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
    /// What a column holds, as HEADING=ROLE, such as "Model weight=target_weight"; may be repeated
    #[arg(long, value_name = "HEADING=ROLE", value_parser = column)]
    column: Vec<(String, ColumnRole)>,
    /// The sign that separates decimals, where nothing proves it
    #[arg(long, value_enum)]
    decimal_mark: Option<Mark>,
    /// Which of day and month stands first in dates, where nothing proves it
    #[arg(long, value_enum)]
    date_order: Option<Order>,
    /// ISO 4217 code of amounts that state no currency
    #[arg(long, value_name = "CODE", value_parser = currency)]
    currency: Option<String>,
    /// Name of the asset in a history of one asset that does not name it
    #[arg(long, value_name = "NAME")]
    asset_name: Option<String>,
    /// What the numbers of a history are, where nothing proves it
    #[arg(long, value_enum)]
    history_unit: Option<Unit>,
    /// Take a price that moves by the ratio of a split for one, and adjust the prices before it
    #[arg(long)]
    adjust_splits: bool,
    /// The sheet of a workbook; without it the first one with content
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// What a row holds, as ROW=asset, ROW=cash or ROW=total; may be repeated
    #[arg(long, value_name = "ROW=CONTENT", value_parser = row)]
    row: Vec<(usize, RowContent)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Order {
    DayFirst,
    MonthFirst,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Unit {
    Prices,
    Fractions,
    Percent,
}

fn row(text: &str) -> Result<(usize, RowContent), String> {
    let (number, content) = text.split_once('=').ok_or("must be ROW=CONTENT")?;
    let number = number.trim().parse().ok().filter(|number| *number > 0);
    let number = number.ok_or("the row must be a number, counted from one as in the file")?;
    match content.trim() {
        "asset" => Ok((number, RowContent::Asset)),
        "cash" => Ok((number, RowContent::Cash)),
        "total" => Ok((number, RowContent::Total)),
        _ => Err("the content must be asset, cash or total".to_owned()),
    }
}

impl ImportArgs {
    /// The answers to the questions of the file.
    fn options(&self) -> ImportOptions {
        ImportOptions {
            columns: self.column.iter().cloned().collect(),
            decimal_mark: self.decimal_mark.map(Into::into),
            date_order: self.date_order.map(|order| match order {
                Order::DayFirst => DateOrder::DayFirst,
                Order::MonthFirst => DateOrder::MonthFirst,
            }),
            currency: self.currency.clone(),
            asset_name: self.asset_name.clone(),
            history_unit: self.history_unit.map(|unit| match unit {
                Unit::Prices => HistoryNumbers::Prices,
                Unit::Fractions => HistoryNumbers::Fractions,
                Unit::Percent => HistoryNumbers::Percent,
            }),
            adjust_splits: self.adjust_splits,
            sheet: self.sheet.clone(),
            rows: self.row.iter().copied().collect(),
        }
    }
}

pub(super) fn import(args: &ImportArgs) -> ExitCode {
    let bytes = match read(args) {
        Ok(bytes) => bytes,
        Err(error) => return fail(2, &format!("cannot read {}: {error}", args.file.display())),
    };
    let reading = match Importer::standard().read(&bytes, &args.options()) {
        Ok(reading) => reading,
        Err(error) => return fail(1, &format!("cannot import {}: {error}", args.file.display())),
    };
    if !args.json {
        return print(&table(&reading));
    }
    match serde_json::to_string(&ImportPreview::from(reading)) {
        Ok(text) => print(&format!("{text}\n")),
        Err(error) => fail(1, &format!("the reading cannot be printed: {error}")),
    }
}

fn read(args: &ImportArgs) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = MAX_BYTES as u64 + 1;
    if args.file.as_os_str() == "-" {
        io::stdin().take(limit).read_to_end(&mut bytes)?;
    } else {
        File::open(&args.file)?.take(limit).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}
