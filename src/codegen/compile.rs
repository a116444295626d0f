//! A unit to an object: functions are compiled side by side on all cores.

use crate::object::{CodePlace, CodeReloc, DataRef, DataSymbol, Function, Inlined, Object, RefKind};
use crate::translate::{Translator, UNIT_NAMES, signature};
use crate::{entry, target};
use cranelift_codegen::FinalizedRelocTarget;
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::ir::{self, UserFuncName};
use cranelift_codegen::isa::{CallConv, TargetIsa};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use gorace_abi::image::function_flag;
use gorace_base::{Pos, SourceMap};
use gorace_ir::passes::summary::Summary;
use gorace_ir::{Func, RelocKind, Section, Unit};
use rayon::prelude::*;
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::{PoisonError, RwLock};

/// Code generation failed: always a bug of ours.
#[derive(Debug, thiserror::Error)]
#[error("internal error: code generation of {function} failed: {message}")]
pub struct CompileError {
    pub function: String,
    pub message: String,
}

/// What to do beside compiling.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Emit race checks.
    pub race: bool,
    /// Verify our form and Cranelift's.
    pub verify: bool,
}

struct Compiled {
    function: Function,
    /// Relocations to helpers: index into `function.relocs` and the helper's name.
    helpers: Vec<(usize, &'static str)>,
    /// (file, line, column) positions that still need their file's index.
    places: Vec<(u32, gorace_ir::unit::Place)>,
}

/// Compiles a unit.
///
/// # Errors
/// When Cranelift refuses a function: a bug of ours.
pub fn compile_unit(unit: &Unit, sources: &RwLock<SourceMap>, options: Options) -> Result<Object, CompileError> {
    let isa = target::isa(options.verify);
    let compiled: Vec<Compiled> = unit
        .funcs
        .par_iter()
        .map_init(
            || (cranelift_codegen::Context::new(), FunctionBuilderContext::new()),
            |(context, builder), func| compile_function(unit, func, &*isa, context, builder, options),
        )
        .collect::<Result<_, _>>()?;
    let mut object = Object { package: unit.package.clone(), is_std: unit.is_std, ..Object::default() };
    object.symbols = (0..unit.symbol_count()).map(|i| unit.name(gorace_ir::SymbolId(i as u32)).to_string()).collect();
    let mut helpers: HashMap<&'static str, u32> = HashMap::new();
    let sources = sources.read().unwrap_or_else(PoisonError::into_inner);
    let mut files = Files { sources: &sources, index: HashMap::new(), told: HashMap::new(), paths: Vec::new() };
    for (mut done, func) in compiled.into_iter().zip(&unit.funcs) {
        for (at, name) in done.helpers {
            let symbols = &mut object.symbols;
            done.function.relocs[at].target = *helpers.entry(name).or_insert_with(|| {
                symbols.push(name.to_string());
                symbols.len() as u32 - 1
            });
        }
        (done.function.file, done.function.line, _) = files.find(func.pos);
        for (offset, place) in done.places {
            let (file, line, column) = files.find(place.pos);
            let column = column.min(u32::from(u16::MAX)) as u16;
            done.function.places.push(CodePlace { offset, file, line, column, inline: place.inline });
        }
        for site in &func.inlines {
            let (file, line, column) = files.find(site.call.pos);
            let function = site.function.clone();
            done.function.inlines.push(Inlined { function, file, line, column, parent: site.call.inline });
        }
        object.functions.push(done.function);
    }
    object.files = files.paths;
    object.data = unit.data.iter().map(data_symbol).collect();
    let coded = |list: &[(gorace_ir::SymbolId, std::sync::Arc<Summary>)]| {
        list.iter().map(|(symbol, summary)| (symbol.0, summary.encode())).collect()
    };
    object.summaries = coded(&unit.summaries);
    object.relies = coded(&unit.relies);
    object.globals = unit.globals.iter().map(|(symbol, name)| (symbol.0, name.clone())).collect();
    Ok(object)
}

struct Files<'s> {
    sources: &'s SourceMap,
    index: HashMap<gorace_base::FileId, u32>,
    /// Files that `//line` directives name.
    told: HashMap<PathBuf, u32>,
    paths: Vec<String>,
}

impl Files<'_> {
    fn find(&mut self, pos: Pos) -> (u32, u32, u32) {
        let Some(id) = self.sources.file_of(pos) else {
            return (u32::MAX, 0, 0);
        };
        let file = self.sources.file(id);
        let paths = &mut self.paths;
        let (line, column) = file.line_column(pos);
        if let Some((path, line)) = file.told_line(pos) {
            let path = PathBuf::from(whole_path(&path));
            let at = *self.told.entry(path).or_insert_with_key(|path| {
                paths.push(path.display().to_string());
                paths.len() as u32 - 1
            });
            return (at, line, column);
        }
        let at = *self.index.entry(id).or_insert_with(|| {
            paths.push(whole_path(&file.path));
            paths.len() as u32 - 1
        });
        (at, line, column)
    }
}

