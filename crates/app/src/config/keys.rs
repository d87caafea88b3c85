//! Every setting: its name, kind, default, range and meaning, once.
//!
//! The struct that the program reads, the checks and the reference page all come from the one list
//! at the end of this file.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::network::{Forwarded, Hosts, Leave, Listen, Networks};
use super::settings::Settings;
use super::value::{Levels, LogFormat, Origin, Roles, Secret, Size, Value};

/// What is known of a setting before any value is read.
#[derive(Debug)]
pub(crate) struct Key {
    /// The section of the file that it stands in.
    pub(crate) section: &'static str,
    /// Its name there.
    pub(crate) name: &'static str,
    /// What it does.
    pub(crate) doc: &'static str,
    /// How its values are written.
    pub(crate) form: &'static str,
    /// Its value when nobody sets it; empty means none.
    pub(crate) default: &'static str,
    /// The least and the greatest value, for kinds with an order.
    pub(crate) range: Option<(&'static str, &'static str)>,
    /// Whether its value is never shown.
    pub(crate) is_secret: bool,
}

impl Key {
    /// `section.name`.
    pub(crate) fn path(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }

    /// The variable of the environment that sets it.
    pub(crate) fn variable(&self) -> String {
        format!("MERLON__{}__{}", self.section, self.name).to_uppercase()
    }
}

