//! Members of which one has to be sent, where the published schema calls each of them optional.

use serde_json::Value;

use super::tree::Tree;

/// Schema, and members of which one is needed; a fault names the first. `list/member` is that member in any item of a list.
const NEEDED: [(&str, [&str; 2]); 2] =
    [("AssetRequest", ["current_weight", "quantity"]), ("RebalanceRequest", ["portfolio_value", "assets/quantity"])];

/// The keyword under which a schema of the walk has its row of [`NEEDED`].
const KEYWORD: &str = "x-one-of-required";

/// Writes the rows into the schemas of a document.
pub(super) fn annotate(schemas: &mut serde_json::Map<String, Value>) {
    for (name, members) in NEEDED {
        if let Some(schema) = schemas.get_mut(name).and_then(Value::as_object_mut) {
            schema.insert(KEYWORD.to_owned(), members.into());
        }
    }
}

/// The member that an object of `schema` lacks: none of those it needs one of is there.
pub(super) fn lacking<'a>(schema: &'a Value, members: &[(String, Tree)]) -> Option<&'a str> {
    let needed = schema.get(KEYWORD)?.as_array()?;
    let mut names = needed.iter().filter_map(Value::as_str);
    let is_sent = |path: &str| match path.split_once('/') {
        None => has(members, path),
        Some((list, member)) => members.iter().any(|(name, value)| match value {
            Tree::List(items) if name == list => {
                items.iter().any(|item| matches!(item, Tree::Object(members) if has(members, member)))
            }
            _ => false,
        }),
    };
    if names.clone().any(is_sent) { None } else { names.next() }
}

fn has(members: &[(String, Tree)], name: &str) -> bool {
    members.iter().any(|(member, value)| member == name && !matches!(value, Tree::Null))
}
