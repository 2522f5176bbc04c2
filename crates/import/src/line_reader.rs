//! Reads the numbers of one row: pence into pounds, prices in percent into prices of a unit, weights into fractions,
//! signs into currencies.

use crate::amounts::{Amount, AmountColumn, multiplies};
use crate::body::BodyRow;
use crate::header::{Column, Layout};
use crate::line::{Line, RowKind};
use crate::money_rows::currency_in;
use crate::number_columns::NumberColumns;
use crate::options::ImportOptions;
use crate::question::{Doubt, ImportQuestion};
use crate::weights::WeightUnit;

/// The code of ISO 4217 for "no currency": the file does not state the currency of its amounts.
pub const NO_CURRENCY: &str = "XXX";

const DOLLARS: [&str; 7] = ["USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD"];
const CROWNS: [&str; 4] = ["SEK", "NOK", "DKK", "ISK"];

/// What all rows of a file have in common.
pub(crate) struct LineReader<'a> {
    pub(crate) columns: &'a NumberColumns,
    pub(crate) layout: &'a Layout,
    pub(crate) options: &'a ImportOptions,
    pub(crate) target_unit: WeightUnit,
    pub(crate) current_unit: WeightUnit,
}

/// The amounts of one row, and whether they are in pence. The price of a bond is percent of its nominal value.
struct Money {
    price: Option<Amount>,
    value: Option<Amount>,
    pence_price: bool,
    percent_price: bool,
    pence_value: bool,
}

