//! Tables as text: the rows of a CSV, plain or in base64, as objects.

use serde_json::Value as Json;

/// The rows below the heading; none when the text is no table.
pub(crate) fn rows(text: &str) -> Vec<Json> {
    let decoded;
    let mut text = text.trim();
    if !text.contains(',')
        && let Some(bytes) = base64(text)
        && let Ok(plain) = String::from_utf8(bytes)
    {
        decoded = plain;
        text = decoded.trim();
    }
    let mut lines = text.lines();
    let Some(heading) = lines.next().filter(|it| it.contains(',')) else { return Vec::new() };
    let heading: Vec<&str> = heading.split(',').collect();
    let row = |line: &str| {
        let cells = heading.iter().zip(line.split(','));
        Json::Object(cells.map(|(key, cell)| ((*key).to_owned(), Json::from(cell))).collect())
    };
    lines.filter(|line| !line.trim().is_empty()).map(row).collect()
}

/// Decodes base64 (RFC 4648, standard alphabet); `None` for any other text.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let mut bits = 0u32;
    let mut n_bits = 0;
    for letter in text.bytes().filter(|it| !it.is_ascii_whitespace() && *it != b'=') {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xFFFF;
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            bytes.push((bits >> n_bits & 0xFF) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::rows;
    use serde_json::json;

    #[test]
    fn tables_plain_and_in_base64() {
        let want = [json!({ "user": "a", "mfa": "true" }), json!({ "user": "b", "mfa": "" })];
        assert_eq!(rows("user,mfa\na,true\nb,\n"), want);
        assert_eq!(rows("dXNlcixtZmEKYSx0cnVlCmIsCg=="), want);
    }

    #[test]
    fn other_text_is_no_table() {
        assert!(rows("").is_empty());
        assert!(rows("hello world").is_empty());
    }
}
