// Reads and checks the whole standard library with go/parser and go/types, as fast as they can: files are parsed side by
// side, and a package is checked as soon as what it imports is. The files are those of gorace's build: race and pure Go.
//
// Prints how many packages, files and errors there were; its whole run is what `frontend` measures.
package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
)

type unit struct {
	path    string
	listing *build.Package
	files   []*ast.File
	types   *types.Package
	done    chan struct{}
}

var record = flag.Bool("record", true, "keep the types of all expressions, as a compiler or go vet needs them")

func main() {
	flag.Parse()
	context := build.Default
	context.CgoEnabled = false
	context.BuildTags = []string{"race", "purego", "math_big_pure_go"}
	root := filepath.Join(context.GOROOT, "src")
	units := list(&context, root)
	fset := token.NewFileSet()
	parse(fset, units)
	var failed atomic.Int64
	check(fset, units, &failed)
	files := 0
	for _, u := range units {
		files += len(u.files)
	}
	fmt.Printf("%d packages, %d files, %d errors\n", len(units), files, failed.Load())
	if failed.Load() != 0 {
		os.Exit(1)
	}
}

// list finds the packages of the standard library and the files of each.
func list(context *build.Context, root string) map[string]*unit {
	var folders []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		name := entry.Name()
		if name == "testdata" || strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".") || path == filepath.Join(root, "cmd") {
			return filepath.SkipDir
		}
		folders = append(folders, path)
		return nil
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	found := make([]*unit, len(folders))
	each(len(folders), func(i int) {
		listing, err := context.ImportDir(folders[i], 0)
		path, _ := filepath.Rel(root, folders[i])
		// builtin is there for its documentation only.
		if err == nil && len(listing.GoFiles) > 0 && path != "builtin" {
			found[i] = &unit{path: path, listing: listing, done: make(chan struct{})}
		}
	})
	units := map[string]*unit{}
	for _, u := range found {
		if u != nil {
			units[u.path] = u
		}
	}
	return units
}

func parse(fset *token.FileSet, units map[string]*unit) {
	type job struct {
		u *unit
		i int
	}
	var jobs []job
	for _, u := range units {
		u.files = make([]*ast.File, len(u.listing.GoFiles))
		for i := range u.files {
			jobs = append(jobs, job{u, i})
		}
	}
	each(len(jobs), func(n int) {
		u, i := jobs[n].u, jobs[n].i
		file, err := parser.ParseFile(fset, filepath.Join(u.listing.Dir, u.listing.GoFiles[i]), nil, parser.SkipObjectResolution)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		u.files[i] = file
	})
}

// check checks all packages: as many at once as there are processors, each after those that it imports.
func check(fset *token.FileSet, units map[string]*unit, failed *atomic.Int64) {
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	for _, u := range units {
		all.Go(func() {
			defer close(u.done)
			for _, path := range u.listing.Imports {
				if imported := resolve(units, path); imported != nil {
					<-imported.done
				}
			}
			slots <- struct{}{}
			defer func() { <-slots }()
			config := types.Config{
				Importer: importer{units},
				Sizes:    types.SizesFor("gc", "amd64"),
				Error: func(err error) {
					failed.Add(1)
					fmt.Fprintln(os.Stderr, err)
				},
			}
			var info *types.Info
			if *record {
				info = &types.Info{
					Types:      map[ast.Expr]types.TypeAndValue{},
					Instances:  map[*ast.Ident]types.Instance{},
					Defs:       map[*ast.Ident]types.Object{},
					Uses:       map[*ast.Ident]types.Object{},
					Implicits:  map[ast.Node]types.Object{},
					Selections: map[*ast.SelectorExpr]*types.Selection{},
				}
			}
			u.types, _ = config.Check(u.path, fset, u.files, info)
		})
	}
	all.Wait()
}

// resolve gives the package that an import names; the standard library has its own copies of golang.org/x.
func resolve(units map[string]*unit, path string) *unit {
	if u := units[path]; u != nil {
		return u
	}
	return units["vendor/"+path]
}

type importer struct{ units map[string]*unit }

func (i importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if u := resolve(i.units, path); u != nil && u.types != nil {
		return u.types, nil
	}
	return nil, fmt.Errorf("no package %s", path)
}

// each calls f for 0 to n-1, on all processors.
func each(n int, f func(int)) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	all.Wait()
}
