//! Numbers for texts that repeat: keys of documents, and words (kinds, scopes, checks, reasons).
//!
//! INVARIANT: a number means the same in the database and in memory. The writer of a tenant stores what is
//! new with its commit; a process whose numbers went another way is told so and must start again.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use hashbrown::HashMap;
use model::Keys;

use crate::access::Access;
use crate::bulk;
use crate::db::{Result, Tx, args};
use crate::error::StoreError;

/// Number of a word of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Word(pub u32);

impl Word {
    /// The empty text: nothing, everywhere, the whole tenant.
    pub const NONE: Self = Self(0);
}

/// The words of a tenant, cheap to clone: clones share one table.
#[derive(Debug, Clone)]
pub struct Words {
    inner: Arc<RwLock<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    texts: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl Default for Words {
    fn default() -> Self {
        let words = Self { inner: Arc::default() };
        words.intern("");
        words
    }
}

impl Words {
    /// The number of `text`, which is added when it is new and stored with the next commit.
    pub fn intern(&self, text: &str) -> Word {
        if let Some(word) = self.find(text) {
            return word;
        }
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = inner.numbers.get(text) {
            return Word(*number);
        }
        let number = inner.texts.len() as u32;
        let text: Arc<str> = text.into();
        inner.texts.push(Arc::clone(&text));
        inner.numbers.insert(text, number);
        Word(number)
    }

    /// The number of `text`; `None` when nothing has that word.
    pub fn find(&self, text: &str) -> Option<Word> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        inner.numbers.get(text).map(|number| Word(*number))
    }

    /// The text of a word; empty when it is of another tenant.
    pub fn text(&self, word: Word) -> Arc<str> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        inner.texts.get(word.0 as usize).cloned().unwrap_or_default()
    }

    /// All words by number, for reading many.
    pub(crate) fn all(&self) -> Vec<Arc<str>> {
        self.from(0)
    }

    fn from(&self, from: usize) -> Vec<Arc<str>> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        inner.texts.get(from..).unwrap_or_default().to_vec()
    }

    pub(crate) fn len(&self) -> usize {
        self.inner.read().unwrap_or_else(PoisonError::into_inner).texts.len()
    }
}

/// How many names of each sort are known to be those of the database.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Synced {
    keys: usize,
    words: usize,
}

/// The names of one tenant in this process.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) keys: Keys,
    pub(crate) words: Words,
    synced: Mutex<Synced>,
}

impl Names {
    fn synced(&self) -> Synced {
        *self.synced.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the database holds that many of ours, after the commit that stored them.
    pub(crate) fn mark(&self, synced: Synced) {
        let mut own = self.synced.lock().unwrap_or_else(PoisonError::into_inner);
        own.keys = own.keys.max(synced.keys);
        own.words = own.words.max(synced.words);
    }

    /// Learns what others have stored since the last time.
    pub(crate) async fn pull(&self, tx: &mut Tx, access: &Access) -> Result<()> {
        let mut synced = self.synced();
        let sql = "SELECT 0, no, name FROM doc_key WHERE tenant = $1 AND no >= $2 UNION ALL \
                   SELECT 1, no, name FROM word WHERE tenant = $1 AND no >= $3 ORDER BY 1, 2";
        for row in tx.rows(sql, args![access.row(), synced.keys, synced.words]).await? {
            let name = String::from_utf8(row.bytes(2)?)
                .map_err(|_| StoreError::Corrupt("a name is not UTF-8".to_owned()))?;
            let is_word = row.int(0)? == 1;
            let number = if is_word {
                self.words.intern(&name).0 as usize
            } else {
                self.keys.intern(&name).index()
            };
            if number as u64 != row.count(1)? {
                return Err(StoreError::Conflict(
                    "another process has named things otherwise: start again".to_owned(),
                ));
            }
            let count = if is_word { &mut synced.words } else { &mut synced.keys };
            *count = number + 1;
        }
        self.mark(synced);
        Ok(())
    }

    /// Stores what is new. The result is for [`Names::mark`].
    pub(crate) async fn push(&self, tx: &mut Tx, access: &Access) -> Result<Synced> {
        let synced = self.synced();
        let keys = self.keys.names_from(synced.keys);
        let words = self.words.from(synced.words);
        let now = Synced { keys: synced.keys + keys.len(), words: synced.words + words.len() };
        for (into, from, names) in [
            ("doc_key (tenant, no, name)", synced.keys, keys),
            ("word (tenant, no, name)", synced.words, words),
        ] {
            let rows =
                names.iter().zip(from..).map(|(name, no)| args![access.row(), no, name.as_bytes()]);
            bulk::insert(tx, into, 3, "", rows).await?;
        }
        Ok(now)
    }
}
