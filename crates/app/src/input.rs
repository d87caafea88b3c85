//! Files as the user names them, turned into bounded pieces that the inventory parses.
//!
//! In: paths (files, folders, `-` for standard input). Out: [`Piece`]s of at most a few megabytes
//! for line formats, or whole files up to a limit, decompressed on the way (gzip, zstd).
//!
//! INVARIANT: memory is bounded by [`MAX_WHOLE_BYTES`] plus a few pieces, whatever the input.
//! INVARIANT: what cannot be read is a problem with its file, never an end of the run.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use base::Problems;

use crate::unpack::unpacked;

/// Largest file that is not read line by line.
const MAX_WHOLE_BYTES: u64 = 1 << 30;
/// Size of the pieces of line formats; a line may be longer, see [`MAX_LINE_BYTES`].
const PIECE_BYTES: usize = 4 << 20;
/// Longest line that is parsed; longer ones are a problem and skipped.
const MAX_LINE_BYTES: usize = 64 << 20;
/// Folders deeper than this are not followed.
const MAX_FOLDER_DEPTH: usize = 64;

/// One file to read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Source {
    /// The file as the user would name it; `-` for standard input.
    pub(crate) name: String,
    /// Path below the argument that led to it, with `/`; carries account, region and operation.
    pub(crate) path: String,
    /// Where it is; `None` for standard input.
    file: Option<PathBuf>,
}

/// A piece of a file: the whole, or some of its lines.
#[derive(Debug)]
pub(crate) struct Piece {
    /// The file as the user would name it.
    pub(crate) name: String,
    /// Path below the argument that led to it.
    pub(crate) path: String,
    /// Number of the first line in the file, from 1.
    pub(crate) first_line: u64,
    /// Whether every line is an item of its own.
    pub(crate) is_lines: bool,
    /// The bytes, decompressed.
    pub(crate) bytes: Vec<u8>,
}

impl Source {
    /// Where it is; `None` for standard input.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The same file, called as it is below `base`: what lies above is this machine's business.
    fn below(mut self, base: Option<&Path>) -> Self {
        let below = base.and_then(|base| self.file.as_deref()?.strip_prefix(base).ok());
        if let Some(below) = below {
            let parts = below.components().map(|it| it.as_os_str().to_string_lossy().into_owned());
            self.path = parts.collect::<Vec<_>>().join("/");
            self.name.clone_from(&self.path);
        }
        self
    }
}

/// Every file that `arguments` name, folders walked in the order of their names. Files below `base` are called as they are
/// there.
pub(crate) fn list_sources(
    arguments: &[PathBuf],
    base: Option<&Path>,
    problems: &mut Problems,
) -> Vec<Source> {
    let mut sources = Vec::new();
    for argument in arguments {
        let name = argument.to_string_lossy().into_owned();
        if name == "-" {
            sources.push(Source { name: "-".to_owned(), path: "-".to_owned(), file: None });
        } else if argument.is_dir() {
            walk(argument, argument, 0, &mut sources, problems);
        } else if argument.exists() {
            let path = aws_path(argument);
            sources.push(Source { name, path, file: Some(argument.clone()) });
        } else {
            problems.add(&name, "there is no such file or folder");
        }
    }
    sources.into_iter().map(|it| it.below(base)).collect()
}

/// A single file keeps the folders above it in its path: they may name account and operation.
fn aws_path(file: &Path) -> String {
    let absolute = file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
    let names: Vec<_> =
        absolute.components().rev().take(5).map(|it| it.as_os_str().to_string_lossy()).collect();
    names.into_iter().rev().collect::<Vec<_>>().join("/")
}

fn walk(
    root: &Path,
    folder: &Path,
    depth: usize,
    sources: &mut Vec<Source>,
    problems: &mut Problems,
) {
    let shown = folder.to_string_lossy();
    if depth > MAX_FOLDER_DEPTH {
        problems.add(&shown, format!("folders deeper than {MAX_FOLDER_DEPTH} are not followed"));
        return;
    }
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return problems.add(&shown, format!("cannot be listed: {error}")),
    };
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in entries {
        match entry {
            Ok(entry) => paths.push(entry.path()),
            Err(error) => problems.add(&shown, format!("cannot be listed: {error}")),
        }
    }
    paths.sort();
    for path in paths {
        let is_hidden = path.file_name().is_some_and(|it| it.to_string_lossy().starts_with('.'));
        let is_link = path.is_symlink();
        if is_hidden {
            continue;
        }
        if path.is_dir() {
            if is_link {
                problems.add(&path.to_string_lossy(), "a link to a folder is not followed");
            } else {
                walk(root, &path, depth + 1, sources, problems);
            }
        } else if path.is_file() {
            let below = path.strip_prefix(root).unwrap_or(&path);
            let root_name = root.file_name().map(|it| it.to_string_lossy().into_owned());
            let mut parts: Vec<String> = root_name.into_iter().collect();
            parts
                .extend(below.components().map(|it| it.as_os_str().to_string_lossy().into_owned()));
            sources.push(Source {
                name: path.to_string_lossy().into_owned(),
                path: parts.join("/"),
                file: Some(path),
            });
        } else {
            problems.add(&path.to_string_lossy(), "it is neither a file nor a folder");
        }
    }
}

/// Reads `source` piece by piece into `sink`; what cannot be read goes to `problems`.
///
/// `is_lines` says of a file's first bytes whether it is read line by line; `sink` answers whether
/// to go on.
pub(crate) fn read_pieces(
    source: &Source,
    is_lines: &dyn Fn(&Source, &[u8]) -> bool,
    problems: &mut Problems,
    sink: &mut dyn FnMut(Piece) -> bool,
) {
    let result = open(source).and_then(|reader| read_all(source, reader, is_lines, problems, sink));
    if let Err(error) = result {
        problems.add(&source.name, format!("cannot be read: {error}"));
    }
}

