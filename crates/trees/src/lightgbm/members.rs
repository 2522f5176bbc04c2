//! The members of the header and of a tree: lines with a name, `=` and words.

use std::collections::HashMap;
use std::str::FromStr;

use super::error::{Place, ReadError, shortened};

/// The members of one part of a text, by name.
pub(super) struct Members<'a> {
    place: Place,
    by_name: HashMap<&'a str, &'a str>,
}

impl<'a> Members<'a> {
    pub(super) fn new(place: Place) -> Self {
        Self { place, by_name: HashMap::new() }
    }

    /// Adds a line. A line without `=` is a flag, whose value is empty.
    pub(super) fn add(&mut self, line: &'a str) -> Result<(), ReadError> {
        let (key, value) = match line.split_once('=') {
            Some(member) => member,
            None if line.contains(char::is_whitespace) => {
                return Err(ReadError::Line { place: self.place, line: shortened(line) });
            }
            None => (line, ""),
        };
        match self.by_name.insert(key, value.trim()) {
            Some(_) => Err(ReadError::Twice { place: self.place, key: shortened(key) }),
            None => Ok(()),
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.by_name.contains_key(key)
    }

    pub(super) fn get(&self, key: &'static str) -> Option<&'a str> {
        self.by_name.get(key).copied()
    }

    pub(super) fn text(&self, key: &'static str) -> Result<&'a str, ReadError> {
        self.get(key).ok_or(ReadError::Missing { place: self.place, key })
    }

    pub(super) fn number<T: FromStr>(&self, key: &'static str) -> Result<T, ReadError> {
        self.parse(key, self.text(key)?)
    }

    /// A list of exactly `expected` numbers. Memory grows with the words present, not with the claimed length.
    pub(super) fn list<T: FromStr>(&self, key: &'static str, expected: usize) -> Result<Vec<T>, ReadError> {
        let mut list = Vec::new();
        for word in self.text(key)?.split_ascii_whitespace() {
            if list.len() == expected {
                return Err(ReadError::Length { place: self.place, key, expected, got: expected + 1 });
            }
            list.push(self.parse(key, word)?);
        }
        if list.len() == expected {
            Ok(list)
        } else {
            Err(ReadError::Length { place: self.place, key, expected, got: list.len() })
        }
    }

    fn parse<T: FromStr>(&self, key: &'static str, word: &str) -> Result<T, ReadError> {
        word.parse().map_err(|_| ReadError::Number { place: self.place, key, word: shortened(word) })
    }
}
