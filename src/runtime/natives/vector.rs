//! The vector kernels of math/big: elementary operations on numbers of many words, least significant first.
//!
//! A result may be one of the operands, or overlap it as a shift's does: all but the left shift go from the first word up.
#![allow(unsafe_code, reason = "vectors are the program's memory")]

/// A vector that golib has looked at: `n` words that may be read, and written where they are the result.
#[derive(Clone, Copy)]
struct Words(*mut u64);

impl Words {
    fn get(self, i: usize) -> u64 {
        // SAFETY: callers count up to the `n` that golib passed with the vector.
        unsafe { self.0.add(i).read() }
    }

    fn set(self, i: usize, word: u64) {
        // SAFETY: as in `get`.
        unsafe { self.0.add(i).write(word) }
    }
}

/// z = x + y; gives the carry.
pub extern "C" fn add(z: *mut u64, x: *mut u64, y: *mut u64, n: usize) -> u64 {
    let (z, x, y) = (Words(z), Words(x), Words(y));
    let mut carry = false;
    for i in 0..n {
        let (sum, first) = x.get(i).overflowing_add(y.get(i));
        let (sum, second) = sum.overflowing_add(u64::from(carry));
        z.set(i, sum);
        carry = first | second;
    }
    u64::from(carry)
}

/// z = x - y; gives the borrow.
pub extern "C" fn sub(z: *mut u64, x: *mut u64, y: *mut u64, n: usize) -> u64 {
    let (z, x, y) = (Words(z), Words(x), Words(y));
    let mut borrow = false;
    for i in 0..n {
        let (difference, first) = x.get(i).overflowing_sub(y.get(i));
        let (difference, second) = difference.overflowing_sub(u64::from(borrow));
        z.set(i, difference);
        borrow = first | second;
    }
    u64::from(borrow)
}

/// z = x << s, s below 64; gives what was shifted out.
pub extern "C" fn shift_left(z: *mut u64, x: *mut u64, n: usize, s: u64) -> u64 {
    let (z, x, s) = (Words(z), Words(x), s as u32 & 63);
    let mut low = 0;
    let mut out = 0;
    for i in (0..n).rev() {
        let word = if i == n - 1 { x.get(i) } else { low };
        low = if i > 0 { x.get(i - 1) } else { 0 };
        if i == n - 1 && s > 0 {
            out = word >> (64 - s);
        }
        z.set(i, if s > 0 { word << s | low >> (64 - s) } else { word });
    }
    out
}

/// z = x >> s, s below 64; gives what was shifted out, in the upper bits.
pub extern "C" fn shift_right(z: *mut u64, x: *mut u64, n: usize, s: u64) -> u64 {
    let (z, x, s) = (Words(z), Words(x), s as u32 & 63);
    let mut high = if n > 0 { x.get(0) } else { 0 };
    let out = if s > 0 { high << (64 - s) } else { 0 };
    for i in 0..n {
        let word = high;
        high = if i + 1 < n { x.get(i + 1) } else { 0 };
        z.set(i, if s > 0 { word >> s | high << (64 - s) } else { word });
    }
    out
}

/// z = x * y + r; gives the carry.
pub extern "C" fn mul_add(z: *mut u64, x: *mut u64, n: usize, y: u64, r: u64) -> u64 {
    let (z, x) = (Words(z), Words(x));
    let mut carry = r;
    for i in 0..n {
        let wide = u128::from(x.get(i)) * u128::from(y) + u128::from(carry);
        z.set(i, wide as u64);
        carry = (wide >> 64) as u64;
    }
    carry
}

/// z = x + y * m + a; gives the carry.
pub extern "C" fn add_mul(z: *mut u64, x: *mut u64, y: *mut u64, n: usize, m: u64, a: u64) -> u64 {
    let (z, x, y) = (Words(z), Words(x), Words(y));
    let mut carry = a;
    for i in 0..n {
        let wide = u128::from(y.get(i)) * u128::from(m) + u128::from(x.get(i)) + u128::from(carry);
        z.set(i, wide as u64);
        carry = (wide >> 64) as u64;
    }
    carry
}

#[cfg(test)]
mod tests {
    use super::*;

    const M: u64 = u64::MAX;

    #[test]
    fn carries_go_through_all_words() {
        let (mut x, mut y, mut z) = ([M, M, 1], [1, 0, 0], [0; 3]);
        assert_eq!(add(z.as_mut_ptr(), x.as_mut_ptr(), y.as_mut_ptr(), 3), 0);
        assert_eq!(z, [0, 0, 2]);
        assert_eq!(add(x.as_mut_ptr(), x.as_mut_ptr(), y.as_mut_ptr(), 2), 1);
        assert_eq!(x, [0, 0, 1]);
        assert_eq!(sub(z.as_mut_ptr(), x.as_mut_ptr(), y.as_mut_ptr(), 3), 0);
        assert_eq!(z, [M, M, 0]);
        assert_eq!(sub(z.as_mut_ptr(), x.as_mut_ptr(), y.as_mut_ptr(), 2), 1);
    }

    #[test]
    fn products_and_sums_are_those_of_wider_numbers() {
        let (mut x, mut y, mut z) = ([M, M], [M, M], [0; 2]);
        // (2^128 - 1)(2^64 - 1) + 2^64 - 1 = 2^128 (2^64 - 1).
        assert_eq!(mul_add(z.as_mut_ptr(), x.as_mut_ptr(), 2, M, M), M);
        assert_eq!(z, [0, 0]);
        // The most that fits: one word of carry always does.
        assert_eq!(add_mul(z.as_mut_ptr(), x.as_mut_ptr(), y.as_mut_ptr(), 2, M, M), M);
        assert_eq!(z, [M, M]);
    }

    #[test]
    fn shifts_may_overlap_and_may_be_by_nothing() {
        let mut v = [1 << 63 | 1, 3, 0];
        let p = v.as_mut_ptr();
        assert_eq!(shift_left(p, p, 3, 1), 0);
        assert_eq!(v, [2, 7, 0]);
        // One word up, and two bits.
        assert_eq!(shift_left(v.as_mut_ptr().wrapping_add(1), v.as_mut_ptr(), 2, 62), 1);
        assert_eq!(v, [2, 1 << 63, 3 << 62]);
        assert_eq!(shift_right(v.as_mut_ptr(), v.as_mut_ptr().wrapping_add(1), 2, 62), 0);
        assert_eq!(v, [2, 3, 3 << 62]);
        assert_eq!(shift_right(v.as_mut_ptr(), v.as_mut_ptr(), 2, 0), 0);
        assert_eq!(shift_left(v.as_mut_ptr(), v.as_mut_ptr(), 0, 5), 0);
        assert_eq!(v, [2, 3, 3 << 62]);
    }
}
