//! Reading files for the tests; the crate itself opens none.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use content::{ContentFile, Library};
use inventory::{Assembler, Reader, Snapshot, SourceFile, is_lines};
use model::Keys;

/// The repository's own content, read once.
pub(crate) fn library() -> Arc<Library> {
    static LIBRARY: OnceLock<Arc<Library>> = OnceLock::new();
    Arc::clone(LIBRARY.get_or_init(|| Arc::new(read_library())))
}

fn read_library() -> Library {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    let files: Vec<ContentFile> = paths
        .iter()
        .map(|path| ContentFile {
            path: path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/"),
            bytes: fs::read(path).unwrap(),
        })
        .collect();
    Library::build(&files, false).0
}

/// All files below a folder, sorted.
pub(crate) fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().map(|it| it.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, into);
        } else {
            into.push(path);
        }
    }
}

/// Imports a file or all files of a folder.
pub(crate) fn import(library: &Library, keys: &Keys, root: &Path) -> Snapshot {
    let mut paths = Vec::new();
    if root.is_dir() {
        walk(root, &mut paths);
    } else {
        paths.push(root.to_owned());
    }
    let reader = Reader::new(library, keys);
    let mut assembler = Assembler::new(&reader);
    for path in paths {
        let bytes = fs::read(&path).unwrap();
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
        let shown = path.to_string_lossy().into_owned();
        let lines = is_lines(&bytes);
        let file = SourceFile { is_lines: lines, ..SourceFile::whole(&name, &shown, &bytes) };
        assembler.absorb(reader.parse(&file));
    }
    assembler.finish()
}

/// The folder of shared test data, when the machine has it.
pub(crate) fn test_data() -> Option<PathBuf> {
    let path = std::env::vars_os().find(|(key, _)| key == "MERLON_TEST_DATA")?.1;
    Some(PathBuf::from(path)).filter(|it| it.is_dir())
}
