//! Whole graphs of small trees of files, with an SDK of a few packages.

use super::*;

struct World {
    folder: tempfile::TempDir,
    environment: Environment,
}

impl World {
    /// Writes files given as `-- name --` headers with text below.
    fn new(archive: &str) -> World {
        let folder = tempfile::tempdir().unwrap();
        let std = "-- sdk/src/fmt/fmt.go --\npackage fmt\nimport _ \"errors\"\n-- sdk/src/errors/errors.go --\npackage errors\n\
            -- sdk/src/os/os.go --\npackage os\n-- sdk/src/reflect/r.go --\npackage reflect\n-- sdk/src/embed/embed.go --\npackage embed\n\
            -- sdk/src/testing/t.go --\npackage testing\nimport _ \"fmt\"\n-- sdk/src/runtime/r.go --\npackage runtime\n\
            -- sdk/src/testing/internal/testdeps/t.go --\npackage testdeps\nimport _ \"testing\"\n\
            -- sdk/src/internal/abi/abi.go --\npackage abi\n-- sdk/src/net/net.go --\npackage net\nimport _ \"golang.org/x/net/dns\"\n\
            -- sdk/src/vendor/golang.org/x/net/dns/dns.go --\npackage dns\n";
        let mut current: Option<(PathBuf, String)> = None;
        let write = |file: Option<(PathBuf, String)>| {
            let Some((path, text)) = file else { return };
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        // What our package runtime imports.
        let mut needed = String::new();
        for path in [
            "internal/goarch",
            "internal/runtime/maps",
            "internal/runtime/math",
            "internal/bytealg",
            "internal/runtime/atomic",
            "internal/runtime/exithook",
            "internal/strconv",
            "internal/profilerecord",
            "unicode/utf8",
        ] {
            needed += &format!("-- sdk/src/{path}/x.go --\npackage x\n");
        }
        for line in std.lines().chain(needed.lines()).chain(archive.lines()).map(str::trim_start) {
            if let Some(name) = line.strip_prefix("-- ").and_then(|l| l.strip_suffix(" --")) {
                write(current.replace((folder.path().join(name), String::new())));
            } else if let Some((_, text)) = &mut current {
                *text += line;
                *text += "\n";
            }
        }
        write(current);
        let environment = Environment { module_cache: Some(folder.path().join("cache")), ..Environment::default() };
        World { folder, environment }
    }

    fn graph(&self, at: &str, patterns: &[&str], tests: bool) -> Result<Graph, String> {
        let root = self.folder.path().join("sdk");
        let sdk = Sdk { root, version: "1.27.3".to_string(), minor: 27 };
        let request = Request {
            patterns: patterns.iter().map(|p| p.to_string()).collect(),
            tests,
            working_folder: Some(self.folder.path().join(at)),
            ..Request::default()
        };
        let root = self.folder.path().display().to_string();
        graph_in(&sdk, &request, &self.environment, &StdIndex::make)
            .and_then(Graph::whole)
            .map_err(|e| e.to_string().replace(&root, "TOP"))
    }

    /// `id(minor)` of the packages outside std.
    fn packages(&self, at: &str, patterns: &[&str]) -> String {
        let graph = self.graph(at, patterns, false).unwrap();
        let own = graph.packages.iter().filter(|p| !p.is_std);
        own.map(|p| format!("{}({})", p.id, p.go_minor)).collect::<Vec<_>>().join(" ")
    }

    fn error(&self, at: &str, patterns: &[&str]) -> String {
        self.graph(at, patterns, false).unwrap_err()
    }
}

#[test]
fn modules_come_from_the_cache_at_selected_versions() {
    let world = World::new(
        "-- m/go.mod --
        module example.com/m
        go 1.24
        require (
            a.b/C v1.0.0
            a.b/d v1.1.0
        )
        replace a.b/e => ../e
        -- m/main.go --
        package main
        import (
            _ \"a.b/C/sub\"
            _ \"a.b/d\"
            _ \"fmt\"
        )
        -- cache/cache/download/a.b/!c/@v/v1.0.0.mod --
        module a.b/C
        go 1.16
        require a.b/d v1.2.0
        require a.b/e v1.0.0
        -- cache/a.b/!c@v1.0.0/go.mod --
        module a.b/C
        go 1.16
        -- cache/a.b/!c@v1.0.0/sub/s.go --
        package sub
        import _ \"a.b/e\"
        -- cache/a.b/d@v1.2.0/d.go --
        package d
        -- cache/a.b/d@v1.1.0/go.mod --
        module a.b/d
        -- e/go.mod --
        module a.b/e
        go 1.21
        -- e/e.go --
        package e",
    );
    assert_eq!(world.packages("m", &["."]), "a.b/e(21) a.b/C/sub(16) a.b/d(16) example.com/m(24)");
    let graph = world.graph("m", &["."], false).unwrap();
    let d = graph.package("a.b/d").unwrap();
    assert!(d.dir.ends_with("cache/a.b/d@v1.2.0"));
    assert_eq!(graph.package("example.com/m").unwrap().path, "main");
    let order: Vec<&str> = graph.packages.iter().map(|p| p.id.as_str()).collect();
    let at = |id: &str| order.iter().position(|o| *o == id).unwrap();
    assert!(at("runtime") < at("errors") && at("errors") < at("fmt") && at("fmt") < at("example.com/m"));
}

#[test]
fn patterns_pass_over_what_is_not_of_the_module() {
    let world = World::new(
        "-- m/go.mod --
        module m
        ignore ./skipped
        -- m/a/a.go --
        package a
        -- m/a/_x/x.go --
        package x
        -- m/testdata/t.go --
        package t
        -- m/skipped/s.go --
        package s
        -- m/nested/go.mod --
        module m/nested
        -- m/nested/n.go --
        package n
        -- m/windows/w_windows.go --
        package windows
        -- m/old/o.go --
        // +build ignore

        package old
        -- m/b/c/c.go --
        package c
        import _ \"m/a\"",
    );
    assert_eq!(world.packages("m", &["./..."]), "m/a(16) m/b/c(16)");
    assert_eq!(world.packages("m", &["m/b/..."]), "m/a(16) m/b/c(16)");
    assert_eq!(world.graph("m", &["all"], false).unwrap().roots, ["m/a", "m/b/c", "runtime"].map(String::from)[..2]);
    assert_eq!(
        world.error("m", &["./windows"]),
        "package m/windows: build constraints exclude all Go files in TOP/m/windows"
    );
    assert_eq!(world.error("m", &["./gone"]), "./gone: no such file or directory");
    assert_eq!(world.error("m", &["./gone..."]), "warning: \"./gone...\" matched no packages");
    let std = world.graph("m", &["std"], false).unwrap();
    assert!(std.package("vendor/golang.org/x/net/dns").is_some() && std.roots.len() == 20, "{:?}", std.roots);
}

#[test]
fn workspaces_join_modules() {
    let world = World::new(
        "-- go.work --
        go 1.27
        use (
            ./a
            ./b
        )
        -- a/go.mod --
        module x.y/a
        go 1.22
        require x.y/b v1.0.0
        -- a/a.go --
        package a
        import _ \"x.y/b\"
        -- b/go.mod --
        module x.y/b
        go 1.23
        -- b/b.go --
        package b",
    );
    assert_eq!(world.packages("a", &["."]), "x.y/b(23) x.y/a(22)");
    let mut world = world;
    world.environment.workspace = "off".to_string();
    assert_eq!(
        world.error("a", &["."]),
        "a.go:2:8: package x.y/b: its module x.y/b@v1.0.0 is not in the module cache (TOP/cache/x.y/b@v1.0.0); run `go mod download` first"
    );
}

#[test]
fn vendor_folders_are_used_and_must_agree() {
    let world = World::new(
        "-- m/go.mod --
        module m
        go 1.20
        require a.b/c v1.0.0
        -- m/m.go --
        package m
        import (
            _ \"a.b/c/d\"
            _ \"by.hand/e\"
        )
        -- m/vendor/by.hand/e/e.go --
        package e
        -- m/vendor/modules.txt --
        # a.b/c v1.0.0
        ## explicit; go 1.18
        a.b/c/d
        -- m/vendor/a.b/c/d/d.go --
        package d
        -- bad/go.mod --
        module m
        go 1.20
        require a.b/c v1.0.1
        -- bad/m.go --
        package m
        -- bad/vendor/modules.txt --
        # a.b/c v1.0.0
        ## explicit",
    );
    assert_eq!(world.packages("m", &["./..."]), "a.b/c/d(18) by.hand/e(27) m(20)");
    assert!(world.error("bad", &["."]).starts_with(
        "go: inconsistent vendoring in TOP/bad:\n\ta.b/c@v1.0.1: is explicitly required in go.mod, but not marked as explicit in vendor/modules.txt"
    ));
}

#[test]
fn forbidden_imports_and_cycles_are_named() {
    let world = World::new(
        "-- m/go.mod --
        module m
        go 1.27
        -- m/i/i.go --
        package i
        import _ \"internal/abi\"
        -- m/p/p.go --
        package main
        -- m/q/q.go --
        package q
        import _ \"m/p\"
        -- m/a/a.go --
        package a
        import _ \"m/b\"
        -- m/b/b.go --
        package b
        import _ \"m/a\"
        -- m/two/a.go --
        package a
        -- m/two/b.go --
        package b
        -- m/r/r.go --
        package r
        import _ \"./x\"
        import _ \"nosuch\"
        import _ \"x.y/z\"
        -- new/go.mod --
        module new
        go 1.99
        -- new/new.go --
        package new
        -- bad/go.mod --
        module bad

        foo bar
        -- bad/b.go --
        package b",
    );
    assert_eq!(
        world.error("m", &["./i"]),
        "package m/i\n\ti/i.go:2:8: use of internal package internal/abi not allowed"
    );
    assert_eq!(world.error("m", &["./q"]), "q/q.go:2:8: import \"m/p\" is a program, not an importable package");
    assert_eq!(
        world.error("m", &["./a"]),
        "package m/a\n\timports m/b from a.go\n\timports m/a from b.go: import cycle not allowed"
    );
    assert_eq!(world.error("m", &["./two"]), "found packages a (a.go) and b (b.go) in TOP/m/two");
    assert_eq!(
        world.error("m", &["./r"]),
        "r/r.go:2:8: \"./x\" is relative, but relative import paths are not supported in module mode\n\
         r/r.go:3:8: package nosuch is not in std (TOP/sdk/src/nosuch)\n\
         r/r.go:4:8: no required module provides package x.y/z; to add it:\n\tgo get x.y/z"
    );
    assert!(world.error("new", &["."]).starts_with("go: go.mod requires go >= 1.99"));
    assert_eq!(world.error("bad", &["."]), "go: errors parsing go.mod:\ngo.mod:3: unknown directive: foo");
}

#[test]
fn what_depends_on_a_tested_package_is_built_again() {
    let world = World::new(
        "-- m/go.mod --
        module m
        go 1.27
        -- m/a/a.go --
        package a
        -- m/a/a_test.go --
        package a
        import \"testing\"
        func TestA(t *testing.T) {}
        -- m/a/x_test.go --
        package a_test
        import (
            _ \"m/a\"
            _ \"m/b\"
        )
        -- m/b/b.go --
        package b
        import _ \"m/a\"
        -- m/c/c_test.go --
        package c
        import _ \"m/d\"
        -- m/c/c.go --
        package c
        -- m/d/d.go --
        package d
        import _ \"m/c\"",
    );
    let graph = world.graph("m", &["./a"], true).unwrap();
    let set = &graph.tests[0];
    assert_eq!(
        (set.internal.as_str(), set.external.as_deref(), set.main.as_str()),
        ("m/a [m/a.test]", Some("m/a_test [m/a.test]"), "m/a.test")
    );
    let external = graph.package("m/a_test [m/a.test]").unwrap();
    assert_eq!(external.imports["m/b"], "m/b [m/a.test]");
    assert_eq!(graph.package("m/b [m/a.test]").unwrap().imports["m/a"], "m/a [m/a.test]");
    let program = graph.closure("m/a.test");
    assert!(program.iter().all(|p| p.id != "m/a" && p.id != "m/b") && program.len() > 8);
    let error = world.graph("m", &["./c"], true).unwrap_err();
    assert!(error.contains("import cycle not allowed in test") && !error.contains('['), "{error}");
}

#[test]
fn files_and_embedded_files() {
    let world = World::new(
        "-- f/main.go --
        package main
        import \"fmt\"
        -- f/other.go --
        package other
        -- m/go.mod --
        module m
        -- m/m.go --
        package m
        import _ \"embed\"
        //go:embed *.txt
        var s string
        -- m/a.txt --
        text
        -- bad/go.mod --
        module m
        -- bad/m.go --
        package m
        import _ \"embed\"
        //go:embed *.txt
        var s string",
    );
    assert_eq!(world.packages("f", &["main.go"]), "command-line-arguments(27)");
    assert!(
        world.error("f", &["main.go", "other.go"]).starts_with("found packages main (main.go) and other (other.go)")
    );
    assert_eq!(world.error("f", &["gone.go"]), "gone.go: no such file or directory");
    let graph = world.graph("m", &["."], false).unwrap();
    let embeds = &graph.package("m").unwrap().embeds;
    assert_eq!((embeds[0].variable.as_str(), embeds[0].files[0].name.as_str()), ("s", "a.txt"));
    assert_eq!(world.error("bad", &["."]), "m.go:3:12: pattern *.txt: no matching files found");
}
