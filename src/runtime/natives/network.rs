//! A network of the run's own: schedules run side by side, and a fixed port, or an abstract name of a unix socket, is taken by one of
//! them only.
//!
//! - **Made late.** The first socket of the internet's families, or of unix', is when the process leaves the machine's network
//!   (`unshare(2)`): a socket belongs to the network in which it was made. A run without one pays nothing. Nobody but root may make a
//!   network, save in a space of users of its own; in that the process keeps its numbers, and gives the rights away which it has there.
//!   Where the system refuses, the run stays where it is.
//! - **What is outside.** The own network has a loopback interface, and nobody in it but the run and what it starts. Who misses somebody there
//!   *wants* the machine's network: a refused connection to a port that nobody of the run has had, or an address that cannot be reached. A port may
//!   be taken later, as where a client tries until its server is there: the wish is then *answered*.
//! - **What is told.** Wishes and answers are told as they come (`Options::network`), and change nothing in the run.
//!
//! What is made here takes real time, no virtual one, and no decision: a schedule is the same in both networks.
#![allow(unsafe_code, reason = "system calls, and the program's addresses of sockets")]

use super::os::raw;
use std::collections::{HashMap, HashSet};
use std::io::{Error, Result};
use std::rc::Rc;

/// What becomes known.
#[derive(Debug, Clone, Copy)]
pub enum News<'n> {
    /// The run has a network of its own from now on.
    Own,
    /// It has left the machine's network, but what it has instead is of no use.
    Broken,
    /// It wants something of the machine's network: which, as a name for the answer, and why.
    Wants(&'n str, &'n str),
    /// It has it.
    Answered(&'n str),
}

