//! The well-formedness rules of a function: every block ends, targets exist, values are defined before use in their
//! block or elsewhere exactly once, and operands have the types that their instruction asks for.

use crate::func::{Func, Ty, Value};
use crate::inst::{Inst, Term};

/// Lists what is wrong with a function; empty when it is well formed.
pub fn func(f: &Func) -> Vec<String> {
    let mut errors = Vec::new();
    let mut defined = vec![false; f.values.len()];
    for slot in defined.iter_mut().take(f.sig.params.len()) {
        *slot = true;
    }
    for (b, block) in f.blocks.iter().enumerate() {
        for data in &block.insts {
            for v in &data.results {
                if std::mem::replace(&mut defined[v.index()], true) {
                    errors.push(format!("b{b}: v{} is defined twice", v.0));
                }
            }
        }
    }
    for (b, block) in f.blocks.iter().enumerate() {
        for data in &block.insts {
            check_types(f, b, &data.inst, &data.results, &mut errors);
        }
        let target = |id: crate::func::BlockId, errors: &mut Vec<String>| {
            if id.index() >= f.blocks.len() {
                errors.push(format!("b{b}: no block {}", id.0));
            }
        };
        match &block.term {
            None => errors.push(format!("b{b}: has no end")),
            Some(Term::Jump(to)) => target(*to, &mut errors),
            Some(Term::Branch { cond, then, els }) => {
                expect(f, b, *cond, Ty::I8, "branch condition", &mut errors);
                target(*then, &mut errors);
                target(*els, &mut errors);
            }
            Some(Term::Switch { cases, default, .. }) => {
                cases.iter().for_each(|(_, to)| target(*to, &mut errors));
                target(*default, &mut errors);
            }
            Some(Term::Return(values)) => {
                let types: Vec<Ty> = values.iter().map(|v| f.values[v.index()]).collect();
                if types != f.sig.results {
                    errors.push(format!("b{b}: returns {types:?}, declared {:?}", f.sig.results));
                }
            }
            Some(Term::Unreachable) => {}
        }
    }
    errors
}

fn expect(f: &Func, b: usize, v: Value, ty: Ty, what: &str, errors: &mut Vec<String>) {
    let found = f.values[v.index()];
    if found != ty {
        errors.push(format!("b{b}: {what} v{} is {found:?}, wanted {ty:?}", v.0));
    }
}

fn check_types(f: &Func, b: usize, inst: &Inst, results: &[Value], errors: &mut Vec<String>) {
    let mut want = |v: Value, ty: Ty, what: &str| expect(f, b, v, ty, what, errors);
    let result = |want: &mut dyn FnMut(Value, Ty, &str), ty: Ty| {
        if let Some(&v) = results.first() {
            want(v, ty, "result");
        }
    };
    match inst {
        Inst::Bin { ty, a, b: y, .. } => {
            want(*a, *ty, "left operand");
            want(*y, *ty, "right operand");
            result(&mut want, *ty);
        }
        Inst::Cmp { ty, a, b: y, .. } => {
            want(*a, *ty, "left operand");
            want(*y, *ty, "right operand");
            result(&mut want, Ty::I8);
        }
        Inst::Un { ty, a, .. } => want(*a, *ty, "operand"),
        Inst::Convert { from, to, a, .. } => {
            want(*a, *from, "operand");
            result(&mut want, *to);
        }
        Inst::Select { ty, cond, a, b: y } => {
            want(*cond, Ty::I8, "condition");
            want(*a, *ty, "left operand");
            want(*y, *ty, "right operand");
        }
        Inst::Load { ty, addr, .. } => {
            want(*addr, Ty::I64, "address");
            result(&mut want, *ty);
        }
        Inst::Store { ty, value, addr, .. } => {
            want(*addr, Ty::I64, "address");
            want(*value, *ty, "stored value");
        }
        Inst::SetLocal { local, value } => want(*value, f.locals[local.index()].ty, "value of local"),
        Inst::GetLocal { local } => result(&mut want, f.locals[local.index()].ty),
        Inst::Call { sig, args, callee } => {
            if args.len() != sig.params.len() || results.len() != sig.results.len() {
                errors.push(format!("b{b}: call of {callee:?} with wrong counts"));
                return;
            }
            args.iter().zip(&sig.params).for_each(|(v, ty)| want(*v, *ty, "argument"));
            results.iter().zip(&sig.results).for_each(|(v, ty)| want(*v, *ty, "call result"));
        }
        _ => {}
    }
}
