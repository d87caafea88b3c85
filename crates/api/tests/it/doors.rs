//! Every route against the table of operations: nobody, and each role.

use people::{Operation, Role, matrix};

use crate::client::on_a_server;

/// What anybody may do without signing in.
const PUBLIC: [&str; 8] = [
    "GET /openapi.json",
    "GET /sign-in",
    "GET /sign-in/provider",
    "GET /sign-in/provider/back",
    "POST /set-up",
    "POST /sign-in",
    "POST /sign-in/passkey",
    "POST /sign-in/passkey/options",
];

/// Method, path with numbers that nothing has, operation: `public` without one.
fn routes() -> Vec<(String, String, String)> {
    let document = serde_json::to_value(api::document()).unwrap();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = path.strip_prefix("/api/v1").unwrap();
        let parts = path.split('/').map(|it| if it.starts_with('{') { "999999" } else { it });
        let filled = parts.collect::<Vec<_>>().join("/");
        for (method, entry) in item.as_object().unwrap() {
            if let Some(operation) = entry["x-operation"].as_str() {
                routes.push((method.to_uppercase(), filled.clone(), operation.to_owned()));
            }
        }
    }
    assert!(routes.len() > 30, "{}", routes.len());
    routes
}

#[test]
fn nobody_passes_but_by_the_public_doors() {
    on_a_server(async |server| {
        let mut public = Vec::new();
        for (method, path, operation) in routes() {
            let answer = server.send(&method, &path, &[], None).await;
            if operation == "public" {
                public.push(format!("{method} {path}"));
                assert_ne!(answer.code(), "signed-out", "{method} {path}");
            } else {
                assert_eq!(answer.code(), "signed-out", "{method} {path}");
            }
        }
        public.sort();
        assert_eq!(public, PUBLIC);
    });
}

#[test]
fn each_role_passes_where_the_table_says() {
    on_a_server(async |server| {
        let mut owner = server.owner().await;
        for role in Role::ALL {
            let bearer = format!("Bearer {}", owner.token(role.name()).await);
            for (method, path, word) in routes() {
                let Some(operation) = Operation::find(&word) else { continue };
                let line = &matrix()[&operation];
                let may = line.roles.contains(&role) || line.roles.is_empty();
                let headers = [("authorization", &*bearer)];
                let answer = server.send(&method, &path, &headers, None).await;
                let is_refused = answer.code() == "forbidden";
                assert_eq!(is_refused, !may, "{role:?} {method} {path}: {answer:?}");
                assert_ne!(answer.status, 401, "{role:?} {method} {path}");
            }
        }
    });
}
