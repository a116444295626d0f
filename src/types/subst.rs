//! Substitution of type parameters.

use crate::store::*;
use std::rc::Rc;

impl Store {
    /// The type with each of `params` replaced by the argument at its place.
    pub fn subst(&mut self, ty: TypeId, params: &[TypeId], args: &[TypeId]) -> TypeId {
        if params.is_empty() {
            return ty;
        }
        match self.get(ty).clone() {
            Type::Basic(_) => ty,
            Type::TypeParam(_) => match params.iter().position(|&p| p == ty) {
                Some(at) if at < args.len() => args[at],
                _ => ty,
            },
            Type::Array { elem, len } => {
                let elem = self.subst(elem, params, args);
                self.intern(Type::Array { elem, len })
            }
            Type::Slice(elem) => {
                let elem = self.subst(elem, params, args);
                self.intern(Type::Slice(elem))
            }
            Type::Pointer(elem) => {
                let elem = self.subst(elem, params, args);
                self.intern(Type::Pointer(elem))
            }
            Type::Map { key, elem } => {
                let key = self.subst(key, params, args);
                let elem = self.subst(elem, params, args);
                self.intern(Type::Map { key, elem })
            }
            Type::Chan { dir, elem } => {
                let elem = self.subst(elem, params, args);
                self.intern(Type::Chan { dir, elem })
            }
            Type::Struct(fields) => {
                let fields: Rc<[Field]> =
                    fields.iter().map(|f| Field { ty: self.subst(f.ty, params, args), ..f.clone() }).collect();
                self.intern(Type::Struct(fields))
            }
            Type::Tuple(parts) => {
                let parts: Rc<[TypeId]> = parts.iter().map(|&t| self.subst(t, params, args)).collect();
                self.intern(Type::Tuple(parts))
            }
            Type::Signature(s) => {
                let signature = Signature {
                    params: s.params.iter().map(|&t| self.subst(t, params, args)).collect(),
                    results: s.results.iter().map(|&t| self.subst(t, params, args)).collect(),
                    variadic: s.variadic,
                    type_params: s.type_params.clone(),
                };
                self.intern(Type::Signature(Rc::new(signature)))
            }
            Type::Interface(i) => {
                let methods = i
                    .methods
                    .iter()
                    .map(|m| InterfaceMethod { signature: self.subst(m.signature, params, args), ..m.clone() })
                    .collect();
                let terms = i.terms.as_ref().map(|terms| {
                    terms.iter().map(|t| Term { tilde: t.tilde, ty: self.subst(t.ty, params, args) }).collect()
                });
                let interface = Interface { methods, terms, comparable: i.comparable, implicit: i.implicit };
                self.intern(Type::Interface(Rc::new(interface)))
            }
            Type::Named(at) => {
                let named = &self.named[at as usize];
                let origin = match named.origin {
                    Some(origin) => origin,
                    // The generic type itself stands for its instance with its own parameters.
                    None if !named.type_params.is_empty() => ty,
                    None => return ty,
                };
                let own = if named.origin.is_some() { named.targs.clone() } else { named.type_params.clone() };
                // An instance with too few or too many arguments, which has been reported, is nothing.
                if self.as_named(origin).is_some_and(|n| n.type_params.len() != own.len()) {
                    return Basic::Invalid.id();
                }
                let targs: Rc<[TypeId]> = own.iter().map(|&t| self.subst(t, params, args)).collect();
                if targs[..] == own[..] {
                    return ty;
                }
                self.instance(origin, targs)
            }
        }
    }

    /// Whether a type mentions a type parameter.
    pub fn has_type_params(&mut self, ty: TypeId) -> bool {
        match self.get(ty).clone() {
            Type::Basic(_) => false,
            Type::TypeParam(_) => true,
            Type::Array { elem, .. } | Type::Slice(elem) | Type::Pointer(elem) | Type::Chan { elem, .. } => {
                self.has_type_params(elem)
            }
            Type::Map { key, elem } => self.has_type_params(key) || self.has_type_params(elem),
            Type::Struct(fields) => fields.iter().any(|f| self.has_type_params(f.ty)),
            Type::Tuple(parts) => parts.iter().any(|&t| self.has_type_params(t)),
            Type::Signature(s) => {
                s.params.iter().any(|&t| self.has_type_params(t)) || s.results.iter().any(|&t| self.has_type_params(t))
            }
            Type::Interface(i) => {
                i.methods.iter().any(|m| self.has_type_params(m.signature))
                    || i.terms.as_ref().is_some_and(|terms| terms.iter().any(|t| self.has_type_params(t.ty)))
            }
            Type::Named(at) => {
                let named = &self.named[at as usize];
                if named.origin.is_none() {
                    return !named.type_params.is_empty();
                }
                let targs = named.targs.clone();
                targs.iter().any(|&t| self.has_type_params(t))
            }
        }
    }
}