fn data_symbol(data: &gorace_ir::Data) -> DataSymbol {
    DataSymbol {
        symbol: data.name.0,
        section: match data.section {
            Section::ReadOnly => 0,
            Section::Data => 1,
            Section::Zeroed => 2,
            Section::PlainData => 3,
            Section::PlainZeroed => 4,
        },
        align: data.align,
        size: data.size,
        bytes: data.bytes.clone(),
        relocs: data
            .relocs
            .iter()
            .map(|r| DataRef {
                offset: r.offset,
                target: r.target.0,
                addend: r.addend,
                kind: match r.kind {
                    RelocKind::Absolute => RefKind::Absolute,
                    RelocKind::Offset32 => RefKind::Offset32,
                    RelocKind::WeakOffset32 => RefKind::WeakOffset32,
                    RelocKind::WeakAbsolute => RefKind::WeakAbsolute,
                },
            })
            .collect(),
        mergeable: data.mergeable,
        type_link: data.type_link.clone(),
        itab: data.itab,
    }
}

fn compile_function(
    unit: &Unit,
    func: &Func,
    isa: &dyn TargetIsa,
    context: &mut cranelift_codegen::Context,
    builder: &mut FunctionBuilderContext,
    options: Options,
) -> Result<Compiled, CompileError> {
    let fail = |message: String| CompileError { function: unit.name(func.name).to_string(), message };
    let malformed = |errors: &str| fail(format!("{errors}\n{}", gorace_ir::text::print::func(unit, func)));
    if options.verify {
        let errors = gorace_ir::verify::func(func);
        if !errors.is_empty() {
            return Err(malformed(&errors.join("\n")));
        }
    }
    context.clear();
    context.func.signature = signature(&func.sig, CallConv::Tail);
    context.func.name = UserFuncName::user(UNIT_NAMES, func.name.0);
    let instrument = options.race && !func.flags.no_race;
    let translator = Translator::new(FunctionBuilder::new(&mut context.func, builder), func, instrument);
    let (helpers, places) = translator.run(isa).map_err(|error| malformed(&error))?;
    let names = context.func.params.user_named_funcs().clone();
    let code = context.compile(isa, &mut Default::default()).map_err(|e| fail(format!("{:?}", e.inner)))?;
    let buffer = &code.buffer;
    // Beside what the layout counts: the pushed frame pointer and the return address.
    let frame = buffer.frame_layout().map_or(0, |layout| layout.frame_to_fp_offset) + 16;
    let entry = (!func.flags.no_split).then(|| entry::head(frame));
    let shift = entry.as_ref().map_or(0, |e| e.head.len()) as u32;
    let mut bytes = entry.as_ref().map_or(Vec::new(), |e| e.head.clone());
    bytes.extend(buffer.data());
    let mut relocs = Vec::new();
    let mut helper_relocs = Vec::new();
    if let Some(entry) = &entry {
        let field = entry::slow(&mut bytes, entry, frame, entry::stack_argument_bytes(&func.sig));
        helper_relocs.push((relocs.len(), "runtime.morestack"));
        relocs.push(CodeReloc { offset: field, target: 0, addend: -4, absolute: false });
    }
    for reloc in buffer.relocs() {
        let absolute = match reloc.kind {
            Reloc::X86PCRel4 | Reloc::X86CallPCRel4 => false,
            Reloc::Abs8 => true,
            other => return Err(fail(format!("relocation {other:?}"))),
        };
        let offset = reloc.offset + shift;
        match &reloc.target {
            FinalizedRelocTarget::ExternalName(ir::ExternalName::User(name)) => {
                let name = &names[*name];
                if name.namespace == UNIT_NAMES {
                    relocs.push(CodeReloc { offset, target: name.index, addend: reloc.addend, absolute });
                } else {
                    helper_relocs.push((relocs.len(), helpers.names[name.index as usize]));
                    relocs.push(CodeReloc { offset, target: 0, addend: reloc.addend, absolute });
                }
            }
            other => return Err(fail(format!("relocation to {other:?}"))),
        }
    }
    let mut code_places = Vec::new();
    let first = gorace_ir::unit::Place { pos: func.pos, inline: 0 };
    code_places.push((0, first));
    for range in buffer.get_srclocs_sorted() {
        if !range.loc.is_default() {
            code_places.push((range.start + shift, places[range.loc.bits() as usize - 1]));
        }
    }
    code_places.dedup_by_key(|(_, place)| *place);
    let mut flags = 0;
    flags |= if func.flags.wrapper { function_flag::WRAPPER } else { 0 };
    flags |= if func.flags.no_race { function_flag::NO_RACE } else { 0 };
    flags |= if unit.is_std { function_flag::STD } else { 0 };
    flags |= if func.flags.no_parameters { function_flag::NO_PARAMETERS } else { 0 };
    flags |= if unit.package == "runtime" { function_flag::RUNTIME } else { 0 };
    let function = Function {
        symbol: func.name.0,
        go_name: func.go_name.clone(),
        code: bytes,
        relocs,
        flags,
        frame_size: frame,
        mergeable: func.flags.mergeable,
        ..Function::default()
    };
    Ok(Compiled { function, helpers: helper_relocs, places: code_places })
}

/// A file's path as Go has it in compiled code: from the root, without `..`.
fn whole_path(path: &Path) -> String {
    let Ok(whole) = std::path::absolute(path) else { return path.display().to_string() };
    let mut clean = PathBuf::new();
    for part in whole.components() {
        match part {
            Component::ParentDir => _ = clean.pop(),
            part => clean.push(part),
        }
    }
    clean.display().to_string()
}
