//! Schedules have networks of their own, and the machine's where the program wants it. What the programs here take is mostly taken
//! in the machine's network already, by the test itself: a schedule that is there fails.

use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

const SHARED: &str = "schedules share the machine's network, as the program wants it: ";

/// Listens on the port of its argument, dials it, and races over a variable if there is another argument.
const FIXED: &str = r#"package main

import (
	"io"
	"net"
	"os"
)

var n int

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		panic(err)
	}
	go func() {
		if len(os.Args) > 2 {
			n++
		}
		c, err := l.Accept()
		if err != nil {
			panic(err)
		}
		c.Write([]byte("hello"))
		c.Close()
	}()
	c, err := net.Dial("tcp", "localhost:"+os.Args[1])
	if err != nil {
		panic(err)
	}
	n++
	if b, err := io.ReadAll(c); string(b) != "hello" {
		panic(err)
	}
}
"#;

/// Waits for ever if it can listen on the port of its argument.
const WAITING: &str = r#"package main

import (
	"net"
	"os"
)

func main() {
	if l, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1]); err == nil {
		l.Close()
		select {}
	}
}
"#;

const NAMED: &str = r#"package main

import "net"

func main() {
	l, err := net.Listen("unix", "@gorace-tests-of-networks")
	if err != nil {
		panic(err)
	}
	c, err := net.Dial("unix", "@gorace-tests-of-networks")
	if err != nil {
		panic(err)
	}
	defer c.Close()
	if _, err := l.Accept(); err != nil {
		panic(err)
	}
}
"#;

/// Dials the address of its arguments, or has another program do so.
const OUTSIDE: &str = r#"package main

import (
	"net"
	"os"
	"os/exec"
)

func main() {
	network, address := os.Args[1], os.Args[2]
	if network == "child" {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		defer l.Close()
		if err := exec.Command("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/"+address).Run(); err != nil {
			panic(err)
		}
		return
	}
	c, err := net.Dial(network, address)
	if err != nil {
		panic(err)
	}
	defer c.Close()
	if network == "udp" {
		// Nobody answers; the second is refused where nobody listens.
		for range 2 {
			if _, err := c.Write([]byte("x")); err != nil {
				panic(err)
			}
		}
	}
}
"#;

/// What looks as if somebody outside were missed: a server that comes late, one that has gone, packets to who never said its port.
const INSIDE: &str = r#"package main

import (
	"errors"
	"net"
	"os"
	"syscall"
	"time"
)

func main() {
	address := "127.0.0.1:" + os.Args[1]
	gone := make(chan bool)
	go func() {
		time.Sleep(50 * time.Millisecond)
		l, err := net.Listen("tcp", address)
		if err != nil {
			panic(err)
		}
		c, err := l.Accept()
		if err != nil {
			panic(err)
		}
		c.Close()
		l.Close()
		close(gone)
	}()
	for {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	<-gone
	if _, err := net.Dial("tcp", address); !errors.Is(err, syscall.ECONNREFUSED) {
		panic("somebody is there")
	}
	server, err := net.ListenPacket("udp", address)
	if err != nil {
		panic(err)
	}
	client, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	if _, err := client.WriteTo([]byte("x"), server.LocalAddr()); err != nil {
		panic(err)
	}
	b := make([]byte, 1)
	_, from, err := server.ReadFrom(b)
	if err != nil {
		panic(err)
	}
	dialled, err := net.Dial("udp", address)
	if err != nil {
		panic(err)
	}
	dialled.Write([]byte("y"))
	for _, to := range []net.Addr{from, dialled.LocalAddr()} {
		if _, err := server.WriteTo(b, to); err != nil {
			panic(err)
		}
	}
}
"#;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).to_string();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// Runs gorace in a folder: status, standard output, standard error.
fn gorace(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    run(Command::new(env!("CARGO_BIN_EXE_gorace")).args(arguments).current_dir(folder))
}

/// Whether this system makes networks; says where not.
fn can_make_networks() -> bool {
    let makes = |words: &[&str]| Command::new("unshare").args(words).stderr(Stdio::null()).status();
    let can = [["--net", "true"].as_slice(), &["--user", "--net", "true"]]
        .iter()
        .any(|words| makes(words).is_ok_and(|s| s.success()));
    if !can {
        eprintln!("skipped: this system makes no networks");
    }
    can
}

/// A port that is taken in the machine's network.
fn taken() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    (listener, port)
}

