//! Back-ups: one file of one tenant, the same for both databases.
//!
//! Layout: a line of JSON (what it is), then one zstd stream of tables, then the SHA-256 of all that
//! comes before. A table is its name, its columns and pages of rows; an empty page ends it.
//!
//! INVARIANT: a back-up is one state of the tenant, whatever is written meanwhile; a restore is whole or nothing.

mod file;
mod tables;

use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use self::file::{In, Out};
use self::tables::{TABLES, Table};
use crate::access::Access;
use crate::audit;
use crate::bulk;
use crate::change::AuditEntry;
use crate::codec::{write_text, write_varint};
use crate::db::{Dialect, Location, Result, Row, Tx, Value, args};
use crate::error::StoreError;
use crate::migrate;
use crate::store::{At, Store, moment};
use crate::time::micros;

/// First words of the file.
const MAGIC: &str = "merlon-backup";
const LAYOUT: u64 = 1;
/// Rows that are read at once.
const PAGE: usize = 1000;

/// What a back-up says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupHeader {
    /// The schema of the database that it was made of.
    pub schema: i64,
    /// The tenant.
    pub tenant: u16,
    /// The last commit in it.
    pub seq: u64,
    /// When it was made.
    pub made: Timestamp,
}

impl BackupHeader {
    fn line(&self) -> String {
        let header = json!({
            "file": MAGIC, "layout": LAYOUT, "schema": self.schema, "tenant": self.tenant,
            "seq": self.seq, "made": micros(self.made),
        });
        format!("{header}\n")
    }

    fn parse(line: &str) -> Result<Self> {
        let json: Json = serde_json::from_str(line).unwrap_or_default();
        let number = |key: &str| json.get(key).and_then(Json::as_i64);
        if json.get("file").and_then(Json::as_str) != Some(MAGIC) {
            return Err(StoreError::Invalid("the file is no back-up".to_owned()));
        }
        if number("layout") != Some(LAYOUT.cast_signed()) {
            return Err(StoreError::Invalid("the back-up is of a newer program".to_owned()));
        }
        let read = || {
            Some(Self {
                schema: number("schema")?,
                tenant: u16::try_from(number("tenant")?).ok()?,
                seq: number("seq")?.cast_unsigned(),
                made: Timestamp::from_microsecond(number("made")?).ok()?,
            })
        };
        read().ok_or_else(|| StoreError::Corrupt("the back-up says too little of itself".into()))
    }
}

/// Reads what a back-up says of itself, without reading all of it.
pub fn read_backup_header(file: &Path) -> Result<BackupHeader> {
    BackupHeader::parse(&file::first_line(file)?)
}

impl Store {
    /// Writes the tenant into a new file, in one state, while others go on writing. The file appears when it
    /// is complete and on disk.
    pub async fn backup(
        &self,
        access: &Access,
        file: &Path,
        now: Timestamp,
    ) -> Result<BackupHeader> {
        let mut tx = self.read(access).await?;
        let schema = migrate::verify(&mut tx).await?;
        let seq = moment(&mut tx, access, At::Now).await?.seq;
        let header = BackupHeader { schema, tenant: access.tenant().0, seq, made: now };
        let mut out = Out::create(file.to_owned(), &header.line()).await?;
        for table in TABLES {
            if !exists(&mut tx, table.name).await? {
                continue; // of a later schema
            }
            out = write_table(&mut tx, access, table, out).await?;
        }
        let mut end = Vec::new();
        write_text("", &mut end);
        out = out.write(end).await?;
        out.finish().await?;
        drop(tx);
        let (action, object) = ("backup".to_owned(), file.display().to_string());
        let entry = AuditEntry { action, object, detail: json!({ "seq": seq }) };
        self.audit(access, now, entry).await?;
        Ok(header)
    }

    /// Reads a back-up into the tenant of `access`, which must be that of the back-up, and opens the database.
    ///
    /// A tenant that holds anything is refused, unless `replaces`: then all it holds is removed. The audit
    /// chain of the back-up is verified, and goes on with a row about this.
    pub async fn restore(
        location: &Location,
        access: &Access,
        file: &Path,
        now: Timestamp,
        replaces: bool,
    ) -> Result<Self> {
        let header = read_backup_header(file)?;
        if header.schema > migrate::NEWEST {
            return Err(StoreError::NewerSchema { found: header.schema, known: migrate::NEWEST });
        }
        if header.tenant != access.tenant().0 {
            let own = header.tenant;
            return Err(StoreError::Invalid(format!("the back-up is of tenant {own}")));
        }
        let mut input = In::open(file.to_owned()).await?; // verifies the checksum first
        // A back-up of an older schema goes into a database of that schema, and that is migrated.
        let store = Self::open_at(location, header.schema, now).await?;
        let mut tx = store.write(access).await?;
        if migrate::verify(&mut tx).await? != header.schema {
            let schema = header.schema;
            return Err(StoreError::Conflict(format!(
                "the back-up has schema {schema}: restore it into a new database"
            )));
        }
        empty(&mut tx, access, replaces).await?;
        loop {
            let name = input.text().await?;
            if name.is_empty() {
                break;
            }
            read_table(&mut tx, access, &name, &mut input).await?;
        }
        audit::must_be_whole(&mut tx, access).await?;
        let (action, object) = ("restore".to_owned(), file.display().to_string());
        let detail = json!({ "seq": header.seq, "made": micros(header.made) });
        let entry = AuditEntry { action, object, detail };
        audit::append(&mut tx, access, now, &[entry]).await?;
        tx.commit().await?;
        store.close().await;
        Self::open(location, now).await
    }
}

