//! Query strings: a member that is unknown, repeated or out of range refuses the request.

use actix_web::HttpRequest;
use actix_web::web::Query;
use chrono::{DateTime, NaiveDate, Utc};
use engine::dto::labels::reference_fault;
use engine::dto::plan_part::PlanPart;
use engine::fault::Faults;
use engine::fault_code::FaultCode;
use engine::records::headline::words_of;
use engine::records::time::time_text;
use engine::refusal::Refusal;
use engine::stored::PlanParts;
use governance::Digest;

use crate::http::caller::Caller;
use crate::http::problem::Problem;

/// Items on a page unless asked otherwise.
const DEFAULT_LIMIT: u32 = 50;
/// Items on a page at most.
const MAX_LIMIT: u32 = 200;

/// Characters of a text that is looked for.
const MAX_QUERY: usize = 200;

/// The members of a query, taken one by one.
pub struct QueryMembers {
    caller: Caller,
    pairs: Vec<(String, String)>,
    faults: Faults,
}

impl QueryMembers {
    /// The members of a request's query.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Self {
        let mut faults = Faults::default();
        let pairs = Query::<Vec<(String, String)>>::from_query(request.query_string()).map(Query::into_inner);
        let pairs = pairs.unwrap_or_else(|_| {
            faults.add_parameter("", FaultCode::Syntax, "the query cannot be read");
            Vec::new()
        });
        Self { caller: Caller::of(request), pairs, faults }
    }

    /// Takes a member, which may stand once.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let mut values = self.pairs.extract_if(.., |(key, _)| key == name).map(|(_, value)| value);
        let value = values.next();
        if values.next().is_some() {
            self.faults.add_parameter(name, FaultCode::DuplicateParameter, "stands more than once");
        }
        if value.as_ref().is_some_and(|value| value.contains('\0')) {
            self.faults.add_parameter(name, FaultCode::Value, "has a character that no record has");
            return None;
        }
        value
    }

    /// Refuses a query without these members; to be called before they are taken.
    pub fn require(&mut self, names: &[&str]) {
        for name in names {
            if !self.pairs.iter().any(|(key, _)| key == name) {
                self.faults.add_parameter(name, FaultCode::Required, "is required");
            }
        }
    }

    /// Takes `limit`.
    pub fn limit(&mut self) -> u32 {
        let Some(text) = self.text("limit") else { return DEFAULT_LIMIT };
        match text.parse() {
            Ok(limit @ 1..=MAX_LIMIT) => limit,
            _ => {
                self.faults.add_parameter(
                    "limit",
                    FaultCode::Range,
                    format!("must be a whole number from 1 to {MAX_LIMIT}"),
                );
                DEFAULT_LIMIT
            }
        }
    }

    /// Takes a whole number, 0 or more.
    pub fn whole(&mut self, name: &str) -> Option<u64> {
        let text = self.text(name)?;
        let number = text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        if number.is_none() {
            self.faults.add_parameter(name, FaultCode::Value, "must be a whole number of 0 or more");
        }
        number
    }

    /// Takes a time, RFC 3339, and writes it as records do.
    pub fn time(&mut self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        match DateTime::parse_from_rfc3339(&text) {
            Ok(time) => Some(time_text(time.with_timezone(&Utc))),
            Err(_) => {
                let words = "must be a time as in RFC 3339, `+` sent as %2B";
                self.faults.add_parameter(name, FaultCode::Value, words);
                None
            }
        }
    }

    /// Takes a date, ISO 8601 with ten characters.
    pub fn date(&mut self, name: &str) -> Option<NaiveDate> {
        let text = self.text(name)?;
        let date = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().filter(|_| text.len() == 10);
        if date.is_none() {
            self.faults.add_parameter(name, FaultCode::Value, "must be a date as in ISO 8601: 2026-01-31");
        }
        date
    }

    /// Takes a reference of a client, which follows the rules of those that are stored.
    pub fn reference(&mut self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        match reference_fault(&text) {
            None => Some(text),
            Some((code, detail)) => {
                self.faults.add_parameter(name, code, detail);
                None
            }
        }
    }

    /// Takes a member that names one of several; `names` lists them for a client that named another.
    pub fn one_of<T>(&mut self, member: &str, named: fn(&str) -> Option<T>, names: &str) -> Option<T> {
        let text = self.text(member)?;
        let found = named(&text);
        if found.is_none() {
            self.faults.add_parameter(member, FaultCode::Value, format!("must be one of {names}"));
        }
        found
    }

    /// Takes a text of 1 to `most` printable ASCII characters.
    pub fn short(&mut self, member: &str, most: usize) -> Option<String> {
        let text = self.text(member)?;
        if text.is_empty() || text.len() > most || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            let detail = format!("must have 1 to {most} printable ASCII characters and no space");
            self.faults.add_parameter(member, FaultCode::Value, detail);
            return None;
        }
        Some(text)
    }

    /// Takes a text whose words are looked for; none when it is absent.
    pub fn words(&mut self, name: &str) -> Vec<String> {
        let Some(text) = self.text(name) else { return Vec::new() };
        let words = words_of(&text);
        if words.is_empty() || text.chars().count() > MAX_QUERY {
            let detail = format!("must have 1 to {MAX_QUERY} characters and not be blank");
            self.faults.add_parameter(name, FaultCode::Length, detail);
        }
        words
    }

    /// Takes `include`, which may stand several times; each names one part or several with commas.
    pub fn include(&mut self) -> PlanParts {
        let values: Vec<String> =
            self.pairs.extract_if(.., |(key, _)| key == "include").map(|(_, value)| value).collect();
        match PlanParts::read(values.iter().flat_map(|value| value.split(','))) {
            Ok(parts) => parts,
            Err(_) => {
                let names = PlanPart::ALL.map(PlanPart::name).join(", ");
                self.faults.add_parameter("include", FaultCode::Value, format!("must be of {names}"));
                PlanParts::default()
            }
        }
    }

    /// Takes `cursor`, which must be one that was given out for the same list.
    pub fn cursor(&mut self, list: &str) -> Option<u64> {
        let text = self.text("cursor")?;
        let place = text.get(..16).and_then(|place| u64::from_str_radix(place, 16).ok());
        let place = place.filter(|&place| cursor(list, place) == text);
        if place.is_none() {
            let words = "must be the next_cursor of a page with the same filters";
            self.faults.add_parameter("cursor", FaultCode::Value, words);
        }
        place
    }

    /// Ends the reading: what is left is unknown.
    ///
    /// # Errors
    /// When anything was wrong.
    pub fn finish(mut self) -> Result<(), Problem> {
        for (name, _) in &self.pairs {
            self.faults.add_parameter(name, FaultCode::UnknownParameter, "is not known here");
        }
        if self.faults.is_empty() {
            return Ok(());
        }
        Err(Problem::new(&self.caller, Refusal::Invalid(self.faults.into_vec())))
    }
}

