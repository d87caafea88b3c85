//! What people attest about requirements that no check can judge, with evidence.
//!
//! INVARIANT: an attestation is never changed: a later one takes its place.

use jiff::Timestamp;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::Store;
use crate::access::Access;
use crate::audit;
use crate::change::AuditEntry;
use crate::db::{Result, Row, args};
use crate::document::take_numbers;
use crate::error::StoreError;
use crate::migrate::hex;
use crate::time::{instant, micros};

/// What is attested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAttestation<'a> {
    /// The standard.
    pub standard: &'a str,
    /// The requirement.
    pub requirement: &'a str,
    /// `compliant`, `nonCompliant` or `withdrawn`.
    pub state: &'a str,
    /// Why, in a person's words.
    pub comment: &'a str,
    /// Not valid from then on.
    pub ends: Option<Timestamp>,
    /// Files that show it.
    pub evidence: &'a [EvidenceFile],
}

/// A file that shows something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceFile {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What was attested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttestationRow {
    /// Its number.
    pub number: u64,
    /// The standard.
    pub standard: String,
    /// The requirement.
    pub requirement: String,
    /// `compliant`, `nonCompliant` or `withdrawn`.
    pub state: String,
    /// Why.
    pub comment: String,
    /// Who.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// Not valid from then on.
    pub ends: Option<Timestamp>,
    /// Files that show it: number, name, media type, SHA-256.
    pub evidence: Vec<(u64, String, String, String)>,
}

impl Store {
    /// Records an attestation with its evidence; gives its number.
    pub async fn attest(
        &self,
        access: &Access,
        now: Timestamp,
        new: &NewAttestation<'_>,
    ) -> Result<u64> {
        let mut tx = self.write(access).await?;
        let number = take_numbers(&mut tx, access, "attestation", 1).await?;
        let sql = "INSERT INTO attestation (no, tenant, standard, requirement, state, comment, actor, at, ends) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let comment = crate::commit::clean(new.comment);
        let values = args![
            number,
            access.row(),
            new.standard,
            new.requirement,
            new.state,
            comment,
            access.actor(),
            micros(now),
            new.ends.map(micros),
        ];
        tx.run(sql, values).await?;
        let mut hashes = Vec::new();
        for file in new.evidence {
            let evidence = take_numbers(&mut tx, access, "evidence", 1).await?;
            let hash = hex(&Sha256::digest(&file.bytes));
            let sql = "INSERT INTO evidence (no, tenant, attestation, name, media_type, hash, bytes) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7)";
            let (name, media) = (crate::commit::clean(&file.name), file.media_type.as_str());
            let values =
                args![evidence, access.row(), number, name, media, hash.as_str(), &*file.bytes];
            tx.run(sql, values).await?;
            hashes.push(json!({ "name": file.name, "sha256": hash }));
        }
        let entry = AuditEntry {
            action: "attestation.add".to_owned(),
            object: format!("{}/{}", new.standard, new.requirement),
            detail: json!({ "state": new.state, "comment": new.comment, "evidence": hashes }),
        };
        audit::append(&mut tx, access, now, &[entry]).await?;
        tx.commit().await?;
        Ok(number.cast_unsigned())
    }

    /// All attestations on a standard, the oldest first: the last one on a requirement counts.
    pub async fn attestations(
        &self,
        access: &Access,
        standard: &str,
    ) -> Result<Vec<AttestationRow>> {
        let mut tx = self.read(access).await?;
        let sql = "SELECT no, standard, requirement, state, comment, actor, at, ends FROM attestation \
                   WHERE tenant = $1 AND standard = $2 ORDER BY no";
        let rows = tx.rows(sql, args![access.row(), standard]).await?;
        let mut all: Vec<AttestationRow> = rows.iter().map(shape).collect::<Result<_>>()?;
        let sql = "SELECT e.attestation, e.no, e.name, e.media_type, e.hash FROM evidence e \
                   JOIN attestation a ON a.no = e.attestation \
                   WHERE e.tenant = $1 AND a.tenant = $1 AND a.standard = $2 ORDER BY e.no";
        for row in tx.rows(sql, args![access.row(), standard]).await? {
            let of = row.count(0)?;
            if let Ok(at) = all.binary_search_by_key(&of, |it| it.number)
                && let Some(it) = all.get_mut(at)
            {
                it.evidence.push((row.count(1)?, row.text(2)?, row.text(3)?, row.text(4)?));
            }
        }
        Ok(all)
    }

    /// A file of evidence.
    pub async fn evidence(&self, access: &Access, number: u64) -> Result<EvidenceFile> {
        let mut tx = self.read(access).await?;
        let sql = "SELECT name, media_type, bytes FROM evidence WHERE tenant = $1 AND no = $2";
        let row = tx.row(sql, args![access.row(), number]).await?;
        let row = row.ok_or_else(|| StoreError::NotFound(format!("evidence {number}")))?;
        Ok(EvidenceFile { name: row.text(0)?, media_type: row.text(1)?, bytes: row.bytes(2)? })
    }
}

fn shape(row: &Row) -> Result<AttestationRow> {
    Ok(AttestationRow {
        number: row.count(0)?,
        standard: row.text(1)?,
        requirement: row.text(2)?,
        state: row.text(3)?,
        comment: row.text(4)?,
        actor: row.text(5)?,
        at: instant(row.int(6)?)?,
        ends: row.int_or_null(7)?.map(instant).transpose()?,
        evidence: Vec::new(),
    })
}
