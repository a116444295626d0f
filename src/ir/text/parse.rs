//! Reads functions from text; see the module above for the form.

use super::print::FLAGS;
use super::{ATOMICS, BINARY, COMPARISONS, CONVERSIONS, MOST_PARTS, Names, TYPES, UNARY, is_plain, named};
use crate::func::{Block, BlockId, Func, FuncFlags, InlineSite, Local, LocalId, Slot, SlotId, Ty, Value};
use crate::inst::{Access, Callee, Inst, InstData, Sig, Term};
use crate::unit::{Place, SymbolId, Unit};
use gorace_base::Pos;

/// Reads functions; their symbols are made in `unit`.
///
/// # Errors
/// The first line that is not as it should be, with its number and what is wrong.
pub fn funcs(unit: &mut Unit, text: &str) -> Result<Vec<Func>, String> {
    let mut reader = Reader { unit, funcs: Vec::new(), place: Place::default() };
    for (number, line) in text.lines().enumerate() {
        let mut line = Line::of(line).map_err(|e| format!("line {}: {e}", number + 1))?;
        if line.next < line.tokens.len() {
            reader.line(&mut line).and_then(|()| line.end()).map_err(|e| format!("line {}: {e}", number + 1))?;
        }
    }
    Ok(reader.funcs)
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    /// A name, a number, an operator with its types.
    Word(String),
    Quoted(String),
    Mark(char),
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Token::Word(word) => f.write_str(word),
            Token::Quoted(text) => write!(f, "{text:?}"),
            Token::Mark(mark) => write!(f, "'{mark}'"),
        }
    }
}

/// The tokens of a line.
struct Line {
    tokens: Vec<Token>,
    next: usize,
}

