//! Generated code as text, for people: one instruction a line, with its offset, its place in the source, and the symbol that a
//! reference will be linked to. What is listed is what the linker copies, entry checks and race checks included.

use crate::object::{Function, Object};
use iced_x86::{Decoder, DecoderOptions, Formatter, Instruction, IntelFormatter};
use std::fmt::Write;

/// Lists the functions whose symbol contains `wanted`, in the order of the object.
pub fn listing(object: &Object, wanted: &str) -> String {
    let mut out = String::new();
    for function in &object.functions {
        if name(object, function.symbol).contains(wanted) {
            list(&mut out, object, function);
        }
    }
    out
}

fn name(object: &Object, symbol: u32) -> &str {
    object.symbols.get(symbol as usize).map_or("?", String::as_str)
}

fn file(object: &Object, file: u32) -> &str {
    let whole = object.files.get(file as usize).map_or("?", String::as_str);
    whole.rsplit('/').next().unwrap_or(whole)
}

fn list(out: &mut String, object: &Object, function: &Function) {
    let place = format!("{}:{}", file(object, function.file), function.line);
    let _ = writeln!(
        out,
        "{} at {place}: {} bytes, frame of {} bytes",
        name(object, function.symbol),
        function.code.len(),
        function.frame_size
    );
    let mut formatter = IntelFormatter::new();
    formatter.options_mut().set_space_after_operand_separator(true);
    formatter.options_mut().set_branch_leading_zeros(false);
    let mut decoder = Decoder::new(64, &function.code, DecoderOptions::NONE);
    let mut instruction = Instruction::default();
    let mut shown = None;
    while decoder.can_decode() {
        decoder.decode_out(&mut instruction);
        let start = instruction.ip() as u32;
        let end = start + instruction.len() as u32;
        let place = function.places.iter().rev().find(|p| p.offset <= start);
        if let Some(place) = place.filter(|p| shown != Some(p.offset)) {
            shown = Some(place.offset);
            let inlined = place.inline.checked_sub(1).and_then(|i| function.inlines.get(i as usize));
            let inlined = inlined.map_or_else(String::new, |i| format!(" in {}", i.function));
            let _ = writeln!(out, "  {}:{}:{}{inlined}", file(object, place.file), place.line, place.column);
        }
        let mut text = String::new();
        formatter.format(&instruction, &mut text);
        let reference = function.relocs.iter().find(|r| (start..end).contains(&r.offset));
        let target = reference.map_or_else(String::new, |r| {
            // A reference that is relative to the code counts from its own four bytes.
            let addend = if r.absolute { r.addend } else { r.addend + i64::from(end - r.offset) };
            let distance = if addend == 0 { String::new() } else { format!("{addend:+}") };
            format!("  ; {}{distance}", name(object, r.target))
        });
        let _ = writeln!(out, "    {start:6x}  {text}{target}");
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::{CodePlace, CodeReloc};

    #[test]
    fn instructions_places_and_references() {
        let code = vec![0x90, 0xe8, 0, 0, 0, 0, 0xc3];
        let place = |offset, line| CodePlace { offset, file: 0, line, column: 2, inline: 0 };
        let object = Object {
            symbols: vec!["main.f".to_string(), "main.g".to_string()],
            files: vec!["/somewhere/a.go".to_string()],
            functions: vec![Function {
                code,
                relocs: vec![CodeReloc { offset: 2, target: 1, addend: -4, absolute: false }],
                places: vec![place(0, 3), place(6, 4)],
                line: 3,
                ..Function::default()
            }],
            ..Object::default()
        };
        let text = listing(&object, "main.");
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        assert_eq!(lines[0], "main.f at a.go:3: 7 bytes, frame of 0 bytes");
        assert_eq!(lines[1..3], ["a.go:3:2", "0  nop"]);
        assert!(lines[3].starts_with("1  call") && lines[3].ends_with("; main.g"), "{}", lines[3]);
        assert_eq!(lines[4..6], ["a.go:4:2", "6  ret"]);
        assert_eq!(listing(&object, "other"), "");
    }
}
