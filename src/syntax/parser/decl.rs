//! Source files and declarations (Go spec, "Packages", "Declarations and scope").

use super::directives::Taker;
use super::params::{First, ListOf, name_expr, split_type_param};
use super::{Mode, Parser};
use crate::ast::*;
use crate::build_constraint::Constraint;
use crate::scanner::Token;
use gorace_base::FileId;

/// What begins a declaration of a file.
const TOP_LEVEL: [Token; 5] = [Token::Import, Token::Const, Token::Type, Token::Var, Token::Func];

impl Parser<'_> {
    /// SourceFile = PackageClause ";" { ImportDecl ";" } { TopLevelDecl ";" } .
    pub(super) fn source_file(&mut self, id: FileId, mode: Mode) -> File {
        let pos = self.pos();
        let mut decls = Vec::new();
        self.take_directives(Taker::Package);
        let package = if self.got(Token::Package) {
            let name = self.ident();
            self.want_semi();
            // As in gc, a file with a bad package clause is not read on.
            if !self.errors.is_empty() || !self.scanner.errors.is_empty() {
                self.skip_file();
            }
            name
        } else {
            self.syntax_error("package statement must be first");
            let id = self.node();
            self.skip_file();
            Ident { id, pos, name: "_".into() }
        };
        let mut previous = Token::Import;
        while self.token() != Token::Eof {
            if mode == Mode::Imports && self.token() != Token::Import {
                break;
            }
            let before = std::mem::replace(&mut previous, self.token());
            match self.token() {
                Token::Import => {
                    if before != Token::Import {
                        self.syntax_error("imports must appear before other declarations");
                    }
                    self.next();
                    self.group(&mut decls, |p, out| {
                        p.take_directives(Taker::Other);
                        p.import_spec(out);
                    });
                }
                Token::Const => {
                    self.next();
                    self.const_group(&mut decls);
                }
                Token::Type => {
                    self.next();
                    self.group(&mut decls, |p, out| p.type_spec(out));
                }
                Token::Var => {
                    self.next();
                    self.var_group(&mut decls, false);
                }
                Token::Func => {
                    let decl = self.func_decl();
                    decls.push(Decl::Func(Box::new(decl)));
                }
                _ => {
                    if self.token() == Token::Lbrace && matches!(decls.last(), Some(Decl::Func(f)) if f.body.is_none())
                    {
                        self.syntax_error("unexpected semicolon or newline before {");
                    } else {
                        self.syntax_error("non-declaration statement outside function body");
                    }
                    self.advance(&TOP_LEVEL);
                    continue;
                }
            }
            // Before the comments behind it are read, which may be directives of the next declaration.
            self.clear_directives();
            if self.token() != Token::Eof && !self.got_semi() {
                self.syntax_error("after top level declaration");
                self.advance(&TOP_LEVEL);
            }
        }
        if mode == Mode::Full {
            self.clear_directives();
            self.directives_behind_code();
        }
        let all = self.directives(0);
        let misplaced = std::mem::take(&mut self.misplaced);
        // A constraint is one only in front of the package clause.
        let constraint = all.iter().take_while(|d| d.pos < pos).find_map(|d| d.text.strip_prefix("go:build "));
        let go_version = constraint.and_then(|c| Constraint::parse(c).ok()?.go_minor()).map(|minor| (1, minor));
        File {
            id,
            pos,
            package,
            decls,
            directives: all,
            misplaced,
            go_version,
            end: self.pos(),
            node_count: self.nodes,
        }
    }

    /// A declaration's specs: one, or a group in parentheses.
    pub(super) fn group(&mut self, out: &mut Vec<Decl>, mut spec: impl FnMut(&mut Self, &mut Vec<Decl>)) {
        if self.token() != Token::Lparen {
            return spec(self, out);
        }
        self.clear_directives();
        self.next();
        let semicolon = Token::Semi(crate::scanner::SemiKind::Newline);
        self.list("grouped declaration", semicolon, Token::Rparen, |p| {
            spec(p, out);
            false
        });
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
        let Token::Literal(kind) = self.token() else {
            self.syntax_error("missing import path");
            self.advance(&[Token::Rparen, Token::Semi(crate::scanner::SemiKind::Newline)]);
            return;
        };
        let at = self.pos();
        let mut path = self.basic_lit();
        if !path.bad && kind != LitKind::String {
            self.syntax_error_at(at, "import path must be a string");
            path.bad = true;
        }
        self.imports_embed |= path.text.trim_matches(['"', '`']) == "embed";
        out.push(Decl::Import(ImportDecl { pos, name, path }));
    }

    /// ConstDecl = "const" ( ConstSpec | "(" { ConstSpec ";" } ")" ) .
    pub(super) fn const_group(&mut self, out: &mut Vec<Decl>) {
        let mut iota = 0;
        let mut since_values = None;
        self.group(out, |p, out| {
            p.take_directives(Taker::Other);
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
    pub(super) fn type_spec(&mut self, out: &mut Vec<Decl>) {
        let directives = self.take_directives(Taker::Other);
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
                    // `[P any]`, `[P *T,]` or an array length. What begins with `P [` can be no constant length.
                    let mut x = name_expr(self.ident());
                    if self.token() != Token::Lbrack {
                        let level = std::mem::replace(&mut self.expr_level, 1);
                        x = self.measured(|p| {
                            let x = p.primary_rest(x, false);
                            p.binary_rest(x, 0)
                        });
                        self.expr_level = level;
                    }
                    match split_type_param(x, self.token() == Token::Comma) {
                        Ok(First { name, ty: None }) if self.token() == Token::Rbrack => {
                            ty = Some(self.array_type_rest(lbrack, Some(name_expr(name))));
                        }
                        Ok(first) => type_params = self.param_list(Some(first), ListOf::TypeParameters),
                        Err(len) => ty = Some(self.array_type_rest(lbrack, Some(len))),
                    }
                }
                _ => ty = Some(self.array_type_rest(lbrack, None)),
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

    /// VarDecl = "var" ( VarSpec | "(" { VarSpec ";" } ")" ) .
    pub(super) fn var_group(&mut self, out: &mut Vec<Decl>, in_function: bool) {
        let from = out.len();
        self.group(out, Self::var_spec);
        self.variable_directives(out, from, self.imports_embed, in_function);
    }

    /// VarSpec = IdentifierList ( Type [ "=" ExpressionList ] | "=" ExpressionList ) .
    fn var_spec(&mut self, out: &mut Vec<Decl>) {
        let directives = self.take_directives(Taker::Var);
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
    fn func_decl(&mut self) -> FuncDecl {
        let pos = self.pos();
        self.next();
        let directives = self.take_directives(Taker::Func);
        let mut receiver = None;
        if self.got(Token::Lparen) {
            let fields = self.param_list(None, ListOf::Results);
            // The place is that of the name, as in gc.
            let at = self.pos();
            match fields.len() {
                0 => self.report(at, "method has no receiver".to_string()),
                1 => {}
                _ => self.report(at, "method has multiple receivers".to_string()),
            }
            receiver = Some(fields);
        }
        let (name, (type_params, ty));
        if self.token() == Token::Name {
            name = self.ident();
            (type_params, ty) = self.generic_signature(pos, "");
        } else {
            let at = self.pos();
            name = Ident { id: self.node(), pos, name: "_".into() };
            (type_params, ty) = (Vec::new(), FuncType { pos, params: Vec::new(), results: Vec::new(), end: at });
            self.syntax_error(if receiver.is_some() { "expected name" } else { "expected name or (" });
            self.advance(&[Token::Lbrace, Token::Semi(crate::scanner::SemiKind::Newline)]);
        }
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