impl Line {
    fn of(text: &str) -> Result<Line, String> {
        let mut tokens = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(&c) = chars.peek() {
            if c == ';' {
                break;
            }
            chars.next();
            match c {
                ' ' => {}
                '"' => tokens.push(Token::Quoted(quoted(&mut chars)?)),
                c if c == '_' || is_plain(&c.to_string()) => {
                    let mut word = c.to_string();
                    while let Some(&c) = chars.peek()
                        && is_plain(&c.to_string())
                    {
                        word.push(c);
                        chars.next();
                    }
                    // What a colon ends is a label or a key.
                    while word.len() > 1 && word.ends_with(':') && chars.peek().is_none_or(|&c| c == ' ') {
                        word.pop();
                        tokens.push(Token::Word(std::mem::take(&mut word)));
                        word = ":".to_string();
                    }
                    match word.as_str() {
                        ":" => tokens.push(Token::Mark(':')),
                        // The head of an arrow stands for all of it.
                        "-" if chars.peek() == Some(&'>') => {}
                        _ => tokens.push(Token::Word(word)),
                    }
                }
                c => tokens.push(Token::Mark(c)),
            }
        }
        Ok(Line { tokens, next: 0 })
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn take(&mut self) -> Result<Token, String> {
        let token = self.peek().cloned().ok_or("the line ends too early")?;
        self.next += 1;
        Ok(token)
    }

    fn end(&self) -> Result<(), String> {
        self.peek().map_or(Ok(()), |token| Err(format!("{token} is too much")))
    }

    /// Takes a mark, if it is the next.
    fn has(&mut self, mark: char) -> bool {
        let has = self.peek() == Some(&Token::Mark(mark));
        self.next += usize::from(has);
        has
    }

    fn mark(&mut self, mark: char) -> Result<(), String> {
        match self.take()? {
            Token::Mark(found) if found == mark => Ok(()),
            other => Err(format!("expected '{mark}', found {other}")),
        }
    }

    fn word(&mut self) -> Result<String, String> {
        match self.take()? {
            Token::Word(word) => Ok(word),
            other => Err(format!("expected a word, found {other}")),
        }
    }

    /// Takes a word, if it is the next.
    fn has_word(&mut self, wanted: &str) -> bool {
        let has = matches!(self.peek(), Some(Token::Word(word)) if word == wanted);
        self.next += usize::from(has);
        has
    }

    fn expect(&mut self, wanted: &str) -> Result<(), String> {
        let found = self.word()?;
        if found == wanted { Ok(()) } else { Err(format!("expected {wanted}, found {found}")) }
    }

    fn name(&mut self) -> Result<String, String> {
        match self.take()? {
            Token::Word(name) | Token::Quoted(name) => Ok(name),
            other => Err(format!("expected a name, found {other}")),
        }
    }

    fn number<T: std::str::FromStr>(&mut self) -> Result<T, String> {
        let word = self.word()?;
        word.parse().map_err(|_| format!("{word} is no such number"))
    }

    /// A number behind a letter: `v7`, `b0`.
    fn numbered(&mut self, letter: char) -> Result<u32, String> {
        let word = self.word()?;
        let number = word.strip_prefix(letter).and_then(|digits| digits.parse().ok());
        number.ok_or_else(|| format!("expected {letter} with a number, found {word}"))
    }

    fn value(&mut self) -> Result<Value, String> {
        self.numbered('v').map(Value)
    }

    fn block(&mut self) -> Result<BlockId, String> {
        self.numbered('b').map(BlockId)
    }

    fn local(&mut self) -> Result<LocalId, String> {
        self.numbered('l').map(LocalId)
    }

    fn comma_value(&mut self) -> Result<Value, String> {
        self.mark(',')?;
        self.value()
    }

    /// Values up to the end of the list.
    fn values(&mut self) -> Result<Vec<Value>, String> {
        let mut values = Vec::new();
        while matches!(self.peek(), Some(Token::Word(_))) {
            values.push(self.value()?);
            if !self.has(',') {
                break;
            }
        }
        Ok(values)
    }

    fn types(&mut self) -> Result<Vec<Ty>, String> {
        self.mark('(')?;
        let mut types = Vec::new();
        while !self.has(')') {
            types.push(ty(&self.word()?)?);
            if !self.has(',') {
                self.mark(')')?;
                break;
            }
        }
        Ok(types)
    }

    fn sig(&mut self) -> Result<Sig, String> {
        let params = self.types()?;
        self.mark('>')?;
        Ok(Sig { params, results: self.types()? })
    }

    /// `+8`, `-8`: behind a name, where the sign is part of the word or stands alone.
    fn offset<T: std::str::FromStr>(&mut self) -> Result<T, String> {
        self.has('+');
        self.number()
    }

    /// `[v1+8]`
    fn address(&mut self) -> Result<(Value, i32), String> {
        self.mark('[')?;
        let word = self.word()?;
        let (word, offset) = split_offset(&word);
        let value = word.strip_prefix('v').and_then(|digits| digits.parse().ok());
        let value = Value(value.ok_or_else(|| format!("expected a value, found {word}"))?);
        let offset = match offset {
            Some(offset) => offset.parse().map_err(|_| format!("{offset} is no offset"))?,
            None if self.peek() == Some(&Token::Mark(']')) => 0,
            None => self.offset()?,
        };
        self.mark(']')?;
        Ok((value, offset))
    }

    fn access(&mut self) -> Access {
        let (race, update) = (self.has_word("race"), self.has_word("update"));
        let (aligned, plain) = (self.has_word("aligned"), self.has_word("plain"));
        let part = (1..=MOST_PARTS).find(|n| self.has_word(&format!("part{n}"))).unwrap_or(0);
        Access { race, update, aligned, plain, part }
    }

    /// `24 align 8`
    fn extent<T: std::str::FromStr>(&mut self) -> Result<(u64, T), String> {
        let size = self.number()?;
        self.expect("align")?;
        Ok((size, self.number()?))
    }

    /// `@9` or `@9/1`
    fn place(&mut self) -> Result<Place, String> {
        self.mark('@')?;
        let word = self.word()?;
        let (pos, inline) = word.split_once('/').unwrap_or((&word, "0"));
        match (pos.parse(), inline.parse()) {
            (Ok(pos), Ok(inline)) => Ok(Place { pos: Pos(pos), inline }),
            _ => Err(format!("{word} is no place")),
        }
    }
}

/// A name and a negative offset that stands behind it without a space: minus signs may be part of names.
fn split_offset(word: &str) -> (&str, Option<&str>) {
    match word.rfind('-') {
        Some(at) if at > 0 && word[at + 1..].parse::<u64>().is_ok() => (&word[..at], Some(&word[at..])),
        _ => (word, None),
    }
}

fn quoted(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String, String> {
    let mut text = String::new();
    while let Some(c) = chars.next() {
        match c {
            '"' => return Ok(text),
            '\\' => match chars.next() {
                Some('n') => text.push('\n'),
                Some(c) => text.push(c),
                None => break,
            },
            c => text.push(c),
        }
    }
    Err("a quotation mark is not closed".to_string())
}

fn ty(name: &str) -> Result<Ty, String> {
    named(TYPES, name).ok_or_else(|| format!("no type {name}"))
}

fn operator<T: Copy>(names: Names<T>, name: Option<&str>) -> Result<T, String> {
    let name = name.unwrap_or_default();
    named(names, name).ok_or_else(|| format!("no operator {name}"))
}

struct Reader<'u> {
    unit: &'u mut Unit,
    funcs: Vec<Func>,
    place: Place,
}

impl Reader<'_> {
    fn line(&mut self, line: &mut Line) -> Result<(), String> {
        if line.has_word("func") {
            return self.func(line);
        }
        let f = self.funcs.last_mut().ok_or("a function comes first")?;
        if line.has_word("inlined") {
            let function = line.name()?;
            f.inlines.push(InlineSite { function, call: line.place()? });
            return Ok(());
        }
        let is_label = line.tokens.iter().take(3).any(|token| *token == Token::Mark(':'));
        match line.peek() {
            Some(Token::Word(word)) if is_label => match word.chars().next() {
                Some('l') => return local(f, line),
                Some('s') => return slot(f, line),
                Some('b') => return block(f, line),
                _ => {}
            },
            _ => {}
        }
        if f.blocks.is_empty() {
            return Err("a block comes first".to_string());
        }
        self.instruction(line)
    }

