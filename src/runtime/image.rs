//! A linked image in memory: mapped at its fixed address, its native slots filled, its tables readable.
//!
//! The file is mapped twice: at `IMAGE_BASE` with each section's protection (data copy-on-write), and whole, read-only,
//! at `TABLES_BASE`, for the tables behind the mapped part.
#![allow(unsafe_code, reason = "maps the image and reads its tables in place")]

use crate::address_space::TABLES_BASE;
use gorace_abi::image::{
    FileEntry, FunctionEntry, GlobalEntry, ImageHeader, InlineEntry, MAGIC, NativeEntry, PlaceEntry, Range, Text,
};
use gorace_abi::memory::{IMAGE_BASE, IMAGE_LIMIT};
use gorace_abi::processor;
use std::io::{self, Read, Seek};
use std::os::fd::AsRawFd;
use std::path::Path;

/// A mapped image.
pub struct Image {
    pub header: ImageHeader,
    /// The whole file.
    file: &'static [u8],
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the image is damaged: {what}"))
}

/// Reads and checks the header: all that it speaks of lies inside the file.
fn read_header(file: &mut std::fs::File, len: u64) -> io::Result<ImageHeader> {
    let mut head = [0u8; std::mem::size_of::<ImageHeader>()];
    file.read_exact(&mut head).map_err(|_| invalid("it is too short"))?;
    // SAFETY: `ImageHeader` is a `repr(C)` record of integers: any bytes are a valid one; the read is unaligned.
    let header = unsafe { std::ptr::read_unaligned(head.as_ptr().cast::<ImageHeader>()) };
    if header.magic != MAGIC {
        return Err(invalid("it does not start as an image does"));
    }
    let missing = header.processor & !processor::here();
    if missing != 0 {
        let names = processor::names(missing);
        let what =
            format!("it was compiled for a processor with {names}, which this one lacks: compile it on this machine");
        return Err(io::Error::new(io::ErrorKind::Unsupported, what));
    }
    if header.file_size > len || header.memory_size > IMAGE_LIMIT || header.file_size > header.memory_size.max(len) {
        return Err(invalid("its sizes don't fit"));
    }
    for table in [
        header.natives,
        header.functions,
        header.places,
        header.files,
        header.inlines,
        header.type_links,
        header.itabs,
        header.globals,
    ] {
        if table.start.checked_add(table.len).is_none_or(|end| end > len) || table.start % 8 != 0 {
            return Err(invalid("a table lies outside of it"));
        }
    }
    Ok(header)
}

/// Where an image lies: a file of its own, or a part of one.
#[derive(Debug, Clone, Copy)]
pub struct Location<'p> {
    pub path: &'p Path,
    /// A multiple of 4096.
    pub offset: u64,
    /// Bytes; to the file's end when there is no number.
    pub len: Option<u64>,
}

impl<'p, P: AsRef<Path> + ?Sized> From<&'p P> for Location<'p> {
    fn from(path: &'p P) -> Location<'p> {
        Location { path: path.as_ref(), offset: 0, len: None }
    }
}

