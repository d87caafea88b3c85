//! The place in a list where the next page begins, as text that clients hand back unread.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// Longer cursors are not ours.
const MAX_LEN: usize = 8 * 1024;

/// A place as text.
pub(crate) fn write<T: Serialize>(place: &T) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(place).unwrap_or_default())
}

/// The place of a text; a problem if it is none that [`write`] made for such a list.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let wrong = || Problem::invalid("cursor", "is not one that this list gave");
    if text.len() > MAX_LEN {
        return Err(wrong());
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
    serde_json::from_slice(&bytes).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::{read, write};

    #[test]
    fn a_place_comes_back_and_rubbish_is_refused() {
        let place = (3_u32, "söme/id".to_owned());
        assert_eq!(read::<(u32, String)>(&write(&place)).unwrap(), place);
        assert!(read::<(u32, String)>("!").is_err());
        assert!(read::<(u32, String)>("").is_err());
        assert!(read::<(u32, String)>(&write(&"other")).is_err());
        assert!(read::<String>(&"A".repeat(10_000)).is_err());
    }
}
