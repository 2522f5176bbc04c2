//! Orders as FIX 4.4 messages: NewOrderSingle (`35=D`).
//!
//! Fields and values are those of the FIX 4.4 specification (<https://www.fixtrading.org/standards/fix-4-4/>):
//!
//! | tag | field | value |
//! |---|---|---|
//! | 8, 9, 35, 10 | BeginString, BodyLength, MsgType, CheckSum | `FIX.4.4`, counted, `D`, counted |
//! | 49, 56, 34, 52 | SenderCompID, TargetCompID, MsgSeqNum, SendingTime | of the session |
//! | 347 | MessageEncoding | `UTF-8`, in a message with EncodedText |
//! | 11, 1 | ClOrdID, Account | id of the order, its account when it has one |
//! | 55 | Symbol | ticker, or else the id of the asset, or else `[N/A]` with a SecurityID |
//! | 48, 22 | SecurityID, SecurityIDSource | ISIN (`4`), or else CUSIP (`1`), or else FIGI (`S`) |
//! | 54, 60, 38 | Side, TransactTime, OrderQty | `1` buys, `2` sells; quantity on the lot step |
//! | 40, 44, 15, 59 | OrdType, Price, Currency, TimeInForce | `1` market, `2` limit; `0` day, `1` good till cancelled |
//! | 58 | Text | name and reason in ASCII: `?` for other characters, a blank for control characters |
//! | 354, 355 | EncodedTextLen, EncodedText | the same text in UTF-8, when it has other characters |
//!
//! FIGI as a source was added to FIX after 4.4 (extension pack 158): agree on it with the broker. NewOrderSingle has no
//! field for the orders that an order waits for: submit only the orders that may be placed now.

use chrono::{DateTime, Datelike, Utc};
use portfolio_core::TradeSide;

use crate::{Order, OrderType, TimeInForce};

/// The end of a field.
const SOH: char = '\u{1}';

/// The session that the messages belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixSession {
    /// SenderCompID: printable ASCII, not empty.
    pub sender_comp_id: String,
    /// TargetCompID: printable ASCII, not empty.
    pub target_comp_id: String,
    /// MsgSeqNum of the first message; the next ones follow.
    pub next_sequence_number: u64,
    /// SendingTime of every message, written to the millisecond.
    pub sending_time: DateTime<Utc>,
    /// TransactTime of every order, written to the millisecond.
    pub transact_time: DateTime<Utc>,
}

/// Why orders cannot be written as FIX messages.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FixError {
    /// A value that must be exact is empty or has characters other than printable ASCII.
    #[error("`{value}` cannot be the value of FIX field {tag}: it is not printable ASCII")]
    Value {
        /// The field.
        tag: u16,
        /// The rejected value.
        value: String,
    },
    /// An order has neither a symbol nor a security id that can be written.
    #[error("order {client_order_id} has no symbol and no identifier that a FIX message can carry")]
    NoInstrument {
        /// The order.
        client_order_id: String,
    },
    /// A time is outside the years 0 to 9999.
    #[error("FIX field {tag} cannot have the time {time}")]
    Time {
        /// The field.
        tag: u16,
        /// The rejected time.
        time: DateTime<Utc>,
    },
    /// The sequence numbers do not fit into 64 bits.
    #[error("the sequence numbers after {first} do not fit into 64 bits")]
    SequenceNumber {
        /// The first number.
        first: u64,
    },
}

/// The orders as NewOrderSingle messages, one each, in sequence. In a file or on a connection they follow each other
/// with nothing in between.
///
/// # Errors
/// [`FixError`] when an id of the session, an account, a time or an instrument cannot be written exactly. No value contains a
/// control character: in Text they become blanks, elsewhere they are refused.
pub fn new_order_singles<'a>(
    orders: impl IntoIterator<Item = &'a Order>,
    session: &FixSession,
) -> Result<Vec<String>, FixError> {
    let first = session.next_sequence_number;
    let number = |i: u64| first.checked_add(i).ok_or(FixError::SequenceNumber { first });
    orders.into_iter().zip(0..).map(|(order, i)| new_order_single(order, session, number(i)?)).collect()
}

