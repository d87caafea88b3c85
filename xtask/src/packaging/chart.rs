//! Renders the chart: the part of Go's templates and of Sprig that it uses. Anything else is a panic, so that the chart
//! cannot grow past what is tested.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use super::{read, settings, variables_in, yaml};

const CHART: &str = "packaging/helm/merlon";
const TEMPLATES: [&str; 7] = [
    "workload.yaml",
    "volume.yaml",
    "service.yaml",
    "ingress.yaml",
    "network-policy.yaml",
    "disruption.yaml",
    "NOTES.txt",
];

/// A piece of a template.
#[derive(Debug, Clone, PartialEq)]
enum Token {
    Text(String),
    Action(String),
}

/// Text and actions, with the white space gone that `{{-` and `-}}` eat.
fn tokens(template: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = template;
    let mut eats = false;
    loop {
        let (text, action) = match rest.split_once("{{") {
            Some((text, after)) => (text, Some(after)),
            None => (rest, None),
        };
        let text = if eats { text.trim_start() } else { text };
        let Some(after) = action else {
            tokens.push(Token::Text(text.to_owned()));
            return tokens;
        };
        let is_eaten = after.starts_with("- ");
        tokens.push(Token::Text(if is_eaten { text.trim_end() } else { text }.to_owned()));
        let (inner, after) = after.split_once("}}").unwrap();
        eats = inner.ends_with(" -");
        let inner = inner.trim_start_matches("- ").trim_end_matches(" -").trim();
        if !inner.starts_with("/*") {
            tokens.push(Token::Action(inner.to_owned()));
        }
        rest = after;
    }
}

/// What names mean while a template is rendered.
#[derive(Debug, Clone)]
struct Scope {
    dot: Json,
    variables: BTreeMap<String, Json>,
}

struct Renderer {
    defined: BTreeMap<String, Vec<Token>>,
}

/// Tokens up to the `end` of the block that has begun, split at its `else`s: condition and content.
fn block<'t>(tokens: &'t [Token], at: &mut usize, first: &str) -> Vec<(String, &'t [Token])> {
    let mut parts = Vec::new();
    let (mut condition, mut start, mut depth) = (first.to_owned(), *at, 0);
    loop {
        let token = &tokens[*at];
        *at += 1;
        let Token::Action(action) = token else { continue };
        let word = action.split(' ').next().unwrap();
        match word {
            "if" | "range" | "define" | "with" => depth += 1,
            "end" if depth == 0 => {
                parts.push((condition, &tokens[start..*at - 1]));
                return parts;
            }
            "end" => depth -= 1,
            "else" if depth == 0 => {
                parts.push((condition, &tokens[start..*at - 1]));
                condition = action.strip_prefix("else").unwrap().trim().to_owned();
                condition = condition.strip_prefix("if ").unwrap_or(&condition).to_owned();
                start = *at;
            }
            _ => {}
        }
    }
}

impl Renderer {
    fn new() -> Self {
        let mut defined = BTreeMap::new();
        let helpers = tokens(&read(&format!("{CHART}/templates/_helpers.tpl")));
        let mut at = 0;
        while at < helpers.len() {
            let token = &helpers[at];
            at += 1;
            if let Token::Action(action) = token {
                let name = action.strip_prefix("define ").unwrap().trim_matches('"').to_owned();
                let body = block(&helpers, &mut at, "")[0].1.to_vec();
                defined.insert(name, body);
            }
        }
        Self { defined }
    }

    fn render(&self, tokens: &[Token], scope: &Scope) -> String {
        let mut out = String::new();
        let mut at = 0;
        while at < tokens.len() {
            let token = &tokens[at];
            at += 1;
            let action = match token {
                Token::Text(text) => {
                    out.push_str(text);
                    continue;
                }
                Token::Action(action) => action,
            };
            if let Some(condition) = action.strip_prefix("if ") {
                let parts = block(tokens, &mut at, condition);
                let holds = |it: &&(String, &[Token])| {
                    it.0.is_empty() || is_true(&self.value(&it.0, scope))
                };
                if let Some((_, content)) = parts.iter().find(holds) {
                    out.push_str(&self.render(content, scope));
                }
            } else if let Some(over) = action.strip_prefix("range ") {
                let content = block(tokens, &mut at, "")[0].1;
                let (names, over) = match over.split_once(":=") {
                    Some((names, over)) => (names.split(',').map(str::trim).collect(), over.trim()),
                    None => (Vec::new(), over),
                };
                for (key, item) in items(&self.value(over, scope)) {
                    let mut inner = scope.clone();
                    inner.dot = item.clone();
                    for (name, value) in names.iter().zip([json!(key), item]) {
                        inner.variables.insert((*name).to_owned(), value);
                    }
                    out.push_str(&self.render(content, &inner));
                }
            } else {
                out.push_str(&shown(&self.value(action, scope)));
            }
        }
        out
    }

