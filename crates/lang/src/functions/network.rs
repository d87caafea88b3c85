//! Addresses and ports as clouds write them. What cannot be read gives null.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Function, Returns, absorbing, arg, bad_argument, text_arg};
use crate::ops::Outcome;
use crate::types::TypeSet;
use crate::value::{Truth, Value};

const PORTS: TypeSet = TypeSet::STR.or(TypeSet::INT).or(TypeSet::LIST);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "ipInRange",
        &[TypeSet::STR, TypeSet::STR.or(TypeSet::LIST)],
        Returns::Bool,
        |_, args| {
            let inner = Prefix::parse(text_arg("ipInRange", args, 0)?);
            any_of(&arg(args, 1), &|range| {
                let outer = Prefix::parse(text_arg("ipInRange", std::slice::from_ref(range), 0)?);
                Ok(match (inner, outer) {
                    (Some(inner), Some(outer)) => Truth::from(outer.contains(inner)),
                    _ => Truth::Null,
                })
            })
        },
    ),
    Function::new("isPublicCidr", &[TypeSet::STR], Returns::Bool, |_, args| {
        let is_public = is_public_cidr(text_arg("isPublicCidr", args, 0)?);
        Ok(is_public.map_or(Value::Null, Value::Bool))
    }),
    Function::new("portIn", &[PORTS, TypeSet::INT.or(TypeSet::STR)], Returns::Bool, |_, args| {
        let port = port_number(&arg(args, 1));
        any_of(&arg(args, 0), &|ports| match ports {
            Value::Str(text) => Ok(covers(text.as_str(), port)),
            Value::Int(number) => Ok(covers(&number.to_string(), port)),
            other => Err(bad_argument("portIn", "a port, a range or a list", other)),
        })
    }),
];

/// A test of a value, or of each element of a list until one holds.
fn any_of<'g>(
    value: &Value<'g>,
    test: &dyn Fn(&Value<'g>) -> Result<Truth, crate::error::EvalError>,
) -> Outcome<'g> {
    let Some(list) = value.as_list() else { return test(value).map(Value::from) };
    let mut found = Truth::False;
    for item in list.iter() {
        let holds = match absorbing(&item, &Value::Bool(true), || Value::Bool(true)) {
            Value::Bool(_) => test(&item)?,
            undecided => undecided.truth().unwrap_or(Truth::Null),
        };
        found = found.or(holds);
    }
    Ok(found.into())
}

/// An address with the number of its leading bits that count.
#[derive(Clone, Copy)]
struct Prefix {
    address: IpAddr,
    n_bits: u8,
}

impl Prefix {
    /// `10.0.0.0/8`, `10.1.2.3`, `fd00::/8`.
    fn parse(text: &str) -> Option<Self> {
        let (address, n_bits) = match text.trim().split_once('/') {
            Some((address, n_bits)) => (address, Some(n_bits.parse::<u8>().ok()?)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let n_bits = n_bits.unwrap_or(most);
        (n_bits <= most).then_some(Self { address, n_bits })
    }

    /// Whether all of `inner` lies within.
    fn contains(self, inner: Self) -> bool {
        if inner.n_bits < self.n_bits {
            return false;
        }
        match (self.address, inner.address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let kept = 32 - u32::from(self.n_bits);
                own.to_bits().checked_shr(kept) == other.to_bits().checked_shr(kept)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let kept = 128 - u32::from(self.n_bits);
                own.to_bits().checked_shr(kept) == other.to_bits().checked_shr(kept)
            }
            _ => false,
        }
    }
}

/// Whether a source means "everybody": a wild card, or a prefix over public space that is wider than /8 (IPv4)
/// or /16 (IPv6).
fn is_public_cidr(text: &str) -> Option<bool> {
    let text = text.trim();
    if text == "*" || text.eq_ignore_ascii_case("internet") || text.eq_ignore_ascii_case("any") {
        return Some(true);
    }
    let prefix = Prefix::parse(text)?;
    // blocks that are wide and not public: multicast and reserved, unique local, link local, multicast
    let v4 = |a, n_bits| Prefix { address: IpAddr::V4(Ipv4Addr::new(a, 0, 0, 0)), n_bits };
    let v6 =
        |a, n_bits| Prefix { address: IpAddr::V6(Ipv6Addr::new(a, 0, 0, 0, 0, 0, 0, 0)), n_bits };
    let not_public = [v4(224, 3), v6(0xfc00, 7), v6(0xfe80, 10), v6(0xff00, 8)];
    let is_wide = prefix.n_bits < if prefix.address.is_ipv4() { 8 } else { 16 };
    Some(is_wide && !not_public.iter().any(|it| it.contains(prefix)))
}

fn port_number(value: &Value<'_>) -> Option<u16> {
    match value {
        Value::Int(number) => u16::try_from(*number).ok(),
        Value::Str(text) => text.as_str().trim().parse().ok(),
        _ => None,
    }
}

/// Whether ports as text (`22`, `20-25`, `*`, `22,3389`) cover a port.
fn covers(ports: &str, port: Option<u16>) -> Truth {
    let Some(port) = port else { return Truth::Null };
    let mut found = Truth::False;
    for part in ports.split(',') {
        let part = part.trim();
        let is_all = ["*", "any", "all"].iter().any(|it| it.eq_ignore_ascii_case(part));
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let bounds = (from.trim().parse::<u16>(), to.trim().parse::<u16>());
        found = found.or(match bounds {
            _ if is_all => Truth::True,
            (Ok(from), Ok(to)) => Truth::from((from..=to).contains(&port)),
            _ => Truth::Null,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::functions::tests::check;

    #[test]
    fn addresses_in_ranges() {
        check("ipInRange('10.1.2.3', '10.0.0.0/8')", "true");
        check("ipInRange('10.0.0.0/7', '10.0.0.0/8')", "false");
        check("ipInRange('10.0.0.0/9', '0.0.0.0/0')", "true");
        check("ipInRange('fd00::1', 'fc00::/7')", "true");
        check("ipInRange('10.0.0.1', 'fc00::/7')", "false");
        check("ipInRange('10.0.0.1', ['192.168.0.0/16', '10.0.0.0/8'])", "true");
        check("ipInRange('AzureCloud', '10.0.0.0/8')", "null");
        check("ipInRange('10.0.0.1', '10.0.0.0/33')", "null");
    }

    #[test]
    fn open_to_everybody() {
        for open in ["0.0.0.0/0", "::/0", "*", "Internet", "any", "128.0.0.0/1", "2000::/3"] {
            check(&format!("isPublicCidr('{open}')"), "true");
        }
        for closed in ["10.0.0.0/8", "8.8.8.8", "8.0.0.0/8", "fc00::/7", "224.0.0.0/4"] {
            check(&format!("isPublicCidr('{closed}')"), "false");
        }
        check("isPublicCidr('VirtualNetwork')", "null");
    }

    #[test]
    fn ports() {
        check("portIn('22', 22)", "true");
        check("portIn('20-25', 22)", "true");
        check("portIn('*', 3389)", "true");
        check("portIn(['80', '443'], 22)", "false");
        check("portIn('22,3389', 3389)", "true");
        check("portIn(['x', '22'], 22)", "true");
        check("portIn(['x', '80'], 22)", "null");
        check("portIn(22, 22)", "true");
    }
}
