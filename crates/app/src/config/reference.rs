//! The reference page of the configuration, from the list of settings.

use super::keys::{KEYS, SECTIONS};

/// `docs/reference/configuration.md`.
pub(crate) fn reference() -> String {
    let mut page = String::from(
        "<!-- Made by `cargo xtask gen` from the list of settings in `app`. Change that instead. -->\n\
         # Configuration\n\n\
         Settings come from four layers; a later one wins: the default, the file (`--config FILE`, else `merlon.toml` in the\n\
         data folder), the environment, the command line. An unknown name is an error. `merlon config check` tells everything that is\n\
         wrong at once; `merlon config show` prints the effective settings and where each comes from. Paths are relative to the\n\
         working directory. How to: [run the server](../how-to/run-the-server.md).\n",
    );
    for (section, doc) in SECTIONS {
        write_section(&mut page, section, doc.trim());
    }
    page
}

fn write_section(page: &mut String, section: &str, doc: &str) {
    // Writing to a string cannot fail.
    let mut line = |text: String| page.push_str(&text);
    line(format!("\n## `[{section}]`\n\n{doc}\n"));
    for key in KEYS.iter().filter(|it| it.section == section) {
        line(format!("\n### `{}`\n\n{}\n\n", key.path(), key.doc.trim()));
        line(format!("- is {}", key.form));
        if let Some((low, high)) = key.range {
            line(format!(", from `{low}` to `{high}`"));
        }
        if key.is_secret {
            line("; a secret, never shown".to_owned());
        }
        match key.default {
            "" => line("\n- default: none\n".to_owned()),
            default => line(format!("\n- default: `{default}`\n")),
        }
        line(format!("- environment: `{}`\n", key.variable()));
    }
}
