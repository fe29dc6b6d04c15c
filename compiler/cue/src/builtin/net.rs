//! Package `net`: addresses, host names and URLs as text, without any network.

use std::net::{IpAddr, Ipv4Addr};

use num_bigint::{BigInt, Sign};
use num_traits::Signed;
use platformc_value::{Data, Value};

use super::args::{
    CallError, CallResult, any, big, fail, integer, items, literal, record, string, text, texts,
    truth,
};
use super::{Constant, PackageInfo, functions};

mod address;
mod host;
mod url;

use address::{Address, Prefix};

/// `net`: IP addresses, networks, host names and URLs.
pub(super) static PACKAGE: PackageInfo = PackageInfo {
    path: "net",
    constants: &[("IPv4len", Constant::Number("4")), ("IPv6len", Constant::Number("16"))],
    functions: functions! { "net";
        AbsURL(String) -> Bool = Pure(absolute_url);
        AddIP(Any, Int) -> String = Pure(add);
        AddIPCIDR(Any, Int) -> String = Pure(add_networks);
        CompareIP(Any, Any) -> Int = Pure(|a| integer(ip(a, 0)?.cmp(&ip(a, 1)?) as i64));
        FQDN(String) -> Bool = Pure(|a| truth(host::is_fqdn(string(a, 0)?)));
        GlobalUnicastIP(Any) -> Bool = Pure(|a| truth(ip(a, 0)?.is_global_unicast()));
        IP(Any) -> Bool = Pure(|a| ip(a, 0).and_then(|_| truth(true)));
        IPCIDR(Any) -> Bool = Pure(|a| cidr(a, 0).and_then(|_| truth(true)));
        IPString(Any) -> String = Pure(|a| text(ip(a, 0)?.to_string()));
        IPv4(Any) -> Bool = Pure(|a| truth(ip(a, 0)?.ip.is_ipv4()));
        IPv6(Any) -> Bool = Pure(|a| truth(ip(a, 0)?.ip.is_ipv6()));
        InCIDR(Any, Any) -> Bool = Pure(|a| { let ip = ip(a, 0)?; truth(cidr(a, 1)?.contains(&ip)) });
        InterfaceLocalMulticastIP(Any) -> Bool = Pure(|a| truth(ip(a, 0)?.has_scope(1)));
        JoinHostPort(Any, Any) -> String = Pure(join_host_port);
        LinkLocalMulticastIP(Any) -> Bool = Pure(|a| truth(ip(a, 0)?.is_link_local_multicast()));
        LinkLocalUnicastIP(Any) -> Bool = Pure(|a| truth(ip(a, 0)?.is_link_local_unicast()));
        LoopbackIP(Any) -> Bool = Pure(|a| truth(ip(a, 0)?.plain().is_loopback()));
        MulticastIP(Any) -> Bool = Pure(|a| truth(ip(a, 0)?.plain().is_multicast()));
        ParseCIDR(String) -> Struct = Pure(parse_cidr);
        ParseIP(String) -> List = Pure(parse_ip);
        PathEscape(String) -> String = Pure(|a| text(url::escape(string(a, 0)?, url::Part::Segment)));
        PathUnescape(String) -> String = Pure(|a| text(url::unescape(string(a, 0)?, false)?));
        QueryEscape(String) -> String = Pure(|a| text(url::escape(string(a, 0)?, url::Part::Query)));
        QueryUnescape(String) -> String = Pure(|a| text(url::unescape(string(a, 0)?, true)?));
        SplitHostPort(String) -> List = Pure(split_host_port);
        ToIP16(Any) -> List = Pure(to_ip16);
        ToIP4(Any) -> List = Pure(to_ip4);
        URL(String) -> Bool = Pure(|a| url::check(string(a, 0)?).and_then(|_| truth(true)));
        UnspecifiedIP(Any) -> Bool = Pure(|a| truth(ip(a, 0)?.is_unspecified()));
    },
};

/// The text of an argument, if it is text or bytes.
fn as_text(value: &Value) -> Option<std::borrow::Cow<'_, str>> {
    match &value.data {
        Data::String(text) => Some(text.as_ref().into()),
        Data::Bytes(bytes) => Some(String::from_utf8_lossy(bytes)),
        _ => None,
    }
}

/// An address as text, bytes or a list of its bytes.
fn ip(args: &[Value], at: usize) -> Result<Address, CallError> {
    let value = any(args, at)?;
    if let Some(text) = as_text(value) {
        return Address::parse(&text);
    }
    let Some(list) = value.as_list() else {
        return fail!("invalid type {} for IP address", value.kind_name());
    };
    let mut bytes = Vec::new();
    for item in list.iter().take(17) {
        let Some(n) = item.as_number().and_then(platformc_value::Number::to_i64) else {
            return fail!("cannot use value {} (type {}) as int", literal(item), item.kind_name());
        };
        match u8::try_from(n) {
            Ok(byte) => bytes.push(byte),
            Err(_) => return fail!("invalid IP byte value {n}"),
        }
    }
    Address::from_bytes(&bytes)
        .ok_or_else(|| CallError::new(format!("invalid IP length {}", list.len())))
}

/// A network as text or bytes.
fn cidr(args: &[Value], at: usize) -> Result<Prefix, CallError> {
    let value = any(args, at)?;
    match as_text(value) {
        Some(text) => Prefix::parse(&text),
        None => fail!("invalid type {} for IP CIDR", value.kind_name()),
    }
}

