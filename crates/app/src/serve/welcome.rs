//! What the server says on standard output to whoever started it: where it is found and how to sign in. Not in the
//! log, because links and passwords are secrets.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use axum::body::Body;
use axum::http::{Request, header};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use serde_json::json;

use super::database::Shared;

/// How the first account comes about.
#[derive(Debug)]
pub(crate) enum Welcome {
    /// A link with a secret, with which somebody makes it.
    Link,
    /// It is made with a password that is told once.
    Demo {
        /// Where everything is kept.
        folder: PathBuf,
    },
}

/// Letters and digits that nobody takes for one another.
const SIGNS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz123456789";
/// The account of the demo.
const NAME: &str = "demo";

/// Tells it, while there is no account yet; of the demo always where it is found.
pub(crate) async fn tell(welcome: &Welcome, shared: &Arc<Shared>, address: &str) {
    let origin = shared.config.server.origin.clone().map(|it| it.0);
    let origin = origin.unwrap_or_else(|| address.to_owned());
    let secret = match api::begin_set_up(&shared.api()).await {
        Ok(secret) => secret,
        Err(problem) => {
            tracing::warn!("no link to set up the first account could be made: {problem}");
            return;
        }
    };
    let text = match (welcome, secret) {
        (Welcome::Link, None) => return,
        (Welcome::Link, Some(secret)) => format!(
            "There is no account yet. Make the first one within a day: open this link, or \
             `POST {origin}/api/v1/set-up` with the secret after `#`:\n  {origin}/set-up#{secret}\n"
        ),
        (Welcome::Demo { folder }, None) => format!(
            "\n  Open      {origin}\n  Sign in   as before; delete `{}` to begin anew\n\nCtrl-C stops it.\n",
            folder.display()
        ),
        (Welcome::Demo { folder }, Some(secret)) => match make_account(shared, &secret).await {
            Ok(password) => format!(
                "\n  Open      {origin}\n  Name      {NAME}\n  Password  {password}\n\nThe password is shown \
                 once. Everything is kept in `{}`; delete it to begin anew. Ctrl-C stops it.\n",
                folder.display()
            ),
            Err(error) => {
                tracing::error!("the account of the demo could not be made: {error:#}");
                return;
            }
        },
    };
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).unwrap_or_default();
}

/// Makes the first account as anybody would, through the interface. Gives its password.
async fn make_account(shared: &Arc<Shared>, secret: &str) -> anyhow::Result<String> {
    let password = password()?;
    let body = json!({
        "secret": secret,
        "name": NAME,
        "displayName": "Demo",
        "password": password,
    });
    let request = Request::post("/api/v1/set-up")
        .header(header::CONTENT_TYPE, "application/json")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(body.to_string()))?;
    let service = TowerToHyperService::new(api::router(shared.api()));
    let response = service.call(request).await?;
    ensure!(response.status().is_success(), "the interface answered {}", response.status());
    Ok(password)
}

/// Four groups of four signs: 80 random bits.
fn password() -> anyhow::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).context("no random bytes")?;
    let sign = |byte: &u8| SIGNS.get(usize::from(byte % 32)).copied().map_or('a', char::from);
    let groups: Vec<String> = bytes.chunks(4).map(|it| it.iter().map(sign).collect()).collect();
    Ok(groups.join("-"))
}

#[cfg(test)]
mod tests {
    use super::password;

    #[test]
    fn no_two_passwords_are_alike() {
        let (one, other) = (password().unwrap(), password().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.len(), 19);
        assert!(one.split('-').all(|it| it.len() == 4));
    }
}
