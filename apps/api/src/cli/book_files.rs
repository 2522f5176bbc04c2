//! A request made from files of positions and targets, and what the files leave open.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ::import::{ColumnRole, DecimalMark, Doubt, ImportOptions, Importer, MAX_BYTES, Reading};
use clap::{Args, ValueEnum};
use portfolio_core::Currency;
use serde_json::{Map, Value};

use super::book_request::{Answers, request};

/// The files of a book, and the answers to their questions.
#[derive(Debug, Args)]
pub(super) struct BookArgs {
    /// CSV, TSV or Excel file of positions, in place of a request file
    #[arg(long, conflicts_with = "file")]
    positions: Option<PathBuf>,
    /// File of target weights; without it the file of positions has them
    #[arg(long, requires = "positions")]
    targets: Option<PathBuf>,
    /// JSON file with further members of the request, such as a band, groups or a trigger
    #[arg(long, requires = "positions", value_name = "FILE")]
    with: Option<PathBuf>,
    /// Assets of which a whole number of units is held trade in whole units
    #[arg(long, requires = "positions")]
    whole_shares: bool,
    /// What the plan is for: rebalance, invest_cash, raise_cash, buy_only, sell_only, liquidate
    #[arg(long, requires = "positions", value_name = "KIND")]
    intent: Option<String>,
    /// Money to invest or to raise
    #[arg(long, requires = "intent")]
    amount: Option<f64>,
    /// Cash held, where the files do not have it
    #[arg(long, requires = "positions")]
    cash: Option<f64>,
    /// Weight of cash in the policy, from 0 to 1: the answer where targets leave a rest
    #[arg(long, requires = "positions", value_name = "WEIGHT")]
    cash_target: Option<f64>,
    /// ISO 4217 code of amounts that state no currency
    #[arg(long, requires = "positions", value_name = "CODE", value_parser = currency)]
    currency: Option<String>,
    /// The sign that separates decimals, where nothing proves it
    #[arg(long, requires = "positions", value_enum)]
    decimal_mark: Option<Mark>,
    /// What a column holds, as HEADING=ROLE, such as "Model weight=target_weight"; may be repeated
    #[arg(long, requires = "positions", value_name = "HEADING=ROLE", value_parser = column)]
    column: Vec<(String, ColumnRole)>,
    /// Assets without a target have the target zero
    #[arg(long, requires = "positions")]
    others_zero: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Mark {
    Point,
    Comma,
}

impl From<Mark> for DecimalMark {
    fn from(mark: Mark) -> Self {
        match mark {
            Mark::Point => Self::Point,
            Mark::Comma => Self::Comma,
        }
    }
}

pub(super) fn column(text: &str) -> Result<(String, ColumnRole), String> {
    let (heading, role) = text.rsplit_once('=').ok_or("must be HEADING=ROLE")?;
    let known = ColumnRole::ALL.into_iter().find(|known| known.name() == role.trim());
    let roles = || ColumnRole::ALL.map(ColumnRole::name).join(", ");
    known.map(|role| (heading.trim().to_owned(), role)).ok_or_else(|| format!("the role must be one of {}", roles()))
}

pub(super) fn currency(text: &str) -> Result<String, String> {
    match text.parse::<Currency>() {
        Ok(known) => Ok(known.code().to_owned()),
        Err(_) => Err("must be the ISO 4217 code of a currency with at most three decimals, such as USD".to_owned()),
    }
}

/// A request, and what has to be said about the files that it was made from.
pub(super) struct Made {
    pub(super) request: Value,
    /// How rows were read that their headings do not explain, and what was set aside: one sentence each.
    pub(super) remarks: Vec<String>,
}

/// Why there is no request.
pub(super) enum NoRequest {
    /// A file cannot be read: exit code 2.
    Unreadable(String),
    /// What the files leave open, one sentence each: exit code 1.
    Open(Vec<String>),
}

impl BookArgs {
    /// The request of the files; `None` where no file of positions is named.
    pub(super) fn request(&self) -> Option<Result<Made, NoRequest>> {
        self.positions.as_deref().map(|positions| self.made_from(positions))
    }

