//! The triggers that refuse changes of the records: whether each is there as the migrations made it.
//!
//! Whoever may write to a database may remove them, change records and put them back; digests and the chain find the change. A guard that
//! is missing shows that somebody was there.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::AssertSqlSafe;

use crate::connection::Connection;
use crate::error::StoreError;
use crate::schema;

/// A trigger of the migrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Guard {
    /// Its statement, without the semicolon at its end.
    text: &'static str,
    /// On PostgreSQL its function, and the body of that.
    function: Option<(&'static str, &'static str)>,
}

impl Guard {
    /// The table that it guards.
    fn table(&self) -> &'static str {
        self.text.split(" ON ").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap_or_default()
    }

    /// When it acts: the words up to what it does. PostgreSQL prints them in an order of its own.
    fn when(text: &str) -> BTreeSet<&str> {
        let head = text.split(" FOR EACH ").next().unwrap_or(text);
        head.split_whitespace().map(|word| word.rsplit('.').next().unwrap_or(word)).collect()
    }
}

/// The guards that all steps of a dialect lead to, by their names.
fn expected(steps: impl Iterator<Item = &'static str> + Clone, end: &str) -> BTreeMap<&'static str, Guard> {
    let mut guards = BTreeMap::new();
    for step in steps.clone() {
        for (at, _) in step.match_indices("CREATE TRIGGER ") {
            let rest = &step[at..];
            let text = rest.find(end).map_or(rest, |length| &rest[..length + end.len() - 1]);
            let name = text.split_whitespace().nth(2).unwrap_or_default();
            let function = text.rsplit_once("EXECUTE FUNCTION ").and_then(|(_, call)| {
                let name = call.split('(').next().unwrap_or_default();
                let text =
                    steps.clone().find_map(|step| step.split_once(&format!("FUNCTION {name}()"))?.1.split("$$").nth(1));
                text.map(|body| (name, body))
            });
            guards.insert(name, Guard { text, function });
        }
    }
    guards
}

fn of_sqlite() -> BTreeMap<&'static str, Guard> {
    expected(schema::steps().map(|step| step.sqlite), "END;")
}

fn of_postgres() -> BTreeMap<&'static str, Guard> {
    expected(schema::steps().map(|step| step.postgres), ";")
}

/// Name, definition, whether it acts, and the body of its function.
type PostgresTuple = (String, String, bool, String);

const TRIGGERS_OF_SQLITE: &str = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'";
const TRIGGERS_OF_POSTGRES: &str = "SELECT tgname::text, pg_get_triggerdef(pg_trigger.oid), tgenabled IN ('O', 'A'), prosrc \
     FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid JOIN pg_class ON pg_class.oid = tgrelid \
     WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace";

/// The names of the guards that are missing or changed, and of triggers on a SQLite file that nobody here made.
macro_rules! broken_guards {
    (Sqlite, $connection:expr) => {
        sqlx::query_as::<_, (String, String)>($crate::guards::TRIGGERS_OF_SQLITE)
            .fetch_all($connection)
            .await
            .map($crate::guards::broken_of_sqlite)
    };
    (Postgres, $connection:expr) => {
        sqlx::query_as::<_, (String, String, bool, String)>($crate::guards::TRIGGERS_OF_POSTGRES)
            .fetch_all($connection)
            .await
            .map($crate::guards::broken_of_postgres)
    };
}

fn broken_of_sqlite(found: Vec<(String, String)>) -> Vec<String> {
    let mut broken: Vec<String> = Vec::new();
    let mut missing = of_sqlite();
    for (name, sql) in found {
        match missing.remove(name.as_str()) {
            Some(guard) if guard.text == sql => {}
            _ => broken.push(name),
        }
    }
    broken.extend(missing.into_keys().map(str::to_owned));
    broken.sort();
    broken
}

