//! Requests of the server itself that go out: over TLS, or plainly to this machine alone; short answers of JSON.

use std::sync::Arc;
use std::time::Duration;

use api::{Fetch, Incoming, Outgoing, Provider};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Url};
use serde_json::Value as Json;

use crate::{config, network};

/// How long a request may take in all.
const REQUEST: Duration = Duration::from_secs(15);
/// Bytes of the longest answer: configurations and key sets have a few thousand.
const LONGEST: usize = 1024 * 1024;

/// Sends requests with limits of time and size; it follows no redirection.
#[derive(Debug)]
pub(crate) struct Web(Client);

impl Web {
    /// Fails where the proxy or the authorities of the configuration cannot be used.
    pub(crate) fn new(network: &config::NetworkOut) -> anyhow::Result<Self> {
        Ok(Self(network::client(network)?.timeout(REQUEST).build()?))
    }

    async fn send(&self, request: Outgoing) -> anyhow::Result<Json> {
        let url: Url = request.url.parse()?;
        anyhow::ensure!(is_safe(&url), "`{url}` is neither https nor on this machine");
        let mut sent = match request.form {
            None => self.0.get(url),
            Some(fields) => {
                let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
                let text = serde_html_form::to_string(&fields)?;
                self.0.post(url).header(CONTENT_TYPE, kind).body(text)
            }
        };
        if let Some((name, password)) = request.basic {
            sent = sent.basic_auth(name, Some(password));
        }
        let mut answer = sent.header(ACCEPT, "application/json").send().await?;
        let status = answer.status();
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            anyhow::ensure!(bytes.len() + chunk.len() <= LONGEST, "the answer is too long");
            bytes.extend_from_slice(&chunk);
        }
        // What went wrong stands in the body by the standard, and is no secret.
        anyhow::ensure!(
            status.is_success(),
            "it answered {status}: {}",
            String::from_utf8_lossy(&bytes).chars().take(200).collect::<String>().escape_default()
        );
        Ok(serde_json::from_slice(&bytes)?)
    }
}

impl Fetch for Web {
    fn fetch(&self, request: Outgoing) -> Incoming<'_> {
        Box::pin(async move { self.send(request).await.map_err(|error| format!("{error:#}")) })
    }
}

/// The identity provider of the configuration; `None` when there is none.
pub(crate) fn provider(
    config: &config::Provider,
    network: &config::NetworkOut,
) -> anyhow::Result<Option<Provider>> {
    let (issuer, client) = match (&config.issuer, &config.client) {
        (Some(issuer), Some(client)) => (issuer.clone(), client.clone()),
        (None, None) => return Ok(None),
        _ => anyhow::bail!("`provider.issuer` and `provider.client` go together"),
    };
    let url: Url = issuer.parse()?;
    anyhow::ensure!(is_safe(&url), "`provider.issuer` must begin with `https://`");
    let secret = config.secret.as_ref().map(|it| it.expose().to_owned());
    let (groups, scopes) = (config.groups.clone(), config.scopes.clone());
    anyhow::ensure!(
        scopes.split(' ').any(|it| it == "openid"),
        "`provider.scopes` must name `openid`"
    );
    let fetch = Arc::new(Web::new(network)?);
    let only = config.only_group.clone();
    Ok(Some(Provider { issuer, client, secret, scopes, groups, only, fetch }))
}

/// Whether nobody on the way can read or change what goes there.
fn is_safe(url: &Url) -> bool {
    let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    url.scheme() == "https" || (url.scheme() == "http" && is_here)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    /// Answers one request by its path; `/echo` with the request itself.
    async fn answer(mut stream: TcpStream) -> std::io::Result<()> {
        let (mut request, mut part) = (String::new(), [0; 4096]);
        // The form of the test ends so.
        while !request.contains("\r\n\r\n")
            || (request.starts_with("POST") && !request.ends_with("%26c"))
        {
            let n = stream.read(&mut part).await?;
            request.push_str(&String::from_utf8_lossy(&part[..n]));
        }
        let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
        let (head, body) = match &*path {
            "/good" => ("200 OK", "{\"a\":1}".to_owned()),
            "/long" => ("200 OK", "x".repeat(LONGEST + 1)),
            "/text" => ("200 OK", "hello".to_owned()),
            "/away" => ("302 Found\r\nlocation: /good", String::new()),
            "/bad" => ("400 Bad Request", "{\"error\":\"invalid_grant\"}".to_owned()),
            "/echo" => ("200 OK", json!(request).to_string()),
            _ => ("404 Not Found", String::new()),
        };
        let length = body.len();
        let text = format!(
            "HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        stream.write_all(text.as_bytes()).await
    }

    async fn server() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream));
            }
        });
        format!("http://{address}")
    }

    #[test]
    fn answers_are_bounded_and_redirections_refused() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let network =
                config::NetworkOut { proxy: None, no_proxy: config::Hosts(Vec::new()), ca: None };
            let (web, server) = (Web::new(&network).unwrap(), server().await);
            let get =
                async |url: String| web.fetch(Outgoing { url, form: None, basic: None }).await;
            assert_eq!(get(format!("{server}/good")).await, Ok(json!({ "a": 1 })));
            for (path, why) in [
                ("/long", "too long"),
                ("/text", "expected value"),
                ("/away", "302"),
                ("/bad", "invalid_grant"),
                ("/none", "404"),
            ] {
                let refused = get(format!("{server}{path}")).await.unwrap_err();
                assert!(refused.contains(why), "{path}: {refused}");
            }
            for url in
                ["http://192.0.2.1/x", "http://localhost.example/", "file:///etc/passwd", "x"]
            {
                get(url.to_owned()).await.unwrap_err();
            }
            let form = vec![("code".to_owned(), "a b&c".to_owned())];
            let basic = Some(("merlon".to_owned(), "s".to_owned()));
            let url = format!("{server}/echo");
            let echo = web.fetch(Outgoing { url, form: Some(form), basic }).await.unwrap();
            let echo = echo.as_str().unwrap();
            assert!(echo.starts_with("POST /echo") && echo.ends_with("code=a+b%26c"), "{echo}");
            assert!(echo.to_lowercase().contains("authorization: basic bwvybg9uonm="), "{echo}");
        });
    }
}
