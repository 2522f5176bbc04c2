use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::fault::{Faults, escape};

/// A JSON document that still knows which members were sent twice.
pub(super) enum Tree {
    Leaf(Value),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Tree {
    /// The plain value; members sent twice are faults and the last of them counts.
    pub(super) fn into_value(self, at: &str, faults: &mut Faults) -> Value {
        match self {
            Self::Leaf(value) => value,
            Self::List(items) => {
                let plain = |(i, item): (usize, Self)| item.into_value(&format!("{at}/{i}"), faults);
                Value::Array(items.into_iter().enumerate().map(plain).collect())
            }
            Self::Object(members) => {
                let mut seen = HashSet::new();
                let mut map = Map::new();
                for (name, member) in members {
                    let pointer = format!("{at}/{}", escape(&name));
                    if !seen.insert(name.clone()) {
                        faults.add(pointer.clone(), "duplicate_member", "is sent twice in the same object");
                    }
                    map.insert(name, member.into_value(&pointer, faults));
                }
                Value::Object(map)
            }
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TreeVisitor;

        impl<'de> Visitor<'de> for TreeVisitor {
            type Value = Tree;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }

            fn visit_unit<E>(self) -> Result<Tree, E> {
                Ok(Tree::Leaf(Value::Null))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
                Ok(Tree::Leaf(Value::Bool(value)))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
                Ok(Tree::Leaf(Value::Number(value.into())))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
                Ok(Tree::Leaf(Value::Number(value.into())))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
                Ok(Tree::Leaf(Number::from_f64(value).map_or(Value::Null, Value::Number)))
            }

            fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
                Ok(Tree::Leaf(Value::String(value.to_owned())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    list.push(item);
                }
                Ok(Tree::List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Tree, A::Error> {
                let mut list = Vec::new();
                while let Some(member) = members.next_entry()? {
                    list.push(member);
                }
                Ok(Tree::Object(list))
            }
        }

        deserializer.deserialize_any(TreeVisitor)
    }
}
