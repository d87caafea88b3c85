//! The configuration: one file, the environment and the command line, read once.
//!
//! A later layer wins: default, file, environment, command line. Everything wrong is told at once.
//! This is the one place that reads the environment.

mod keys;
mod network;
mod reference;
mod settings;
mod value;

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::seal::{self, Purpose, Ring};
use settings::Settings;

pub(crate) use keys::{Config, KEYS, Key, NetworkOut, Provider, Server, Tls};
pub(crate) use network::{Forwarded, Leave, Listen, Networks};
#[cfg(test)]
pub(crate) use network::{Hosts, Network};
pub(crate) use reference::reference;
pub(crate) use settings::{Origin, Problem};
pub(crate) use value::{LogFormat, Role, Secret};

/// The file in the data folder that is read when no other is named.
const FILE_NAME: &str = "merlon.toml";
/// The name of the systemd credential that holds the master keys.
const CREDENTIAL: &str = "merlon-master-key";
/// Secrets of the installation itself belong to no tenant.
const INSTALLATION: u64 = 0;

/// Where things are kept: the options of every command that uses the store.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Place {
    /// Read settings from this file [default: `merlon.toml` in the data folder, where there is one].
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Keep everything in this folder (SQLite).
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Keep everything in this PostgreSQL database.
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    pub(crate) database: Option<String>,
    /// File with the master keys that open sealed settings.
    #[arg(long, value_name = "FILE")]
    pub(crate) master_key_file: Option<PathBuf>,
}

impl Place {
    /// Whether the command line says where things are kept.
    pub(crate) fn is_named(&self) -> bool {
        self.data.is_some() || self.database.is_some() || self.config.is_some()
    }
}

/// A setting that an option of a command sets.
#[derive(Debug)]
pub(crate) struct Setting {
    /// The option, for messages.
    pub(crate) option: &'static str,
    /// The section and the name of the setting.
    pub(crate) key: (&'static str, &'static str),
    /// The value.
    pub(crate) value: String,
}

/// The variables of the process.
#[derive(Debug, Default)]
pub(crate) struct Environment {
    variables: Vec<(String, String)>,
}

impl Environment {
    /// Those of this process; a variable that is no text cannot be a setting.
    pub(crate) fn of_process() -> Self {
        let pair = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self { variables: std::env::vars_os().filter_map(pair).collect() }
    }

    /// The variable of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.variables.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }
}

/// A configuration and where it comes from.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) config: Config,
    /// The master keys; empty when none are configured.
    pub(crate) ring: Ring,
    /// Each setting with its value as text, secrets redacted, and where it comes from.
    pub(crate) shown: Vec<(&'static Key, String, Origin)>,
    /// The file that was read.
    pub(crate) file: Option<PathBuf>,
}

/// Everything that is wrong with a configuration; at least one problem.
#[derive(Debug)]
pub(crate) struct Problems(pub(crate) Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is wrong")?;
        self.0.iter().try_for_each(|it| write!(f, "\n  {it}"))
    }
}

impl std::error::Error for Problems {}

/// Reads the configuration of a command.
pub(crate) fn load(
    place: &Place,
    options: Vec<Setting>,
    environment: &Environment,
) -> Result<Loaded, Problems> {
    let mut settings = Settings::default();
    let file = file_of(place, environment);
    if let Some(path) = &file {
        let name = path.display().to_string();
        match fs::read_to_string(path) {
            Ok(text) => settings.add_file(&name, &text),
            Err(error) => settings.note(name, format!("cannot be read: {error}")),
        }
    }
    settings.add_environment(environment.variables.iter().map(|(n, v)| (n.as_str(), v.as_str())));
    add_options(&mut settings, place, options);
    let config = Config::read(&mut settings);
    let (config, ring) = match config {
        Some(mut config) => {
            check_together(&mut settings, &config);
            let ring = master_keys(&mut settings, &config, environment);
            open_secrets(&mut settings, &mut config, &ring);
            (Some(config), ring)
        }
        None => (None, Ring::default()),
    };
    let problems = settings.take_problems();
    match config {
        Some(config) if problems.is_empty() => Ok(Loaded {
            config,
            ring,
            shown: KEYS
                .iter()
                .map(|key| (key, settings.shown(key), settings.origin(key.section, key.name)))
                .collect(),
            file,
        }),
        _ => Err(Problems(problems)),
    }
}