    /// The value of a pipeline.
    fn value(&self, pipeline: &str, scope: &Scope) -> Json {
        let mut value = None;
        for command in pipeline.split('|') {
            value = Some(self.command(command.trim(), value, scope));
        }
        value.unwrap()
    }

    fn command(&self, command: &str, piped: Option<Json>, scope: &Scope) -> Json {
        let words = words(command);
        let (name, rest) = words.split_first().unwrap();
        let mut arguments: Vec<Json> = rest.iter().map(|it| self.term(it, scope)).collect();
        if rest.is_empty() && piped.is_none() {
            return self.term(name, scope);
        }
        arguments.extend(piped);
        let text = |n: usize| shown(&arguments[n]);
        match name.as_str() {
            "eq" => json!(arguments[0] == arguments[1]),
            "gt" => json!(arguments[0].as_i64() > arguments[1].as_i64()),
            "int" => arguments[0].clone(),
            "quote" => json!(serde_json::to_string(&text(0)).unwrap()),
            "upper" => json!(text(0).to_uppercase()),
            "join" => {
                let list = arguments[1].as_array().unwrap().iter().map(shown);
                json!(list.collect::<Vec<_>>().join(&text(0)))
            }
            // JSON is YAML.
            "toYaml" => json!(arguments[0].to_string()),
            "nindent" => {
                let pad = " ".repeat(arguments[0].as_u64().unwrap() as usize);
                let lines: Vec<String> = text(1).lines().map(|it| format!("{pad}{it}")).collect();
                json!(format!("\n{}", lines.join("\n")))
            }
            "include" => {
                let inner = Scope { dot: arguments[1].clone(), variables: BTreeMap::new() };
                let tokens = self.defined.get(&text(0)).unwrap_or_else(|| panic!("{command}"));
                json!(self.render(tokens, &inner))
            }
            other => panic!("the renderer does not know `{other}` in `{command}`"),
        }
    }

    fn term(&self, term: &str, scope: &Scope) -> Json {
        if let Some(inner) = term.strip_prefix('(') {
            return self.value(inner.strip_suffix(')').unwrap(), scope);
        }
        if let Some(text) = term.strip_prefix('"') {
            return json!(text.strip_suffix('"').unwrap());
        }
        if let Ok(number) = term.parse::<i64>() {
            return json!(number);
        }
        if let Some(value) = scope.variables.get(term) {
            return value.clone();
        }
        let path = term.strip_prefix('.').unwrap_or_else(|| panic!("`{term}` is no term"));
        let mut value = &scope.dot;
        for name in path.split('.').filter(|it| !it.is_empty()) {
            value = value.get(name).unwrap_or_else(|| panic!("`{term}` is not among the values"));
        }
        value.clone()
    }
}

/// The words of a command; texts and parentheses are one word.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut depth, mut is_text) = (Vec::new(), String::new(), 0, false);
    for it in command.chars() {
        match it {
            '"' => is_text = !is_text,
            '(' => depth += 1,
            ')' => depth -= 1,
            ' ' if depth == 0 && !is_text => {
                words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
                continue;
            }
            _ => {}
        }
        word.push(it);
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

fn is_true(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Bool(it) => *it,
        Json::Number(it) => it.as_f64() != Some(0.0),
        Json::String(it) => !it.is_empty(),
        Json::Array(it) => !it.is_empty(),
        Json::Object(it) => !it.is_empty(),
    }
}

