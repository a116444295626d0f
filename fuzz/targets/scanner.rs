//! Any bytes give tokens that grow, lie within the file, and end with `Eof` for ever; errors lie within the file.
#![no_main]

use gorace_syntax::scanner::{Scanner, SemiKind, Token};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut scanner = Scanner::new(data);
    let mut last = 0;
    // A newline can be a token of its own beside each byte.
    for _ in 0..=2 * data.len() + 2 {
        scanner.next();
        assert!(scanner.start >= last && scanner.end() <= data.len(), "{}..{}", scanner.start, scanner.end());
        let _ = scanner.text();
        last = scanner.start;
        if scanner.token == Token::Eof {
            break;
        }
        let empty = scanner.end() == scanner.start;
        assert!(!empty || scanner.token == Token::Semi(SemiKind::Eof), "{:?} of no bytes", scanner.token);
    }
    assert_eq!(scanner.token, Token::Eof, "the scanner does not come to an end");
    scanner.next();
    assert_eq!(scanner.token, Token::Eof);
    assert!(scanner.errors.iter().all(|(at, text)| *at <= data.len() && !text.is_empty()));
});