/// The file to read: the one that is named, else the one in the data folder.
pub(crate) fn file_of(place: &Place, environment: &Environment) -> Option<PathBuf> {
    if place.config.is_some() {
        return place.config.clone();
    }
    let data = match (&place.data, &place.database) {
        (Some(data), _) => data.clone(),
        (None, Some(_)) => return None,
        (None, None) => PathBuf::from(environment.get("MERLON__STORE__DATA")?),
    };
    Some(data.join(FILE_NAME)).filter(|it| it.exists())
}

fn add_options(settings: &mut Settings, place: &Place, options: Vec<Setting>) {
    let path = |it: &Option<PathBuf>| it.as_ref().map(|it| it.to_string_lossy().into_owned());
    // A place on the command line replaces whichever place another layer names.
    if place.data.is_some() || place.database.is_some() {
        settings.forget("store", "data");
        settings.forget("store", "database");
    }
    let mut set = |key: (&str, &str), option: &str, value: Option<String>| {
        if let Some(value) = value {
            settings.add_option(key.0, key.1, option, value);
        }
    };
    set(("store", "data"), "--data", path(&place.data));
    set(("store", "database"), "--database", place.database.clone());
    set(("key", "file"), "--master-key-file", path(&place.master_key_file));
    for Setting { option, key, value } in options {
        set(key, option, Some(value));
    }
}

/// What no setting can say alone.
fn check_together(settings: &mut Settings, config: &Config) {
    if config.store.data.is_some() && config.store.database.is_some() {
        settings.note("", "`store.data` and `store.database` are both set: choose one");
    }
    if config.key.file.is_some() && config.key.material.is_some() {
        settings.note("", "`key.file` and `key.material` are both set: choose one");
    }
    if config.tls.certificate.is_some() != config.tls.key.is_some() {
        settings.note("", "`tls.certificate` and `tls.key` go together");
    }
    let server = &config.server;
    let is_open = config.tls.certificate.is_none()
        && server.proxies.0.is_empty()
        && server.plain == Leave::Refuse;
    if is_open && !server.listen.is_of_this_machine() {
        let place = settings.origin("server", "listen").place();
        settings.note(
            place,
            "`server.listen`: beyond this machine passwords would be sent without TLS: set `tls.certificate` and \
             `tls.key`, or `server.proxies` behind a proxy, or `server.plain = \"allow\"`",
        );
    }
    if config.provider.issuer.is_some() != config.provider.client.is_some() {
        settings.note("", "`provider.issuer` and `provider.client` go together");
    }
    if config.provider.issuer.is_some() && config.server.origin.is_none() {
        settings.note(
            "",
            "`provider.issuer` needs `server.origin`: the provider sends browsers back there",
        );
    }
    if let (Some(_), Origin::File(place)) =
        (&config.key.material, settings.origin("key", "material"))
    {
        settings.note(
            place,
            "`key.material`: a master key does not belong beside what it protects: use `key.file` or the environment",
        );
    }
}

/// The address of the database with the authority of the configuration, unless it names one itself.
pub(crate) fn with_authority(url: &str, ca: Option<&Path>) -> String {
    match ca {
        Some(ca) if !url.contains("sslrootcert=") => {
            let joint = if url.contains('?') { '&' } else { '?' };
            let path: String = ca.to_string_lossy().bytes().map(escaped).collect();
            format!("{url}{joint}sslrootcert={path}")
        }
        _ => url.to_owned(),
    }
}

