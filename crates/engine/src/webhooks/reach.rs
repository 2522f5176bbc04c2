//! Which addresses may be called: a client's webhook must not reach what only this service can reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Characters of an address.
const MAX_URL: usize = 2_000;

/// Which addresses may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// Those of the public internet.
    #[default]
    Public,
    /// Also those of the service's own network: for receivers beside the service, and for tests.
    Private,
}

/// Why an address cannot be that of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlFault {
    /// It is no address, or a very long one.
    #[error("must be a URL of at most {MAX_URL} characters")]
    NotUrl,
    /// It is not HTTP's.
    #[error("must begin with http:// or https://")]
    Scheme,
    /// It has parts that are not sent, or not safe to keep.
    #[error("must have no user, no password and no fragment")]
    Parts,
    /// It is in the service's own network.
    #[error("must be an address of the public internet")]
    NotPublic,
}

impl Reach {
    /// Checks an address as far as it can be without looking its name up: [`Reach::allows`] is asked again for what the name
    /// leads to when it is called.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn check_url(self, text: &str) -> Result<(), UrlFault> {
        if text.len() > MAX_URL {
            return Err(UrlFault::NotUrl);
        }
        let url = Url::parse(text).map_err(|_| UrlFault::NotUrl)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(UrlFault::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(UrlFault::Parts);
        }
        let is_allowed = match url.host() {
            None => return Err(UrlFault::NotUrl),
            Some(Host::Ipv4(address)) => self.allows(address.into()),
            Some(Host::Ipv6(address)) => self.allows(address.into()),
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                self == Self::Private || (name.contains('.') && !name.ends_with(".localhost"))
            }
        };
        if is_allowed { Ok(()) } else { Err(UrlFault::NotPublic) }
    }

    /// Whether an address may be called.
    #[must_use]
    pub fn allows(self, address: IpAddr) -> bool {
        self == Self::Private
            || match address {
                IpAddr::V4(address) => is_public_v4(address),
                IpAddr::V6(address) => is_public_v6(address),
            }
    }
}

/// Not in the special-purpose registry of IANA (RFC 6890).
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = match a {
        0 | 10 | 127 => true,
        100 => (64..128).contains(&b),
        169 => b == 254,
        172 => (16..32).contains(&b),
        192 => b == 168 || (b == 0 && matches!(c, 0 | 2)) || (b == 88 && c == 99),
        198 => matches!(b, 18 | 19) || (b == 51 && c == 100),
        203 => b == 0 && c == 113,
        // Multicast and reserved.
        _ => a >= 224,
    };
    !is_special
}

/// Global unicast, and where it carries an IPv4 address, that one is public.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let s = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match s {
        // Mapped, and the prefix of NAT64.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        // 6to4.
        [0x2002, high, low, ..] => embedded(high, low),
        // Protocol assignments and documentation.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_called() {
        for address in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
        {
            assert!(Reach::Public.allows(address.parse().unwrap()), "{address}");
        }
        for address in [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.2.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
            "3fff::1",
            "64:ff9b:1::808:808",
            "::127.0.0.1",
        ] {
            let address = address.parse().unwrap();
            assert!(!Reach::Public.allows(address), "{address}");
            assert!(Reach::Private.allows(address), "{address}");
        }
    }

    #[test]
    fn an_address_says_what_is_wrong_with_it() {
        let public = |url: &str| Reach::Public.check_url(url);
        for fine in
            ["https://example.com/a?b=c", "http://example.com:8080", "https://8.8.8.8/", "https://[2606:4700::1]/"]
        {
            assert_eq!(public(fine), Ok(()), "{fine}");
        }
        for (url, fault) in [
            ("", UrlFault::NotUrl),
            ("example.com", UrlFault::NotUrl),
            ("https://", UrlFault::NotUrl),
            ("ftp://example.com/", UrlFault::Scheme),
            ("file:///etc/passwd", UrlFault::Scheme),
            ("https://user@example.com/", UrlFault::Parts),
            ("https://example.com/#a", UrlFault::Parts),
            ("http://localhost/", UrlFault::NotPublic),
            ("http://a.localhost./", UrlFault::NotPublic),
            ("http://metadata/", UrlFault::NotPublic),
            ("http://127.0.0.1:80/", UrlFault::NotPublic),
            // Other ways to write 127.0.0.1.
            ("http://2130706433/", UrlFault::NotPublic),
            ("http://0x7f.1/", UrlFault::NotPublic),
            ("http://0177.0.0.1/", UrlFault::NotPublic),
            ("http://\u{ff11}27.0.0.1/", UrlFault::NotPublic),
            ("http://127.0.0.1\\@example.com/", UrlFault::NotPublic),
            ("http://[::ffff:7f00:1]/", UrlFault::NotPublic),
        ] {
            assert_eq!(public(url), Err(fault), "{url}");
        }
        assert_eq!(public(&format!("https://example.com/{}", "a".repeat(MAX_URL))), Err(UrlFault::NotUrl));
        assert_eq!(Reach::Private.check_url("http://localhost:8080/hook"), Ok(()));
    }
}
