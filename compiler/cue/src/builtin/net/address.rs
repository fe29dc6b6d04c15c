//! IP addresses with zones, and networks. Rules: RFC 4291, RFC 4632, RFC 5952.

use std::cmp::Ordering;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::builtin::args::{CallError, fail};
use crate::builtin::text::quoted;

/// An address; one of IPv6 may name the zone it is valid in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) ip: IpAddr,
    zone: String,
}

/// What is wrong with the text of an address.
fn fault(text: &str) -> &'static str {
    if text.contains(':') {
        return "not an IPv6 address";
    }
    let fields: Vec<&str> = text.split('.').collect();
    if !text.bytes().all(|byte| byte == b'.' || byte.is_ascii_digit()) {
        "unexpected character"
    } else if fields.iter().any(|field| field.len() > 1 && field.starts_with('0')) {
        "IPv4 field has octet with leading zero"
    } else if fields.iter().any(|field| field.is_empty()) {
        "IPv4 field must have at least one digit"
    } else if fields.iter().any(|field| field.parse::<u8>().is_err()) {
        "IPv4 field has value >255"
    } else if fields.len() < 4 {
        "IPv4 address too short"
    } else {
        "IPv4 address too long"
    }
}

impl Address {
    pub(super) fn parse(text: &str) -> Result<Address, CallError> {
        let (address, zone) = match text.split_once('%') {
            Some((_, "")) => {
                return fail!("ParseAddr({}): zone must be a non-empty string", quoted(text));
            }
            Some((address, zone)) => (address, zone),
            None => (text, ""),
        };
        match address.parse() {
            Ok(IpAddr::V4(_)) if !zone.is_empty() => {
                fail!("ParseAddr({}): zones cannot be used with IPv4", quoted(text))
            }
            Ok(ip) => Ok(Address { ip, zone: zone.to_owned() }),
            Err(_) if !text.contains(['.', ':']) => {
                fail!("ParseAddr({}): unable to parse IP", quoted(text))
            }
            Err(_) => fail!("ParseAddr({}): {}", quoted(text), fault(address)),
        }
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Address> {
        let ip = match bytes.len() {
            4 => IpAddr::from(<[u8; 4]>::try_from(bytes).ok()?),
            16 => IpAddr::from(<[u8; 16]>::try_from(bytes).ok()?),
            _ => return None,
        };
        Some(Address { ip, zone: String::new() })
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        match self.ip {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        }
    }

    /// The address itself; of an IPv4 address within IPv6, the former.
    pub(super) fn plain(&self) -> IpAddr {
        match self.ip {
            IpAddr::V6(ip) => ip.to_ipv4_mapped().map_or(self.ip, IpAddr::V4),
            IpAddr::V4(_) => self.ip,
        }
    }

    /// Whether this is a multicast address of IPv6 with a scope.
    pub(super) fn has_scope(&self, scope: u16) -> bool {
        match self.plain() {
            IpAddr::V6(ip) => ip.segments()[0] & 0xff0f == 0xff00 | scope,
            IpAddr::V4(_) => false,
        }
    }

    pub(super) fn is_link_local_multicast(&self) -> bool {
        match self.plain() {
            IpAddr::V4(ip) => ip.octets()[..3] == [224, 0, 0],
            IpAddr::V6(_) => self.has_scope(2),
        }
    }

    pub(super) fn is_link_local_unicast(&self) -> bool {
        match self.plain() {
            IpAddr::V4(ip) => ip.is_link_local(),
            IpAddr::V6(ip) => ip.segments()[0] & 0xffc0 == 0xfe80,
        }
    }

    pub(super) fn is_unspecified(&self) -> bool {
        self.ip.is_unspecified() && self.zone.is_empty()
    }

    /// Private addresses count too.
    pub(super) fn is_global_unicast(&self) -> bool {
        let plain = self.plain();
        plain != IpAddr::V4(Ipv4Addr::UNSPECIFIED)
            && plain != IpAddr::V4(Ipv4Addr::BROADCAST)
            && plain != IpAddr::V6(Ipv6Addr::UNSPECIFIED)
            && !plain.is_loopback()
            && !plain.is_multicast()
            && !self.is_link_local_unicast()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.ip)?;
        if self.zone.is_empty() { Ok(()) } else { write!(f, "%{}", self.zone) }
    }
}

impl PartialOrd for Address {
    fn partial_cmp(&self, other: &Address) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// IPv4 before IPv6, then by value, then by zone.
impl Ord for Address {
    fn cmp(&self, other: &Address) -> Ordering {
        (self.ip, &self.zone).cmp(&(other.ip, &other.zone))
    }
}

/// A network: an address within it, and how many of its bits name the network.
#[derive(Clone, Debug)]
pub(super) struct Prefix {
    pub(super) address: Address,
    pub(super) bits: u8,
}

impl Prefix {
    pub(super) fn parse(text: &str) -> Result<Prefix, CallError> {
        let wrong = |why: &str| fail!("netip.ParsePrefix({}): {why}", quoted(text));
        let Some((address, bits)) = text.rsplit_once('/') else { return wrong("no '/'") };
        let address = match Address::parse(address) {
            Ok(address) => address,
            Err(error) => return wrong(&error.message),
        };
        if !address.zone.is_empty() {
            return wrong("IPv6 zones cannot be present in a prefix");
        }
        let digits = bits.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || bits.is_empty() || (bits.len() > 1 && bits.starts_with('0')) {
            return wrong(&format!("bad bits after slash: {}", quoted(bits)));
        }
        let most = if address.ip.is_ipv4() { 32 } else { 128 };
        match bits.parse::<u8>() {
            Ok(bits) if bits <= most => Ok(Prefix { address, bits }),
            _ => wrong("prefix length out of range"),
        }
    }

    /// The bytes of the mask.
    pub(super) fn mask(&self) -> Vec<u8> {
        let bits = usize::from(self.bits);
        (0..self.address.bytes().len())
            .map(|at| {
                let set = bits.saturating_sub(at * 8).min(8);
                u8::try_from(0xff00u16 >> set & 0xff).unwrap_or(0)
            })
            .collect()
    }

    /// The bytes of the first address.
    pub(super) fn first(&self) -> Vec<u8> {
        self.address.bytes().iter().zip(self.mask()).map(|(byte, mask)| byte & mask).collect()
    }

    /// Whether an address without a zone and of the same family lies within.
    pub(super) fn contains(&self, address: &Address) -> bool {
        let (bytes, mask) = (address.bytes(), self.mask());
        address.zone.is_empty()
            && bytes.len() == mask.len()
            && bytes.iter().zip(&mask).map(|(byte, mask)| byte & mask).eq(self.first())
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}
