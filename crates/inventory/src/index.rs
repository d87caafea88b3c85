//! The kinds of the library, prepared for look-ups by native type and by AWS operation.

use std::sync::{Arc, OnceLock};

use content::fields::Shape;
use content::{Detail, Form, Kind, Library};
use hashbrown::HashMap;
use model::{Key, Keys, Path};
use serde_json::Value as Json;

use crate::finding_format::{self, FindingFormat};
use crate::template::Template;

/// A kind with what the importer needs at hand.
#[derive(Debug)]
pub(crate) struct KindInfo<'l> {
    pub(crate) kind: &'l Kind,
    pub(crate) id: Arc<str>,
    /// Native type in lower case.
    pub(crate) native: String,
    /// How the id is made, for AWS.
    pub(crate) template: Option<Template>,
    /// Key in the document of each detail.
    pub(crate) detail_keys: Vec<Key>,
    /// The kinds of its other names, in the order of the kind file.
    pub(crate) also_names: Vec<Arc<str>>,
    shape: OnceLock<Shape>,
    library: &'l Library,
    /// Whether name, region, tags or other names stand in a part and are known only at the end.
    pub(crate) has_late_identity: bool,
}

impl KindInfo<'_> {
    /// Folds keys and enum values to their documented spelling.
    pub(crate) fn fold(&self, json: &mut Json) {
        self.shape.get_or_init(|| self.library.shape(self.kind)).fold(json);
    }
}

/// What an AWS operation is for a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// It lists the resources.
    List,
    /// It is the detail with this number.
    Detail(u32),
    /// It is the form with this number.
    Form(u32),
}

/// All kinds, indexed.
#[derive(Debug)]
pub(crate) struct Index<'l> {
    pub(crate) kinds: Vec<KindInfo<'l>>,
    by_id: HashMap<&'l str, u32>,
    by_native: HashMap<String, u32>,
    /// Azure: child type in lower case, to (parent kind, number of its part).
    parts: HashMap<String, Vec<(u32, usize)>>,
    operations: HashMap<String, Vec<(u32, Use)>>,
    pub(crate) formats: Vec<FindingFormat>,
}

impl<'l> Index<'l> {
    pub(crate) fn build(library: &'l Library, keys: &Keys) -> Self {
        let mut index = Self {
            kinds: Vec::new(),
            by_id: HashMap::new(),
            by_native: HashMap::new(),
            parts: HashMap::new(),
            operations: HashMap::new(),
            formats: finding_format::formats(library).0,
        };
        for kind in library.kinds() {
            index.add(library, kind, keys);
        }
        index
    }

    fn add(&mut self, library: &'l Library, kind: &'l Kind, keys: &Keys) {
        let number = self.kinds.len() as u32;
        let native = kind.native.to_ascii_lowercase();
        self.by_id.insert(&kind.id, number);
        self.by_native.insert(native_key(kind.cloud(), &native), number);
        for (i, (_, part)) in kind.parts.iter().enumerate() {
            let parts = self.parts.entry(part.native.to_ascii_lowercase()).or_default();
            parts.push((number, i));
        }
        let details: &[Detail] = kind.collect.as_ref().map_or(&[], |it| &it.details);
        if let Some(collect) = &kind.collect {
            self.add_operation(&collect.list.operation, number, Use::List);
        }
        for (i, detail) in details.iter().enumerate() {
            self.add_operation(&detail.operation, number, Use::Detail(i as u32));
        }
        for (i, form) in kind.forms.iter().enumerate() {
            if let Some(operation) = &form.operation {
                self.add_operation(operation, number, Use::Form(i as u32));
            }
        }
        let part_keys = kind.part_keys();
        let identity = &kind.identity;
        let paths = identity.name.iter().chain(&identity.region).chain(&identity.tags);
        let has_late_identity = paths
            .chain(identity.also.values())
            .any(|path| part_keys.iter().any(|key| first_key(path) == Some(key)));
        self.kinds.push(KindInfo {
            kind,
            id: kind.id.as_str().into(),
            native,
            template: identity.id.as_deref().map(Template::parse),
            detail_keys: details.iter().map(|it| keys.intern(&it.document_key())).collect(),
            also_names: identity.also.keys().map(|it| Arc::from(it.as_str())).collect(),
            shape: OnceLock::new(),
            library,
            has_late_identity,
        });
    }