/// Who is told.
#[derive(Clone)]
pub struct Told(pub Rc<dyn Fn(News<'_>)>);

impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Told")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// No socket has been made.
    Before,
    Own,
    /// The run has the machine's, from its first socket on.
    Machine,
}

/// An address of a socket.
#[derive(Debug, Clone)]
struct Address {
    /// What can be taken in a network: a port, of any protocol, or a name.
    name: String,
    words: String,
    port: Option<u16>,
    loopback: bool,
}

/// The network of a run that is to have its own.
pub struct Network {
    told: Told,
    state: State,
    /// The program has asked for the machine's interfaces.
    looks: bool,
    /// What descriptors were connected to.
    peers: HashMap<i32, Address>,
    /// What the run has had, or has reached.
    had: HashSet<String>,
    /// What was wanted and not answered.
    wanted: HashSet<String>,
}

impl Network {
    pub fn new(told: Told) -> Network {
        Network {
            told,
            state: State::Before,
            looks: false,
            peers: HashMap::new(),
            had: HashSet::new(),
            wanted: HashSet::new(),
        }
    }

    /// Whether the run has a network of its own.
    pub fn is_own(&self) -> bool {
        self.state == State::Own
    }

    /// A system call is about to be made.
    pub fn before(&mut self, number: u64, a: [u64; 6]) {
        if number as i64 != libc::SYS_socket {
            return;
        }
        match a[0] as i32 {
            libc::AF_INET | libc::AF_INET6 | libc::AF_UNIX if self.state == State::Before => self.enter(),
            // Who looks at the interfaces sees the machine's, or goes by them.
            libc::AF_NETLINK | libc::AF_PACKET => {
                self.looks = true;
                if self.state == State::Own {
                    self.want("interfaces", "it looks at the interfaces");
                }
            }
            _ => {}
        }
    }

    fn enter(&mut self) {
        self.state = State::Machine;
        if self.looks {
            return self.want("interfaces", "it looks at the interfaces");
        }
        match leave_the_machines() {
            Ok(()) => {
                self.state = State::Own;
                (self.told.0)(News::Own);
            }
            Err(Left::No) => {}
            Err(Left::Yes) => (self.told.0)(News::Broken),
        }
    }

    /// A system call was made.
    pub fn after(&mut self, number: u64, a: [u64; 6], result: u64) {
        if self.state != State::Own {
            return;
        }
        let error = if result > u64::MAX - 4095 { result.wrapping_neg() as i32 } else { 0 };
        let fd = a[0] as i32;
        match (number as i64, error) {
            (libc::SYS_socket, 0) => _ = self.peers.remove(&(result as i32)),
            (libc::SYS_close, _) => _ = self.peers.remove(&fd),
            // Not looked at by the kernel.
            (_, libc::EFAULT | libc::EBADF | libc::ENOTSOCK | libc::EINVAL) => {}
            (libc::SYS_socket, libc::EPERM | libc::EACCES) => self.want("rights", "a socket: permission denied"),
            (libc::SYS_connect, _) => {
                // SAFETY: the kernel has read the address.
                let Some(address) = (unsafe { address(a[1], a[2]) }) else {
                    self.peers.remove(&fd);
                    return;
                };
                match error {
                    0 => self.reached(fd, &address),
                    libc::EINPROGRESS => {}
                    error => self.missed("connect to", error, Some(&address)),
                }
                self.peers.insert(fd, address);
            }
            (libc::SYS_getsockopt, 0) if (a[1] as i32, a[2] as i32) == (libc::SOL_SOCKET, libc::SO_ERROR) => {
                // SAFETY: the kernel has written the number there.
                let error = unsafe { (a[3] as *const i32).read_unaligned() };
                match (error, self.peers.get(&fd).cloned()) {
                    (0, Some(address)) => self.reached(fd, &address),
                    (0, None) => {}
                    (error, address) => self.missed_at(fd, error, address.as_ref()),
                }
            }
            (libc::SYS_bind | libc::SYS_listen, 0) => {
                if let Some(own) = own_address(fd) {
                    self.answer(&own.name);
                }
            }
            (libc::SYS_bind, error @ (libc::EADDRNOTAVAIL | libc::EACCES | libc::ENODEV)) => {
                // SAFETY: the kernel has read the address.
                let address = unsafe { address(a[1], a[2]) };
                if error != libc::EADDRNOTAVAIL || address.as_ref().is_none_or(|address| !address.loopback) {
                    let words = address.map_or_else(String::new, |address| address.words);
                    self.want(&format!("bind {words}"), &format!("bind to {words}: {}", said(error)));
                }
            }
            // Groups and interfaces.
            (libc::SYS_setsockopt, error @ (libc::ENODEV | libc::EADDRNOTAVAIL)) => {
                self.want("interfaces", &format!("an option of a socket: {}", said(error)));
            }
            (libc::SYS_sendto | libc::SYS_sendmsg, _) => {
                // SAFETY: the kernel has read the address, and the record that it stands in.
                let given = unsafe {
                    match number as i64 {
                        libc::SYS_sendto => address(a[4], a[5]),
                        _ => {
                            let message = &*(a[1] as *const libc::msghdr);
                            address(message.msg_name as u64, u64::from(message.msg_namelen))
                        }
                    }
                };
                match (error, given) {
                    (0, Some(to)) => self.sent(fd, &to),
                    (0, None) => {}
                    (error, given) => {
                        self.missed_at(fd, error, given.or_else(|| self.peers.get(&fd).cloned()).as_ref())
                    }
                }
            }
            (_, 0) => {}
            // What came back for something sent earlier.
            (_, error) => self.missed_at(fd, error, self.peers.get(&fd).cloned().as_ref()),
        }
    }

    /// An operation on a descriptor, which was connected to an address if that is known, has failed.
    fn missed_at(&mut self, fd: i32, error: i32, peer: Option<&Address>) {
        // A unix socket that has a file is everybody's.
        if peer.is_some() || is_missing(error) && option(fd, libc::SO_DOMAIN) != Some(libc::AF_UNIX) {
            self.missed("connect to", error, peer);
        }
    }

    fn missed(&mut self, what: &str, error: i32, address: Option<&Address>) {
        let is_had = error == libc::ECONNREFUSED && address.is_some_and(|address| self.had.contains(&address.name));
        let is_nowhere = error != libc::ECONNREFUSED && address.is_some_and(|address| address.loopback);
        if !is_missing(error) || is_had || is_nowhere {
            return;
        }
        let words = address.map_or("an address", |address| &address.words);
        // Where an address cannot be reached, who takes its port is no answer.
        let name = match address {
            Some(address) if error == libc::ECONNREFUSED => address.name.clone(),
            _ => words.to_string(),
        };
        self.want(&name, &format!("{what} {words}: {}", said(error)));
    }

    /// A descriptor is connected: someone is there, if it is a stream.
    fn reached(&mut self, fd: i32, address: &Address) {
        if !self.had.contains(&address.name) && option(fd, libc::SO_TYPE) == Some(libc::SOCK_STREAM) {
            self.answer(&address.name);
        }
    }

    /// A packet was sent. Nobody says whether someone was there to get it.
    fn sent(&mut self, fd: i32, to: &Address) {
        let Some(port) = to.port.filter(|_| !self.had.contains(&to.name)) else { return };
        if option(fd, libc::SO_TYPE) != Some(libc::SOCK_DGRAM) {
            return;
        }
        match is_taken(port) {
            true => self.answer(&to.name),
            false => self.want(&to.name, &format!("send to {}: nobody is there", to.words)),
        }
    }

    fn want(&mut self, name: &str, why: &str) {
        if self.wanted.insert(name.to_string()) {
            (self.told.0)(News::Wants(name, why));
        }
    }

    fn answer(&mut self, name: &str) {
        self.had.insert(name.to_string());
        if self.wanted.remove(name) {
            (self.told.0)(News::Answered(name));
        }
    }
}

/// Errors that another network might not have given.
fn is_missing(error: i32) -> bool {
    matches!(
        error,
        libc::ECONNREFUSED
            | libc::ENETUNREACH
            | libc::EHOSTUNREACH
            | libc::ENETDOWN
            | libc::EHOSTDOWN
            | libc::EADDRNOTAVAIL
            | libc::ENONET
    )
}

/// An error in the words that Go has for it.
fn said(error: i32) -> String {
    let text = Error::from_raw_os_error(error).to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

/// The address of a socket; none for a unix socket with a file, or without a name.
///
/// # Safety
/// So many bytes can be read there.
unsafe fn address(at: u64, len: u64) -> Option<Address> {
    let len = usize::try_from(len as u32).ok()?.min(size_of::<libc::sockaddr_storage>());
    if at == 0 || len < 3 {
        return None;
    }
    // SAFETY: by the function's own condition.
    let bytes = unsafe { std::slice::from_raw_parts(at as *const u8, len) };
    parse(bytes)
}

fn parse(bytes: &[u8]) -> Option<Address> {
    let family = u16::from_ne_bytes(bytes.get(..2)?.try_into().ok()?);
    let port = || Some(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?));
    let (ip, port) = match i32::from(family) {
        libc::AF_INET => {
            let ip: [u8; 4] = bytes.get(4..8)?.try_into().ok()?;
            (std::net::IpAddr::from(ip), port()?)
        }
        libc::AF_INET6 => {
            let ip: [u8; 16] = bytes.get(8..24)?.try_into().ok()?;
            (std::net::IpAddr::from(ip).to_canonical(), port()?)
        }
        libc::AF_UNIX if bytes[2] == 0 => {
            let words = format!("@{}", String::from_utf8_lossy(&bytes[3..]));
            return Some(Address { name: words.clone(), words, port: None, loopback: true });
        }
        _ => return None,
    };
    Some(Address {
        name: format!("port {port}"),
        words: std::net::SocketAddr::new(ip, port).to_string(),
        port: Some(port),
        // Nobody's address is one's own.
        loopback: ip.is_loopback() || ip.is_unspecified(),
    })
}

fn own_address(fd: i32) -> Option<Address> {
    // SAFETY: the record and its length outlive the call, which writes no more than that.
    unsafe {
        let mut storage: libc::sockaddr_storage = std::mem::zeroed();
        let mut len = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
        let at = &raw mut storage;
        (libc::getsockname(fd, at.cast(), &raw mut len) == 0).then(|| address(at as u64, u64::from(len)))?
    }
}

/// An option of a socket that is a number.
fn option(fd: i32, name: i32) -> Option<i32> {
    let (mut value, mut len) = (0i32, size_of::<i32>() as libc::socklen_t);
    // SAFETY: both outlive the call.
    let result = unsafe { libc::getsockopt(fd, libc::SOL_SOCKET, name, (&raw mut value).cast(), &raw mut len) };
    (result == 0).then_some(value)
}

/// Whether a socket for packets has a port of this process' network: no other can have it then.
fn is_taken(port: u16) -> bool {
    // SAFETY: plain system calls with records that outlive them; the descriptor is closed where it was made.
    unsafe {
        let fd = libc::socket(libc::AF_INET6, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0);
        if fd >= 0 {
            let (off, len) = (0i32, size_of::<i32>() as libc::socklen_t);
            libc::setsockopt(fd, libc::IPPROTO_IPV6, libc::IPV6_V6ONLY, (&raw const off).cast(), len);
            let mut any: libc::sockaddr_in6 = std::mem::zeroed();
            (any.sin6_family, any.sin6_port) = (libc::AF_INET6 as u16, port.to_be());
            return refuses(fd, (&raw const any).cast(), size_of_val(&any));
        }
        let fd = libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0);
        let mut any: libc::sockaddr_in = std::mem::zeroed();
        (any.sin_family, any.sin_port) = (libc::AF_INET as u16, port.to_be());
        // Without a descriptor nothing is known.
        fd < 0 || refuses(fd, (&raw const any).cast(), size_of_val(&any))
    }
}

