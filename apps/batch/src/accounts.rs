//! Accounts, read from batches of rows.

use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, AsArray, DictionaryArray, Int64Array, ListArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Int32Type};
use portfolio_core::Currency;

use crate::columns::{column, lists, numbers, structs, texts, whole};
use crate::decision::Reason;
use crate::error::BatchError;
use crate::planner::Account;
use crate::reference::Reference;

/// Accounts in error messages.
pub(crate) const ACCOUNTS: &str = "accounts";

/// Words that repeat, such as the assets of positions: for each row a key, and what each key stands for.
#[derive(Debug)]
struct Coded<T> {
    keys: Vec<u32>,
    values: Vec<T>,
}

impl<T> Coded<T> {
    /// Reads a column of texts, coded in the file or not. Each different text is looked up once for each batch.
    fn of(table: &str, name: &str, array: &ArrayRef, look_up: impl Fn(&str) -> T) -> Result<Self, BatchError> {
        if array.null_count() > 0 {
            return Err(BatchError::input(format!("{table}: {name} is null in some row")));
        }
        if let Some(coded) = array.as_any().downcast_ref::<DictionaryArray<Int32Type>>()
            && let Some(words) = coded.values().as_any().downcast_ref::<StringArray>()
        {
            let values = words.iter().map(|word| look_up(word.unwrap_or_default())).collect();
            let keys = coded.keys().values().iter().map(|key| *key as u32).collect();
            return Ok(Self { keys, values });
        }
        let plain = arrow::compute::cast(array, &DataType::Utf8)?;
        let plain = plain.as_string::<i32>();
        let (mut values, mut seen) = (Vec::new(), HashMap::new());
        let mut keys = Vec::with_capacity(plain.len());
        for word in plain.iter().map(Option::unwrap_or_default) {
            let next = values.len() as u32;
            let key = *seen.entry(word).or_insert_with(|| {
                values.push(look_up(word));
                next
            });
            keys.push(key);
        }
        Ok(Self { keys, values })
    }

    fn get(&self, row: usize) -> &T {
        &self.values[self.keys[row] as usize]
    }
}

/// The accounts of a batch.
#[derive(Debug)]
pub(crate) struct Accounts {
    ids: StringArray,
    currencies: Coded<Result<Currency, String>>,
    cash: Int64Array,
    models: Coded<Result<u32, String>>,
    policies: Coded<Result<u32, String>>,
    positions: ListArray,
    /// Of each position, the asset.
    assets: Vec<u32>,
    /// Names of assets without a price, by the number that stands for them in `assets`.
    unknown: Vec<String>,
    first_unknown: u32,
    units: arrow::array::Float64Array,
}

impl Accounts {
    pub(crate) fn read(batch: &RecordBatch, reference: &Reference) -> Result<Self, BatchError> {
        let ids = texts(ACCOUNTS, batch, "account_id")?;
        if ids.null_count() > 0 {
            return Err(BatchError::input(format!("{ACCOUNTS}: an account has no id")));
        }
        let raw = |name: &str| {
            let found = batch.column_by_name(name);
            found.ok_or_else(|| BatchError::input(format!("{ACCOUNTS} has no column {name}")))
        };
        let currency = |code: &str| code.parse().map_err(|_| code.to_owned());
        let model = |id: &str| reference.model_index.get(id).copied().ok_or_else(|| id.to_owned());
        let policy = |id: &str| reference.policy_index.get(id).copied().ok_or_else(|| id.to_owned());
        let positions = lists(ACCOUNTS, batch, "positions")?;
        if positions.null_count() > 0 {
            return Err(BatchError::input(format!(
                "{ACCOUNTS}: positions are null in some row; none is an empty list"
            )));
        }
        let fields = structs(ACCOUNTS, "positions", positions.values())?;
        let fields = RecordBatch::from(fields);
        let names = fields.column_by_name("asset");
        let names = names.ok_or_else(|| BatchError::input(format!("{ACCOUNTS}: positions have no asset")))?;
        let coded = Coded::of(ACCOUNTS, "asset", names, |name| {
            reference.index.get(name).copied().ok_or_else(|| name.to_owned())
        })?;
        let first_unknown = reference.names.len() as u32;
        let mut unknown = Vec::new();
        let stands_for: Vec<u32> = coded
            .values
            .into_iter()
            .map(|asset| {
                asset.unwrap_or_else(|name| {
                    unknown.push(name);
                    first_unknown + unknown.len() as u32 - 1
                })
            })
            .collect();
        let units = numbers(ACCOUNTS, &fields, "quantity")?;
        if units.null_count() > 0 {
            return Err(BatchError::input(format!("{ACCOUNTS}: a position has no quantity")));
        }
        let cash = whole(ACCOUNTS, batch, "cash_minor")?;
        if cash.null_count() > 0 {
            return Err(BatchError::input(format!("{ACCOUNTS}: an account has no cash_minor; none is 0")));
        }
        column(ACCOUNTS, batch, "account_id", &DataType::Utf8)?;
        Ok(Self {
            ids,
            currencies: Coded::of(ACCOUNTS, "currency", raw("currency")?, currency)?,
            cash,
            models: Coded::of(ACCOUNTS, "model_id", raw("model_id")?, model)?,
            policies: Coded::of(ACCOUNTS, "policy_id", raw("policy_id")?, policy)?,
            assets: coded.keys.into_iter().map(|key| stands_for[key as usize]).collect(),
            positions,
            unknown,
            first_unknown,
            units,
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(crate) fn id(&self, row: usize) -> &str {
        self.ids.value(row)
    }

    /// The currency of an account, if it is one.
    pub(crate) fn currency(&self, row: usize) -> Option<Currency> {
        self.currencies.get(row).as_ref().ok().copied()
    }

    /// An account, or why it cannot be planned.
    pub(crate) fn get(&self, row: usize) -> Result<Account<'_>, Reason> {
        let offsets = self.positions.value_offsets();
        let range = offsets[row] as usize..offsets[row + 1] as usize;
        let assets = &self.assets[range.clone()];
        if let Some(asset) = assets.iter().find(|asset| **asset >= self.first_unknown) {
            return Err(Reason::NoPrice(self.unknown[(asset - self.first_unknown) as usize].clone()));
        }
        let currency = match self.currencies.get(row) {
            Ok(currency) => *currency,
            Err(code) => return Err(Reason::UnknownCurrency(code.clone())),
        };
        match (self.models.get(row), self.policies.get(row)) {
            (Err(id), _) => Err(Reason::UnknownModel(id.clone())),
            (_, Err(id)) => Err(Reason::UnknownPolicy(id.clone())),
            (Ok(model), Ok(policy)) => Ok(Account {
                currency,
                cash_minor: self.cash.value(row),
                model: *model,
                policy: *policy,
                assets,
                units: &self.units.values()[range],
            }),
        }
    }
}