impl LineReader<'_> {
    /// Reads a row; a weight of an unclear unit becomes a question.
    pub(crate) fn line<'b>(
        &self,
        i: usize,
        body: BodyRow<'b>,
        kind: RowKind,
        questions: &mut Vec<ImportQuestion>,
    ) -> Line<'b> {
        let columns = self.columns;
        let quantity = cell(&columns.quantity, i).map(|a| a.written());
        let money = self.money(i, &body);
        let hundredth = money.pence_price || money.percent_price;
        let (price, value) = (in_major(&money.price, hundredth), self.value(quantity, &money, &body));
        let place = |amount: &Option<Amount>, pence: bool| {
            amount.as_ref().map_or(0.0, |a| if pence { a.place() / 100.0 } else { a.place() })
        };
        let currency = self.currency(&body, kind, &money);
        let value_currency = self.heading(&columns.value).and_then(|h| h.currency.clone());
        let converted = value_currency.is_some() && currency.is_some() && value_currency != currency;
        let mut weight = |column: &Option<AmountColumn>, unit| {
            let read = self.weight(column, i, unit);
            if let Some(Err(sum)) = read
                && let Some(heading) = self.heading(column)
            {
                let question = ImportQuestion::of_column(&heading.heading, Doubt::WeightUnit { sum });
                questions.push(question.at_row(body.row.number));
            }
            read.and_then(Result::ok)
        };
        let target = weight(&columns.target, self.target_unit);
        let current = weight(&columns.current, self.current_unit);
        let of_target = match (cell(&columns.target, i), target) {
            (Some(amount), Some(target)) if target > 0.0 => amount.place() * target / amount.written(),
            _ => 0.0,
        };
        let places = [
            place(&cell(&columns.quantity, i), false),
            place(&money.price, hundredth),
            place(&money.value, money.pence_value),
            of_target,
        ];
        let all = [&columns.quantity, &columns.price, &columns.value, &columns.target, &columns.current];
        let unread = all.iter().any(|c| c.as_ref().is_some_and(|c| c.unread[i]))
            || cell(&columns.target, i).is_some() && target.is_none()
            || cell(&columns.current, i).is_some() && current.is_none();
        let settled = self.options.rows.contains_key(&body.row.number);
        Line { kind, quantity, price, value, places, target, current, currency, converted, settled, unread, body }
    }

    fn heading(&self, column: &Option<AmountColumn>) -> Option<&Column> {
        column.as_ref().map(|c| &self.layout.columns[c.column])
    }

    fn money(&self, i: usize, body: &BodyRow<'_>) -> Money {
        let (price, value) = (cell(&self.columns.price, i), cell(&self.columns.value, i));
        let in_pence = |column: &Option<AmountColumn>, amount: &Option<Amount>| {
            // A cell with a sign of its own is not what the heading says.
            let has_sign = amount.as_ref().is_some_and(|a| a.currency.is_some());
            !has_sign && self.heading(column).is_some_and(|h| h.pence) || amount.as_ref().is_some_and(|a| a.pence)
        };
        let pence_price = is_pence(body) || in_pence(&self.columns.price, &price);
        let pence_value = in_pence(&self.columns.value, &value);
        let percent_price = is_percent(&body.currency) || price.as_ref().is_some_and(|a| a.percent);
        Money { price, value, pence_price, percent_price, pence_value }
    }

    /// Rows in pence have values in pounds or in pence: quantity times price decides which.
    fn value(&self, quantity: Option<f64>, money: &Money, body: &BodyRow<'_>) -> Option<f64> {
        let written = in_major(&money.value, money.pence_value);
        if is_pence(body)
            && let (Some(q), Some(p), Some(v)) = (quantity, in_major(&money.price, true), written)
            && !multiplies(q, p, v)
        {
            return in_major(&money.value, true).filter(|v| multiplies(q, p, *v)).or(written);
        }
        written
    }

    fn currency(&self, body: &BodyRow<'_>, kind: RowKind, money: &Money) -> Option<String> {
        if money.pence_price || money.pence_value {
            return Some("GBP".to_owned());
        }
        let spoken = self.layout.dialect.as_ref().and_then(|d| d.currency().map(str::to_owned));
        let known = spoken.or_else(|| self.options.currency.clone());
        let among = |codes: &[&str], otherwise: &str| {
            known.clone().filter(|c| codes.contains(&c.as_str())).unwrap_or_else(|| otherwise.to_owned())
        };
        let sign_of = |amount: &Option<Amount>| amount.as_ref().and_then(|a| a.currency.clone());
        let sign = sign_of(&money.price).or_else(|| sign_of(&money.value)).map(|sign| match sign.as_str() {
            "$" => among(&DOLLARS, "USD"),
            "¥" => among(&["CNY"], "JPY"),
            "kr" => among(&CROWNS, NO_CURRENCY),
            _ => sign,
        });
        let named = || match kind {
            RowKind::Cash => currency_in(&body.asset).or_else(|| currency_in(&body.name)),
            _ => None,
        };
        let headed = |column: &Option<AmountColumn>| self.heading(column).and_then(|h| h.currency.clone());
        Some(body.currency.clone())
            .filter(|c| !matches!(c.as_str(), "" | "-" | "--") && !is_percent(c))
            .or(sign)
            .or_else(named)
            .or_else(|| headed(&self.columns.price))
            .or_else(|| headed(&self.columns.value))
            .or(known)
    }

    /// A weight as a fraction; a number without a percent sign among others with one is an error.
    fn weight(&self, column: &Option<AmountColumn>, i: usize, unit: WeightUnit) -> Option<Result<f64, f64>> {
        let amount = cell(column, i)?;
        let headed = self.heading(column).is_some_and(|h| h.percent);
        let signed = column.as_ref().is_some_and(|c| c.amounts.iter().flatten().any(|a| a.percent));
        match unit {
            WeightUnit::Percent if !amount.percent && amount.written() != 0.0 && !headed && signed => {
                Some(Err(amount.written()))
            }
            WeightUnit::Percent => Some(Ok(amount.hundredth())),
            WeightUnit::Fraction => Some(Ok(amount.written())),
            WeightUnit::Open => None,
        }
    }
}

fn is_pence(body: &BodyRow<'_>) -> bool {
    matches!(body.currency.as_str(), "GBX" | "GBp")
}

/// What German brokers write where a bond would have the currency of its price.
fn is_percent(currency: &str) -> bool {
    matches!(currency.trim().to_lowercase().as_str(), "%" | "prozent" | "percent" | "pct" | "in %")
}

fn cell(column: &Option<AmountColumn>, i: usize) -> Option<Amount> {
    column.as_ref().and_then(|c| c.amounts[i].clone())
}

fn in_major(amount: &Option<Amount>, pence: bool) -> Option<f64> {
    amount.as_ref().map(|a| if pence { a.hundredth() } else { a.written() })
}