/// A byte as addresses write it.
fn escaped(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// The folder of files that can be made again; `None` when there are to be none.
pub(crate) fn cache(config: &Config) -> Option<PathBuf> {
    config.store.cache.clone().or_else(|| config.store.data.clone())
}

/// The master keys: of the file, the environment or the systemd credential; else none.
fn master_keys(settings: &mut Settings, config: &Config, environment: &Environment) -> Ring {
    let data = config.store.data.as_deref();
    let credential = environment
        .get("CREDENTIALS_DIRECTORY")
        .map(|it| Path::new(it).join(CREDENTIAL))
        .filter(|it| it.exists());
    let ring = match (&config.key.file, &config.key.material, credential) {
        (Some(file), _, _) => Ring::from_file(file, data),
        (None, Some(material), _) => Ring::parse("key material", material.expose()),
        (None, None, Some(credential)) => Ring::from_credential(&credential),
        (None, None, None) => return Ring::default(),
    };
    ring.unwrap_or_else(|error| {
        let cause = std::error::Error::source(&error).map(|it| format!(": {it}"));
        settings.note("", format!("{error}{}", cause.unwrap_or_default()));
        Ring::default()
    })
}

/// Opens what is sealed; what is not sealed stays as it is.
fn open_secrets(settings: &mut Settings, config: &mut Config, ring: &Ring) {
    let secrets = [
        (("store", "database"), &mut config.store.database),
        (("network", "proxy"), &mut config.network.proxy),
        (("provider", "secret"), &mut config.provider.secret),
    ];
    for ((section, name), secret) in secrets {
        let Some(sealed) = secret.as_ref().filter(|it| seal::is_sealed(it.expose())) else {
            continue;
        };
        let path = format!("{section}.{name}");
        match open(ring, &path, sealed.expose()) {
            Ok(opened) => *secret = Some(opened),
            Err(message) => {
                let place = settings.origin(section, name).to_string();
                settings.note(place, format!("`{path}`: {message}"));
            }
        }
    }
}

fn open(ring: &Ring, setting: &str, sealed: &str) -> Result<Secret, String> {
    let opened = ring.open(&purpose(setting), sealed).map_err(|it| it.to_string())?;
    let text =
        std::str::from_utf8(&opened).map_err(|_| "the sealed value is no text".to_owned())?;
    Ok(Secret::new(text))
}

/// What a secret of the setting `section.name` is sealed for.
pub(crate) fn purpose(setting: &str) -> Purpose<'_> {
    Purpose { tenant: INSTALLATION, name: setting }
}

/// Seals anew every sealed setting in the text of a file; gives the new text and what was sealed.
pub(crate) fn reseal(text: &str, ring: &Ring) -> anyhow::Result<(String, Vec<String>)> {
    let table = toml::de::DeTable::parse(text)?;
    let mut found = Vec::new();
    for key in KEYS.iter().filter(|it| it.is_secret) {
        let value = table
            .get_ref()
            .get(key.section)
            .and_then(|it| it.get_ref().as_table())
            .and_then(|it| it.get(key.name));
        if let Some(value) = value
            && let Some(sealed) = value.get_ref().as_str().filter(|it| seal::is_sealed(it))
        {
            let anew = ring.reseal(&purpose(&key.path()), sealed)?;
            found.push((value.span(), key.path(), anew));
        }
    }
    // From the end, so that the places before stay where they are.
    found.sort_by_key(|(span, _, _)| std::cmp::Reverse(span.start));
    let mut text = text.to_owned();
    for (span, _, anew) in &found {
        text.replace_range(span.clone(), &format!("\"{anew}\""));
    }
    Ok((text, found.into_iter().map(|(_, path, _)| path).collect()))
}

/// An error of reading, in words that name the file.
pub(crate) fn unreadable(path: &Path, error: &io::Error) -> anyhow::Error {
    anyhow::anyhow!("`{}` cannot be read: {error}", path.display())
}
