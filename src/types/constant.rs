//! Exact constants (Go spec, "Constants"): integers and rationals of any size, strings of bytes, booleans, complex pairs.
//!
//! Invariant: a `Float` is never an integer that was meant to be one: kinds follow the operands (int < rune < float <
//! complex), `to_int` tries to go back. Conversions to machine floats round to nearest, ties to even.

use crate::text::Text;
use gorace_syntax::ast::{BinaryOp, LitKind, UnaryOp};
use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Pow, Signed, ToPrimitive, Zero};
use std::rc::Rc;

/// A constant value.
#[derive(Debug, Clone, PartialEq)]
pub enum Const {
    Bool(bool),
    String(Text),
    Int(BigInt),
    Float(Rc<BigRational>),
    Complex(Rc<BigRational>, Rc<BigRational>),
    /// The result of an erroneous operation.
    Unknown,
}

/// The largest number of bits of an integer constant, as gc has it.
const MAX_BITS: u64 = 512;

impl Const {
    pub fn int(n: i64) -> Const {
        Const::Int(BigInt::from(n))
    }

    pub fn string(s: &str) -> Const {
        Const::String(Text::from(s.as_bytes()))
    }

    fn float(r: BigRational) -> Const {
        Const::Float(Rc::new(r))
    }

    /// The value of a literal; `None` when it is malformed.
    pub fn literal(kind: LitKind, text: &str) -> Option<Const> {
        match kind {
            LitKind::Int => parse_int(text).map(Const::Int),
            LitKind::Float => parse_float(text).map(Const::float),
            LitKind::Imag => {
                let digits = text.strip_suffix('i')?;
                let decimal = digits.bytes().all(|c| c.is_ascii_digit() || c == b'_');
                let value = if decimal {
                    // A leading 0 is decimal here, for backward compatibility.
                    BigRational::from(digits.replace('_', "").parse::<BigInt>().ok()?)
                } else {
                    match parse_int(digits) {
                        Some(n) => BigRational::from(n),
                        None => parse_float(digits)?,
                    }
                };
                Some(Const::Complex(Rc::new(BigRational::zero()), Rc::new(value)))
            }
            LitKind::Char => {
                let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
                let (value, _, rest) = unquote_char(inner, '\'')?;
                rest.is_empty().then(|| Const::int(i64::from(value)))
            }
            LitKind::String => unquote(text).map(|bytes| Const::String(Text::from(bytes))),
        }
    }

    pub fn is_known(&self) -> bool {
        !matches!(self, Const::Unknown)
    }

    /// The value as an integer, if it is one exactly.
    pub fn to_int(&self) -> Option<BigInt> {
        match self {
            Const::Int(n) => Some(n.clone()),
            Const::Float(r) if r.is_integer() => Some(r.to_integer()),
            Const::Complex(re, im) if im.is_zero() && re.is_integer() => Some(re.to_integer()),
            _ => None,
        }
    }

    /// The value as a rational, if it is real.
    pub fn to_rational(&self) -> Option<BigRational> {
        match self {
            Const::Int(n) => Some(BigRational::from(n.clone())),
            Const::Float(r) => Some((**r).clone()),
            Const::Complex(re, im) if im.is_zero() => Some((**re).clone()),
            _ => None,
        }
    }

    pub fn to_complex(&self) -> Option<(BigRational, BigRational)> {
        match self {
            Const::Complex(re, im) => Some(((**re).clone(), (**im).clone())),
            other => other.to_rational().map(|re| (re, BigRational::zero())),
        }
    }

    pub fn complex(re: BigRational, im: BigRational) -> Const {
        Const::Complex(Rc::new(re), Rc::new(im))
    }

    pub fn rational(r: BigRational) -> Const {
        Const::float(r)
    }

    pub fn as_bool(&self) -> bool {
        matches!(self, Const::Bool(true))
    }

    pub fn as_i64(&self) -> Option<i64> {
        self.to_int()?.to_i64()
    }

    /// The low 64 bits of an integer.
    pub fn low_bits(&self) -> i64 {
        let Some(n) = self.to_int() else { return 0 };
        let mask = BigInt::from(u64::MAX);
        let low = n & mask;
        low.to_u64().unwrap_or(0) as i64
    }

    pub fn to_f64(&self) -> f64 {
        self.to_rational().map_or(0.0, |r| rational_to_f64(&r))
    }

    pub fn to_f32(&self) -> f32 {
        self.to_rational().map_or(0.0, |r| rational_to_float(&r, 24, -149, 127) as f32)
    }

