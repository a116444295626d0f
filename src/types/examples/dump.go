// The counterpart of dump.rs: writes what go/types records of the same packages, in the same form.
//
//	go run dump.go FOLDER PACKAGE... && cargo run --release -p gorace-types --example dump FOLDER PACKAGE...
//	for each package P: comm -23 <(sort P.go.txt) <(sort P.rs.txt)
//
// What differs by design: go/types gives `x++` a literal, shows a generic callee uninstantiated, and records the types of
// function literals, unions and implicit interfaces apart.
package main

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
)

func typeString(t types.Type) string {
	t = types.Unalias(t)
	switch t := t.(type) {
	case *types.Basic:
		n := t.Name()
		if n == "byte" {
			n = "uint8"
		}
		if n == "rune" {
			n = "int32"
		}
		if n == "Pointer" {
			n = "unsafe.Pointer"
		}
		return n
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), typeString(t.Elem()))
	case *types.Slice:
		return "[]" + typeString(t.Elem())
	case *types.Pointer:
		return "*" + typeString(t.Elem())
	case *types.Map:
		return "map[" + typeString(t.Key()) + "]" + typeString(t.Elem())
	case *types.Chan:
		return fmt.Sprintf("chan%d(%s)", t.Dir(), typeString(t.Elem()))
	case *types.Struct:
		s := "struct{"
		for i := 0; i < t.NumFields(); i++ {
			f := t.Field(i)
			s += f.Name() + " " + typeString(f.Type())
			if f.Embedded() {
				s += "!"
			}
			s += ";"
		}
		return s + "}"
	case *types.Tuple:
		s := "("
		for i := 0; i < t.Len(); i++ {
			s += typeString(t.At(i).Type()) + ","
		}
		return s + ")"
	case *types.Signature:
		s := "func" + typeString(t.Params()) + typeString(t.Results())
		if t.Variadic() {
			s += "..."
		}
		return s
	case *types.Interface:
		var ms []string
		for i := 0; i < t.NumMethods(); i++ {
			m := t.Method(i)
			ms = append(ms, m.Name()+" "+typeString(m.Type()))
		}
		sort.Strings(ms)
		s := "interface{" + strings.Join(ms, ";")
		if !t.IsMethodSet() {
			s += "|"
		}
		return s + "}"
	case *types.Named:
		s := t.Obj().Name()
		if p := t.Obj().Pkg(); p != nil {
			s = p.Path() + "." + s
		}
		if a := t.TypeArgs(); a.Len() > 0 {
			s += "["
			for i := 0; i < a.Len(); i++ {
				s += typeString(a.At(i)) + ","
			}
			s += "]"
		} else if t.TypeParams().Len() > 0 {
			s += "["
			for i := 0; i < t.TypeParams().Len(); i++ {
				s += typeString(t.TypeParams().At(i)) + ","
			}
			s += "]"
		}
		return s
	case *types.TypeParam:
		return fmt.Sprintf("$%d", t.Index())
	}
	return fmt.Sprintf("?%T", t)
}

func kind(e ast.Expr) string {
	switch e.(type) {
	case *ast.Ident:
		return "Name"
	case *ast.BasicLit:
		return "Lit"
	case *ast.CompositeLit:
		return "Comp"
	case *ast.FuncLit:
		return "FuncLit"
	case *ast.ParenExpr:
		return "Paren"
	case *ast.SelectorExpr:
		return "Sel"
	case *ast.IndexExpr, *ast.IndexListExpr:
		return "Index"
	case *ast.SliceExpr:
		return "Slice"
	case *ast.TypeAssertExpr:
		return "Assert"
	case *ast.CallExpr:
		return "Call"
	case *ast.StarExpr:
		return "Star"
	case *ast.UnaryExpr:
		return "Unary"
	case *ast.BinaryExpr:
		return "Binary"
	case *ast.Ellipsis:
		return "Ellipsis"
	case *ast.ArrayType:
		return "Array"
	case *ast.StructType:
		return "Struct"
	case *ast.FuncType:
		return "Func"
	case *ast.InterfaceType:
		return "Interface"
	case *ast.MapType:
		return "Map"
	case *ast.ChanType:
		return "Chan"
	}
	return fmt.Sprintf("%T", e)
}