    fn made_from(&self, positions: &Path) -> Result<Made, NoRequest> {
        let has_targets = self.targets.is_some();
        let held = self.read(positions, has_targets.then_some(ColumnRole::TargetWeight))?;
        let wanted = self.targets.as_deref().map(|file| self.read(file, None)).transpose()?;
        let is_there = |heading: &str| {
            let readings = [Some(&held), wanted.as_ref()].into_iter().flatten();
            readings.flat_map(|reading| &reading.understanding.columns).any(|(known, _)| known.trim() == heading)
        };
        if let Some((heading, _)) = self.column.iter().find(|(heading, _)| !is_there(heading)) {
            return Err(NoRequest::Unreadable(format!("no file has a column {heading:?}")));
        }
        // In a file of targets, the weights of any column are targets.
        let has_weights = |reading: &Reading| reading.positions.iter().all(|row| row.current_weight.is_some());
        let mut open = self.questions(positions, &held, |_| !has_targets);
        if let (Some(file), Some(reading)) = (&self.targets, &wanted) {
            open.extend(self.questions(file, reading, |doubt| *doubt != Doubt::NoTargets || !has_weights(reading)));
        }
        if !open.is_empty() {
            return Err(NoRequest::Open(open));
        }
        let answers = Answers {
            cash: self.cash,
            cash_target: self.cash_target,
            currency: self.currency.as_deref(),
            others_zero: self.others_zero,
            whole_shares: self.whole_shares,
        };
        let mut made = request(&held, wanted.as_ref(), &answers).map_err(NoRequest::Open)?;
        if let Some(kind) = &self.intent {
            let mut intent = Map::from_iter([("kind".to_owned(), kind.as_str().into())]);
            if let Some(amount) = self.amount {
                intent.insert("amount".to_owned(), amount.into());
            }
            made.insert("intent".to_owned(), intent.into());
        }
        if let Some(file) = &self.with {
            let further = bytes_of(file)?;
            let further: Map<String, Value> = serde_json::from_slice(&further)
                .map_err(|e| NoRequest::Unreadable(format!("{} is no JSON object: {e}", file.display())))?;
            made.extend(further);
        }
        let mut said = remarks(positions, &held);
        if let (Some(file), Some(reading)) = (&self.targets, &wanted) {
            said.extend(remarks(file, reading));
        }
        Ok(Made { request: made.into(), remarks: said })
    }

    /// The reading of a file. Columns of this role are not read: another file has what they hold.
    fn read(&self, file: &Path, unused: Option<ColumnRole>) -> Result<Reading, NoRequest> {
        let bytes = bytes_of(file)?;
        let cannot =
            |error: ::import::ImportError| NoRequest::Unreadable(format!("cannot import {}: {error}", file.display()));
        let columns: BTreeMap<String, ColumnRole> = self.column.iter().cloned().collect();
        let mut options = ImportOptions {
            columns: BTreeMap::new(),
            decimal_mark: self.decimal_mark.map(Into::into),
            currency: self.currency.clone(),
            // A book has no dates and no history.
            ..ImportOptions::default()
        };
        // An answer about a column is for the file that has the column.
        let first = Importer::standard().read(&bytes, &options).map_err(cannot)?;
        for (heading, role) in &first.understanding.columns {
            let is_unused = unused == Some(*role);
            let said = columns.get(heading.trim()).copied().or(is_unused.then_some(ColumnRole::Unused));
            options.columns.extend(said.map(|role| (heading.clone(), role)));
        }
        if options.columns.is_empty() { Ok(first) } else { Importer::standard().read(&bytes, &options).map_err(cannot) }
    }

    /// The questions of a reading that no option answers; those about targets only where they matter.
    fn questions(&self, file: &Path, reading: &Reading, matters: impl Fn(&Doubt) -> bool) -> Vec<String> {
        let is_open = |doubt: &Doubt| match doubt {
            Doubt::NoTargets => matters(doubt),
            Doubt::NoTarget => matters(doubt) && !self.others_zero,
            Doubt::WeightSum { .. } => matters(doubt) && self.cash_target.is_none(),
            Doubt::WeightsAboveOne { .. } => matters(doubt),
            _ => true,
        };
        let open = reading.questions.iter().filter(|question| is_open(&question.doubt));
        open.map(|question| {
            let column = question.column.as_deref().map(|name| format!(", column {name:?}")).unwrap_or_default();
            let row = question.row.map(|row| format!(", row {row}")).unwrap_or_default();
            let answer = match &question.doubt {
                Doubt::Mark { .. } => " (answer with --decimal-mark)",
                Doubt::CashCurrency => " (answer with --currency)",
                Doubt::NoTargets => " (answer with --targets)",
                Doubt::NoTarget => " (answer with --others-zero)",
                Doubt::WeightSum { .. } => " (answer with --cash-target)",
                Doubt::AssetColumn
                | Doubt::UnknownHeadings { .. }
                | Doubt::TwoColumns { .. }
                | Doubt::NumbersAsAssets
                | Doubt::WeightUnit { .. } => " (answer with --column)",
                _ => " (correct the file)",
            };
            format!("{}{column}{row}: {}{answer}", file.display(), question.doubt)
        })
        .collect()
    }
}

/// How rows were read that their headings do not explain, and what was set aside.
fn remarks(file: &Path, reading: &Reading) -> Vec<String> {
    let read = reading.notes.iter().map(|note| format!("{}, row {}: {}", file.display(), note.row, note.note));
    let left = reading
        .set_aside
        .iter()
        .map(|aside| format!("{}, row {}: set aside: {}", file.display(), aside.row, aside.reason));
    read.chain(left).collect()
}

fn bytes_of(file: &Path) -> Result<Vec<u8>, NoRequest> {
    let limit = MAX_BYTES as u64 + 1;
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(file)?.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|error| NoRequest::Unreadable(format!("cannot read {}: {error}", file.display())))
}
