//! The names that the service answers to, and which pages of a browser may use it.
//!
//! A page on another site can point a name of its own at this machine (DNS rebinding) and then read whatever the
//! service answers: to the browser it is the page's own origin. The request still has the page's name in `Host`, so a
//! name that the service does not know is refused. An address cannot be pointed elsewhere.

use std::net::IpAddr;

use actix_web::http::Uri;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A list of names with an entry that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidHost(pub String);

/// The names of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts {
    /// Beside those of loopback; in lower case, without a port.
    names: Vec<String>,
    /// Whether addresses are names too.
    addresses: bool,
    /// Whether every name is.
    all: bool,
}

impl Hosts {
    /// The names of loopback and `names`; `*` stands for every name. A service that listens beyond loopback also answers to addresses.
    ///
    /// # Errors
    /// The first entry that is not a name: it is empty, or has a port, a path or a space.
    pub fn new(names: &[String], beyond_loopback: bool) -> Result<Self, InvalidHost> {
        let is_name = |name: &str| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
        };
        if let Some(wrong) = names.iter().find(|name| *name != "*" && !is_name(name)) {
            return Err(InvalidHost(wrong.clone()));
        }
        let all = names.iter().any(|name| name == "*");
        let names = names.iter().map(|name| name.trim_end_matches('.').to_ascii_lowercase()).collect();
        Ok(Self { names, addresses: beyond_loopback, all })
    }

    /// Whether a request is for this service: every `Host`, and the authority of its target where it has one, is one of the names. A request
    /// without any is of no browser.
    #[must_use]
    pub fn answer(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let is_named = |value: &HeaderValue| value.to_str().is_ok_and(|text| self.has(host_of(text)));
        headers.get_all(header::HOST).all(is_named)
            && uri.authority().is_none_or(|authority| self.has(authority.host()))
    }

    fn has(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
        self.all
            || host == "localhost"
            || address.is_some_and(|address| self.addresses || address.is_loopback())
            || self.names.contains(&host)
    }

    /// Whether a request comes from a page of another origin. A browser says so in `Sec-Fetch-Site`, and in `Origin` with what is not plainly
    /// read; other programs send neither. A proxy may have replaced `Host`: then the origin has one of the names that were given.
    #[must_use]
    pub fn is_foreign(&self, headers: &HeaderMap) -> bool {
        let is_own_site = |value: &HeaderValue| value == "same-origin" || value == "none";
        if !headers.get_all(SEC_FETCH_SITE).all(is_own_site) {
            return true;
        }
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let is_own = |value: &HeaderValue| {
            let Some((scheme, authority)) = value.to_str().ok().and_then(|text| text.split_once("://")) else {
                return false;
            };
            let named = |name: &String| host_of(authority).eq_ignore_ascii_case(name);
            matches!(scheme, "http" | "https")
                && (host.is_some_and(|host| host.eq_ignore_ascii_case(authority)) || self.names.iter().any(named))
        };
        !headers.get_all(header::ORIGIN).all(is_own)
    }
}

/// A host without its port; an address of version 6 keeps its brackets.
fn host_of(authority: &str) -> &str {
    let (host, port) = authority.rsplit_once(':').unwrap_or((authority, ""));
    if port.bytes().all(|byte| byte.is_ascii_digit()) { host } else { authority }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(names: &[&str], beyond_loopback: bool) -> Hosts {
        Hosts::new(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>(), beyond_loopback).unwrap()
    }

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name.clone(), HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn answers(hosts: &Hosts, host: &str) -> bool {
        hosts.answer(&Uri::from_static("/"), &headers(&[(header::HOST, host)]))
    }

    #[test]
    fn a_service_on_loopback_answers_to_loopback_alone() {
        let own = hosts(&[], false);
        for name in ["localhost", "LOCALHOST:5000", "localhost.", "127.0.0.1:80", "127.9.9.9", "[::1]:5000", "[::1]"] {
            assert!(answers(&own, name), "{name}");
        }
        for name in [
            "evil.example",
            "evil.example:5000",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "localhost@evil.example",
            "10.0.0.1",
            "0.0.0.0:5000",
            "[2001:db8::1]",
            "",
            "localhost, evil.example",
            "localhost:80:80",
            "a b",
        ] {
            assert!(!answers(&own, name), "{name}");
        }
    }

    #[test]
    fn every_name_of_a_request_counts() {
        let own = hosts(&[], false);
        let pair = headers(&[(header::HOST, "localhost"), (header::HOST, "evil.example")]);
        assert!(!own.answer(&Uri::from_static("/"), &pair));
        let one = headers(&[(header::HOST, "localhost")]);
        assert!(!own.answer(&Uri::from_static("http://evil.example/api/plans"), &one));
        assert!(own.answer(&Uri::from_static("http://localhost:5000/api/plans"), &one));
        assert!(own.answer(&Uri::from_static("/"), &HeaderMap::new()));
    }

    #[test]
    fn names_are_added_by_name() {
        let own = hosts(&["plans.example.com", "Other.Example."], true);
        for name in [
            "plans.example.com",
            "PLANS.example.com:443",
            "other.example",
            "10.1.2.3:8000",
            "[2001:db8::1]:80",
            "localhost",
        ] {
            assert!(answers(&own, name), "{name}");
        }
        assert!(!answers(&own, "plans.example.com.evil.example"));
        assert!(answers(&hosts(&["*"], false), "anything.example"));
        for wrong in ["", "a b", "name:80", "https://name", "a/b", "*.example.com"] {
            assert_eq!(Hosts::new(&[wrong.to_owned()], false), Err(InvalidHost(wrong.to_owned())));
        }
    }

    #[test]
    fn a_page_of_another_origin_is_foreign_and_a_program_is_not() {
        let own = hosts(&["plans.example.com"], false);
        let host = (header::HOST, "localhost:5000");
        let foreign =
            |more: &[(HeaderName, &str)]| own.is_foreign(&headers(&[std::slice::from_ref(&host), more].concat()));
        assert!(!foreign(&[]));
        for value in ["same-origin", "none"] {
            assert!(!foreign(&[(SEC_FETCH_SITE, value)]), "{value}");
        }
        for value in ["cross-site", "same-site", "", "CROSS-SITE"] {
            assert!(foreign(&[(SEC_FETCH_SITE, value)]), "{value}");
        }
        for origin in ["http://localhost:5000", "https://LOCALHOST:5000", "https://plans.example.com"] {
            assert!(!foreign(&[(header::ORIGIN, origin)]), "{origin}");
        }
        for origin in [
            "null",
            "",
            "http://localhost:3000",
            "http://localhost",
            "https://evil.example",
            "file://localhost:5000",
            "localhost:5000",
        ] {
            assert!(foreign(&[(header::ORIGIN, origin)]), "{origin}");
        }
        assert!(foreign(&[(SEC_FETCH_SITE, "same-origin"), (SEC_FETCH_SITE, "cross-site")]));
        assert!(foreign(&[(header::ORIGIN, "http://localhost:5000"), (header::ORIGIN, "https://evil.example")]));
    }
}
