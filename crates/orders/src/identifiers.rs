//! Identifiers of the asset of an order.

use portfolio_core::{Cusip, Figi, Isin, Ticker};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// The known identifiers of an asset. Unknown ones are absent in JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderIdentifiers {
    /// ISIN.
    #[cfg_attr(feature = "openapi", schema(value_type = String, required = false, example = "US9229087690"))]
    pub isin: Option<Isin>,
    /// CUSIP.
    #[cfg_attr(feature = "openapi", schema(value_type = String, required = false, example = "922908769"))]
    pub cusip: Option<Cusip>,
    /// FIGI.
    #[cfg_attr(feature = "openapi", schema(value_type = String, required = false, example = "BBG000HR9779"))]
    pub figi: Option<Figi>,
    /// Ticker.
    #[cfg_attr(feature = "openapi", schema(value_type = String, required = false, example = "VTI"))]
    pub ticker: Option<Ticker>,
}

impl OrderIdentifiers {
    /// Each kind of identifier with its text, when it is known: ISIN, CUSIP, FIGI, ticker.
    pub(crate) fn texts(&self) -> [(&'static str, Option<&str>); 4] {
        [
            ("isin", self.isin.as_ref().map(Isin::as_str)),
            ("cusip", self.cusip.as_ref().map(Cusip::as_str)),
            ("figi", self.figi.as_ref().map(Figi::as_str)),
            ("ticker", self.ticker.as_ref().map(Ticker::as_str)),
        ]
    }
}

impl Serialize for OrderIdentifiers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let known = self.texts().iter().filter(|(_, text)| text.is_some()).count();
        let mut object = serializer.serialize_struct("OrderIdentifiers", known)?;
        for (name, text) in self.texts() {
            match text {
                Some(text) => object.serialize_field(name, text)?,
                None => object.skip_field(name)?,
            }
        }
        object.end()
    }
}
