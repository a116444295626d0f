//! What a function does with the pointers that it is given, for the escape analysis of its callers.
//!
//! For each scalar parameter there are two things that may go somewhere: the pointer itself (*pointer*), and all that can be reached
//! from the memory it points to (*inside*). Where: out of sight (*escapes*), into the results, into the memory that a parameter
//! points to, or *deep* into what is reached from there. The func value that a closure is called through counts as parameter `CONTEXT`.
//!
//! Summaries of a package are kept with its object, and the summaries that a package was compiled by beside them: an object
//! is stale when one of these does not hold any more (`Summary::covers`).

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

/// The number of the func value among the parameters.
pub const CONTEXT: usize = 31;
/// Parameters and results with numbers from here on are not looked at: they escape.
pub const MOST: usize = 31;

/// Where something goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flow {
    pub escapes: bool,
    /// By number of result.
    pub results: u32,
    /// By number of parameter.
    pub into: u32,
    pub deep: u32,
}

impl Flow {
    /// Out of sight.
    pub const OUT: Flow = Flow { escapes: true, results: 0, into: 0, deep: 0 };

    fn covers(self, other: Flow) -> bool {
        let within = |a: u32, b: u32| a & !b == 0;
        self.escapes
            || (!other.escapes
                && within(other.results, self.results)
                && within(other.into, self.into)
                && within(other.deep, self.deep))
    }
}

/// What happens to a parameter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Param {
    pub pointer: Flow,
    pub inside: Flow,
}

/// What happens to all of a function's parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    pub params: Vec<Param>,
    pub context: Param,
    /// Where pointers from elsewhere are put (`into` and `deep` only).
    pub elsewhere: Flow,
}

/// Summaries by symbol.
pub type Summaries = HashMap<Arc<str>, Arc<Summary>>;

impl Summary {
    /// Whether code that was compiled by this summary is good where `actual` is the truth.
    pub fn covers(&self, actual: &Summary) -> bool {
        let covers = |a: &Param, b: &Param| a.pointer.covers(b.pointer) && a.inside.covers(b.inside);
        self.params.len() == actual.params.len()
            && self.params.iter().zip(&actual.params).all(|(a, b)| covers(a, b))
            && covers(&self.context, &actual.context)
            && self.elsewhere.covers(actual.elsewhere)
    }

    /// Whether it says nothing that a caller would not assume.
    pub fn is_void(&self) -> bool {
        self.params.iter().all(|p| p.pointer.escapes)
    }

    /// As bytes, for the package's file.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let last = Param { pointer: self.elsewhere, inside: Flow::default() };
        for p in self.params.iter().chain([&self.context, &last]) {
            for flow in [p.pointer, p.inside] {
                // Most parameters are numbers, or go nowhere.
                match flow {
                    Flow { escapes: true, .. } => out.push(1),
                    Flow { escapes: false, results: 0, into: 0, deep: 0 } => out.push(0),
                    Flow { results, into, deep, .. } => {
                        out.push(2);
                        [results, into, deep].iter().for_each(|mask| out.extend(mask.to_le_bytes()));
                    }
                }
            }
        }
        out
    }

    /// From bytes; `None` when they are not what `encode` gives.
    pub fn decode(mut bytes: &[u8]) -> Option<Summary> {
        let mut flows = Vec::new();
        while let Some((&kind, rest)) = bytes.split_first() {
            bytes = rest;
            flows.push(match kind {
                0 => Flow::default(),
                1 => Flow::OUT,
                2 => {
                    let (words, rest) = bytes.split_at_checked(12)?;
                    bytes = rest;
                    let word = |at: usize| Some(u32::from_le_bytes(words[at..at + 4].try_into().ok()?));
                    Flow { escapes: false, results: word(0)?, into: word(4)?, deep: word(8)? }
                }
                _ => return None,
            });
        }
        if flows.len() % 2 != 0 {
            return None;
        }
        let mut params: Vec<Param> =
            flows.chunks_exact(2).map(|pair| Param { pointer: pair[0], inside: pair[1] }).collect();
        let elsewhere = params.pop()?.pointer;
        let context = params.pop()?;
        Some(Summary { params, context, elsewhere })
    }
}