impl Image {
    /// Maps the image.
    ///
    /// # Errors
    /// When the file can't be read or is not an image.
    pub fn map(location: Location<'_>) -> io::Result<Image> {
        let mut file = std::fs::File::open(location.path)?;
        let base = file.seek(io::SeekFrom::Start(location.offset))?;
        let behind = file.metadata()?.len().saturating_sub(base);
        let len = location.len.unwrap_or(behind);
        if len > behind || base % 4096 != 0 {
            return Err(invalid("it does not lie where it should"));
        }
        let header = read_header(&mut file, len)?;
        let fd = file.as_raw_fd();
        let read = libc::PROT_READ;
        let fixed = libc::MAP_PRIVATE | libc::MAP_FIXED_NOREPLACE;
        let map = |at: u64, len: u64, protection: i32, flags: i32, fd: i32, offset: u64| -> io::Result<()> {
            if len == 0 {
                return Ok(());
            }
            // SAFETY: the address is one of the program's fixed ones; NOREPLACE or a range mapped by this function.
            let got = unsafe {
                let offset = (base + offset) as libc::off_t;
                libc::mmap(at as *mut libc::c_void, len as usize, protection, flags, fd, offset)
            };
            if got == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(()) }
        };
        map(IMAGE_BASE, header.file_size, read, fixed, fd, 0)?;
        map(TABLES_BASE, len, read, fixed, fd, 0)?;
        let again = libc::MAP_PRIVATE | libc::MAP_FIXED;
        let section = |range: Range| {
            let start = range.start & !4095;
            (start, ((range.start + range.len).min(header.file_size)).saturating_sub(start))
        };
        let (start, len_code) = section(header.code);
        map(IMAGE_BASE + start, len_code, read | libc::PROT_EXEC, again, fd, start)?;
        let (start, len_data) = section(header.data);
        map(IMAGE_BASE + start, len_data, read | libc::PROT_WRITE, again, fd, start)?;
        let file_end = header.file_size.next_multiple_of(4096);
        if header.memory_size > file_end {
            let anonymous = fixed | libc::MAP_ANONYMOUS;
            map(IMAGE_BASE + file_end, header.memory_size - file_end, read | libc::PROT_WRITE, anonymous, -1, 0)?;
        }
        // SAFETY: the file was just mapped there, whole, for the life of the process, and is never written.
        let file = unsafe { std::slice::from_raw_parts(TABLES_BASE as *const u8, len as usize) };
        Ok(Image { header, file })
    }

    /// An image without anything, for runs whose goroutines are not compiled.
    #[cfg(test)]
    pub fn empty() -> Image {
        Image { header: ImageHeader::default(), file: &[] }
    }

    /// Bytes of the image's file.
    pub fn file_len(&self) -> u64 {
        self.file.len() as u64
    }

    /// Writes the natives' addresses to the slots that the image's stubs jump through.
    pub fn fill_slots(&self, mut address: impl FnMut(&str) -> u64) {
        for native in self.table::<NativeEntry>(self.header.natives) {
            let value = address(self.text(native.name));
            // SAFETY: the linker placed the slot, 8 bytes, in the writable data section.
            unsafe { std::ptr::write((IMAGE_BASE + native.slot) as *mut u64, value) };
        }
    }

    fn table<T>(&self, range: Range) -> &'static [T] {
        let count = range.len as usize / std::mem::size_of::<T>();
        if count == 0 {
            return &[];
        }
        // SAFETY: `map` checked that the range lies in the file and is aligned; `T` is one of the image's plain records.
        unsafe { std::slice::from_raw_parts(self.file.as_ptr().add(range.start as usize).cast::<T>(), count) }
    }

    /// A text of the image; empty when it is damaged.
    pub fn text(&self, text: Text) -> &'static str {
        let range = text.start as usize..text.start as usize + text.len as usize;
        self.file.get(range).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or("")
    }

    /// Whether an address is compiled code.
    pub fn is_code(&self, pc: u64) -> bool {
        pc.wrapping_sub(IMAGE_BASE + self.header.code.start) < self.header.code.len
    }

    /// The function that holds an address.
    pub fn function(&self, pc: u64) -> Option<&'static FunctionEntry> {
        let offset = pc.checked_sub(IMAGE_BASE).and_then(|o| u32::try_from(o).ok())?;
        let functions = self.table::<FunctionEntry>(self.header.functions);
        let at = functions.partition_point(|f| f.start <= offset).checked_sub(1)?;
        functions.get(at).filter(|f| offset - f.start < f.len.max(1))
    }

    /// The place of an address inside `function`.
    pub fn place(&self, function: &FunctionEntry, pc: u64) -> Option<&'static PlaceEntry> {
        let offset = (pc - IMAGE_BASE) as u32;
        let places = self.table::<PlaceEntry>(self.header.places);
        let at = places.partition_point(|p| p.pc <= offset).checked_sub(1)?;
        places.get(at).filter(|p| p.pc >= function.start)
    }

    /// An inlined call by its index + 1.
    pub fn inline(&self, index: u32) -> Option<&'static InlineEntry> {
        self.table::<InlineEntry>(self.header.inlines).get((index as usize).checked_sub(1)?)
    }

    /// A file's path.
    pub fn path(&self, file: u32) -> &'static str {
        self.table::<FileEntry>(self.header.files).get(file as usize).map_or("?", |f| self.text(f.path))
    }

    /// The package-level variable that holds an address.
    pub fn global(&self, address: u64) -> Option<&'static GlobalEntry> {
        let offset = address.checked_sub(IMAGE_BASE).and_then(|o| u32::try_from(o).ok())?;
        let globals = self.table::<GlobalEntry>(self.header.globals);
        let at = globals.partition_point(|g| g.start <= offset).checked_sub(1)?;
        globals.get(at).filter(|g| offset - g.start < g.len.max(1))
    }

    /// Offsets of the compiler-made method tables.
    pub fn itabs(&self) -> &'static [u32] {
        self.table(self.header.itabs)
    }

    /// Offsets of the unnamed types' descriptors, sorted by type string.
    pub fn type_links(&self) -> &'static [u32] {
        self.table(self.header.type_links)
    }

    /// The image's memory that may hold pointers into the heap: the collector's roots.
    pub fn roots(&self) -> [(u64, u64); 2] {
        let h = &self.header;
        [(h.data.start, h.data_roots), (h.zeroed.start, h.zeroed_roots)]
            .map(|(start, len)| (IMAGE_BASE + start, IMAGE_BASE + start + len))
    }
}
