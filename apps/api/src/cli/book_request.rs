//! The request made from the positions and targets that were read.

use ::import::{ImportedPosition, NO_CURRENCY, Reading};
use serde_json::{Map, Value, json};

/// What the caller knows beyond the files.
pub(super) struct Answers<'a> {
    /// Cash held, in place of that of the file.
    pub(super) cash: Option<f64>,
    /// Weight of cash in the policy.
    pub(super) cash_target: Option<f64>,
    /// Currency of the book where the files do not state one.
    pub(super) currency: Option<&'a str>,
    /// Whether an asset without a target has the target zero.
    pub(super) others_zero: bool,
    /// Whether what is held in whole units trades in whole units.
    pub(super) whole_shares: bool,
}

/// One asset of the book.
struct Row<'a> {
    held: Option<&'a ImportedPosition>,
    wanted: Option<&'a ImportedPosition>,
    asset: &'a str,
    quantity: f64,
}

/// The members of a request: the positions that are held, then the assets that only the targets name, each in the order of its file.
///
/// # Errors
/// What the files leave open, in sentences.
pub(super) fn request(
    held: &Reading,
    wanted: Option<&Reading>,
    answers: &Answers<'_>,
) -> Result<Map<String, Value>, Vec<String>> {
    let mut open = Vec::new();
    let mut rows: Vec<Row<'_>> = Vec::new();
    for position in held.positions.iter().filter(|position| !is_cash(position)) {
        let Some(quantity) = position.quantity else {
            open.push(format!("{}: how many units are held? The file has no quantity of it", position.asset));
            continue;
        };
        // Rows of one asset, such as those of two accounts, are one position of the book.
        match rows.iter_mut().find(|row| row.asset == position.asset.trim()) {
            Some(row) if row.held.is_some_and(|first| first.price == position.price) => row.quantity += quantity,
            Some(_) => open.push(format!("{}: two rows have different prices; which is right?", position.asset)),
            None => rows.push(Row { held: Some(position), wanted: None, asset: position.asset.trim(), quantity }),
        }
    }
    let targets = wanted.unwrap_or(held);
    for position in targets.positions.iter().filter(|position| !is_cash(position)) {
        match rows.iter_mut().find(|row| row.asset == position.asset.trim()) {
            Some(row) if row.wanted.is_some() && wanted.is_some() => {
                open.push(format!("{}: two rows of the targets name it; which is right?", position.asset));
            }
            Some(row) => row.wanted = Some(position),
            None if wanted.is_some() => {
                rows.push(Row { held: None, wanted: Some(position), asset: position.asset.trim(), quantity: 0.0 });
            }
            None => {}
        }
    }
    let assets: Vec<Value> = rows.iter().filter_map(|row| asset(row, wanted.is_some(), answers, &mut open)).collect();
    let currency = currency(held, wanted, answers, &mut open);
    if !open.is_empty() {
        return Err(open);
    }
    let mut made = Map::new();
    if let Some(code) = currency {
        made.insert("currency".to_owned(), code.into());
    }
    let in_file: f64 = held.cash.iter().map(|cash| cash.amount).sum();
    made.insert("cash".to_owned(), json!(answers.cash.unwrap_or(in_file)));
    let in_policy: Vec<f64> = targets.positions.iter().filter(|row| is_cash(row)).filter_map(weight).collect();
    let of_cash = answers.cash_target.or_else(|| (!in_policy.is_empty()).then(|| in_policy.iter().sum()));
    if let Some(weight) = of_cash {
        made.insert("cash_target_weight".to_owned(), json!(weight));
    }
    made.insert("assets".to_owned(), assets.into());
    Ok(made)
}

/// A row of cash that states weights, and no units of anything.
fn is_cash(row: &ImportedPosition) -> bool {
    row.asset_class.as_deref() == Some("cash") && row.quantity.is_none()
}

/// The target of a row: in a file of targets, a weight of any name is one.
fn weight(row: &ImportedPosition) -> Option<f64> {
    row.target_weight.or(row.current_weight)
}

fn asset(row: &Row<'_>, has_file: bool, answers: &Answers<'_>, open: &mut Vec<String>) -> Option<Value> {
    let name = row.asset;
    let target = row.wanted.and_then(|wanted| if has_file { weight(wanted) } else { wanted.target_weight });
    if target.is_none() && !answers.others_zero {
        open.push(format!("{name}: it has no target; is its target zero? (answer with --others-zero)"));
        return None;
    }
    let Some(price) = [row.held, row.wanted].into_iter().flatten().find_map(|position| position.price) else {
        open.push(format!("{name}: what is its price? No file has it"));
        return None;
    };
    let mut asset = Map::new();
    asset.insert("asset".to_owned(), name.into());
    asset.insert("quantity".to_owned(), json!(row.quantity));
    asset.insert("price".to_owned(), json!(price));
    asset.insert("target_weight".to_owned(), json!(target.unwrap_or(0.0)));
    if answers.whole_shares && row.quantity.fract() == 0.0 {
        asset.insert("lot_size".to_owned(), json!(1));
    }
    let said = |of: fn(&ImportedPosition) -> Option<&String>| [row.held, row.wanted].into_iter().flatten().find_map(of);
    for (member, text) in [
        ("name", said(|row| row.name.as_ref())),
        ("asset_class", said(|row| row.asset_class.as_ref())),
        ("account", said(|row| row.account.as_ref())),
    ] {
        if let Some(text) = text {
            asset.insert(member.to_owned(), text.as_str().into());
        }
    }
    if let Some(isin) = said(|row| row.isin.as_ref()) {
        asset.insert("identifiers".to_owned(), json!({"isin": isin}));
    }
    Some(asset.into())
}

/// The one currency of the book.
fn currency(held: &Reading, wanted: Option<&Reading>, answers: &Answers<'_>, open: &mut Vec<String>) -> Option<String> {
    let readings = || [Some(held), wanted].into_iter().flatten();
    let of_rows = readings().flat_map(|reading| &reading.positions).filter_map(|row| row.currency.as_deref());
    let of_cash = readings().flat_map(|reading| &reading.cash).map(|cash| cash.currency.as_str());
    let mut codes: Vec<&str> = of_rows.chain(of_cash).filter(|code| *code != NO_CURRENCY).collect();
    codes.sort_unstable();
    codes.dedup();
    if codes.len() > 1 {
        open.push(format!(
            "the amounts are in {}: a book has one currency; convert them in the file",
            codes.join(", ")
        ));
    }
    codes.first().copied().or(answers.currency).map(str::to_owned)
}
