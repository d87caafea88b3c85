//! What a command prints, to a reader who may go away before the end: `merlon query ... | head`.

use std::io::{self, Write};

/// A writer that remembers whether its reader went away.
#[derive(Debug)]
pub(crate) struct Output<W> {
    inner: W,
    is_gone: bool,
}

impl<W: Write> Output<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self { inner, is_gone: false }
    }

    /// Whether the reader went away: errors that follow from that are nobody's fault.
    pub(crate) fn is_gone(&self) -> bool {
        self.is_gone
    }

    fn noted<T>(&mut self, done: io::Result<T>) -> io::Result<T> {
        self.is_gone |= done.as_ref().is_err_and(|it| it.kind() == io::ErrorKind::BrokenPipe);
        done
    }
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let done = self.inner.write(bytes);
        self.noted(done)
    }

    fn flush(&mut self) -> io::Result<()> {
        let done = self.inner.flush();
        self.noted(done)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write as _};

    use super::Output;

    #[test]
    fn only_a_reader_that_went_away_is_noted() {
        let (reader, writer) = io::pipe().unwrap();
        let mut out = Output::new(writer);
        out.write_all(b"read").unwrap();
        assert!(!out.is_gone());
        drop(reader);
        assert!(out.write_all(b"not read").is_err());
        assert!(out.is_gone());
    }
}