/// `0p->r1 0i->out 2i->p0` says that parameter 0 comes back as result 1, that what is inside it escapes, and that what is inside
/// parameter 2 is put into what parameter 0 points to (`d0`: deep into it). `c` is the func value.
impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = |i: usize| if i == CONTEXT { "c".to_string() } else { i.to_string() };
        let mut list = |who: &str, flow: Flow| -> std::fmt::Result {
            if flow.escapes {
                write!(f, " {who}->out")?;
            }
            for i in 0..32 {
                for (mask, what) in [(flow.results, 'r'), (flow.into, 'p'), (flow.deep, 'd')] {
                    if mask >> i & 1 != 0 {
                        write!(f, " {who}->{what}{}", name(i))?;
                    }
                }
            }
            Ok(())
        };
        let params = self.params.iter().enumerate().chain([(CONTEXT, &self.context)]);
        list("elsewhere", self.elsewhere)?;
        for (i, p) in params {
            list(&format!("{}p", name(i)), p.pointer)?;
            list(&format!("{}i", name(i)), p.inside)?;
        }
        Ok(())
    }
}

/// What natives do, and some functions of package runtime: those that call back into code of types (hashes, comparisons, which keep
/// nothing), and those that packages call which runtime imports itself, whose objects are made first. What is not here keeps what it
/// is given. A letter for each scalar parameter. `n`: goes nowhere. `i`: what is inside escapes. `e`: escapes.
const NATIVES: &[(&[&str], &str)] = &[
    (&["runtime.memequal", "runtime.memhash", "runtime.mallocgc"], "nnn"),
    (&["runtime.memclrNoHeapPointers", "runtime.roundupsize", "runtime.pauseLog"], "nn"),
    (&["runtime.newobject", "runtime.chanlenNative", "runtime.chancapNative"], "n"),
    (&["runtime.racereadrange", "runtime.racewriterange", "runtime.racereadfrom", "runtime.racewritefrom"], "nn"),
    (&["runtime.racereadrangefrom", "runtime.racewriterangefrom"], "nnn"),
    // Who waits for a partner leaves the element where it is, in its frame.
    (&["runtime.memmove", "runtime.memmoveNoPointers"], "nnn"),
    (&["runtime.growsliceNoPointers", "math/big.mulAddVector"], "nnnnn"),
    (&["testing.goraceBegan"], "nn"),
    (&["math/big.addVectors", "math/big.subVectors"], "nnnn"),
    (&["math/big.shiftVectorLeft", "math/big.shiftVectorRight"], "nnnn"),
    (&["math/big.addMulVectors"], "nnnnnn"),
    (&["runtime.chansendNative"], "ninn"),
    (&["runtime.chanrecvNative"], "nnnn"),
    // Its arguments, which the kernel keeps no longer than the call lasts.
    (&["runtime.syscallNative", "runtime.readRawMemStats", "runtime.walltime"], "n"),
    (&["runtime.ifaceeq", "runtime.efaceeq"], "nnn"),
    (&["runtime.makesmallmap"], "n"),
    (&["runtime.mapaccess1", "runtime.mapaccess2", "runtime.mapdelete", "runtime.mapIterStart"], "nnn"),
    (&["runtime.mapclear"], "nn"),
    (&["runtime.mapIterNext"], "n"),
    (&["runtime.mapaccess1_faststr", "runtime.mapaccess2_faststr"], "nnnn"),
    (&["runtime.mapaccess1_fast32", "runtime.mapaccess2_fast32"], "nnn"),
    (&["runtime.mapaccess1_fast64", "runtime.mapaccess2_fast64"], "nnn"),
    (&["reflect.mapaccess", "reflect.mapdelete", "reflect.chanrecv"], "nnn"),
    (&["reflect.mapaccess_faststr", "reflect.mapdelete_faststr"], "nnnn"),
    // A map keeps what is inside a key, and the bytes of a string.
    (&["runtime.mapassign"], "nni"),
    (&["runtime.mapassign_faststr"], "nnen"),
    (&["reflect.mapassign0"], "nnii"),
    (&["reflect.mapassign_faststr0"], "nneni"),
    (&["reflect.chansend0"], "nin"),
    (&["runtime.write"], "nnn"),
    (&["runtime.slicebytetostring", "runtime.stringtoslicebyte"], "nn"),
    (&["runtime.slicerunetostring", "runtime.decoderune"], "nnn"),
    (&["runtime.stringtoslicerune", "runtime.countrunes"], "nn"),
    (&["runtime.intstring"], "n"),
    (&["runtime.concatstrings"], "nn"),
    (&["runtime.concatstring2", "runtime.cmpstring"], "nnnn"),
];

/// The letters of `NATIVES` by name.
static LETTERS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    NATIVES.iter().flat_map(|&(names, letters)| names.iter().map(move |&name| (name, letters))).collect()
});