    fn func(&mut self, line: &mut Line) -> Result<(), String> {
        let name = line.name()?;
        let sig = line.sig()?;
        let (mut go_name, mut pos, mut flags) = (name.clone(), Pos::NONE, FuncFlags::default());
        if let Some(Token::Quoted(quoted)) = line.peek() {
            go_name = quoted.clone();
            line.next += 1;
        }
        if line.peek() == Some(&Token::Mark('@')) {
            pos = line.place()?.pos;
        }
        for (name, flag) in FLAGS {
            *flag(&mut flags) = line.has_word(name);
        }
        self.place = Place::default();
        self.funcs.push(Func {
            name: self.unit.symbol(&name),
            go_name,
            pos,
            values: sig.params.clone(),
            sig,
            locals: Vec::new(),
            slots: Vec::new(),
            blocks: Vec::new(),
            inlines: Vec::new(),
            flags,
        });
        Ok(())
    }

    fn instruction(&mut self, line: &mut Line) -> Result<(), String> {
        let mut results = Vec::new();
        if line.tokens.contains(&Token::Mark('=')) {
            results = line.values()?;
            line.mark('=')?;
        }
        let name = line.word()?;
        let term = term(&name, line)?;
        let parsed = match term {
            Some(_) => None,
            None => Some(self.inst(&name, line)?),
        };
        if line.peek() == Some(&Token::Mark('@')) {
            self.place = line.place()?;
        }
        let place = self.place;
        let f = self.funcs.last_mut().ok_or("a function comes first")?;
        if let Some((_, types)) = &parsed {
            if types.len() != results.len() {
                return Err(format!("{name} has {} results, not {}", types.len(), results.len()));
            }
            for (&Value(v), &ty) in results.iter().zip(types) {
                // Numbers that nothing defines are of no type; any serves.
                f.values.resize(f.values.len().max(v as usize + 1), Ty::I64);
                f.values[v as usize] = ty;
            }
        }
        let block = f.blocks.last_mut().ok_or("a block comes first")?;
        match parsed {
            Some((inst, _)) => block.insts.push(InstData { inst, results, place }),
            None => (block.term, block.term_place) = (term, place),
        }
        Ok(())
    }

    /// A symbol, and an offset.
    fn symbol_and_offset(&mut self, line: &mut Line) -> Result<(SymbolId, i64), String> {
        let token = line.take()?;
        let (name, offset) = match &token {
            Token::Word(word) => split_offset(word),
            Token::Quoted(name) => (name.as_str(), None),
            Token::Mark(_) => return Err(format!("expected a symbol, found {token}")),
        };
        let symbol = self.unit.symbol(name);
        match offset {
            Some(offset) => Ok((symbol, offset.parse().map_err(|_| format!("{offset} is no offset"))?)),
            None => Ok((symbol, line.offset()?)),
        }
    }