    pub fn is_integer_kind(&self) -> bool {
        matches!(self, Const::Int(_))
    }

    /// Whether an integer is beyond what constants may hold.
    pub fn too_large(&self) -> bool {
        matches!(self, Const::Int(n) if n.bits() > MAX_BITS)
    }

    /// The text for messages.
    pub fn text(&self) -> String {
        match self {
            Const::Bool(b) => b.to_string(),
            Const::String(s) => {
                let text = String::from_utf8_lossy(s);
                let mut quoted = format!("{text:?}");
                if quoted.chars().count() > 72 {
                    quoted = quoted.chars().take(69).collect::<String>() + "...";
                }
                quoted
            }
            Const::Int(n) => n.to_string(),
            Const::Float(r) => float_text(r),
            Const::Complex(re, im) => format!("({} + {}i)", float_text(re), float_text(im)),
            Const::Unknown => "unknown".to_string(),
        }
    }
}

fn float_text(r: &BigRational) -> String {
    if r.is_integer() && r.numer().bits() < 64 {
        return r.to_integer().to_string();
    }
    let f = rational_to_f64(r);
    if f.is_infinite() || f == 0.0 && !r.is_zero() {
        return huge_text(r);
    }
    // As %.6g.
    if f != 0.0 && (f.abs() < 1e-4 || f.abs() >= 1e6) {
        let text = format!("{f:.5e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let mantissa =
            if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
        let n: i32 = exponent.parse().unwrap_or(0);
        return format!("{mantissa}e{}{:02}", if n < 0 { '-' } else { '+' }, n.abs());
    }
    let digits = 6 - (f.abs().max(1e-300).log10().floor() as i32 + 1).clamp(-4, 6);
    let text = format!("{f:.*}", digits.max(0) as usize);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

/// A number beyond the range of a float64, in the same form.
fn huge_text(r: &BigRational) -> String {
    let log = |n: &BigInt| n.magnitude().bits() as f64 * std::f64::consts::LOG10_2;
    // Six digits of the mantissa; the exponent estimated from the sizes is off by one at most.
    let mut exponent = (log(r.numer()) - log(r.denom())).floor() as i64;
    let ten = BigInt::from(10);
    loop {
        let power = BigRational::from(ten.clone().pow(exponent.unsigned_abs() as u32));
        let mantissa = if exponent < 0 { r.abs() * power } else { r.abs() / power };
        let digits = (mantissa * BigRational::from(BigInt::from(100_000))).round().to_integer();
        if digits < BigInt::from(100_000) {
            exponent -= 1;
        } else if digits >= BigInt::from(1_000_000) {
            exponent += 1;
        } else {
            let text = digits.to_string();
            let (first, rest) = text.split_at(1);
            let rest = rest.trim_end_matches('0');
            let sign = if r.is_negative() { "-" } else { "" };
            let point = if rest.is_empty() { "" } else { "." };
            return format!("{sign}{first}{point}{rest}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs());
        }
    }
}

fn parse_int(text: &str) -> Option<BigInt> {
    let digits = text.replace('_', "");
    let lower = digits.to_ascii_lowercase();
    let (radix, body) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, &lower[..]),
    };
    BigInt::parse_bytes(body.as_bytes(), radix)
}

fn parse_float(text: &str) -> Option<BigRational> {
    let text = text.replace('_', "").to_ascii_lowercase();
    let (radix, body, mark) = match text.strip_prefix("0x") {
        Some(rest) => (16u32, rest.to_string(), 'p'),
        None => (10, text.clone(), 'e'),
    };
    let (mantissa, exponent) = body.split_once(mark).unwrap_or((&body, "0"));
    let exponent: i64 = exponent.parse().ok()?;
    if exponent.abs() > 100_000 {
        return None;
    }
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let digits = if digits.is_empty() { "0" } else { &digits };
    let n = BigInt::parse_bytes(digits.as_bytes(), radix)?;
    let scale = BigInt::from(radix).pow(fraction.len() as u32);
    let base = BigInt::from(if radix == 16 { 2 } else { 10 });
    let power = base.pow(exponent.unsigned_abs() as u32);
    let r = BigRational::new(n, scale);
    Some(if exponent < 0 { r / BigRational::from(power) } else { r * BigRational::from(power) })
}

/// The bytes of a string literal.
pub fn unquote(text: &str) -> Option<Vec<u8>> {
    if let Some(raw) = text.strip_prefix('`') {
        return Some(raw.strip_suffix('`')?.bytes().filter(|&c| c != b'\r').collect());
    }
    let mut rest = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut out = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let (value, is_byte, tail) = unquote_char(rest, '"')?;
        if is_byte {
            out.push(value as u8);
        } else {
            out.extend(char::from_u32(value)?.encode_utf8(&mut [0; 4]).bytes());
        }
        rest = tail;
    }
    Some(out)
}