/// The summary of a function of `NATIVES`.
pub fn of_native(name: &str) -> Option<Summary> {
    let text = *LETTERS.get(name)?;
    let mut params: Vec<Param> = text
        .bytes()
        .map(|c| match c {
            b'n' => Param::default(),
            b'i' => Param { pointer: Flow::default(), inside: Flow::OUT },
            _ => Param { pointer: Flow::OUT, inside: Flow::OUT },
        })
        .collect();
    if name == "runtime.memmove" {
        params[1].inside.into = 1;
    }
    let mut elsewhere = Flow::default();
    match name {
        // Where the key and the element stand: in the map's own group, or in what it leads to.
        _ if ["runtime.mapaccess", "runtime.mapassign", "reflect.mapaccess"]
            .iter()
            .any(|ops| name.starts_with(ops)) =>
        {
            params[1].pointer.results = 1;
            params[1].inside.results = 1;
        }
        "runtime.mapIterStart" => {
            params[1].pointer.into = 1 << 2;
            params[1].inside.into = 1 << 2;
            elsewhere.into = 1 << 2;
        }
        "runtime.mapIterNext" => {
            params[0].inside.into = 1;
            elsewhere.into = 1;
        }
        "runtime.chanrecvNative" => elsewhere.into = 1 << 1,
        "reflect.chanrecv" => elsewhere.into = 1 << 2,
        // One string alone is not copied.
        "runtime.concatstring2" => [0, 2].iter().for_each(|&p: &usize| params[p].pointer.results = 1),
        "runtime.concatstrings" => params[0].inside.results = 1,
        _ => {}
    }
    Some(Summary { params, context: Param::default(), elsewhere })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_come_back_from_bytes() {
        let mixed = Param { pointer: Flow { escapes: false, results: 5, into: 1 << 31, deep: 9 }, inside: Flow::OUT };
        let elsewhere = Flow { into: 3, ..Flow::default() };
        let summary = Summary { params: vec![Param::default(), mixed], context: mixed, elsewhere };
        assert_eq!(Summary::decode(&summary.encode()), Some(summary));
        assert_eq!(Summary::decode(&[3]), None);
        assert_eq!(Summary::decode(&[2, 0]), None);
    }

    /// How many scalars a parameter list of our package runtime takes (its own types are words, but for the slices).
    fn scalars(parameters: &str) -> usize {
        let of_type = |ty: &str| match ty {
            "string" | "any" | "eface" | "iface" | "error" => 2,
            "slice" => 3,
            _ if ty.starts_with("[]") => 3,
            _ => 1,
        };
        let (mut count, mut untyped) = (0, 0);
        for parameter in parameters.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            match parameter.split_once(' ') {
                None => untyped += 1,
                Some((_, ty)) => {
                    count += (untyped + 1) * of_type(ty);
                    untyped = 0;
                }
            }
        }
        count
    }

    #[test]
    fn natives_have_as_many_letters_as_their_declarations_scalars() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../golib/runtime");
        let mut declared = HashMap::new();
        let mut links = Vec::new();
        for file in std::fs::read_dir(folder).unwrap().flatten() {
            for line in std::fs::read_to_string(file.path()).unwrap().lines() {
                if let Some((name, rest)) = line.strip_prefix("func ").and_then(|rest| rest.split_once('('))
                    && let Some((parameters, _)) = rest.split_once(')')
                {
                    declared.insert(format!("runtime.{name}"), scalars(parameters));
                }
                if let [local, name] =
                    line.strip_prefix("//go:linkname ").unwrap_or("").split(' ').collect::<Vec<_>>()[..]
                {
                    links.push((name.to_string(), format!("runtime.{local}")));
                }
            }
        }
        for (name, local) in links {
            if let Some(&count) = declared.get(&local) {
                declared.entry(name).or_insert(count);
            }
        }
        let mut checked = 0;
        for (&name, letters) in LETTERS.iter() {
            if let Some(&count) = declared.get(name) {
                assert_eq!(letters.len(), count, "{name}");
                checked += 1;
            }
        }
        assert!(checked > 30, "only {checked} declarations found");
    }

    #[test]
    fn what_keeps_more_is_not_covered() {
        let of = |pointer: Flow| Summary { params: vec![Param { pointer, ..Param::default() }], ..Summary::default() };
        let harmless = of(Flow::default());
        let gives_back = of(Flow { results: 1, ..Flow::default() });
        let keeps = of(Flow::OUT);
        assert!(keeps.covers(&gives_back) && keeps.covers(&harmless) && gives_back.covers(&harmless));
        assert!(!harmless.covers(&gives_back) && !gives_back.covers(&keeps));
    }
}
