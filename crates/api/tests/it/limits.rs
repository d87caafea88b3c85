//! Limits: who asks too much is told to wait, and nobody else.

use api::{Limits, Rate};
use serde_json::json;

use crate::client::{PASSWORD, Server, on_a_server, wait};

fn with_limits(server: &Server, caller: u32, address: u32) -> Server {
    let rate = |burst| Rate { per_second: 1, burst };
    let limits = Limits { caller: rate(caller), address: rate(address) };
    server.with(server.api.clone().with_limits(limits))
}

#[test]
fn a_caller_who_asks_too_much_waits_and_others_do_not() {
    on_a_server(async |server| {
        let mut owner = server.owner().await;
        let (one, other) = (owner.token("owner").await, owner.token("owner").await);
        let server = with_limits(&server, 3, 9);
        let ask = async |token: &str| {
            let bearer = format!("Bearer {token}");
            server.send("GET", "/me", &[("authorization", &bearer)], None).await
        };
        for left in [2, 1, 0] {
            let answer = ask(&one).await;
            assert_eq!(answer.status, 200);
            assert_eq!(answer.headers["ratelimit-policy"], "\"caller\";q=3;w=3");
            let standing = answer.headers["ratelimit"].to_str().unwrap();
            assert!(standing.starts_with(&format!("\"caller\";r={left};")), "{standing}");
        }
        let refused = ask(&one).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (429, "too-many-requests"));
        assert_eq!(refused.headers["content-type"], "application/problem+json");
        assert_eq!(refused.headers["retry-after"], "1");
        assert_eq!(ask(&other).await.status, 200, "another token");
        let cookie = format!("__Host-merlon={}", owner.secret);
        let browser = server.send("GET", "/me", &[("cookie", &cookie)], None).await;
        assert_eq!(browser.status, 200, "the same account in a browser");
        wait(1);
        assert_eq!(ask(&one).await.status, 200);
        assert_eq!(ask(&one).await.status, 429);
    });
}

#[test]
fn much_work_costs_more() {
    on_a_server(async |server| {
        let mut owner = server.owner().await;
        let bearer = format!("Bearer {}", owner.token("owner").await);
        let server = with_limits(&server, 150, 9);
        let headers = [("authorization", &*bearer)];
        let left = async |path: &str, accept: &str, body| {
            let method = if body { "POST" } else { "GET" };
            let body = body.then(|| json!({ "query": "MATCH (n) RETURN n" }));
            let headers = [&headers[..], &[("accept", accept)]].concat();
            let answer = server.send(method, path, &headers, body.as_ref()).await;
            let field = answer.headers.get("ratelimit").map(|it| it.to_str().unwrap().to_owned());
            (answer.status.as_u16(), field.unwrap_or_default())
        };
        assert!(left("/me", "*/*", false).await.1.starts_with("\"caller\";r=149;"));
        let (status, standing) = left("/query", "*/*", true).await;
        assert!(standing.starts_with("\"caller\";r=49;"), "{status} {standing}");
        assert_eq!(left("/query", "*/*", true).await.0, 429);
        assert_eq!(left("/audit", "text/csv", false).await.0, 429, "a whole list");
        assert_eq!(left("/audit", "application/json", false).await.0, 200);
    });
}

#[test]
fn strangers_share_the_allowance_of_their_address() {
    on_a_server(async |server| {
        let owner = server.owner().await;
        let server = with_limits(&server, 99, 12);
        let ask = async |path: &str, headers: &[(&str, &str)]| {
            server.send("GET", path, headers, None).await.status.as_u16()
        };
        assert_eq!(ask("/sign-in", &[]).await, 200);
        assert_eq!(ask("/nothing/here", &[]).await, 404);
        for _ in 0..2 {
            assert_eq!(ask("/me", &[("authorization", "Bearer merlon_1_00")]).await, 401);
        }
        assert_eq!(ask("/me", &[("authorization", "Bearer merlon_1_00")]).await, 429);
        assert_eq!(ask("/openapi.json", &[("test-address", "192.0.2.9")]).await, 200);
        let cookie = format!("__Host-merlon={}", owner.secret);
        assert_eq!(ask("/me", &[("cookie", &cookie)]).await, 200, "who is known is not hindered");
        let body = json!({ "name": "owner", "password": PASSWORD });
        for _ in 0..2 {
            server.send("POST", "/sign-in", &[], Some(&body)).await;
        }
        let refused = server.send("POST", "/sign-in", &[], Some(&body)).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (429, "too-many-requests"));
    });
}

/// Every operation says that it may answer so, and with which fields.
#[test]
fn the_document_names_the_limit_everywhere() {
    let document = serde_json::to_value(api::document()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, entry) in item.as_object().unwrap() {
            if entry["operationId"].is_string() {
                let limited = &entry["responses"]["429"];
                let field = &limited["headers"]["retry-after"]["schema"]["type"];
                assert_eq!(field, "integer", "{method} {path}");
            }
        }
    }
}