/// Whether a socket cannot have an address because another one has it; closes the socket.
///
/// # Safety
/// The address has that length.
unsafe fn refuses(fd: i32, address: *const libc::sockaddr, len: usize) -> bool {
    // SAFETY: by the function's own condition; the descriptor is the caller's, who does not use it again.
    unsafe {
        let taken = libc::bind(fd, address, len as libc::socklen_t) != 0
            && Error::last_os_error().raw_os_error() == Some(libc::EADDRINUSE);
        libc::close(fd);
        taken
    }
}

/// Whether the process has left the machine's network.
enum Left {
    No,
    Yes,
}

/// Makes a network with a loopback interface, and goes there.
fn leave_the_machines() -> std::result::Result<(), Left> {
    // SAFETY: plain system calls. Other threads of this process, if there are any, only open named pipes.
    let (own, uid, gid) = unsafe { (libc::unshare(libc::CLONE_NEWNET) == 0, libc::geteuid(), libc::getegid()) };
    if !own {
        // Root without that right has others, which it would lose.
        // SAFETY: as above; refused where there are other threads.
        if uid == 0 || unsafe { libc::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNET) } != 0 {
            return Err(Left::No);
        }
        keep_numbers(uid, gid).map_err(|_| Left::Yes)?;
    }
    let raised = raise_loopback();
    if !own {
        give_rights_away().map_err(|_| Left::Yes)?;
    }
    raised.map_err(|_| Left::Yes)
}