/// Writes the structs, the list of keys and the reader from one list of settings.
macro_rules! settings {
    ($(
        $(#[doc = $section_doc:literal])+
        $section:ident $Section:ident {$(
            $(#[doc = $doc:literal])+
            $key:ident: $kind:ty = $default:literal
                $(from $low:literal to $high:literal)? $(($secret:ident))?;
        )+}
    )+) => {
        /// The configuration of the process: every setting, read and within its range.
        #[derive(Debug, Clone)]
        pub(crate) struct Config {
            $($(#[doc = $section_doc])+ pub(crate) $section: $Section,)+
        }

        $(
            $(#[doc = $section_doc])+
            #[derive(Debug, Clone)]
            pub(crate) struct $Section {
                $($(#[doc = $doc])+ pub(crate) $key: $kind,)+
            }

            impl $Section {
                fn read(settings: &mut Settings) -> Option<Self> {
                    $(let $key = settings.read::<$kind>(stringify!($section), stringify!($key));)+
                    Some(Self { $($key: $key?,)+ })
                }
            }
        )+

        impl Config {
            /// Reads all settings; `None` when `settings` has noted problems.
            pub(super) fn read(settings: &mut Settings) -> Option<Self> {
                $(let $section = $Section::read(settings);)+
                Some(Self { $($section: $section?,)+ })
            }
        }

        /// The sections, in the order of the reference page, with what they are about.
        pub(crate) const SECTIONS: &[(&str, &str)] =
            &[$((stringify!($section), concat!($($section_doc),+)),)+];

        /// All settings, by section.
        pub(crate) const KEYS: &[Key] = &[$($(Key {
            section: stringify!($section),
            name: stringify!($key),
            doc: concat!($($doc),+),
            form: <$kind as Value>::FORM,
            default: $default,
            range: settings!(@range $($low $high)?),
            is_secret: settings!(@secret $($secret)?),
        },)+)+];
    };
    (@range) => { None };
    (@range $low:literal $high:literal) => { Some(($low, $high)) };
    (@secret) => { false };
    (@secret secret) => { true };
}

settings! {
    /// Where things are kept. Exactly one of `data` and `database` is set.
    store Store {
        /// Folder of the embedded database (SQLite); made when it is missing.
        data: Option<PathBuf> = "";
        /// Address of a PostgreSQL database, `postgres://user:password@host/name`.
        /// The command line is visible to every user of the machine: a password belongs in the file (sealed) or the environment.
        database: Option<Secret> = "" (secret);
        /// Folder for files that are made again when they are missing: what was derived from the database, so that a start need not derive it anew.
        /// Without it they lie in the data folder; with PostgreSQL there are none. Each process needs a folder of its own machine.
        cache: Option<PathBuf> = "";
    }

    /// An identity provider (`OpenID` Connect) at which people sign in. All of it is empty where there is none.
    provider Provider {
        /// Its address, exactly as it names itself in its configuration: `https://id.example.org`. `server.origin` must be set as well; the provider
        /// sends browsers back to `/api/v1/sign-in/provider/back` there, and to `/` after they have signed out.
        issuer: Option<String> = "";
        /// The id of Merlon at the provider.
        client: Option<String> = "";
        /// The secret of Merlon at the provider; empty for a public client.
        secret: Option<Secret> = "" (secret);
        /// What is asked for at the provider, with spaces between. `openid` must be there.
        scopes: String = "openid profile email";
        /// The claim of the identity token that names the groups of a person.
        groups: String = "groups";
        /// Only people in this group of the provider may sign in. Empty: everybody whom the provider knows; they may nothing until somebody gives them, or
        /// one of their groups, a role.
        only_group: Option<String> = "";
    }

    /// The HTTP side of `merlon serve`.
    server Server {
        /// Where to listen. Beyond this machine it listens only with TLS (`[tls]`), behind a proxy (`server.proxies`), or with `server.plain`.
        listen: Listen = "127.0.0.1:7070";
        /// Whether it may listen beyond this machine without TLS and without a proxy: everybody on the way then reads passwords.
        plain: Leave = "refuse";
        /// Networks of the reverse proxies that stand in front: what they say about a request counts, and the client is the rightmost address that is
        /// not one of theirs. What anybody else says is ignored. With a socket (`unix:`) its other end is trusted, too.
        proxies: Networks = "";
        /// How the proxies say it: in `X-Forwarded-For`, `-Proto` and `-Host`, or in `Forwarded` (RFC 7239). The other form is ignored.
        forwarded: Forwarded = "x-forwarded";
        /// Address at which `/healthz`, `/readyz` and `/metrics` are answered, without TLS, for probes and scrapers inside. `/readyz` and
        /// `/metrics` are then answered nowhere else.
        operations: Option<SocketAddr> = "";
        /// Where browsers find this server, such as `https://merlon.example.org`: requests of other origins that change
        /// something are refused. Empty: where the browser says that it is.
        origin: Option<Origin> = "";
        /// The parts that this process plays. Health and metrics are answered in every role.
        roles: Roles = "all";
        /// Connections that are open at once; more wait.
        connections: u32 = "1024" from "1" to "65536";
        /// Connections of one client that are open at once; more are closed. Proxies (`server.proxies`) may have all.
        connections_per_client: u32 = "256" from "1" to "65536";
        /// The longest head of a request.
        header_size: Size = "16 KiB" from "8 KiB" to "1 MiB";
        /// A connection whose request head is not complete after this time is closed; so is one that says nothing for so long between requests, and one
        /// whose TLS is not agreed on by then.
        header_timeout: Duration = "10s" from "100ms" to "5m";
        /// A client that sends nothing of a body, or takes nothing of an answer, for so long is let go; and one that sends, after this time,
        /// less than 1 KiB a second.
        body_timeout: Duration = "20s" from "100ms" to "1h";
        /// A request that is not answered after this time gets status 503.
        request_timeout: Duration = "30s" from "100ms" to "1h";
        /// On SIGTERM and SIGINT: how long jobs and requests in hand may take to finish.
        stop_timeout: Duration = "25s" from "0s" to "1h";
    }

    /// TLS 1.2 and 1.3, with HTTP/1.1 and HTTP/2. Both files are read again when they change and on SIGHUP; a pair that does not do is
    /// told in the log, and the one before stays.
    tls Tls {
        /// File with the certificate, then those of its issuers (PEM).
        certificate: Option<PathBuf> = "";
        /// File with its private key (PEM; PKCS #8, PKCS #1 or SEC 1).
        key: Option<PathBuf> = "";
        /// How often the files are looked at.
        look: Duration = "30s" from "100ms" to "1d";
    }

    /// The way out, for everything that Merlon asks elsewhere: identity providers, and the database when it is PostgreSQL with TLS.
    network NetworkOut {
        /// Proxy for requests that go out, `http://proxy:3128`; with `user:password@` where it wants that. The proxy of the environment is not used.
        proxy: Option<Secret> = "" (secret);
        /// What is reached without the proxy, with everything below a host: `["id.example.org", "10.0.0.0/8"]`. This machine always is.
        no_proxy: Hosts = "";
        /// File with certificates of authorities (PEM) that are believed in addition to those of the system.
        ca: Option<PathBuf> = "";
    }

    /// How much one caller may ask of the interface. Who asks more gets status 429 and `Retry-After`; the fields `RateLimit` and
    /// `RateLimit-Policy` of each answer say what is left. A request that computes or writes much (queries, previews, imports, reports, whole lists
    /// as CSV or NDJSON) counts as 100. The counts are those of one process.
    limit Limit {
        /// Requests in a second, in the long run, of each account that is signed in and of each token. 0: no limit.
        caller_rate: u32 = "5000" from "0" to "1000000";
        /// Requests at once of each account and token.
        caller_burst: u32 = "50000" from "1" to "10000000";
        /// Requests in a second, in the long run, of each address (of IPv6: each network of 64 bits) without a sign-in that holds. 0: no limit.
        address_rate: u32 = "100" from "0" to "1000000";
        /// Requests at once of each address without a sign-in that holds.
        address_burst: u32 = "2000" from "1" to "10000000";
    }

    /// Taking jobs from the queue.
    worker Worker {
        /// Jobs that this process works on at once.
        concurrency: u32 = "2" from "1" to "64";
        /// How often the queue is asked when it was empty.
        poll: Duration = "1s" from "10ms" to "1m";
        /// A process that was not heard of for this time has lost its jobs and its right to write.
        lease: Duration = "15s" from "1s" to "10m";
    }

    /// How long history is kept; what is older is removed once a day.
    /// The change log and the audit log are kept for good.
    retention Retention {
        /// Versions of resources and their documents, what was collected, exemptions.
        versions: Duration = "400d" from "1d" to "36500d";
        /// Assessments and their verdicts.
        assessments: Duration = "400d" from "1d" to "36500d";
        /// Scores and counts, attack paths that are resolved.
        scores: Duration = "400d" from "1d" to "36500d";
        /// Jobs that have ended.
        jobs: Duration = "30d" from "1h" to "36500d";
    }

    /// Log lines, on standard error.
    log Log {
        /// For people or for machines; the JSON lines follow the log data model of OpenTelemetry.
        format: LogFormat = "text";
        /// What is logged. Modules are the program's own (`merlon`, `merlon::serve`, `store`, ...) and those of its libraries.
        level: Levels = "info";
    }

    /// The master key, which opens sealed values (`enc:...`).
    /// Without any setting it is the systemd credential `merlon-master-key`, where there is one.
    key KeySource {
        /// File with the master keys, made by `merlon key new`. Group and others must not be able to read it, and it must not lie in the data folder.
        file: Option<PathBuf> = "";
        /// The content of such a file itself. From the environment only.
        material: Option<Secret> = "" (secret);
    }
}