/// The columns of a table with its tenant in front.
fn columns(table: &Table) -> String {
    let names = table.columns.iter().map(|it| it.0);
    [table.tenant].into_iter().chain(names).collect::<Vec<_>>().join(", ")
}

async fn write_table(tx: &mut Tx, access: &Access, table: &Table, out: Out) -> Result<Out> {
    let mut out = out;
    let mut start = Vec::new();
    write_text(table.name, &mut start);
    write_varint(table.columns.len() as u64, &mut start);
    for (name, letter) in table.columns {
        write_text(name, &mut start);
        write_text(&letter.to_string(), &mut start);
    }
    out = out.write(start).await?;
    let keys: Vec<&str> = table.columns.iter().take(table.n_keys).map(|it| it.0).collect();
    let mut last: Vec<Value> = Vec::new();
    loop {
        let mut sql =
            format!("SELECT {} FROM {} WHERE {} = $1", columns(table), table.name, table.tenant);
        if !last.is_empty() {
            let places: Vec<String> = (0..keys.len()).map(|it| format!("${}", it + 2)).collect();
            sql = format!("{sql} AND ({}) > ({})", keys.join(", "), places.join(", "));
        }
        if !keys.is_empty() {
            sql = format!("{sql} ORDER BY {}", keys.join(", "));
        }
        sql = format!("{sql} LIMIT {PAGE}");
        let mut values = args![access.row()];
        values.append(&mut last);
        let rows = tx.rows(&sql, values).await?;
        let mut page = Vec::new();
        write_varint(rows.len() as u64, &mut page);
        for row in &rows {
            for (index, (_, letter)) in table.columns.iter().enumerate() {
                write_value(row, index + 1, *letter, &mut page)?;
            }
        }
        if let Some(row) = rows.last() {
            for (index, (_, letter)) in table.columns.iter().take(table.n_keys).enumerate() {
                last.push(match letter {
                    't' => Value::from(row.text(index + 1)?),
                    'b' => Value::from(row.bytes(index + 1)?),
                    _ => Value::from(row.int(index + 1)?),
                });
            }
        }
        let is_last = rows.len() < PAGE || keys.is_empty();
        if is_last && !rows.is_empty() {
            write_varint(0, &mut page);
        }
        out = out.write(page).await?;
        if is_last {
            return Ok(out);
        }
    }
}

fn write_value(row: &Row, index: usize, letter: char, out: &mut Vec<u8>) -> Result<()> {
    let number = |value: i64, out: &mut Vec<u8>| out.extend_from_slice(&value.to_le_bytes());
    match letter {
        'i' => number(row.int(index)?, out),
        'I' => match row.int_or_null(index)? {
            Some(value) => {
                out.push(1);
                number(value, out);
            }
            None => out.push(0),
        },
        'r' => out.extend_from_slice(&row.real(index)?.to_le_bytes()),
        'T' => match row.text_or_null(index)? {
            Some(text) => {
                out.push(1);
                write_text(&text, out);
            }
            None => out.push(0),
        },
        'b' => {
            let bytes = row.bytes(index)?;
            write_varint(bytes.len() as u64, out);
            out.extend_from_slice(&bytes);
        }
        _ => write_text(&row.text(index)?, out),
    }
    Ok(())
}

