//! The way out: one maker of clients for everything that Merlon asks elsewhere.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use reqwest::redirect::Policy;
use reqwest::{ClientBuilder, NoProxy, Proxy, Url};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use crate::config::NetworkOut;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);
/// Proxies are for the world outside: this machine is always asked itself.
const THIS_MACHINE: &str = "localhost,127.0.0.0/8,::1";

/// What the server asks others with: the proxy and the authorities of the configuration, no redirections, and no
/// limit of the time in all, which each caller knows best.
pub(crate) fn client(network: &NetworkOut) -> anyhow::Result<ClientBuilder> {
    let builder = plain(network.ca.as_deref())?.no_proxy();
    let Some(address) = &network.proxy else { return Ok(builder) };
    // The address may hold a password: no message shows it.
    let url: Url = address.expose().parse().context("`network.proxy` is no address")?;
    ensure!(
        matches!(url.scheme(), "http" | "https") && url.has_host(),
        "`network.proxy` must be `http://host:port` or `https://host:port`"
    );
    let direct = [&[THIS_MACHINE.to_owned()], &*network.no_proxy.0].concat().join(",");
    let proxy = Proxy::all(url).context("`network.proxy` cannot be used")?;
    Ok(builder.proxy(proxy.no_proxy(NoProxy::from_string(&direct))))
}

/// What commands ask a server with: the proxies of the environment, as other commands have it.
pub(crate) fn client_of_user(ca: Option<&Path>) -> anyhow::Result<ClientBuilder> {
    plain(ca)
}

fn plain(ca: Option<&Path>) -> anyhow::Result<ClientBuilder> {
    let provider = Arc::new(ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots(ca)?)
        .with_no_client_auth();
    Ok(ClientBuilder::new()
        .tls_backend_preconfigured(tls)
        .redirect(Policy::none())
        .connect_timeout(CONNECT)
        .user_agent(concat!("merlon/", env!("CARGO_PKG_VERSION"))))
}

