export { compile, supports, type CompiledExpression, type CompileOptions, type Verdict } from './compile.ts'
export type { RowContext } from './binding/bound.ts'
export { opaque, type SqlStruct, type SqlValue } from './values/sql-value.ts'