fn new_order_single(order: &Order, session: &FixSession, sequence_number: u64) -> Result<String, FixError> {
    let text = text_of(order);
    let is_encoded = !text.is_ascii();
    let mut body = Fields::default();
    body.add(35, "D");
    body.add(49, exact(49, &session.sender_comp_id)?);
    body.add(56, exact(56, &session.target_comp_id)?);
    body.add(34, &sequence_number.to_string());
    body.add(52, &time(52, session.sending_time)?);
    if is_encoded {
        body.add(347, "UTF-8");
    }
    body.add(11, exact(11, &order.client_order_id)?);
    if let Some(account) = &order.account {
        body.add(1, exact(1, account)?);
    }
    add_instrument(&mut body, order)?;
    body.add(
        54,
        match order.side {
            TradeSide::Buy => "1",
            TradeSide::Sell => "2",
        },
    );
    body.add(60, &time(60, session.transact_time)?);
    body.add(38, &order.quantity.to_string());
    body.add(
        40,
        match order.order_type {
            OrderType::Market => "1",
            OrderType::Limit => "2",
        },
    );
    if let Some(price) = order.limit_price {
        body.add(44, &price.to_string());
    }
    body.add(15, order.currency.code());
    body.add(
        59,
        match order.time_in_force {
            TimeInForce::Day => "0",
            TimeInForce::GoodTillCancelled => "1",
        },
    );
    if !text.is_empty() {
        let ascii: String = text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
        body.add(58, &ascii);
    }
    if is_encoded {
        body.add(354, &text.len().to_string());
        body.add(355, &text);
    }
    Ok(body.message())
}

fn add_instrument(body: &mut Fields, order: &Order) -> Result<(), FixError> {
    let [(_, isin), (_, cusip), (_, figi), (_, ticker)] = order.identifiers.texts();
    let source = [(isin, "4"), (cusip, "1"), (figi, "S")];
    let security = source.into_iter().find_map(|(id, source)| Some((id?, source)));
    let symbol = ticker.or_else(|| is_exact(&order.asset).then_some(order.asset.as_str()));
    let symbol = symbol.or_else(|| security.map(|_| "[N/A]"));
    let no_instrument = || FixError::NoInstrument { client_order_id: order.client_order_id.clone() };
    body.add(55, symbol.ok_or_else(no_instrument)?);
    if let Some((id, source)) = security {
        body.add(48, id);
        body.add(22, source);
    }
    Ok(())
}

/// Name and reason, without control characters.
fn text_of(order: &Order) -> String {
    let parts = [order.name.as_str(), order.reason.as_str()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(": ").chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn exact(tag: u16, value: &str) -> Result<&str, FixError> {
    if is_exact(value) { Ok(value) } else { Err(FixError::Value { tag, value: value.to_owned() }) }
}

fn is_exact(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
}

/// UTCTimestamp with milliseconds.
fn time(tag: u16, time: DateTime<Utc>) -> Result<String, FixError> {
    if (0..=9999).contains(&time.year()) {
        Ok(time.format("%Y%m%d-%H:%M:%S%.3f").to_string())
    } else {
        Err(FixError::Time { tag, time })
    }
}

/// The fields of a message between BodyLength and CheckSum.
#[derive(Default)]
struct Fields(String);

impl Fields {
    fn add(&mut self, tag: u16, value: &str) {
        self.0 += &format!("{tag}={value}{SOH}");
    }

    /// The message: BodyLength counts the bytes of the fields, CheckSum is the sum of all bytes before it, modulo 256.
    fn message(self) -> String {
        let message = format!("8=FIX.4.4{SOH}9={}{SOH}{}", self.0.len(), self.0);
        let sum = message.bytes().fold(0_u8, u8::wrapping_add);
        format!("{message}10={sum:03}{SOH}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_and_checksum_are_those_of_a_published_message() {
        // The execution report printed in Wikipedia, "Financial Information eXchange", as FIX 4.2 with the length 178 and the checksum
        // 128. FIX 4.4 adds 2 to the sum, for the 4 in the place of the 2.
        let printed = "35=8|49=PHLX|56=PERS|52=20071123-05:30:00.000|11=ATOMNOCCC9990900|20=3|150=E|39=E|55=MSFT|167=CS|54=1|38=15|\
            40=2|44=15|58=PHLX EQUITY TESTING|59=0|47=C|32=0|31=0|151=15|14=0|6=0|";
        let message = Fields(printed.replace('|', "\u{1}")).message();
        assert!(message.starts_with("8=FIX.4.4\u{1}9=178\u{1}35=8\u{1}"), "{message}");
        assert!(message.ends_with("\u{1}10=130\u{1}"), "{message}");
    }
}
