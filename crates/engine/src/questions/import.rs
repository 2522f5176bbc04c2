//! Files of positions and histories, read for the client that sent them.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use import::{ImportError, ImportOptions, Importer};

use crate::context::RequestContext;
use crate::dto::checks::MAX_RETURNS;
use crate::dto::import::{
    ImportPreview, ImportPreviewRequest, ImportPreviewResponse, RowContent, RowMapping, SplitRule,
};
use crate::dto::metadata::Metadata;
use crate::fault::segment;
use crate::fault_code::FaultCode;
use crate::refusal::Refusal;

/// Answers a request for a preview.
///
/// # Errors
/// [`Refusal::Invalid`] for a file that cannot be read at all, with its likely cause, or whose history is longer than a plan takes.
pub fn import_answer(
    request: ImportPreviewRequest,
    context: &RequestContext,
) -> Result<ImportPreviewResponse, Refusal> {
    let options = ImportOptions {
        columns: request.columns.unwrap_or_default().0.into_iter().collect(),
        decimal_mark: request.decimal_mark.map(Into::into),
        date_order: request.date_order.map(Into::into),
        currency: request.currency,
        asset_name: request.asset_name.map(|name| name.trim().to_owned()),
        history_unit: request.history_unit.map(Into::into),
        adjust_splits: request.splits == Some(SplitRule::Adjust),
        sheet: request.sheet,
        rows: row_numbers(request.rows.unwrap_or_default())?,
    };
    let (file, at) = match (request.text, request.base64) {
        (Some(text), _) => (text.into_bytes(), "/text"),
        (None, sent) => (decoded(sent.unwrap_or_default())?, "/base64"),
    };
    let reading = Importer::standard().read(&file, &options).map_err(|error| refused(&error, at))?;
    let returns: usize = reading.history.iter().flat_map(|history| &history.returns).map(Vec::len).sum();
    if returns > MAX_RETURNS {
        let detail = format!(
            "has {returns} returns, more than the {MAX_RETURNS} that a plan takes: leave out assets or the oldest dates"
        );
        return Err(Refusal::fault(at, FaultCode::Limit, detail));
    }
    Ok(ImportPreviewResponse { preview: ImportPreview::from(reading).bounded(), metadata: Metadata::plain(context) })
}

fn row_numbers(rows: RowMapping) -> Result<BTreeMap<usize, import::RowContent>, Refusal> {
    let number = |(row, content): (String, RowContent)| match row.parse::<usize>() {
        Ok(number) if number > 0 => Ok((number, content.into())),
        _ => {
            let detail = "must be the number of a row, counted from one as in the file";
            Err(Refusal::fault(format!("/rows/{}", segment(&row)), FaultCode::Value, detail))
        }
    };
    rows.0.into_iter().map(number).collect()
}

fn decoded(sent: String) -> Result<Vec<u8>, Refusal> {
    BASE64.decode(sent).map_err(|_| {
        let detail = "must be base64 with padding, without line breaks and without the head of a data URL";
        Refusal::fault("/base64", FaultCode::Value, detail)
    })
}

/// Why a file cannot be read, at the member that holds it or that names what it does not have.
fn refused(error: &ImportError, file: &str) -> Refusal {
    let code = match error {
        ImportError::TooLarge { .. } | ImportError::TableTooLarge { .. } | ImportError::WorkbookTooLarge { .. } => {
            FaultCode::Limit
        }
        ImportError::NoSheet { .. } => return Refusal::fault("/sheet", FaultCode::Value, error.to_string()),
        ImportError::NoRow { row } => {
            return Refusal::fault(format!("/rows/{row}"), FaultCode::Value, error.to_string());
        }
        ImportError::NoColumn { column } => {
            let pointer = format!("/columns/{}", segment(column));
            return Refusal::fault(pointer, FaultCode::Value, error.to_string());
        }
        _ => FaultCode::Value,
    };
    Refusal::fault(file, code, format!("cannot be imported: {error}"))
}
