//! Instantiations without end: a type parameter that, through instantiations, is bound to a larger and larger type.
//!
//! The graph of type parameters (and of types declared inside generic functions) has an edge from each parameter to the
//! one that it is an argument of; the edge weighs one when the argument only contains the parameter. A cycle of positive
//! weight has no finite set of instances. Longest paths by Bellman and Ford, as in types2's `mono.go`.

use crate::check::Checker;
use crate::codes::Code;
use crate::hash::HashMap;
use crate::store::*;
use gorace_base::Pos;
use std::rc::Rc;

/// Type arguments given to type parameters of this package.
pub(crate) struct Instantiation {
    pub pos: Pos,
    pub params: Rc<[TypeId]>,
    pub targs: Rc<[TypeId]>,
    pub positions: Rc<[Pos]>,
}

#[derive(Default)]
struct Vertex {
    weight: i64,
    /// The edge that gave the weight.
    previous: usize,
    length: usize,
}

struct Edge {
    from: usize,
    to: usize,
    weight: i64,
    pos: Pos,
    ty: TypeId,
}

#[derive(Default)]
struct Graph {
    vertices: Vec<Vertex>,
    /// What each vertex stands for.
    types: Vec<TypeId>,
    numbers: HashMap<TypeId, usize>,
    edges: Vec<Edge>,
}

impl Graph {
    fn vertex(&mut self, ty: TypeId) -> usize {
        *self.numbers.entry(ty).or_insert_with(|| {
            self.vertices.push(Vertex::default());
            self.types.push(ty);
            self.types.len() - 1
        })
    }
}

impl Checker<'_> {
    /// Reports a cycle of instantiations that never ends.
    pub fn endless_instantiation(&mut self) {
        let mut graph = Graph::default();
        for inst in std::mem::take(&mut self.instantiations) {
            for (i, (&param, &targ)) in inst.params.iter().zip(inst.targs.iter()).enumerate() {
                let pos = inst.positions.get(i).copied().unwrap_or(inst.pos);
                let Some(obj) = self.store.as_type_param(param).map(|p| p.obj) else { continue };
                if self.store.object(obj).pkg == Some(self.pkg) {
                    self.flow(&mut graph, param, targ, targ, pos, 0);
                }
            }
        }
        loop {
            let mut again = false;
            for at in 0..graph.edges.len() {
                let (from, to) = (graph.edges[at].from, graph.edges[at].to);
                let weight = graph.vertices[from].weight + graph.edges[at].weight;
                if weight <= graph.vertices[to].weight {
                    continue;
                }
                let length = graph.vertices[from].length + 1;
                graph.vertices[to] = Vertex { weight, previous: at, length };
                if length == graph.vertices.len() {
                    return self.report_instance_loop(&graph, to);
                }
                again = true;
            }
            if !again {
                return;
            }
        }
    }

    /// Adds edges for the parameters that a type argument contains.
    fn flow(&mut self, graph: &mut Graph, param: TypeId, targ: TypeId, part: TypeId, pos: Pos, depth: u32) {
        if depth > 100 {
            return;
        }
        let mut parts: Vec<TypeId> = Vec::new();
        match self.store.get(part).clone() {
            Type::TypeParam(_) => {
                let (from, to) = (graph.vertex(part), graph.vertex(param));
                graph.edges.push(Edge { from, to, weight: i64::from(part != targ), pos, ty: targ });
            }
            Type::Named(at) => {
                let named = self.store.named[at as usize].clone();
                if named.local > 0 && self.store.object(named.obj).pkg == Some(self.pkg) {
                    // A type inside a generic function depends on that function's parameters.
                    let origin = self.store.origin(part);
                    let known = graph.numbers.contains_key(&origin);
                    let from = graph.vertex(origin);
                    if !known {
                        let declared = self.store.object(named.obj).pos;
                        let params = self.store.as_named(origin).map(|n| n.type_params.clone()).unwrap_or_default();
                        for &p in params.iter().take(named.outer as usize) {
                            let source = graph.vertex(p);
                            graph.edges.push(Edge { from: source, to: from, weight: 1, pos: declared, ty: p });
                        }
                    }
                    let to = graph.vertex(param);
                    graph.edges.push(Edge { from, to, weight: i64::from(part != targ), pos, ty: targ });
                    parts.extend(named.own_targs());
                    if named.is_generic() {
                        parts.extend(&named.type_params[named.outer as usize..]);
                    }
                } else if named.is_generic() {
                    // The generic type stands for its instance with its own parameters.
                    parts.extend(named.type_params.iter());
                } else {
                    parts.extend(named.targs.iter());
                }
            }
            Type::Array { elem, .. } | Type::Slice(elem) | Type::Pointer(elem) | Type::Chan { elem, .. } => {
                parts.push(elem);
            }
            Type::Map { key, elem } => parts.extend([key, elem]),
            Type::Struct(fields) => parts.extend(fields.iter().map(|f| f.ty)),
            Type::Signature(s) => parts.extend(s.params.iter().chain(s.results.iter())),
            Type::Interface(i) => parts.extend(i.methods.iter().map(|m| m.signature)),
            Type::Basic(_) | Type::Tuple(_) => {}
        }
        for part in parts {
            self.flow(graph, param, targ, part, pos, depth + 1);
        }
    }

    fn report_instance_loop(&mut self, graph: &Graph, from: usize) {
        let mut at = from;
        let mut stack: Vec<usize> = Vec::new();
        while !stack.contains(&at) {
            stack.push(at);
            at = graph.edges[graph.vertices[at].previous].from;
        }
        let first = stack.iter().position(|&v| v == at).unwrap_or(0);
        let object = |c: &Self, v: usize| {
            let ty = graph.types[v];
            let obj = c.store.as_type_param(ty).map(|p| p.obj).or(c.store.as_named(ty).map(|n| n.obj));
            obj.map(|o| c.store.object(o).clone())
        };
        let mut more = Vec::new();
        for &v in &stack[first..] {
            let edge = &graph.edges[graph.vertices[v].previous];
            let Some(target) = object(self, edge.to) else { continue };
            let how = if self.store.is_type_param(graph.types[edge.to]) {
                "instantiated as"
            } else {
                "implicitly parameterized by"
            };
            more.push((edge.pos, format!("{} {how} {}", target.name, self.show(edge.ty))));
        }
        let pos = object(self, at).map(|o| o.pos).unwrap_or_default();
        self.error_with(pos, Code::InvalidInstanceCycle, "instantiation cycle:", &more);
    }
}