    fn add_operation(&mut self, operation: &str, kind: u32, usage: Use) {
        self.operations.entry(operation_key(operation)).or_default().push((kind, usage));
    }

    pub(crate) fn kind(&self, number: u32) -> Option<&KindInfo<'l>> {
        self.kinds.get(number as usize)
    }

    /// Number of the kind with this id.
    pub(crate) fn number(&self, id: &str) -> Option<u32> {
        self.by_id.get(id).copied()
    }

    /// Whether content has a kind with this id.
    pub(crate) fn has_kind(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    /// The kind of a native type, which is given in lower case.
    pub(crate) fn by_native(&self, cloud: &str, native: &str) -> Option<u32> {
        self.by_native.get(&native_key(cloud, native)).copied()
    }

    /// The kinds of which an Azure type, in lower case, is a part.
    pub(crate) fn parts(&self, native: &str) -> &[(u32, usize)] {
        self.parts.get(native).map_or(&[], Vec::as_slice)
    }

    /// What an AWS operation is good for.
    pub(crate) fn operation(&self, service: &str, operation: &str) -> &[(u32, Use)] {
        let key = operation_key(&format!("{service}/{operation}"));
        self.operations.get(&key).map_or(&[], Vec::as_slice)
    }

    /// The list operation of AWS whose answers have one of these keys, if it is one that no other cloud writes.
    pub(crate) fn operation_with(&self, keys: &[&str]) -> Option<&str> {
        let lists = self.kinds.iter().filter_map(|it| it.kind.collect.as_ref()).map(|it| &it.list);
        let is_own = |own: &str| own.starts_with(char::is_uppercase) && keys.contains(&own);
        let mut named = lists.filter(|it| first_key(&it.items).is_some_and(is_own));
        Some(&named.next()?.operation)
    }

    /// The format of findings that a document is in, and the document proper.
    pub(crate) fn format<'a>(&self, json: &'a Json) -> Option<(&FindingFormat, &'a Json)> {
        self.formats.iter().find_map(|format| Some((format, format.recognise(json)?)))
    }

    /// The format of findings that an AWS operation answers in.
    pub(crate) fn format_of(&self, service: &str, operation: &str) -> Option<&FindingFormat> {
        let key = operation_key(&format!("{service}/{operation}"));
        let has =
            |format: &&FindingFormat| format.operations.iter().any(|it| operation_key(it) == key);
        self.formats.iter().find(has)
    }

    /// The detail with this number.
    pub(crate) fn detail(&self, kind: u32, detail: u32) -> Option<&'l Detail> {
        self.kind(kind)?.kind.collect.as_ref()?.details.get(detail as usize)
    }

    /// The form with this number.
    pub(crate) fn form(&self, kind: u32, form: u32) -> Option<&'l Form> {
        self.kind(kind)?.kind.forms.get(form as usize)
    }
}

/// The first key of a path.
pub(crate) fn first_key(path: &Path) -> Option<&str> {
    match path.steps().first() {
        Some(model::Step::Key(key)) => Some(key),
        _ => None,
    }
}

fn native_key(cloud: &str, native: &str) -> String {
    // ARM writes the type of a resource group in both ways.
    let native = match native {
        "microsoft.resources/subscriptions/resourcegroups" => "microsoft.resources/resourcegroups",
        other => other,
    };
    format!("{cloud} {native}")
}

/// An operation's name without what people and tools spell differently: `s3/list-buckets` is
/// `s3api/list-buckets`, `wafv2/list-web-ac-ls` is `wafv2/list-web-acls`.
fn operation_key(operation: &str) -> String {
    let (service, name) = operation.split_once('/').unwrap_or((operation, ""));
    let service = match service {
        "s3" => "s3api",
        "config" => "configservice",
        "codedeploy" => "deploy",
        other => other,
    };
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    format!("{service}/{}", letters.map(|it| it.to_ascii_lowercase()).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::operation_key;

    #[test]
    fn spellings_of_an_operation_are_one() {
        assert_eq!(operation_key("s3/list-buckets"), operation_key("s3api/list-buckets"));
        assert_eq!(operation_key("wafv2/list-web-ac-ls"), operation_key("wafv2/list-web-acls"));
        assert_ne!(operation_key("ec2/describe-vpcs"), operation_key("ec2/describe-vpc"));
    }
}
