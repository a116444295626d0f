//! Source files and declarations (Go spec, "Packages", "Declarations and scope").

use super::{Mode, Parser};
use crate::ast::*;
use crate::build_constraint::Constraint;
use crate::scanner::Token;
use gorace_base::FileId;

impl Parser<'_> {
    /// SourceFile = PackageClause ";" { ImportDecl ";" } { TopLevelDecl ";" } .
    pub(super) fn source_file(&mut self, id: FileId, mode: Mode) -> File {
        let pos = self.pos();
        let mut decls = Vec::new();
        let package = if self.got(Token::Package) {
            let name = self.ident();
            self.want_semi("after package clause");
            name
        } else {
            self.syntax_error("package statement must be first");
            let id = self.node();
            while self.token() != Token::Eof {
                self.next();
            }
            Ident { id, pos, name: "_".into() }
        };
        let mut imports_over = false;
        while self.token() != Token::Eof {
            if mode == Mode::Imports && self.token() != Token::Import {
                break;
            }
            let directives = self.take_directives();
            match self.token() {
                Token::Import => {
                    if imports_over {
                        self.syntax_error("imports must appear before other declarations");
                        // Not said again for the imports that follow.
                        imports_over = false;
                    }
                    self.next();
                    self.group(&mut decls, |p, out, _| p.import_spec(out));
                }
                Token::Const => {
                    imports_over = true;
                    self.next();
                    self.const_group(&mut decls);
                }
                Token::Type => {
                    imports_over = true;
                    self.next();
                    let mut first = Some(directives);
                    self.group(&mut decls, move |p, out, grouped| {
                        let own = p.take_directives();
                        let directives = if grouped { own } else { first.take().unwrap_or_default() };
                        p.type_spec(out, directives);
                    });
                }
                Token::Var => {
                    imports_over = true;
                    self.next();
                    let mut first = Some(directives);
                    self.group(&mut decls, move |p, out, grouped| {
                        let own = p.take_directives();
                        let directives = if grouped { own } else { first.take().unwrap_or_default() };
                        p.var_spec(out, directives);
                    });
                }
                Token::Func => {
                    imports_over = true;
                    let decl = self.func_decl(directives);
                    decls.push(Decl::Func(Box::new(decl)));
                }
                _ => {
                    if self.token() == Token::Lbrace && matches!(decls.last(), Some(Decl::Func(f)) if f.body.is_none())
                    {
                        self.syntax_error("unexpected semicolon or newline before {");
                    } else {
                        self.syntax_error("non-declaration statement outside function body");
                    }
                    self.advance(&[]);
                    if self.token() == Token::Import {
                        self.next();
                    }
                    continue;
                }
            }
            if !matches!(self.token(), Token::Semi(_) | Token::Eof) {
                self.syntax_error("after top level declaration");
                self.advance(&[]);
            } else {
                self.got_any_semi();
            }
        }
        let all = self.directives(0);
        // A constraint is one only in front of the package clause.
        let constraint = all.iter().take_while(|d| d.pos < pos).find_map(|d| d.text.strip_prefix("go:build "));
        let go_version = constraint.and_then(|c| Constraint::parse(c).ok()?.go_minor()).map(|minor| (1, minor));
        File { id, pos, package, decls, directives: all, go_version, end: self.pos(), node_count: self.nodes }
    }

    fn got_any_semi(&mut self) {
        if matches!(self.token(), Token::Semi(_)) {
            self.next();
        }
    }

    /// A declaration's specs: one, or a group in parentheses.
    fn group(&mut self, out: &mut Vec<Decl>, mut spec: impl FnMut(&mut Self, &mut Vec<Decl>, bool)) {
        if !self.got(Token::Lparen) {
            return spec(self, out, false);
        }
        while !matches!(self.token(), Token::Rparen | Token::Eof) {
            let before = self.scanner.start;
            spec(self, out, true);
            self.end_of_spec();
            if self.scanner.start == before && !matches!(self.token(), Token::Rparen | Token::Eof) {
                self.next();
            }
        }
        self.want(Token::Rparen);
    }

    fn end_of_spec(&mut self) {
        if matches!(self.token(), Token::Semi(_)) {
            self.next();
        } else if self.token() != Token::Rparen {
            self.syntax_error("expected semicolon, newline, or )");
            self.advance(&[Token::Rparen, Token::Semi(crate::scanner::SemiKind::Newline)]);
            self.got_any_semi();
        }
    }

    /// ImportSpec = [ "." | PackageName ] ImportPath .
    fn import_spec(&mut self, out: &mut Vec<Decl>) {
        let pos = self.pos();
        let name = match self.token() {
            Token::Name => Some(self.ident()),
            Token::Dot => {
                let id = self.node();
                self.next();
                Some(Ident { id, pos, name: ".".into() })
            }
            _ => None,
        };
        if !matches!(self.token(), Token::Literal(_)) {
            self.syntax_error("missing import path");
            self.advance(&[Token::Rparen, Token::Semi(crate::scanner::SemiKind::Newline)]);
            return;
        }
        let mut path = self.basic_lit();
        if !path.bad && path.kind != LitKind::String {
            self.syntax_error_at(path.pos, "import path must be a string");
            path.bad = true;
        }
        out.push(Decl::Import(ImportDecl { pos, name, path }));
    }

    /// ConstDecl = "const" ( ConstSpec | "(" { ConstSpec ";" } ")" ) .
    pub(super) fn const_group(&mut self, out: &mut Vec<Decl>) {
        let mut iota = 0;
        let mut since_values = None;
        self.group(out, |p, out, _| {
            p.take_directives();
            let pos = p.pos();
            let names = p.ident_list();
            let mut ty = None;
            let mut values = Vec::new();
            if !matches!(p.token(), Token::Eof | Token::Semi(_) | Token::Rparen) {
                if p.token() != Token::Assign {
                    ty = p.opt_type();
                }
                if p.got(Token::Assign) {
                    values = p.expr_list();
                }
            }
            let inherited = if ty.is_some() || !values.is_empty() {
                since_values = Some(0);
                None
            } else {
                since_values = since_values.map(|n: u32| n + 1);
                since_values
            };
            out.push(Decl::Const(ConstDecl { pos, names, ty, values, iota, inherited }));
            iota += 1;
        });
    }

    pub(super) fn ident_list(&mut self) -> Vec<Ident> {
        let mut names = vec![self.ident()];
        while self.got(Token::Comma) {
            names.push(self.ident());
        }
        names
    }

    /// TypeSpec = identifier [ TypeParams ] [ "=" ] Type .
    pub(super) fn type_spec(&mut self, out: &mut Vec<Decl>, directives: Vec<Directive>) {
        let pos = self.pos();
        let name = self.ident();
        let mut type_params = Vec::new();
        let mut alias = None;
        let mut ty = None;
        if self.token() == Token::Lbrack {
            let lbrack = self.pos();
            self.next();
            match self.token() {
                Token::Rbrack => {
                    self.next();
                    let elem = self.type_or_bad();
                    ty = Some(self.expr_node(lbrack, ExprKind::SliceType(Box::new(elem))));
                }
                Token::Name => {
                    // `[P any]`, `[P *T,]` or an array length.
                    let x = self.array_length_or_type_param();
                    match x {
                        Ok(first) => type_params = self.type_params_rest(first),
                        Err(len) => {
                            self.want(Token::Rbrack);
                            let elem = self.type_or_bad();
                            let kind = ExprKind::ArrayType { len: Box::new(len), elem: Box::new(elem) };
                            ty = Some(self.expr_node(lbrack, kind));
                        }
                    }
                }
                _ => ty = Some(self.array_type_rest(lbrack)),
            }
        }
        if ty.is_none() {
            if self.token() == Token::Assign {
                alias = Some(self.pos());
                self.next();
            }
            ty = self.opt_type();
        }
        let ty = match ty {
            Some(ty) => ty,
            None => {
                self.syntax_error("in type declaration");
                self.advance(&[Token::Semi(crate::scanner::SemiKind::Newline), Token::Rparen]);
                self.bad_expr()
            }
        };
        out.push(Decl::Type(TypeDecl { pos, name, type_params, alias, ty, directives }));
    }

    /// VarSpec = IdentifierList ( Type [ "=" ExpressionList ] | "=" ExpressionList ) .
    pub(super) fn var_spec(&mut self, out: &mut Vec<Decl>, directives: Vec<Directive>) {
        let pos = self.pos();
        let names = self.ident_list();
        let mut ty = None;
        let mut values = Vec::new();
        if self.got(Token::Assign) {
            values = self.expr_list();
        } else {
            ty = Some(self.type_or_bad());
            if self.got(Token::Assign) {
                values = self.expr_list();
            }
        }
        out.push(Decl::Var(VarDecl { pos, names, ty, values, directives }));
    }

    /// FunctionDecl, MethodDecl.
    fn func_decl(&mut self, directives: Vec<Directive>) -> FuncDecl {
        let pos = self.pos();
        self.next();
        let mut receiver = None;
        if self.token() == Token::Lparen {
            let at = self.pos();
            let fields = self.parameters(false);
            match fields.len() {
                0 => self.report(at, "method has no receiver".to_string()),
                1 => {}
                _ => self.report(at, "method has multiple receivers".to_string()),
            }
            receiver = Some(fields);
        }
        let name = if self.token() == Token::Name {
            self.ident()
        } else {
            self.syntax_error("expected name");
            self.advance(&[Token::Lbrace, Token::Semi(crate::scanner::SemiKind::Newline)]);
            let id = self.node();
            Ident { id, pos, name: "_".into() }
        };
        let mut type_params = Vec::new();
        if self.token() == Token::Lbrack {
            let at = self.pos();
            self.next();
            if self.token() == Token::Rbrack {
                self.syntax_error_at(at, "empty type parameter list");
                self.next();
            } else {
                type_params = self.type_params_from_start();
            }
        }
        let ty = self.signature(pos);
        let body = if self.token() == Token::Lbrace { Some(self.func_body()) } else { None };
        FuncDecl { pos, receiver, name, type_params, ty, body, directives }
    }

    pub(super) fn func_body(&mut self) -> Block {
        self.fn_nest += 1;
        let level = std::mem::replace(&mut self.expr_level, 0);
        let block = self.block();
        self.expr_level = level;
        self.fn_nest -= 1;
        block
    }
}
