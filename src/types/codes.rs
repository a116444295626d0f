//! The codes of the checker's errors: one a kind of mistake, stable and append-only.
//!
//! Names and numbers are those of Go's `internal/types/errors`; a number that Go has retired stays unused. Two errors
//! share a code where one place of the checker could report both. Codes that Go lists but its own checker never gives
//! (their mistakes are syntax errors, or share another code) are left out; a test holds that each one here is given.
//! From 1001 on stands what Go's compiler reports without a code.

macro_rules! codes {
    ($($name:ident = $number:literal,)*) => {
        /// The kind of an error.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $($name = $number,)*
        }

        impl Code {
            /// All of them, by number.
            pub const ALL: &[Code] = &[$(Code::$name,)*];

            pub const fn name(self) -> &'static str {
                match self {
                    $(Code::$name => stringify!($name),)*
                }
            }
        }
    };
}

codes! {
    InvalidSyntaxTree = -1,
    Test = 1,
    BlankPkgName = 2,
    MismatchedPkgName = 3,
    InvalidPkgUse = 4,
    BadImportPath = 5,
    BrokenImport = 6,
    ImportCRenamed = 7,
    UnusedImport = 8,
    InvalidInitCycle = 9,
    DuplicateDecl = 10,
    InvalidDeclCycle = 11,
    InvalidConstInit = 13,
    InvalidConstVal = 14,
    InvalidConstType = 15,
    UntypedNilUse = 16,
    WrongAssignCount = 17,
    UnassignableOperand = 18,
    NoNewVar = 19,
    InvalidIfaceAssign = 21,
    InvalidChanAssign = 22,
    IncompatibleAssign = 23,
    UnaddressableFieldAssign = 24,
    NotAType = 25,
    InvalidArrayLen = 26,
    BlankIfaceMethod = 27,
    IncomparableMapKey = 28,
    InvalidPtrEmbed = 30,
    BadRecv = 31,
    InvalidRecv = 32,
    DuplicateFieldAndMethod = 33,
    DuplicateMethod = 34,
    InvalidBlank = 35,
    InvalidIota = 36,
    MissingInitBody = 37,
    InvalidInitDecl = 39,
    InvalidMainDecl = 40,
    TooManyValues = 41,
    NotAnExpr = 42,
    TruncatedFloat = 43,
    NumericOverflow = 44,
    UndefinedOp = 45,
    MismatchedTypes = 46,
    DivByZero = 47,
    NonNumericIncDec = 48,
    UnaddressableOperand = 49,
    InvalidIndirection = 50,
    InvalidIndex = 52,
    SwappedSliceIndices = 53,
    NonSliceableOperand = 54,
    InvalidSliceExpr = 55,
    InvalidShiftCount = 56,
    InvalidShiftOperand = 57,
    InvalidReceive = 58,
    InvalidSend = 59,
    DuplicateLitKey = 60,
    MissingLitKey = 61,
    InvalidLitIndex = 62,
    OversizeArrayLit = 63,
    MixedStructLit = 64,
    InvalidStructLit = 65,
    MissingLitField = 66,
    DuplicateLitField = 67,
    UnexportedLitField = 68,
    InvalidLitField = 69,
    UntypedLit = 70,
    InvalidLit = 71,
    AmbiguousSelector = 72,
    UndeclaredImportedName = 73,
    UnexportedName = 74,
    UndeclaredName = 75,
    MissingFieldOrMethod = 76,
    BadDotDotDotSyntax = 77,
    NonVariadicDotDotDot = 78,
    InvalidDotDotDot = 81,
    UncalledBuiltin = 82,
    InvalidAppend = 83,
    InvalidCap = 84,
    InvalidClose = 85,
    InvalidCopy = 86,
    InvalidComplex = 87,
    InvalidDelete = 88,
    InvalidImag = 89,
    InvalidLen = 90,
    SwappedMakeArgs = 91,
    InvalidMake = 92,
    InvalidReal = 93,
    InvalidAssert = 94,
    ImpossibleAssert = 95,
    InvalidConversion = 96,
    InvalidUntypedConversion = 97,
    BadOffsetofSyntax = 98,
    InvalidOffsetof = 99,
    UnusedExpr = 100,
    UnusedVar = 101,
    MissingReturn = 102,
    WrongResultCount = 103,
    OutOfScopeResult = 104,
    InvalidCond = 105,
    InvalidIterVar = 108,
    InvalidRangeExpr = 109,
    MisplacedBreak = 110,
    MisplacedContinue = 111,
    MisplacedFallthrough = 112,
    DuplicateCase = 113,
    DuplicateDefault = 114,
    InvalidTypeSwitch = 116,
    InvalidExprSwitch = 117,
    InvalidSelectCase = 118,
    UndeclaredLabel = 119,
    DuplicateLabel = 120,
    MisplacedLabel = 121,
    UnusedLabel = 122,
    JumpOverDecl = 123,
    JumpIntoBlock = 124,
    InvalidMethodExpr = 125,
    WrongArgCount = 126,
    InvalidCall = 127,
    UnusedResults = 128,
    InvalidDefer = 129,
    InvalidGo = 130,
    BadDecl = 131,
    RepeatedDecl = 132,
    InvalidUnsafeAdd = 133,
    InvalidUnsafeSlice = 134,
    UnsupportedFeature = 135,
    NotAGenericType = 136,
    WrongTypeArgCount = 137,
    CannotInferTypeArgs = 138,
    InvalidTypeArg = 139,
    InvalidInstanceCycle = 140,
    InvalidUnion = 141,
    MisplacedConstraintIface = 142,
    MisplacedTypeParam = 144,
    InvalidUnsafeSliceData = 145,
    InvalidUnsafeString = 146,
    InvalidClear = 148,
    TypeTooLarge = 149,
    InvalidMinMaxOperand = 150,
    TooNew = 151,
    BadDirective = 1001,
}

#[cfg(test)]
mod tests {
    use super::Code;

    /// Every code is named by the checker's sources, so that none is listed that no program can meet.
    #[test]
    fn each_code_is_given_somewhere() {
        let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR"))];
        let mut sources = String::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("the crate's folder") {
                let path = entry.expect("an entry").path();
                let is_list = path.file_name().is_some_and(|n| n == "codes.rs" || n == "tests.rs");
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|e| e == "rs") && !is_list {
                    sources.push_str(&std::fs::read_to_string(&path).expect("a source file"));
                }
            }
        }
        let words: crate::hash::HashSet<&str> =
            sources.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').collect();
        let missing: Vec<&str> =
            Code::ALL.iter().map(|c| c.name()).filter(|n| !words.contains(&*format!("Code::{n}"))).collect();
        assert_eq!(missing, [""; 0]);
    }
}
