//! Operands: what an expression has been found to be, and assignability (being written, with expr, const_expr, index, literals, call, builtins, conversions, assignments, stmt, labels, terminating).