/// Opens a file, and unpacks it.
fn open(source: &Source) -> io::Result<Box<dyn Read>> {
    match &source.file {
        Some(file) => unpacked(Box::new(File::open(file)?)),
        None => unpacked(Box::new(io::stdin())),
    }
}

fn read_all(
    source: &Source,
    mut reader: Box<dyn Read>,
    is_lines: &dyn Fn(&Source, &[u8]) -> bool,
    problems: &mut Problems,
    sink: &mut dyn FnMut(Piece) -> bool,
) -> io::Result<()> {
    let mut bytes = Vec::new();
    read_up_to(&mut reader, PIECE_BYTES, &mut bytes)?;
    if is_lines(source, &bytes) {
        return read_lines(source, &mut reader, bytes, problems, sink);
    }
    reader.take(MAX_WHOLE_BYTES).read_to_end(&mut bytes)?;
    if bytes.len() as u64 >= MAX_WHOLE_BYTES {
        let megabytes = MAX_WHOLE_BYTES >> 20;
        problems.add(
            &source.name,
            format!("it is larger than {megabytes} MB and not in a line format; split it"),
        );
        return Ok(());
    }
    sink(piece(source, 1, false, bytes));
    Ok(())
}

fn piece(source: &Source, first_line: u64, is_lines: bool, bytes: Vec<u8>) -> Piece {
    Piece { name: source.name.clone(), path: source.path.clone(), first_line, is_lines, bytes }
}

/// Reads until `bytes` holds `size` more, or to the end; answers how many were read.
fn read_up_to(reader: &mut dyn Read, size: usize, bytes: &mut Vec<u8>) -> io::Result<usize> {
    reader.take(size as u64).read_to_end(bytes)
}

fn read_lines(
    source: &Source,
    reader: &mut dyn Read,
    mut bytes: Vec<u8>,
    problems: &mut Problems,
    sink: &mut dyn FnMut(Piece) -> bool,
) -> io::Result<()> {
    let mut first_line = 1;
    let mut is_skipping = false;
    loop {
        let end = bytes.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1);
        let tail = match end {
            Some(end) => {
                let tail = bytes.split_off(end);
                let n_lines = count_lines(&bytes);
                let mut lines = std::mem::take(&mut bytes);
                if is_skipping {
                    let rest = lines.iter().position(|byte| *byte == b'\n').unwrap_or(0) + 1;
                    lines.drain(..rest.min(lines.len()));
                    is_skipping = false;
                }
                if !lines.is_empty() && !sink(piece(source, first_line, true, lines)) {
                    return Ok(());
                }
                first_line += n_lines;
                tail
            }
            None => std::mem::take(&mut bytes),
        };
        bytes = tail;
        if bytes.len() > MAX_LINE_BYTES {
            let megabytes = MAX_LINE_BYTES >> 20;
            problems.add(&source.name, format!("line {first_line} is longer than {megabytes} MB"));
            is_skipping = true;
        }
        if is_skipping {
            bytes.clear();
        }
        if read_up_to(reader, PIECE_BYTES, &mut bytes)? == 0 {
            break;
        }
    }
    if !bytes.is_empty() && !is_skipping {
        sink(piece(source, first_line, true, bytes));
    }
    Ok(())
}

fn count_lines(bytes: &[u8]) -> u64 {
    bytes.split(|byte| *byte == b'\n').count() as u64 - 1
}

#[cfg(test)]
mod tests {
    use super::{MAX_LINE_BYTES, PIECE_BYTES, Problems, Source, read_lines};
    use std::io::Read as _;

    /// Lines that come out of `input`, and the problems.
    fn lines(mut input: &[u8]) -> (Vec<(u64, usize)>, usize) {
        let source = Source { name: "f".into(), path: "f".into(), file: None };
        let mut problems = Problems::default();
        let mut found = Vec::new();
        let mut first = Vec::new();
        input.by_ref().take(PIECE_BYTES as u64).read_to_end(&mut first).unwrap();
        read_lines(&source, &mut input, first, &mut problems, &mut |piece| {
            for (i, line) in piece.bytes.split(|byte| *byte == b'\n').enumerate() {
                if !line.is_empty() {
                    found.push((piece.first_line + i as u64, line.len()));
                }
            }
            true
        })
        .unwrap();
        (found, problems.into_vec().len())
    }

    #[test]
    fn lines_keep_their_numbers() {
        assert_eq!(lines(b"a\nbb\n\nccc"), (vec![(1, 1), (2, 2), (4, 3)], 0));
    }

    #[test]
    fn a_line_may_be_longer_than_a_piece() {
        let mut input = vec![b'x'; PIECE_BYTES * 2 + 5];
        input.extend_from_slice(b"\ny\n");
        assert_eq!(lines(&input), (vec![(1, PIECE_BYTES * 2 + 5), (2, 1)], 0));
    }

    #[test]
    fn a_line_without_end_is_a_problem_and_the_rest_is_read() {
        let mut input = vec![b'x'; MAX_LINE_BYTES + PIECE_BYTES * 3];
        input.extend_from_slice(b"\nyy\n");
        let (found, n_problems) = lines(&input);
        assert_eq!(found.iter().map(|(_, length)| *length).collect::<Vec<_>>(), [2]);
        assert_eq!(n_problems, 1);
    }
}
