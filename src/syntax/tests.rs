//! Bad input of every kind: the parser comes to an end, with errors that lie within the file.
//!
//! Inputs are large enough that a step quadratic in the file's length would take minutes, and nested deeply enough that
//! unbounded recursion would overflow the stack that gorace has.

use crate::{Mode, SyntaxError, parse_file};
use gorace_base::FileId;

/// The stack of gorace's own threads (`STACK` in src/cli/compile).
const STACK: usize = 1 << 30;

/// Parses on a thread with gorace's stack; a tree is dropped there too.
fn parse(text: &[u8]) -> Vec<SyntaxError> {
    std::thread::scope(|scope| {
        let parse = || parse_file(FileId(0), 1, text, Mode::Full).1;
        let errors = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, parse).unwrap().join().unwrap();
        for error in &errors {
            assert!(error.pos.is_known() && error.pos.0 as usize <= text.len() + 1, "{error:?}");
            assert!(!error.message.is_empty());
        }
        errors
    })
}

fn statement(text: &str) -> String {
    format!("package main\n\nfunc main() {{\n\t{text}\n}}\n")
}

/// What a text's errors say, from the first.
fn messages(text: impl AsRef<[u8]>) -> Vec<String> {
    parse(text.as_ref()).into_iter().map(|e| e.message).collect()
}

#[test]
fn nesting_beyond_the_limit_is_refused() {
    const N: usize = 1_000_000;
    let around = |open: &str, inner: &str, close: &str| format!("{}{inner}{}", open.repeat(N), close.repeat(N));
    let expressions = [
        around("(", "1", ")"),
        "(".repeat(N),
        around("a[", "1", "]"),
        around("f(", "1", ")"),
        format!("[]int{}", around("{", "", "}")),
        around("func() {", "", "}"),
        around("- ", "1", ""),
        around("!", "1", ""),
        around("*", "1", ""),
        around("& ", "1", ""),
        around("<-", "1", ""),
        around("[]", "int", "{}"),
        // Read without recursion, but as high.
        around("", "a", "[0]"),
        around("", "f", "()"),
        around("", "a", ".b"),
        around("", "a", ".(int)"),
        around("", "a", "[1:]"),
        format!("1{}", "+1".repeat(2 * N)),
    ];
    let statements = [
        around("{", "", "}"),
        around("if x {", "", "}"),
        around("if x {} else ", "{}", ""),
        around("for {", "", "}"),
        around("switch { default: ", "", "}"),
        around("select { default: ", "", "}"),
        "a:".repeat(N),
    ];
    let types = [
        around("[]", "int", ""),
        around("[1]", "int", ""),
        around("*", "int", ""),
        around("chan ", "int", ""),
        around("map[int]", "int", ""),
        around("map[", "int", "]int"),
        around("func(", "int", ")"),
        around("func() ", "int", ""),
        around("struct{a ", "int", "}"),
        around("interface{a(x ", "int", ")}"),
        around("T[", "int", "]"),
        around("(", "int", ")"),
    ];
    let expressions = expressions.iter().map(|e| statement(&format!("_ = {e}")));
    let statements = statements.iter().map(|s| statement(s));
    let types = types.iter().map(|t| format!("package main\n\nvar x {t}\n"));
    for text in expressions.chain(statements).chain(types) {
        let shown = &text[..60];
        assert_eq!(messages(&text).first().map(String::as_str), Some("syntax error: nesting too deep"), "{shown}");
    }
}

#[test]
fn what_people_and_generators_write_is_not_too_deep() {
    let accepted = [
        format!("_ = {}1", "a + ".repeat(200_000)),
        format!("_ = {}1", "a && b || ".repeat(100_000)),
        format!("b{}", ".Add(1)".repeat(5_000)),
        format!("_ = {}1{}", "(".repeat(400), ")".repeat(400)),
        format!("_ = []int{{{}}}", "1, ".repeat(200_000)),
        format!("f({})", "f(a.b.c[1]), ".repeat(100_000)),
        "f(a.b.c[1]).d\n".repeat(100_000),
    ];
    for text in accepted {
        assert_eq!(parse(statement(&text).as_bytes()), [], "{}", &text[..40]);
    }
}