/// A place in a list as clients see it: opaque, and of no use for another list.
#[must_use]
pub fn cursor(list: &str, place: u64) -> String {
    let check = Digest::of_fields("smart-portfolio-rebalancer/cursor/1", &[list.as_bytes(), &place.to_be_bytes()]);
    let check = check.to_string();
    format!("{place:016x}{}", &check[..16])
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn members(query: &str) -> QueryMembers {
        QueryMembers::of(&TestRequest::with_uri(&format!("/api/plans?{query}")).to_http_request())
    }

    #[test]
    fn what_fits_is_read() {
        let mut query = members("limit=7&created_from=2026-01-02T03:04:05%2B01:00&engine_version=0.1.0");
        assert_eq!(query.limit(), 7);
        assert_eq!(query.time("created_from").as_deref(), Some("2026-01-02T02:04:05.000000Z"));
        assert_eq!(query.text("engine_version").as_deref(), Some("0.1.0"));
        assert_eq!(query.cursor("list"), None);
        assert!(query.finish().is_ok());
        let mut query = members("client_reference=order%207%2F%E6%B3%A8%E6%96%87");
        assert_eq!(query.reference("client_reference").as_deref(), Some("order 7/注文"));
        assert!(query.finish().is_ok());
        let mut query = members("since=2026-02-28");
        assert_eq!(query.date("since"), NaiveDate::from_ymd_opt(2026, 2, 28));
        assert!(query.finish().is_ok());
        let mut query = members(&format!("cursor={}", cursor("list", 99)));
        assert_eq!(query.cursor("list"), Some(99));
        assert!(query.finish().is_ok());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let cut = &cursor("list", 99)[..31];
        let other = cursor("other list", 99);
        for wrong in ["limit=0", "limit=201", "limit=x", "limit=1&limit=2", "colour=red", "created_from=yesterday"]
            .into_iter()
            .map(str::to_owned)
            .chain([
                format!("cursor={cut}"),
                format!("cursor={other}"),
                "cursor=".to_owned(),
                "cursor=%C3%A9".to_owned(),
                "client_reference=".to_owned(),
                "client_reference=a&client_reference=b".to_owned(),
                "client_reference=a%09b".to_owned(),
                format!("client_reference={}", "x".repeat(201)),
                "since=2026-02-29".to_owned(),
                "since=2026-2-1".to_owned(),
                "since=%2B12026-02-01".to_owned(),
                "since=2026-02-01T00:00:00Z".to_owned(),
            ])
        {
            let mut query = members(&wrong);
            query.limit();
            query.time("created_from");
            query.date("since");
            query.reference("client_reference");
            query.cursor("list");
            assert!(query.finish().is_err(), "{wrong}");
        }
    }
}