fn items(value: &Json) -> Vec<(String, Json)> {
    match value {
        Json::Array(list) => list.iter().map(|it| (String::new(), it.clone())).collect(),
        Json::Object(map) => map.iter().map(|(key, it)| (key.clone(), it.clone())).collect(),
        other => panic!("`{other}` cannot be gone through"),
    }
}

fn shown(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Values of the chart with others over them.
fn values(over: &Json) -> Json {
    fn merge(base: &mut Json, over: &Json) {
        match (base, over) {
            (Json::Object(base), Json::Object(over)) => {
                for (key, value) in over {
                    merge(base.entry(key.clone()).or_insert(Json::Null), value);
                }
            }
            (base, over) => *base = over.clone(),
        }
    }
    let mut values = yaml(&read(&format!("{CHART}/values.yaml")));
    merge(&mut values, over);
    values
}

/// The objects that the chart makes.
fn objects(over: &Json) -> Vec<Json> {
    let renderer = Renderer::new();
    let chart = yaml(&read(&format!("{CHART}/Chart.yaml")));
    let dot = json!({
        "Values": values(over),
        "Chart": { "AppVersion": chart["appVersion"] },
        "Release": { "Name": "m", "Namespace": "security", "Service": "Helm" },
    });
    let scope = Scope { dot, variables: BTreeMap::new() };
    let mut objects = Vec::new();
    for name in TEMPLATES {
        let text = renderer.render(&tokens(&read(&format!("{CHART}/templates/{name}"))), &scope);
        if name != "NOTES.txt" {
            let documents = text.split("\n---\n").filter(|it| !it.trim().is_empty());
            objects.extend(documents.map(yaml));
        }
    }
    objects
}

fn of_kind<'o>(objects: &'o [Json], kind: &str) -> &'o Json {
    objects.iter().find(|it| it["kind"] == kind).unwrap_or_else(|| panic!("there is no {kind}"))
}

fn kinds(objects: &[Json]) -> Vec<&str> {
    objects.iter().map(|it| it["kind"].as_str().unwrap()).collect()
}

/// Variables of the container, by name.
fn variables(objects: &[Json]) -> Map<String, Json> {
    let container = &of_kind(objects, "Deployment")["spec"]["template"]["spec"]["containers"][0];
    let all = container["env"].as_array().unwrap().iter();
    all.map(|it| (it["name"].as_str().unwrap().to_owned(), it.clone())).collect()
}

#[test]
fn as_it_comes_it_is_one_pod_with_a_volume_behind_an_ingress() {
    let objects = objects(&json!({}));
    assert_eq!(
        kinds(&objects),
        [
            "Deployment",
            "PersistentVolumeClaim",
            "Service",
            "Service",
            "ServiceAccount",
            "Ingress",
            "NetworkPolicy"
        ]
    );
    let deployment = of_kind(&objects, "Deployment");
    assert_eq!(deployment["spec"]["strategy"]["type"], "Recreate");
    let pod = &deployment["spec"]["template"]["spec"];
    assert_eq!(pod["containers"][0]["args"], json!(["serve", "--data", "/var/lib/merlon"]));
    assert_eq!(variables(&objects)["MERLON__SERVER__PROXIES"]["value"], "10.0.0.0/8");
    assert_eq!(of_kind(&objects, "Ingress")["spec"]["rules"][0]["host"], "merlon.example.org");
}

