import { isSiltError, type DataType, type SiltError, type StructType } from '@silt/core'
import { unsupportedFault } from '../syntax/faults.ts'
import { isDatetime, isFloating, isIntegral, isNumeric, isSameType, typeText, type SqlType } from '../types/sql-type.ts'
import { castBetween, type Convert } from '../values/cast.ts'
import { failure, type SqlValue } from '../values/sql-value.ts'
import type { Bound, Operand, RowContext } from './bound.ts'

/** What an expression may refer to: a condition or a value of a row to its columns, a default to none, but to the time. */
export type Purpose = 'row' | 'default'

/** What the parts of one expression are bound within. */
export class BindingScope {
  readonly text: string
  readonly schema: StructType
  readonly purpose: Purpose
  /** Top-level columns referred to, by index in the schema. */
  readonly columns = new Set<number>()

  constructor(text: string, schema: StructType, purpose: Purpose) {
    this.text = text
    this.schema = schema
    this.purpose = purpose
  }

  unsupported(what: string, at: number): SiltError {
    return unsupportedFault(this.text, at, `${what}: not supported`)
  }

  /** As the type, by an explicit cast. */
  cast(operand: Operand, to: DataType, isTry = false): Operand {
    if (isSameType(operand.type, to)) return operand
    const convert = castBetween(operand.type, to)
    if (convert === undefined)
      throw this.unsupported(`a cast of ${typeText(operand.type)} to ${typeText(to)}`, operand.at)
    const safe = isTry ? orNull(convert) : convert
    return this.fold(operand.at, to, [operand], (row, context) => {
      const value = operand.run(row, context)
      return value === null ? null : safe(value)
    })
  }

  /** As the type where Spark makes it one by itself (ANSI store assignment, and texts as anything); `what` names who asks. */
  coerce(operand: Operand, to: DataType, what: string): Operand {
    if (!isImplicit(operand.type, to))
      throw this.unsupported(`${what} of ${typeText(operand.type)} where ${typeText(to)} is asked for`, operand.at)
    return this.cast(operand, to)
  }

  /** As the common type; `void` stays so where all are. */
  castAll(operands: readonly Operand[], to: SqlType): readonly Operand[] {
    return to === 'void' ? operands : operands.map((each) => this.cast(each, to))
  }

  /** An operation that gives NULL as soon as one of its operands is, evaluated first to last. */
  strict(
    at: number,
    type: SqlType,
    operands: readonly Operand[],
    apply: (...values: NonNullable<SqlValue>[]) => SqlValue,
  ): Operand {
    const [first, second] = operands
    if (operands.length === 1 && first !== undefined)
      return this.fold(at, type, operands, (row, context) => {
        const value = first.run(row, context)
        return value === null ? null : apply(value)
      })
    if (operands.length === 2 && first !== undefined && second !== undefined)
      return this.fold(at, type, operands, (row, context) => {
        const left = first.run(row, context)
        if (left === null) return null
        const right = second.run(row, context)
        return right === null ? null : apply(left, right)
      })
    return this.fold(at, type, operands, (row, context) => {
      const values: NonNullable<SqlValue>[] = []
      for (const operand of operands) {
        const value = operand.run(row, context)
        if (value === null) return null
        values.push(value)
      }
      return apply(...values)
    })
  }

  /** An operation over the operands; computed now where all are constant, unless that fails: rows may not come to it. */
  fold(at: number, type: SqlType, operands: readonly Bound[], run: Bound['run']): Operand {
    if (!operands.every((each) => each.isConstant)) return { at, type, run, isConstant: false }
    try {
      const value = run([], noContext)
      return { at, type, run: () => value, isConstant: true }
    } catch (error) {
      if (!isSiltError(error, 'expressions/failed')) throw error
      const { message } = error
      return {
        at,
        type,
        isConstant: true,
        run: () => {
          throw failure(message)
        },
      }
    }
  }
}

/** Constants ask for no time: what does is not constant. */
const noContext: RowContext = Object.freeze({ nowMicros: 0n })

function orNull(convert: Convert): Convert {
  return (value) => {
    try {
      return convert(value)
    } catch (error) {
      if (isSiltError(error, 'expressions/failed')) return null
      throw error
    }
  }
}

function isImplicit(from: SqlType, to: SqlType): boolean {
  if (from === 'void' || from === to) return true
  if (from === 'string') return typeof to === 'string'
  if (isIntegral(to)) return isIntegral(from)
  if (isNumeric(to)) return isNumeric(from) && !(to === 'float' && isFloating(from) && from !== 'float')
  if (isDatetime(to)) return isDatetime(from)
  return to === 'string' && typeof from === 'string' && from !== 'binary'
}