#[test]
fn long_lines_of_garbage_take_linear_time() {
    let lines =
        ["go ", ") ", "x ", "@", "\0", "'", "\"\\q", "else ", "f(", "x y; ", "case ", "\u{feff}", "func ", "import "];
    for word in lines {
        let errors = parse(statement(&word.repeat(1_000_000)).as_bytes());
        assert!(!errors.is_empty() && errors.len() <= 100_001, "{word:?}: {}", errors.len());
        // Outside functions, too.
        assert!(!parse(format!("package main; {}", word.repeat(1_000_000)).as_bytes()).is_empty(), "{word:?}");
    }
    assert_eq!(parse(&[&b"package main\n"[..], &[0xff; 10_000_000]].concat()).len(), 1);
    assert_eq!(messages(statement(&";".repeat(10_000_000))), [""; 0]);
}

#[test]
fn every_prefix_of_a_program_is_parsed() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus");
    for program in ["race/generic_cache.go", "deadlock/dining.go", "leak/pipeline.go", "misuse/shared_map.go"] {
        let text = std::fs::read(corpus.join(program)).unwrap();
        let last = text.iter().rposition(|&c| c == b'}').unwrap();
        assert_eq!(parse_file(FileId(0), 1, &text, Mode::Full).1, [], "{program}");
        for end in 0..last {
            for mode in [Mode::Imports, Mode::Full] {
                let (_, errors) = parse_file(FileId(0), 1, &text[..end], mode);
                assert!(
                    errors.iter().all(|e| e.pos.is_known() && e.pos.0 as usize <= end + 1),
                    "{program}:{end}: {errors:?}"
                );
            }
        }
        // The last function is not closed.
        let (_, errors) = parse_file(FileId(0), 1, &text[..last], Mode::Full);
        assert_eq!(errors.last().map(|e| &*e.message), Some("syntax error: unexpected EOF, expected }"), "{program}");
    }
}

#[test]
fn random_bytes_are_parsed() {
    let mut random = 0x2545_f491_4f6c_dd1du64;
    let mut byte = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 24) as u8
    };
    for round in 0..2_000 {
        let mut text = statement("").into_bytes();
        // At the start of the file, or in a function.
        let keep = if round % 2 == 0 { 0 } else { text.len() - 3 };
        text.truncate(keep);
        text.extend((0..1 + round % 500).map(|_| byte()));
        parse_file(FileId(0), 1, &text, Mode::Full);
    }
    let large: Vec<u8> = (0..4_000_000).map(|_| byte()).collect();
    assert!(!parse(&large).is_empty());
}

#[test]
fn what_no_file_may_hold_is_reported_wherever_it_stands() {
    let (nul, utf8, bom) = ("invalid NUL character", "invalid UTF-8 encoding", "invalid BOM in the middle of the file");
    let places = [("", ""), ("println(\"", "\")"), ("println(`", "`)"), ("// ", ""), ("/* ", " */"), ("/*\n", "\n*/")];
    for (before, after) in places {
        for (bytes, message) in [(&b"\0"[..], nul), (b"\xff", utf8), (b"\xed\xa0\x80", utf8), (b"\xef\xbb\xbf", bom)] {
            let mut text = b"package main\n\nfunc main() {\n\t".to_vec();
            text.extend_from_slice(before.as_bytes());
            let at = text.len();
            // Twice on a line: one message, as in gc.
            text.extend([bytes, b" ", bytes, after.as_bytes(), b"\n}\n"].concat());
            let errors = parse(&text);
            assert_eq!(errors, [SyntaxError { pos: gorace_base::Pos(at as u32 + 1), message: message.to_string() }]);
        }
    }
    assert_eq!(messages("\u{feff}package main\n"), [""; 0]);
    assert_eq!(messages("\u{feff}\u{feff}package main\n"), [bom]);
}