/// Other triggers are left alone: a server may have some of its own for every table.
fn broken_of_postgres(found: Vec<PostgresTuple>) -> Vec<String> {
    let mut missing = of_postgres();
    for (name, definition, acts, body) in found {
        let is_kept = missing.get(name.as_str()).is_some_and(|guard| {
            acts && Guard::when(&definition) == Guard::when(guard.text)
                && guard.function.is_some_and(|(_, text)| text == body)
        });
        if is_kept {
            missing.remove(name.as_str());
        }
    }
    missing.into_keys().map(str::to_owned).collect()
}

/// The names of the guards that are missing or changed.
pub(crate) async fn broken(pool: &crate::connection::Pool) -> Result<Vec<String>, StoreError> {
    use crate::connection::Pool;
    Ok(match pool {
        Pool::Sqlite(pool) => broken_guards!(Sqlite, pool)?,
        Pool::Postgres(pool) => broken_guards!(Postgres, pool)?,
    })
}

/// Puts back what is missing or changed, and says so in the log. Triggers that nobody here made stay, for somebody to look at.
pub(crate) async fn put_back(connection: &mut Connection) -> Result<(), sqlx::Error> {
    let (broken, statements) = match connection {
        Connection::Sqlite(connection) => {
            let broken = broken_guards!(Sqlite, &mut *connection)?;
            let guards = of_sqlite();
            let again = |(name, guard): (&str, &Guard)| format!("DROP TRIGGER IF EXISTS {name}; {};", guard.text);
            let statements = statements(&broken, &guards, again);
            if let Some(sql) = &statements {
                sqlx::raw_sql(AssertSqlSafe(format!("BEGIN IMMEDIATE; {sql} COMMIT;"))).execute(connection).await?;
            }
            (broken, statements)
        }
        Connection::Postgres(connection) => {
            let broken = broken_guards!(Postgres, &mut *connection)?;
            let guards = of_postgres();
            let again = |(name, guard): (&str, &Guard)| {
                let (function, body) = guard.function.unwrap_or_default();
                format!(
                    "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$; \
                     DROP TRIGGER IF EXISTS {name} ON {}; {};",
                    guard.table(),
                    guard.text
                )
            };
            let statements = statements(&broken, &guards, again);
            if let Some(sql) = &statements {
                sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(connection).await?;
            }
            (broken, statements)
        }
    };
    if !broken.is_empty() {
        let guards = broken.join(", ");
        let are_back = statements.is_some();
        tracing::error!(guards, are_back, "triggers that refuse changes of the records were missing or changed");
    }
    Ok(())
}

/// What puts the guards back that are broken; `None` where there is nothing to put back.
fn statements(
    broken: &[String],
    guards: &BTreeMap<&'static str, Guard>,
    again: impl Fn((&str, &Guard)) -> String,
) -> Option<String> {
    let known = broken.iter().filter_map(|name| guards.get_key_value(name.as_str()));
    let statements: Vec<String> = known.map(|(name, guard)| again((*name, guard))).collect();
    (!statements.is_empty()).then(|| statements.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guards_are_read_off_the_migrations() {
        let sqlite = of_sqlite();
        let guard = sqlite["audit_entries_no_delete"];
        assert!(guard.text.starts_with("CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries"));
        assert!(guard.text.ends_with("END"));
        assert_eq!(guard.table(), "audit_entries");
        let postgres = of_postgres();
        let guard = postgres["plans_no_delete"];
        assert_eq!(
            guard.text,
            "CREATE TRIGGER plans_no_delete BEFORE DELETE ON plans\n    FOR EACH ROW EXECUTE FUNCTION refuse_unrecorded_delete()"
        );
        let (function, body) = guard.function.unwrap();
        assert_eq!(function, "refuse_unrecorded_delete");
        assert!(body.contains("plans are erased only with an audit entry"));
        assert!(postgres.values().all(|guard| guard.function.is_some()), "each has a function");
        let printed = "CREATE TRIGGER x BEFORE DELETE OR UPDATE ON public.t";
        assert_eq!(
            Guard::when(printed),
            Guard::when("CREATE TRIGGER x BEFORE UPDATE OR DELETE ON t\n    FOR EACH ROW")
        );
    }
}