    fn call(&mut self, line: &mut Line) -> Result<(Inst, Vec<Ty>), String> {
        let callee = if line.has_word("code") {
            Callee::Code(line.value()?)
        } else if line.has_word("closure") {
            Callee::Closure(line.value()?)
        } else {
            let name = line.name()?;
            Callee::Symbol(self.unit.symbol(&name))
        };
        line.mark('(')?;
        let args = line.values()?;
        line.mark(')')?;
        line.mark(':')?;
        let sig = line.sig()?;
        let results = sig.results.clone();
        Ok((Inst::Call { callee, sig, args }, results))
    }

    /// An instruction, and the types of what it defines.
    fn inst(&mut self, name: &str, line: &mut Line) -> Result<(Inst, Vec<Ty>), String> {
        let mut parts = name.split('.');
        let head = parts.next().unwrap_or_default();
        let (second, third, fourth) = (parts.next(), parts.next(), parts.next());
        let t = || second.ok_or_else(|| format!("{name} has no type")).and_then(ty);
        let one = |inst: Inst, ty: Ty| Ok((inst, vec![ty]));
        let none = |inst: Inst| Ok((inst, Vec::new()));
        match head {
            "iconst" => one(Inst::Int { ty: t()?, value: line.number()? }, t()?),
            "fconst" => {
                let word = line.word()?;
                let bits = word.strip_prefix("0x").and_then(|digits| u64::from_str_radix(digits, 16).ok());
                one(Inst::Float { ty: t()?, bits: bits.ok_or_else(|| format!("{word} are no bits"))? }, t()?)
            }
            "symbol" => {
                let (symbol, offset) = self.symbol_and_offset(line)?;
                one(Inst::SymbolAddr { symbol, offset }, Ty::I64)
            }
            "slot" => {
                let (word, offset) = (line.word()?, 0i64);
                let (word, offset) = match split_offset(&word) {
                    (word, Some(minus)) => (word.to_string(), minus.parse().unwrap_or(offset)),
                    (word, None) => (word.to_string(), line.offset()?),
                };
                let slot = word.strip_prefix('s').and_then(|digits| digits.parse().ok());
                let slot = SlotId(slot.ok_or_else(|| format!("expected a slot, found {word}"))?);
                one(Inst::SlotAddr { slot, offset }, Ty::I64)
            }
            "cmp" => {
                let op = operator(COMPARISONS, second)?;
                let ty = ty(third.unwrap_or_default())?;
                one(Inst::Cmp { op, ty, a: line.value()?, b: line.comma_value()? }, Ty::I8)
            }
            "convert" => {
                let op = operator(CONVERSIONS, second)?;
                let (from, to) = (ty(third.unwrap_or_default())?, ty(fourth.unwrap_or_default())?);
                one(Inst::Convert { op, from, to, a: line.value()? }, to)
            }
            "select" => {
                let (cond, a, b) = (line.value()?, line.comma_value()?, line.comma_value()?);
                one(Inst::Select { ty: t()?, cond, a, b }, t()?)
            }
            "fma" => {
                let (a, b, c) = (line.value()?, line.comma_value()?, line.comma_value()?);
                one(Inst::Fma { ty: t()?, a, b, c }, t()?)
            }
            "load" => {
                let (addr, offset) = line.address()?;
                one(Inst::Load { ty: t()?, addr, offset, access: line.access() }, t()?)
            }
            "store" => {
                let value = line.value()?;
                line.mark(',')?;
                let (addr, offset) = line.address()?;
                none(Inst::Store { ty: t()?, value, addr, offset, access: line.access() })
            }
            "copy" => {
                let (size, align) = line.extent()?;
                let (dst, dst_access) = (line.comma_value()?, line.access());
                line.mark('<')?;
                line.expect("-")?;
                none(Inst::Copy { dst, src: line.value()?, size, align, dst_access, src_access: line.access() })
            }
            "zero" => {
                let (size, align) = line.extent()?;
                none(Inst::Zero { dst: line.comma_value()?, size, align, access: line.access() })
            }
            "nilcheck" => none(Inst::NilCheck { addr: line.value()? }),
            "racecheck" => {
                let write = line.has_word("write");
                if !write {
                    line.expect("read")?;
                }
                let size = line.number()?;
                let (addr, offset) = line.address()?;
                none(Inst::RaceCheck { write, addr, offset, size })
            }
            "get" => {
                let local = line.local()?;
                let of = self.funcs.last().and_then(|f| f.locals.get(local.index()));
                let ty = of.ok_or_else(|| format!("no variable l{}", local.0))?.ty;
                one(Inst::GetLocal { local }, ty)
            }
            "set" => none(Inst::SetLocal { local: line.local()?, value: line.comma_value()? }),
            "call" => self.call(line),
            "context" => one(Inst::ClosureContext, Ty::I64),
            "goroutine" => one(Inst::Goroutine, Ty::I64),
            "framepointer" => one(Inst::FramePointer, Ty::I64),
            "setjump" => one(Inst::SetJump { slot: SlotId(line.numbered('s')?) }, Ty::I32),
            "preempt" => none(Inst::Preempt),
            "atomicload" => one(Inst::AtomicLoad { ty: t()?, addr: line.address()?.0 }, t()?),
            "atomicstore" => {
                let value = line.value()?;
                line.mark(',')?;
                none(Inst::AtomicStore { ty: t()?, addr: line.address()?.0, value })
            }
            "atomic" => {
                let (op, ty) = (operator(ATOMICS, second)?, ty(third.unwrap_or_default())?);
                let addr = line.address()?.0;
                one(Inst::AtomicRmw { op, ty, addr, value: line.comma_value()? }, ty)
            }
            "atomiccas" => {
                let addr = line.address()?.0;
                one(Inst::AtomicCas { ty: t()?, addr, old: line.comma_value()?, new: line.comma_value()? }, t()?)
            }
            _ => match (named(BINARY, head), named(UNARY, head)) {
                (Some(op), _) => one(Inst::Bin { op, ty: t()?, a: line.value()?, b: line.comma_value()? }, t()?),
                (_, Some(op)) => one(Inst::Un { op, ty: t()?, a: line.value()? }, t()?),
                _ => Err(format!("no instruction {name}")),
            },
        }
    }
}