func main() {
	args := append([]string{"list", "-deps", "-pgo=off", "-tags", "race,purego,math_big_pure_go", "-f", `{{.ImportPath}}	{{.Dir}}	{{join .GoFiles ","}}	{{range $k, $v := .ImportMap}}{{$k}}={{$v}},{{end}}`}, os.Args[2:]...)
	c := exec.Command("go", args...)
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		panic(err)
	}
	pkgs := map[string]*types.Package{"unsafe": types.Unsafe}
	fset := token.NewFileSet()
	for _, line := range strings.Split(strings.Trim(string(out), "\n"), "\n") {
		p := strings.Split(line, "\t")
		if strings.HasPrefix(p[0], "unsafe") {
			continue
		}
		var files []*ast.File
		for _, f := range strings.Split(p[2], ",") {
			if f == "" {
				continue
			}
			af, err := parser.ParseFile(fset, filepath.Join(p[1], f), nil, parser.SkipObjectResolution)
			if err != nil {
				panic(err)
			}
			files = append(files, af)
		}
		ren := map[string]string{}
		for _, r := range strings.Split(p[3], ",") {
			if k, v, ok := strings.Cut(r, "="); ok {
				ren[k] = v
			}
		}
		info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Instances: map[*ast.Ident]types.Instance{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}, Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}
		conf := types.Config{GoVersion: "go1.27", Sizes: types.SizesFor("gc", "amd64"), Importer: imp(func(path string) (*types.Package, error) {
			if r, ok := ren[path]; ok {
				path = r
			}
			if q := pkgs[path]; q != nil {
				return q, nil
			}
			return nil, fmt.Errorf("no %s", path)
		}), Error: func(err error) { fmt.Println(err) }}
		pkg, _ := conf.Check(p[0], fset, files, info)
		pkgs[p[0]] = pkg
		f, _ := os.Create(filepath.Join(os.Args[1], strings.ReplaceAll(p[0], "/", "_")+".go.txt"))
		w := bufio.NewWriter(f)
		at := func(p token.Pos) string {
			q := fset.PositionFor(p, false)
			return fmt.Sprintf("%s:%d:%d", filepath.Base(q.Filename), q.Line, q.Column)
		}
		for e, tv := range info.Types {
			m := "V"
			switch {
			case tv.IsType():
				m = "T"
			case tv.IsBuiltin():
				m = "B"
			case tv.IsVoid():
				m = "Z"
			case tv.IsNil():
				m = "N"
			case tv.Value != nil:
				m = "C"
			case tv.Addressable():
				m = "A"
			case tv.Assignable():
				m = "M"
			}
			v := ""
			if tv.Value != nil {
				switch tv.Value.Kind() {
				case constant.Int, constant.Bool:
					v = tv.Value.ExactString()
				case constant.String:
					v = fmt.Sprintf("len%d", len(constant.StringVal(tv.Value)))
				}
				if b, ok := tv.Type.Underlying().(*types.Basic); ok && b.Info()&types.IsInteger == 0 && tv.Value.Kind() == constant.Int {
					v = ""
				}
			}
			t := ""
			if m != "B" {
				t = typeString(tv.Type)
			}
			fmt.Fprintf(w, "E %s %s %s %s %s\n", at(e.Pos()), kind(e), m, t, v)
		}
		objs := func(m map[*ast.Ident]types.Object, tag string) {
			for id, o := range m {
				if o == nil || !o.Pos().IsValid() {
					continue
				}
				if v, ok := o.(*types.Var); ok && v.IsField() {
					continue
				}
				if _, ok := o.(*types.PkgName); ok {
					continue
				}
				if f, ok := o.(*types.Func); ok {
					if r := f.Type().(*types.Signature).Recv(); r != nil && types.IsInterface(r.Type()) {
						continue
					}
				}
				if _, ok := o.(*types.Label); ok {
					continue
				}
				fmt.Fprintf(w, "%s %s %s %s\n", tag, at(id.Pos()), o.Name(), at(o.Pos()))
			}
		}
		objs(info.Defs, "D")
		objs(info.Uses, "U")
		for id, o := range info.Defs {
			if v, ok := o.(*types.Var); ok && !v.IsField() && id.Name != "_" {
				fmt.Fprintf(w, "VT %s %s\n", at(id.Pos()), typeString(o.Type()))
			}
			if c, ok := o.(*types.Const); ok && id.Name != "_" {
				fmt.Fprintf(w, "VT %s %s\n", at(id.Pos()), typeString(c.Type()))
			}
		}
		for e, s := range info.Selections {
			idx := s.Index()
			if s.Kind() != types.FieldVal {
				idx = idx[:len(idx)-1]
			}
			fmt.Fprintf(w, "S %s %d %s %v %v\n", at(e.Sel.Pos()), s.Kind(), typeString(s.Recv()), idx, s.Indirect())
		}
		for id, in := range info.Instances {
			s := ""
			for i := 0; i < in.TypeArgs.Len(); i++ {
				s += typeString(in.TypeArgs.At(i)) + ","
			}
			tv := in.Type
			if _, ok := tv.(*types.Signature); ok {
				fmt.Fprintf(w, "I %s %s\n", at(id.Pos()), s)
			}
		}
		for n, o := range info.Implicits {
			if c, ok := n.(*ast.CaseClause); ok {
				fmt.Fprintf(w, "P %s %s\n", at(c.Pos()), typeString(o.Type()))
			}
		}
		for i, o := range info.InitOrder {
			s := ""
			for _, l := range o.Lhs {
				s += l.Name() + "@" + at(l.Pos()) + ","
			}
			fmt.Fprintf(w, "O %04d %s\n", i, s)
		}
		w.Flush()
		f.Close()
	}
}

type imp func(string) (*types.Package, error)

func (f imp) Import(p string) (*types.Package, error) { return f(p) }
