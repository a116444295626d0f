//! What the parser says of small wrong files, in gc's words and at its places.

use super::{Mode, parse_file};
use gorace_base::FileId;

/// The errors of a file as `line:column: message`.
fn errors(source: &str) -> Vec<String> {
    let text = format!("package p\n{source}");
    let (_, errors) = parse_file(FileId(0), 1, text.as_bytes(), Mode::Full);
    let place = |offset: usize| {
        let before = &text[..offset];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count(), offset - start + 1)
    };
    errors
        .into_iter()
        .map(|e| {
            let (line, column) = place(e.pos.0 as usize - 1);
            format!("{line}:{column}: {}", e.message)
        })
        .collect()
}

#[test]
fn methods_of_interfaces_have_no_type_parameters() {
    assert_eq!(
        errors("type I interface{ m[P any](); n() }\ntype J interface{ E[int]; E[int, string]; m[]() }"),
        ["1:20: interface method must have no type parameters", "2:45: empty type parameter list"]
    );
}

#[test]
fn dots_stand_before_the_last_parameter_only() {
    assert_eq!(
        errors("func f(a ...int, b int)\nfunc (x ...int) g() (...int)\ntype T[P ...any] int\nfunc h(a, b ...int)"),
        [
            "1:10: can only use ... with final parameter",
            "2:9: invalid use of ...",
            "3:10: invalid use of ...",
            "4:13: can only use ... with final parameter"
        ]
    );
}

#[test]
fn what_is_no_syntax_error_is_said_beside_others_of_its_line() {
    assert_eq!(
        errors("var x = a[::]\nvar y N []"),
        [
            "1:12: middle index required in 3-index slice",
            "1:13: final index required in 3-index slice",
            "2:10: syntax error: unexpected ], expected type argument list"
        ]
    );
}

#[test]
fn a_type_parameter_may_begin_like_an_expression() {
    let valid = "type A[P *struct{} | int] int\ntype B[P [unsafe.Sizeof(0)]byte] int\ntype C[P *T, Q any] int\ntype D [N]int\ntype E [N * 2]int\n\
                 type F[P *int | ~string | []byte] int\ntype G [len(x)]int\ntype H[P (*int),] int";
    assert_eq!(errors(valid), [""; 0]);
}

#[test]
fn late_imports_are_said_once_in_a_row() {
    assert_eq!(
        errors("import 'x'\nvar a int\nimport \"b\"\nimport (\n\"c\"\n)\nimport ;"),
        [
            "1:8: syntax error: import path must be a string",
            "3:1: syntax error: imports must appear before other declarations",
            "7:8: syntax error: missing import path"
        ]
    );
}