#[test]
fn it_can_be_several_pods_with_postgresql_and_tls_of_its_own() {
    let objects = objects(&json!({
        "store": { "kind": "postgresql" }, "replicas": 3, "tls": { "at": "secret", "secret": "cert" },
        "ingress": { "enabled": false }, "authorities": "ca",
        "image": { "digest": "sha256:00" }, "podAnnotations": { "a": "b" },
        "settings": { "worker": { "concurrency": "4" } },
        "nodeSelector": { "x": "y" }, "tolerations": [{ "operator": "Exists" }], "affinity": { "n": {} },
        "imagePullSecrets": [{ "name": "pull" }], "service": { "type": "LoadBalancer" },
        "serviceAccount": { "annotations": { "role": "r" } }, "networkPolicy": { "enabled": false },
    }));
    assert_eq!(
        kinds(&objects),
        ["Deployment", "Service", "Service", "ServiceAccount", "PodDisruptionBudget"]
    );
    let deployment = of_kind(&objects, "Deployment");
    assert_eq!(deployment["spec"]["strategy"]["type"], "RollingUpdate");
    let pod = &deployment["spec"]["template"]["spec"];
    assert_eq!(pod["containers"][0]["image"], "merlon@sha256:00");
    assert_eq!(pod["tolerations"][0]["operator"], "Exists");
    let variables = variables(&objects);
    assert_eq!(variables["MERLON__WORKER__CONCURRENCY"]["value"], "4");
    assert_eq!(variables["MERLON__TLS__KEY"]["value"], "/run/merlon/tls/tls.key");
    assert_eq!(variables["MERLON__NETWORK__CA"]["value"], "/run/merlon/authorities/ca.pem");
    let url = &variables["MERLON__STORE__DATABASE"]["valueFrom"]["secretKeyRef"];
    assert_eq!((&url["name"], &url["key"]), (&json!("merlon"), &json!("database-url")));
    assert!(!variables.contains_key("MERLON__SERVER__PROXIES"));
}

#[test]
fn the_pod_is_closed_and_watched_in_every_form() {
    let (_, known) = settings();
    for over in [
        json!({}),
        json!({ "store": { "kind": "postgresql" }, "replicas": 2 }),
        json!({ "tls": { "at": "secret", "secret": "c" }, "ingress": { "enabled": false } }),
    ] {
        let objects = objects(&over);
        let pod = &of_kind(&objects, "Deployment")["spec"]["template"]["spec"];
        let container = &pod["containers"][0];
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
        assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
        assert_eq!(pod["automountServiceAccountToken"], false);
        let own = &container["securityContext"];
        assert_eq!(own["readOnlyRootFilesystem"], true);
        assert_eq!(own["allowPrivilegeEscalation"], false);
        assert_eq!(own["capabilities"]["drop"], json!(["ALL"]));
        let ports: BTreeSet<&str> = container["ports"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["name"].as_str().unwrap())
            .collect();
        for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
            assert!(
                ports.contains(container[probe]["httpGet"]["port"].as_str().unwrap()),
                "{probe}"
            );
        }
        assert!(!container["resources"]["limits"]["memory"].is_null());
        let names = |it: &Json| -> BTreeSet<String> {
            it.as_array().unwrap().iter().map(|it| shown(&it["name"])).collect()
        };
        let (volumes, mounts) = (names(&pod["volumes"]), names(&container["volumeMounts"]));
        assert_eq!(volumes, mounts, "each volume is used, and each mount is a volume");
        let named: BTreeSet<String> =
            variables(&objects).keys().flat_map(|it| variables_in(it)).collect();
        let unknown: Vec<_> = named.difference(&known).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
        let selector = &of_kind(&objects, "Deployment")["spec"]["selector"]["matchLabels"];
        let labels = &of_kind(&objects, "Deployment")["spec"]["template"]["metadata"]["labels"];
        for (name, value) in selector.as_object().unwrap() {
            assert_eq!(&labels[name], value);
        }
        for service in objects.iter().filter(|it| it["kind"] == "Service") {
            assert_eq!(&service["spec"]["selector"], selector);
            let target = service["spec"]["ports"][0]["targetPort"].as_str().unwrap();
            assert!(ports.contains(target), "{target}");
        }
    }
}

/// Holds values against a schema of theirs, both ways.
fn check_schema(path: &str, schema: &Json, value: &Json) {
    let Some(properties) = schema["properties"].as_object() else { return };
    if schema["additionalProperties"] == false {
        for (key, inner) in value.as_object().unwrap() {
            let known =
                properties.get(key).unwrap_or_else(|| panic!("{path}.{key} is not in the schema"));
            check_schema(&format!("{path}.{key}"), known, inner);
        }
        for key in properties.keys().filter(|it| *it != "global") {
            assert!(!value[key].is_null(), "{path}.{key} has no default");
        }
    }
}

#[test]
fn the_schema_knows_every_value_and_no_other() {
    let schema: Json = serde_json::from_str(&read(&format!("{CHART}/values.schema.json"))).unwrap();
    check_schema("", &schema, &values(&json!({})));
}