/// In a new space of users a process has its numbers only when it says so.
fn keep_numbers(uid: u32, gid: u32) -> Result<()> {
    std::fs::write("/proc/self/uid_map", format!("{uid} {uid} 1"))?;
    std::fs::write("/proc/self/setgroups", "deny")?;
    std::fs::write("/proc/self/gid_map", format!("{gid} {gid} 1"))
}

fn checked(result: i32) -> Result<()> {
    if result == 0 { Ok(()) } else { Err(Error::last_os_error()) }
}

fn raise_loopback() -> Result<()> {
    // SAFETY: the record outlives the calls; a zeroed one is valid. The descriptor is closed where it was made.
    unsafe {
        let fd = libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0);
        if fd < 0 {
            return Err(Error::last_os_error());
        }
        let mut request: libc::ifreq = std::mem::zeroed();
        (request.ifr_name[0], request.ifr_name[1]) = (b'l' as libc::c_char, b'o' as libc::c_char);
        request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
        let raised = checked(libc::ioctl(fd, libc::SIOCSIFFLAGS, &raw const request));
        libc::close(fd);
        raised
    }
}

/// The rights that a process has in its own space of users open it files of its own that nobody may read, and low ports.
fn give_rights_away() -> Result<()> {
    const VERSION: u32 = 0x2008_0522;
    let (header, none) = ([VERSION, 0], [0u32; 6]);
    let (result, _) = raw(libc::SYS_capset as u64, [header.as_ptr() as u64, none.as_ptr() as u64, 0, 0, 0, 0]);
    if result == 0 { Ok(()) } else { Err(Error::from_raw_os_error(result.wrapping_neg() as i32)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    fn inet(ip: [u8; 4], port: u16) -> Vec<u8> {
        [&(libc::AF_INET as u16).to_ne_bytes()[..], &port.to_be_bytes(), &ip, &[0; 8]].concat()
    }

    fn connect(network: &mut Network, fd: i32, to: &[u8], error: i32) {
        let a = [fd as u64, to.as_ptr() as u64, to.len() as u64, 0, 0, 0];
        network.after(libc::SYS_connect as u64, a, i64::from(-error) as u64);
    }

    /// A network that is thought to be the own one, and what it tells.
    fn told() -> (Network, Rc<RefCell<Vec<String>>>) {
        let lines = Rc::new(RefCell::new(Vec::new()));
        let sent = lines.clone();
        let mut network = Network::new(Told(Rc::new(move |news| {
            sent.borrow_mut().push(match news {
                News::Own | News::Broken => String::new(),
                News::Wants(_, why) => why.to_string(),
                News::Answered(name) => format!("{name} is there"),
            });
        })));
        network.state = State::Own;
        (network, lines)
    }

    #[test]
    fn who_is_missed_is_wanted() {
        let (mut network, lines) = told();
        let local = inet([127, 0, 0, 1], 80);
        connect(&mut network, 9, &local, libc::ECONNREFUSED);
        connect(&mut network, 9, &local, libc::ECONNREFUSED);
        connect(&mut network, 9, &inet([10, 0, 0, 1], 80), libc::ENETUNREACH);
        network.answer("port 80");
        connect(&mut network, 9, &local, libc::ECONNREFUSED);
        // Of errors that any network gives, and descriptors that are no sockets, nothing is said.
        connect(&mut network, 9, &inet([127, 0, 0, 1], 81), libc::EISCONN);
        network.after(libc::SYS_read as u64, [9, 0, 0, 0, 0, 0], i64::from(-libc::EAGAIN) as u64);
        assert_eq!(
            *lines.borrow(),
            [
                "connect to 127.0.0.1:80: connection refused",
                "connect to 10.0.0.1:80: network is unreachable",
                "port 80 is there"
            ]
        );
    }

    #[test]
    fn what_comes_back_late_is_heard() {
        let (mut network, lines) = told();
        connect(&mut network, 9, &inet([127, 0, 0, 53], 53), 0);
        network.after(libc::SYS_read as u64, [9, 0, 0, 0, 0, 0], i64::from(-libc::ECONNREFUSED) as u64);
        connect(&mut network, 8, &inet([127, 0, 0, 1], 90), libc::EINPROGRESS);
        let (error, option) = (libc::ECONNREFUSED, [8, libc::SOL_SOCKET as u64, libc::SO_ERROR as u64]);
        let asked = [option[0], option[1], option[2], &raw const error as u64, 0, 0];
        network.after(libc::SYS_getsockopt as u64, asked, 0);
        assert_eq!(
            *lines.borrow(),
            ["connect to 127.0.0.53:53: connection refused", "connect to 127.0.0.1:90: connection refused"]
        );
    }

    #[test]
    fn names_of_unix_sockets_are_wanted_files_are_not() {
        let (mut network, lines) = told();
        let unix = |path: &[u8]| [&(libc::AF_UNIX as u16).to_ne_bytes()[..], path].concat();
        connect(&mut network, 9, &unix(b"/run/x\0"), libc::ECONNREFUSED);
        connect(&mut network, 9, &unix(b"\0x"), libc::ECONNREFUSED);
        assert_eq!(*lines.borrow(), ["connect to @x: connection refused"]);
    }

    #[test]
    fn addresses() {
        let mapped =
            [&(libc::AF_INET6 as u16).to_ne_bytes()[..], &[0x1f, 0x90], &[0; 14], &[0xff, 0xff, 127, 0, 0, 1], &[0; 4]];
        let address = parse(&mapped.concat()).unwrap();
        assert_eq!((address.words.as_str(), address.name.as_str()), ("127.0.0.1:8080", "port 8080"));
        assert!(address.loopback && !parse(&inet([192, 0, 2, 1], 1)).unwrap().loopback);
        assert!(parse(&[0, 0, 0]).is_none() && parse(&inet([0; 4], 0)[..6]).is_none());
    }
}