/// Nothing was found, and nothing is said of networks, or of what schedules beside each other share.
fn is_quiet((status, out, said): (Option<i32>, String, String)) {
    assert_eq!(status, Some(0), "{out}{said}");
    assert!(said.contains("no findings in ") && said.lines().count() == 1, "{out}{said}");
}

#[test]
fn a_fixed_port_is_each_schedules_own() {
    if !can_make_networks() {
        return;
    }
    let (_taken, port) = taken();
    let folder = folder(&[("fixed.go", FIXED), ("inside.go", INSIDE)]);
    for strategy in ["mix", "systematic"] {
        let arguments = ["check", "--schedules", "50", "--strategy", strategy, "fixed.go", &port];
        let (status, out, said) = gorace(folder.path(), &arguments);
        assert_eq!(status, Some(0), "{out}{said}");
        assert!(said.starts_with("no findings in ") && !said.contains("share"), "{out}{said}");
    }
    is_quiet(gorace(folder.path(), &["check", "--schedules", "50", "inside.go", &port]));
    // In the machine's it is taken.
    let (_, out, said) =
        gorace(folder.path(), &["check", "--schedules", "3", "--network", "machine", "fixed.go", &port]);
    assert!(out.contains("address already in use"), "{out}{said}");
}

/// Who cannot listen there returns; who can waits for ever.
#[test]
fn a_dump_has_a_network_of_its_own() {
    if !can_make_networks() {
        return;
    }
    let (_listener, port) = taken();
    let folder = folder(&[("main.go", WAITING)]);
    let dump = |network: &str| {
        let (status, out, said) = gorace(
            folder.path(),
            &["check", "--dump", "waitgraph", "--network", network, "--timeout", "2", "main.go", &port],
        );
        assert_eq!(status, Some(0), "{said}");
        out
    };
    assert!(dump("own").contains("goroutine 1 "), "{}", dump("own"));
    assert!(!dump("machine").contains("goroutine 1 "), "{}", dump("machine"));
}

#[test]
fn so_is_a_fixed_name() {
    if !can_make_networks() {
        return;
    }
    let name = SocketAddr::from_abstract_name("gorace-tests-of-networks").unwrap();
    let _taken = UnixListener::bind_addr(&name).unwrap();
    is_quiet(gorace(folder(&[("named.go", NAMED)]).path(), &["check", "--schedules", "50", "named.go"]));
}

#[test]
fn so_it_is_in_tests() {
    if !can_make_networks() {
        return;
    }
    let (_taken, port) = taken();
    let test = r#"package p

import (
	"net"
	"testing"
)

func TestListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:PORT")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}
"#;
    let test = test.replace("PORT", &port);
    let folder = folder(&[("p_test.go", &test), ("go.mod", "module example.com/p\n\ngo 1.26\n")]);
    let explored = || gorace(folder.path(), &["test", "--explore", "--schedules", "20", "."]);
    let (status, out, said) = explored();
    assert!(status == Some(0) && out.starts_with("ok") && !said.contains("share"), "{out}{said}");
    fs::write(folder.path().join("gorace.toml"), "[check]\nnetwork = \"machine\"\n").unwrap();
    let (status, out, said) = explored();
    assert!(status == Some(1) && out.contains("address already in use"), "{out}{said}");
}

