//! The estate while it is written: what is left to make, what was counted, what was planted.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};

use super::company::Company;
use super::manifest::{AttackRoute, AttackStep, Manifest, Planted};
use super::random::Random;
use super::{AS_OF, GenerateOptions, Out};

/// How many of a thousand places for a fault get one.
const FAULTS_PER_MILLE: u64 = 20;

/// The estate while it is written.
pub(super) struct Estate<'a> {
    pub(super) random: Random,
    pub(super) company: Company,
    out: Out<'a>,
    manifest: Manifest,
    left: u64,
    now: Timestamp,
    n_addresses: u32,
}

impl<'a> Estate<'a> {
    pub(super) fn new(options: &GenerateOptions, out: Out<'a>) -> Self {
        let manifest = Manifest { seed: options.seed, as_of: AS_OF, ..Manifest::default() };
        Self {
            random: Random::new(options.seed),
            company: Company::default(),
            out,
            manifest,
            left: 0,
            now: AS_OF.parse().unwrap_or(Timestamp::UNIX_EPOCH),
            n_addresses: 0,
        }
    }

    /// Sets the number of resources of the cloud that comes next.
    pub(super) fn begin(&mut self, resources: u64) {
        self.left = resources;
    }

    /// Resources that this cloud still lacks.
    pub(super) fn left(&self) -> u64 {
        self.left
    }

    /// Counts one resource; false when the cloud is full and the resource must not be written.
    #[must_use]
    pub(super) fn count(&mut self, kind: &'static str) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        self.manifest.resources += 1;
        *self.manifest.kinds.entry(kind).or_default() += 1;
        true
    }

    /// Whether a fault goes here.
    pub(super) fn is_faulty(&mut self) -> bool {
        self.random.chance(FAULTS_PER_MILLE)
    }

    /// Decides whether a resource that is written has this fault, and notes it.
    pub(super) fn draw(&mut self, resource: &str, check: &'static str) -> bool {
        let is_faulty = self.is_faulty();
        if is_faulty {
            self.plant(resource, check);
        }
        is_faulty
    }

    /// Notes a fault of a resource that is written.
    pub(super) fn plant(&mut self, resource: &str, check: &'static str) {
        self.manifest.planted.push(Planted { resource: resource.to_owned(), check });
    }

    /// Notes a way of attack; the last step leads to the target.
    pub(super) fn route(&mut self, name: &'static str, entry: &str, steps: Vec<AttackStep>) {
        let target = steps.last().map(|it| it.to.clone()).unwrap_or_default();
        let route = AttackRoute { name, entry: entry.to_owned(), steps, target };
        self.manifest.attack_routes.push(route);
    }

    /// Hands over one file.
    pub(super) fn write(&mut self, path: &str, bytes: &[u8]) -> Result<()> {
        self.manifest.files += 1;
        self.manifest.bytes += bytes.len() as u64;
        (self.out)(path, bytes)
    }

    /// An instant so many days ago, at some second of that day.
    pub(super) fn days_ago(&mut self, days: u64) -> String {
        let seconds = days * 86_400 + self.random.below(86_400);
        let past = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(0));
        self.now.checked_sub(past).unwrap_or(self.now).to_string()
    }

    /// An instant between two ages in days.
    pub(super) fn aged(&mut self, youngest: u64, oldest: u64) -> String {
        let days = self.random.between(youngest, oldest);
        self.days_ago(days)
    }

    /// A public address that nobody has: from 198.18.0.0/15, reserved for benchmarks (RFC 2544).
    pub(super) fn public_address(&mut self) -> String {
        let n = self.n_addresses % (1 << 17);
        self.n_addresses += 1;
        format!("198.{}.{}.{}", 18 + (n >> 16), (n >> 8) & 0xFF, n & 0xFF)
    }

    /// Writes the manifest and gives it back.
    pub(super) fn finish(self) -> Result<Manifest> {
        let mut text = serde_json::to_vec_pretty(&self.manifest)?;
        text.push(b'\n');
        (self.out)("manifest.json", &text)?;
        Ok(self.manifest)
    }
}