async fn read_table(tx: &mut Tx, access: &Access, name: &str, input: &mut In) -> Result<()> {
    let table = TABLES.iter().find(|it| it.name == name);
    let table = table.ok_or_else(|| unknown(&format!("table `{name}`")))?;
    let n_columns = input.varint().await?;
    let mut letters = Vec::new();
    let mut into = format!("{name} ({}", table.tenant);
    for _ in 0..n_columns {
        let (column, letter) = (input.text().await?, input.text().await?);
        let known = table.columns.iter().find(|it| it.0 == column);
        let known = known.ok_or_else(|| unknown(&format!("column `{name}.{column}`")))?;
        into.push_str(", ");
        into.push_str(known.0);
        letters.push(letter.chars().next().unwrap_or('t'));
    }
    into.push(')');
    loop {
        let n_rows = input.varint().await?;
        if n_rows == 0 {
            return Ok(());
        }
        let mut rows = Vec::new();
        for _ in 0..n_rows {
            let mut row = args![access.row()];
            for letter in &letters {
                row.push(read_value(input, *letter).await?);
            }
            rows.push(row);
        }
        bulk::insert(tx, &into, letters.len() + 1, "", rows).await?;
    }
}

async fn read_value(input: &mut In, letter: char) -> Result<Value> {
    Ok(match letter {
        'i' => Value::from(i64::from_le_bytes(input.chunk().await?)),
        'I' => match input.chunk::<1>().await? {
            [0] => Value::Int(None),
            _ => Value::from(i64::from_le_bytes(input.chunk().await?)),
        },
        'r' => Value::Real(f64::from_le_bytes(input.chunk().await?)),
        'T' => match input.chunk::<1>().await? {
            [0] => Value::Text(None),
            _ => Value::from(input.text().await?),
        },
        'b' => Value::Bytes(Some(input.bytes().await?)),
        _ => Value::from(input.text().await?),
    })
}

fn unknown(what: &str) -> StoreError {
    StoreError::Invalid(format!("the back-up holds a {what} that this program does not know"))
}

/// Fails unless the tenant holds nothing, or removes what it holds.
async fn empty(tx: &mut Tx, access: &Access, replaces: bool) -> Result<()> {
    if !replaces {
        for table in ["change_log", "document", "resource", "job", "audit"] {
            if !exists(tx, table).await? {
                continue;
            }
            let sql = format!("SELECT 1 FROM {table} WHERE tenant = $1 LIMIT 1");
            if tx.row(&sql, args![access.row()]).await?.is_some() {
                return Err(StoreError::Conflict(
                    "the database is not empty: restore into a new one, or say that it is to be \
                     replaced"
                        .to_owned(),
                ));
            }
        }
    }
    migrate::guard_audit(tx, false).await?;
    for table in TABLES.iter().rev() {
        // Tables of a later schema than the back-up's are not there.
        if exists(tx, table.name).await? {
            let sql = format!("DELETE FROM {} WHERE {} = $1", table.name, table.tenant);
            if table.name == "tenant" {
                leave_out(tx, access).await?;
            }
            tx.run(&sql, args![access.row()]).await?;
        }
    }
    migrate::guard_audit(tx, true).await
}

/// What stands in no back-up goes too: who was signed in before a restore is not afterwards.
async fn leave_out(tx: &mut Tx, access: &Access) -> Result<()> {
    for table in ["lease", "session", "attempt", "ceremony"] {
        if exists(tx, table).await? {
            let sql = format!("DELETE FROM {table} WHERE tenant = $1");
            tx.run(&sql, args![access.row()]).await?;
        }
    }
    Ok(())
}

async fn exists(tx: &mut Tx, table: &str) -> Result<bool> {
    let sql = match tx.dialect() {
        Dialect::Sqlite => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1",
        Dialect::Postgres => "SELECT 1 FROM pg_tables WHERE tablename = $1",
    };
    Ok(tx.row(sql, args![table]).await?.is_some())
}

#[cfg(test)]
mod tests {
    use super::tables::{LEFT_OUT, TABLES};
    use crate::db::args;
    use crate::{Access, Location, Store, TenantId};
    use jiff::Timestamp;

    #[test]
    fn every_table_and_column_of_the_schema_is_backed_up() {
        let folder = testkit::Folder::new().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let location = Location::Folder(folder.path().to_owned());
            let store = Store::open(&location, Timestamp::UNIX_EPOCH).await.unwrap();
            let mut tx = store.read(&Access::new(TenantId::FIRST, "test")).await.unwrap();
            let sql = "SELECT m.name, c.name FROM sqlite_master m \
                       JOIN pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1, c.cid";
            let mut found: Vec<(String, String)> = Vec::new();
            for row in tx.rows(sql, args![]).await.unwrap() {
                let table = row.text(0).unwrap();
                if !LEFT_OUT.contains(&table.as_str()) && !table.starts_with("sqlite_") {
                    found.push((table, row.text(1).unwrap()));
                }
            }
            let mut known: Vec<(String, String)> = Vec::new();
            for table in TABLES {
                known.push((table.name.to_owned(), table.tenant.to_owned()));
                let columns = table.columns.iter();
                known.extend(columns.map(|it| (table.name.to_owned(), it.0.to_owned())));
            }
            found.sort();
            known.sort();
            assert_eq!(found, known);
        });
    }
}