#[test]
fn who_is_outside_is_seen() {
    let (listener, port) = taken();
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = format!("127.0.0.1:{port}");
    let packets = server.local_addr().unwrap().to_string();
    let name = SocketAddr::from_abstract_name("gorace-tests-of-outside").unwrap();
    let _named = UnixListener::bind_addr(&name).unwrap();
    let file = tempfile::tempdir().unwrap();
    let path = file.path().join("socket").display().to_string();
    let _filed = UnixListener::bind(&path).unwrap();
    let folder = folder(&[("outside.go", OUTSIDE)]);
    let makes = can_make_networks();
    let refused = |address: &str| format!("connect to {address}: connection refused");
    for (network, address, why) in [
        ("tcp", address.as_str(), refused(&address)),
        ("udp", &packets, refused(&packets)),
        ("unix", "@gorace-tests-of-outside", refused("@gorace-tests-of-outside")),
        ("child", &port, "seed 1 ends well there, and badly in a network of its own".to_string()),
        // A socket with a file is in no network.
        ("unix", &path, String::new()),
    ] {
        let check = |own: &[&str]| {
            let arguments = [&["check", "--schedules", "10"], own, &["outside.go", network, address]].concat();
            let (status, out, said) = gorace(folder.path(), &arguments);
            assert!(status == Some(0) && said.contains("no findings in 10 schedules"), "{address}: {out}{said}");
            said
        };
        let said = check(&[]);
        assert_eq!(said.matches(SHARED).count(), usize::from(makes && !why.is_empty()), "{address}: {said}");
        assert!(!makes || said.contains(&why), "{address}: {said}");
        assert!(!check(&["--network", "machine"]).contains(SHARED), "{address}");
    }
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_ok());
}

#[test]
fn a_replay_has_the_network_of_its_schedule() {
    if !can_make_networks() {
        return;
    }
    let (taken, port) = taken();
    let folder = folder(&[("fixed.go", FIXED)]);
    let check = |more: &[&str]| {
        let arguments = [&["check", "--schedules", "10", "--trace-dir", "traces"], more, &["fixed.go", &port, "races"]];
        let (_, out, said) = gorace(folder.path(), &arguments.concat());
        assert!(said.contains("1 finding in "), "{out}{said}");
        let line = out.lines().find_map(|line| line.split_once("`gorace replay ")).expect("a command").1;
        let command = line.split('`').next().unwrap().to_string();
        let trace = said.lines().find_map(|line| line.strip_prefix("trace: gorace replay ")).unwrap().to_string();
        (out, command, trace)
    };
    let replay = |words: &str| {
        let arguments: Vec<&str> = ["replay"].into_iter().chain(words.split(' ')).collect();
        gorace(folder.path(), &arguments).1
    };
    let (own, command, trace) = check(&[]);
    assert_eq!([replay(&command), replay(&trace)], [own.clone(), own.clone()]);
    drop(taken);
    // The network does not change the schedule. In the machine's two beside each other would meet in the port.
    let (machines, command, trace) = check(&["--network", "machine", "--schedules", "1"]);
    assert_eq!(machines.replace("--network machine ", ""), own);
    assert!(command.starts_with("--network machine "), "{command}");
    assert_eq!([replay(&command), replay(&trace)], [machines.clone(), machines]);
}

#[test]
fn whoever_is_not_root_has_one_too() {
    let program = r#"package main

import (
	"net"
	"os"
)

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		panic(err)
	}
	defer l.Close()
	if os.Getuid() != 65534 || os.Getgid() != 65534 {
		panic("another number")
	}
	// It has no rights that it had not.
	if err := os.WriteFile("closed", nil, 0); err != nil {
		panic(err)
	}
	defer os.Remove("closed")
	if _, err := os.ReadFile("closed"); err == nil {
		panic("it opens")
	}
}
"#;
    let program = program.replace("\"closed\"", "os.TempDir() + \"/closed\"");
    let folder = folder(&[("main.go", &program)]);
    let binary = folder.path().join("gorace");
    fs::copy(env!("CARGO_BIN_EXE_gorace"), &binary).unwrap();
    for path in [folder.path(), &binary] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let drop = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
    let mut tried = Command::new("setpriv");
    tried.args(drop).args(["unshare", "--user", "--net", "true"]).stderr(Stdio::null());
    if chown(folder.path(), Some(65534), Some(65534)).is_err() || !tried.status().is_ok_and(|s| s.success()) {
        eprintln!("skipped: not root, who alone can be another user, or users make no networks here");
        return;
    }
    let (_taken, port) = taken();
    let mut command = Command::new("setpriv");
    command.args(drop).arg(&binary).args(["check", "--schedules", "20", "main.go", &port]).current_dir(folder.path());
    let (status, out, said) =
        run(command.env("HOME", folder.path()).env("XDG_CACHE_HOME", folder.path().join("cache")));
    assert!(status == Some(0) && said.contains("no findings in 20 schedules"), "{out}{said}");
}