fn local(f: &mut Func, line: &mut Line) -> Result<(), String> {
    let at = line.numbered('l')?;
    line.mark(':')?;
    if at as usize != f.locals.len() {
        return Err(format!("l{at} is out of order"));
    }
    let ty = ty(&line.word()?)?;
    let name = if line.peek().is_some() { Some(line.name()?.into()) } else { None };
    f.locals.push(Local { ty, name });
    Ok(())
}

fn slot(f: &mut Func, line: &mut Line) -> Result<(), String> {
    let at = line.numbered('s')?;
    line.mark(':')?;
    if at as usize != f.slots.len() {
        return Err(format!("s{at} is out of order"));
    }
    let (size, align) = line.extent()?;
    f.slots.push(Slot { size, align });
    Ok(())
}

fn block(f: &mut Func, line: &mut Line) -> Result<(), String> {
    let at = line.numbered('b')?;
    let cold = line.has_word("cold");
    line.mark(':')?;
    if at as usize != f.blocks.len() {
        return Err(format!("b{at} is out of order"));
    }
    f.blocks.push(Block { cold, ..Block::default() });
    Ok(())
}

/// How a block ends, if this is such a line.
fn term(name: &str, line: &mut Line) -> Result<Option<Term>, String> {
    Ok(Some(match name {
        "jump" => Term::Jump(line.block()?),
        "br" => {
            let cond = line.value()?;
            line.mark(',')?;
            let then = line.block()?;
            line.mark(',')?;
            Term::Branch { cond, then, els: line.block()? }
        }
        "switch" => {
            let value = line.value()?;
            line.mark(',')?;
            line.mark('[')?;
            let mut cases = Vec::new();
            while !line.has(']') {
                let key = line.number()?;
                line.mark(':')?;
                cases.push((key, line.block()?));
                line.has(',');
            }
            line.mark(',')?;
            Term::Switch { value, cases, default: line.block()? }
        }
        "return" => Term::Return(line.values()?),
        "unreachable" => Term::Unreachable,
        _ => return Ok(None),
    }))
}
