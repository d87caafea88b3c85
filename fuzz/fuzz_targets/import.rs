//! Any bytes under any name become resources, gaps and problems; nothing panics.
#![no_main]

use std::sync::LazyLock;

use content::{ContentFile, Library};
use inventory::{Assembler, Format, Reader, SourceFile};
use libfuzzer_sys::fuzz_target;
use model::Keys;

static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
    let mut files = Vec::new();
    walk("../content".as_ref(), &mut files);
    Library::build(&files, false).0
});

fn walk(folder: &std::path::Path, files: &mut Vec<ContentFile>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, files);
        } else if !path.to_string_lossy().ends_with(".case.yaml")
            && let (Ok(below), Ok(bytes)) = (path.strip_prefix("../content"), std::fs::read(&path))
        {
            files.push(ContentFile { path: below.to_string_lossy().into_owned(), bytes });
        }
    }
}

const NAMES: [&str; 8] = [
    "azure/resources.json",
    "111122223333/eu-west-1/ec2/describe-instances.json",
    "111122223333/s3api/get-bucket-policy/logs.json",
    "111122223333/iam/get-account-authorization-details.json",
    "gcp/assets.ndjson",
    "cluster/pods.yaml",
    "findings/trivy.json",
    "-",
];

fuzz_target!(|input: (u8, bool, u8, &[u8])| {
    let (name, is_lines, format, bytes) = input;
    let keys = Keys::default();
    let reader = Reader::new(&LIBRARY, &keys);
    let name = NAMES[usize::from(name) % NAMES.len()];
    let format = Format::ALL.get(usize::from(format)).map(|(_, it)| *it);
    let file = SourceFile { name, path: name, bytes, format, first_line: 0, is_lines };
    let mut assembler = Assembler::new(&reader);
    assembler.absorb(reader.parse(&file));
    let snapshot = assembler.finish();
    for edge in &snapshot.edges {
        assert!((edge.from as usize) < snapshot.resources.len());
        assert!((edge.to as usize) < snapshot.resources.len());
    }
});