fn byte_list(bytes: &[u8]) -> CallResult {
    items(bytes.iter().map(|byte| Value::int(i64::from(*byte))).collect())
}

/// The bytes of an address.
fn parse_ip(args: &[Value]) -> CallResult {
    let given = string(args, 0)?;
    match Address::parse(given) {
        Ok(address) => byte_list(&address.bytes()),
        Err(_) => fail!("invalid IP address {}", super::text::quoted(given)),
    }
}

/// The four bytes of an IPv4 address.
fn to_ip4(args: &[Value]) -> CallResult {
    let address = ip(args, 0)?;
    match address.ip {
        IpAddr::V4(ip) => byte_list(&ip.octets()),
        IpAddr::V6(_) => fail!("cannot convert \"{address}\" to IPv4"),
    }
}

/// The sixteen bytes of an address; those of an IPv4 address within IPv6.
fn to_ip16(args: &[Value]) -> CallResult {
    match ip(args, 0)?.ip {
        IpAddr::V4(ip) => byte_list(&ip.to_ipv6_mapped().octets()),
        IpAddr::V6(ip) => byte_list(&ip.octets()),
    }
}

fn shifted(address: &Address, offset: &BigInt) -> Result<Address, CallError> {
    let size = address.bytes().len();
    let sum = BigInt::from_bytes_be(Sign::Plus, &address.bytes()) + offset;
    let out = |way: &str| fail!("IP address arithmetic resulted in out-of-range address ({way})");
    if sum.is_negative() {
        return out("underflow");
    }
    let (_, digits) = sum.to_bytes_be();
    let Some(zeros) = size.checked_sub(digits.len()) else { return out("overflow") };
    let mut bytes = vec![0; zeros];
    bytes.extend_from_slice(&digits);
    Address::from_bytes(&bytes).ok_or_else(|| CallError::new("not an address"))
}

/// The address so many further on; of a network, with its length.
fn add(args: &[Value]) -> CallResult {
    let offset = big(args, 1)?;
    if let Ok(prefix) = cidr(args, 0) {
        let address = shifted(&prefix.address, &offset)?;
        return text(Prefix { address, bits: prefix.bits }.to_string());
    }
    text(shifted(&ip(args, 0)?, &offset)?.to_string())
}

/// The network so many networks of its size further on.
fn add_networks(args: &[Value]) -> CallResult {
    let (prefix, offset) = (cidr(args, 0)?, big(args, 1)?);
    let host_bits = prefix.address.bytes().len() * 8 - usize::from(prefix.bits);
    let address = shifted(&prefix.address, &(offset << host_bits))?;
    text(Prefix { address, bits: prefix.bits }.to_string())
}

/// The parts of a network: mask, length, first and (of IPv4) last address.
fn parse_cidr(args: &[Value]) -> CallResult {
    let prefix = Prefix::parse(string(args, 0)?)?;
    let mask = prefix.mask();
    let first = prefix.first();
    let shown = |bytes: &[u8]| {
        Value::string(Address::from_bytes(bytes).map_or_else(String::new, |ip| ip.to_string()))
    };
    let mut fields = vec![
        ("prefix_mask", shown(&mask)),
        ("prefix_len", Value::int(i64::from(prefix.bits))),
        ("prefix_addr", shown(&first)),
    ];
    if let (IpAddr::V4(_), Ok(first), Ok(mask)) =
        (prefix.address.ip, <[u8; 4]>::try_from(&first[..]), <[u8; 4]>::try_from(&mask[..]))
    {
        let last = u32::from_be_bytes(first) | !u32::from_be_bytes(mask);
        fields.push(("broadcast_addr", Value::string(Ipv4Addr::from(last).to_string())));
    }
    record(fields)
}

/// The host and the port of `host:port`.
fn split_host_port(args: &[Value]) -> CallResult {
    let (host, port) = host::split_port(string(args, 0)?)?;
    texts([host, port])
}

/// `host:port`; a host with colons goes into brackets.
fn join_host_port(args: &[Value]) -> CallResult {
    let (host, port) = (any(args, 0)?, any(args, 1)?);
    let host = match as_text(host) {
        Some(text) => text.into_owned(),
        None if host.as_list().is_some() => match ip(args, 0) {
            Ok(address) => address.to_string(),
            Err(_) => return fail!("invalid host {}", literal(host)),
        },
        None => {
            return fail!(
                "cannot use value {} (type {}) as string",
                literal(host),
                host.kind_name()
            );
        }
    };
    let port = match as_text(port) {
        Some(text) => text.into_owned(),
        None => match port.as_number().and_then(platformc_value::Number::to_i64) {
            Some(n) => n.to_string(),
            None => {
                return fail!(
                    "cannot use value {} (type {}) as int",
                    literal(port),
                    port.kind_name()
                );
            }
        },
    };
    if host.contains(':') {
        text(format!("[{host}]:{port}"))
    } else {
        text(format!("{host}:{port}"))
    }
}

/// Whether a URL names its scheme.
fn absolute_url(args: &[Value]) -> CallResult {
    if url::check(string(args, 0)?)? {
        return truth(true);
    }
    fail!("URL is not absolute")
}