/// The authorities of the system, and those of a file.
fn roots(ca: Option<&Path>) -> anyhow::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca {
        let name = path.display();
        let text = fs::read(path).map_err(|error| crate::config::unreadable(path, &error))?;
        let mut n_found = 0;
        for certificate in CertificateDer::pem_slice_iter(&text) {
            let certificate = certificate.with_context(|| format!("`{name}` is damaged"))?;
            roots
                .add(certificate)
                .with_context(|| format!("`{name}` holds something that is no certificate"))?;
            n_found += 1;
        }
        ensure!(n_found > 0, "`{name}` holds no certificate in PEM");
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::sync::mpsc;

    use testkit::{Authority, Folder};

    use super::*;
    use crate::config::{Hosts, Secret};

    /// Reads the head of a request.
    fn head(stream: &mut impl std::io::Read) -> String {
        let (mut text, mut byte) = (String::new(), [0]);
        while !text.ends_with("\r\n\r\n") && stream.read(&mut byte).unwrap() > 0 {
            text.push(char::from(byte[0]));
        }
        text
    }

    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

    /// A server that answers with what `speak` makes of each connection, and says the heads that it read.
    fn server(
        speak: impl Fn(TcpStream) -> Option<String> + Send + 'static,
    ) -> (String, mpsc::Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (sender, heads) = mpsc::channel();
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if let Some(head) = speak(stream) {
                    drop(sender.send(head));
                }
            }
        });
        (address, heads)
    }

    #[expect(clippy::unnecessary_wraps, reason = "other servers of these tests say nothing")]
    fn plainly(mut stream: TcpStream) -> Option<String> {
        let said = head(&mut stream);
        stream.write_all(ANSWER).unwrap();
        Some(said)
    }

    fn get(network: &NetworkOut, url: &str) -> anyhow::Result<String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let answer = client(network)?.build()?.get(url).send().await?;
            Ok(answer.text().await?)
        })
    }

    fn network(proxy: Option<&str>, no_proxy: &[&str], ca: Option<&Path>) -> NetworkOut {
        NetworkOut {
            proxy: proxy.map(Secret::new),
            no_proxy: Hosts(no_proxy.iter().map(|it| (*it).to_owned()).collect()),
            ca: ca.map(Path::to_owned),
        }
    }

    #[test]
    fn the_proxy_is_asked_for_all_but_what_is_left_out() {
        let (proxy, heads) = server(plainly);
        let with = |no_proxy: &[&str]| {
            network(Some(&format!("http://merlon:hunter2@{proxy}")), no_proxy, None)
        };
        // 192.0.2.0/24 belongs to nobody: only a proxy answers for it.
        assert_eq!(get(&with(&[]), "http://192.0.2.1/x").unwrap(), "ok");
        let head = heads.recv().unwrap().to_lowercase();
        assert!(head.starts_with("get http://192.0.2.1/x "), "{head}");
        assert!(
            head.contains(
                "proxy-authorization: basic bwvybg9uomh1bnrlcjI=".to_lowercase().as_str()
            ),
            "{head}"
        );
        // This machine, and what is left out, are asked themselves.
        let (other, direct) = server(plainly);
        assert_eq!(get(&with(&[]), &format!("http://{other}/y")).unwrap(), "ok");
        assert!(direct.recv().unwrap().starts_with("GET /y "));
        assert_eq!(heads.try_recv(), Err(mpsc::TryRecvError::Empty));
        // Through a tunnel for TLS: the proxy sees the name alone.
        get(&with(&[]), "https://id.example.org/secret").unwrap_err();
        let head = heads.recv().unwrap();
        assert!(head.starts_with("CONNECT id.example.org:443 "), "{head}");
        assert!(!head.contains("secret"), "{head}");
    }

    #[test]
    fn what_is_wrong_with_the_proxy_is_said_without_its_password() {
        for wrong in ["socks4://merlon:hunter2@proxy", "hunter2", "http://", "file:///hunter2"] {
            let said = format!("{:#}", client(&network(Some(wrong), &[], None)).unwrap_err());
            assert!(said.contains("`network.proxy`") && !said.contains("hunter2"), "{said}");
        }
    }

    #[test]
    fn an_authority_of_the_configuration_is_believed_and_another_is_not() {
        let folder = Folder::new().unwrap();
        let (authority, other) = (Authority::new().unwrap(), Authority::new().unwrap());
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let ours = file("ours.pem", authority.certificate());
        let theirs = file("theirs.pem", other.certificate());
        let both = file("both.pem", &[other.certificate(), authority.certificate()].concat());
        let (chain, key) = authority.sign("127.0.0.1").unwrap();
        let provider = Arc::new(ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from_pem_slice(chain.as_bytes()).unwrap()],
                rustls::pki_types::PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(),
            )
            .unwrap();
        let config = Arc::new(config);
        let (address, _heads) = server(move |stream| {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, stream);
            let mut byte = [0; 1024];
            // A client that does not believe us says nothing.
            stream.read(&mut byte).ok().filter(|it| *it > 0)?;
            stream.write_all(ANSWER).unwrap();
            stream.conn.send_close_notify();
            stream.flush().unwrap();
            None
        });
        let url = format!("https://{address}/");
        assert_eq!(get(&network(None, &[], Some(&ours)), &url).unwrap(), "ok");
        assert_eq!(get(&network(None, &[], Some(&both)), &url).unwrap(), "ok");
        get(&network(None, &[], Some(&theirs)), &url).unwrap_err();
        get(&network(None, &[], None), &url).unwrap_err();
        let empty = file("empty.pem", "nothing\n");
        let said = format!("{:#}", client(&network(None, &[], Some(&empty))).unwrap_err());
        assert!(said.contains("holds no certificate"), "{said}");
    }
}