/// The first character or escape; whether it is a byte by an escape; the rest.
fn unquote_char(text: &str, quote: char) -> Option<(u32, bool, &str)> {
    let mut chars = text.chars();
    let c = chars.next()?;
    if c != '\\' {
        return Some((c as u32, false, chars.as_str()));
    }
    let c = chars.next()?;
    let simple = match c {
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'n' => 10,
        'r' => 13,
        't' => 9,
        'v' => 11,
        '\\' => 92,
        c if c == quote => c as u32,
        'x' | 'u' | 'U' => {
            let count = match c {
                'x' => 2,
                'u' => 4,
                _ => 8,
            };
            let rest = chars.as_str();
            let value = u32::from_str_radix(rest.get(..count)?, 16).ok()?;
            return Some((value, c == 'x', &rest[count..]));
        }
        '0'..='7' => {
            let from = &text[1..];
            let value = u32::from_str_radix(from.get(..3)?, 8).ok()?;
            return Some((value, true, &from[3..]));
        }
        _ => return None,
    };
    Some((simple, false, chars.as_str()))
}

/// Rounds to nearest even.
pub fn rational_to_f64(r: &BigRational) -> f64 {
    rational_to_float(r, 53, -1074, 1023)
}

/// Rounds to a float of `precision` bits whose smallest power is 2^least and largest exponent `most`.
fn rational_to_float(r: &BigRational, precision: i64, least: i64, most: i64) -> f64 {
    if r.is_zero() {
        return 0.0;
    }
    let negative = r.is_negative();
    let (n, d) = (r.numer().abs(), r.denom().clone());
    // The exponent of the leading bit, off by at most one.
    let mut exponent = n.bits() as i64 - d.bits() as i64;
    let at_least = |e: i64| if e >= 0 { n >= (&d << e as u64) } else { (&n << (-e) as u64) >= d };
    if !at_least(exponent) {
        exponent -= 1;
    }
    if exponent > most {
        return if negative { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    // Scale so that the quotient is the mantissa.
    let unit = (exponent - precision + 1).max(least);
    let (num, den) = if unit >= 0 { (n.clone(), &d << unit as u64) } else { (&n << (-unit) as u64, d.clone()) };
    let (mut q, rem) = num.div_rem(&den);
    let twice = &rem << 1u32;
    if twice > den || (twice == den && q.is_odd()) {
        q += 1;
    }
    let mantissa = q.to_f64().unwrap_or(0.0);
    // Two steps, so that neither power leaves the range of f64.
    let half = unit / 2;
    let value = mantissa * 2f64.powi(half as i32) * 2f64.powi((unit - half) as i32);
    let value = if precision == 24 && value > f64::from(f32::MAX) { f64::INFINITY } else { value };
    if negative { -value } else { value }
}

/// A rational equal to a float.
pub fn float_to_rational(f: f64) -> Option<BigRational> {
    BigRational::from_float(f)
}

/// The operands brought to the larger of their kinds.
fn matched(x: &Const, y: &Const) -> (Const, Const) {
    let rank = |c: &Const| match c {
        Const::Int(_) => 0,
        Const::Float(_) => 1,
        Const::Complex(..) => 2,
        _ => 3,
    };
    let to = rank(x).max(rank(y));
    let lift = |c: &Const| match to {
        1 => c.to_rational().map_or(Const::Unknown, Const::float),
        2 => c.to_complex().map_or(Const::Unknown, |(re, im)| Const::complex(re, im)),
        _ => c.clone(),
    };
    (lift(x), lift(y))
}

/// A binary operation; integer division when `integer`. The divisor is not zero.
pub fn binary(op: BinaryOp, x: &Const, y: &Const, integer: bool) -> Const {
    use BinaryOp::*;
    match matched(x, y) {
        (Const::Bool(a), Const::Bool(b)) => match op {
            AndAnd => Const::Bool(a && b),
            OrOr => Const::Bool(a || b),
            _ => Const::Unknown,
        },
        (Const::String(a), Const::String(b)) if op == Add => a.concat(&b).map_or(Const::Unknown, Const::String),
        (Const::Int(a), Const::Int(b)) => match op {
            Add => Const::Int(a + b),
            Sub => Const::Int(a - b),
            Mul => Const::Int(a * b),
            Div if b.is_zero() => Const::Unknown,
            Div if integer => Const::Int(a / b),
            Div => {
                let r = BigRational::new(a, b);
                Const::float(r)
            }
            Rem if b.is_zero() => Const::Unknown,
            Rem => Const::Int(a % b),
            And => Const::Int(a & b),
            Or => Const::Int(a | b),
            Xor => Const::Int(a ^ b),
            AndNot => Const::Int(a & !b),
            _ => Const::Unknown,
        },
        (Const::Float(a), Const::Float(b)) => match op {
            Add => Const::float(&*a + &*b),
            Sub => Const::float(&*a - &*b),
            Mul => Const::float(&*a * &*b),
            Div if !b.is_zero() => Const::float(&*a / &*b),
            _ => Const::Unknown,
        },
        (Const::Complex(a, b), Const::Complex(c, d)) => match op {
            Add => Const::complex(&*a + &*c, &*b + &*d),
            Sub => Const::complex(&*a - &*c, &*b - &*d),
            Mul => Const::complex(&*a * &*c - &*b * &*d, &*b * &*c + &*a * &*d),
            Div => {
                let s = &*c * &*c + &*d * &*d;
                if s.is_zero() {
                    return Const::Unknown;
                }
                let re = (&*a * &*c + &*b * &*d) / &s;
                let im = (&*b * &*c - &*a * &*d) / &s;
                Const::complex(re, im)
            }
            _ => Const::Unknown,
        },
        _ => Const::Unknown,
    }
}

/// `x << n`, `x >> n`
pub fn shift(op: BinaryOp, x: &Const, n: u32) -> Const {
    match x.to_int() {
        Some(x) if op == BinaryOp::Shl => Const::Int(x << n),
        Some(x) => Const::Int(x >> n),
        None => Const::Unknown,
    }
}

/// A comparison.
pub fn compare(op: BinaryOp, x: &Const, y: &Const) -> bool {
    use std::cmp::Ordering::*;
    let order = match matched(x, y) {
        (Const::Int(a), Const::Int(b)) => a.cmp(&b),
        (Const::Float(a), Const::Float(b)) => a.cmp(&b),
        (Const::String(a), Const::String(b)) => a.cmp(&b),
        (a, b) => {
            if a == b {
                Equal
            } else {
                Less
            }
        }
    };
    match op {
        BinaryOp::Eq => order == Equal,
        BinaryOp::Ne => order != Equal,
        BinaryOp::Lt => order == Less,
        BinaryOp::Le => order != Greater,
        BinaryOp::Gt => order == Greater,
        _ => order != Less,
    }
}

/// A unary operation; `bits` limits `^` of unsigned types.
pub fn unary(op: UnaryOp, x: &Const, unsigned_bits: Option<u32>) -> Const {
    match (op, x) {
        (UnaryOp::Plus, x) => x.clone(),
        (UnaryOp::Not, Const::Bool(b)) => Const::Bool(!b),
        (UnaryOp::Neg, Const::Int(n)) => Const::Int(-n),
        (UnaryOp::Neg, Const::Float(r)) => Const::float(-(**r).clone()),
        (UnaryOp::Neg, Const::Complex(a, b)) => Const::complex(-(**a).clone(), -(**b).clone()),
        (UnaryOp::Xor, x) => match (x.to_int(), unsigned_bits) {
            (Some(n), Some(bits)) => Const::Int(((BigInt::one() << bits) - 1) ^ n),
            (Some(n), None) => Const::Int(!n),
            _ => Const::Unknown,
        },
        _ => Const::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_round_to_nearest_even() {
        for text in ["0.1", "1e23", "5e-324", "1.7976931348623157e308", "2.2250738585072011e-308", "0x1p-1074"] {
            let r = Const::literal(LitKind::Float, text).unwrap();
            if !text.starts_with("0x") {
                assert_eq!(r.to_f64(), text.parse::<f64>().unwrap(), "{text}");
            }
        }
        assert_eq!(Const::literal(LitKind::Float, "0x1p-1074").unwrap().to_f64(), f64::from_bits(1));
        assert_eq!(Const::literal(LitKind::Float, "0.1").unwrap().to_f32(), 0.1f32);
    }

    #[test]
    fn strings_are_bytes() {
        assert_eq!(unquote(r#""a\x00\377é\n""#).unwrap(), b"a\x00\xff\xc3\xa9\n");
        assert_eq!(unquote("`a\r\n`").unwrap(), b"a\n");
    }
}
