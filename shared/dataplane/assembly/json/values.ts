// One JSON value into its column's slot.
import {
  BOOLEAN_FORM,
  Column,
  DATE_FORM,
  DECIMAL_FORM,
  DOUBLE_FORM,
  FLOAT_FORM,
  INTEGER_FORM,
  TEXT,
  TEXT_OR_JSON,
  TIMESTAMP_FORM,
} from './plan';
import { putNull, putText, putValue } from '../columns/rows';
import { findSpecial, skipSpace } from './text';
import { textAt, textLength, unescape } from './strings';
import { isNull, skipContainer, skipScalar } from './skip';
import { double, integer, readNumber, toDecimal, toDouble, toInteger } from './numbers';
import { instant, readDateText, readInstantNumber, readInstantText } from './instants';

/** Reads the value at or behind white space at `p`; the position behind it, 0 where the record is the exact path's. A null empties the cell. */
// @ts-ignore: decorator
@inline
export function takeValue(c: Column, p: usize, row: u32): usize {
  if (c.form <= TEXT_OR_JSON) {
    if (load<u8>(p) == 0x22) return takeString(c, p + 1, row);
    p = skipSpace(p);
    return isNull(p) ? takeNull(c, p, row) : takeText(c, p, row);
  }
  p = skipSpace(p);
  return isNull(p) ? takeNull(c, p, row) : takeOther(c, p, row);
}

// @ts-ignore: decorator
@inline
function takeNull(c: Column, p: usize, row: u32): usize {
  putNull(c.cells, row);
  return p + 4;
}

/** `p` is behind the opening quote. */
// @ts-ignore: decorator
@inline
function takeString(c: Column, p: usize, row: u32): usize {
  const special = findSpecial(p);
  if (load<u8>(special) == 0x22) {
    putText(c.cells, row, p, <u32>(special - p));
    return special + 1;
  }
  const end = unescape(p, special);
  putText(c.cells, row, textAt, textLength);
  return end;
}

/** A string's text; of other scalars, objects and arrays their JSON. */
function takeText(c: Column, p: usize, row: u32): usize {
  const first = load<u8>(p);
  if (first == 0x22) return takeString(c, p + 1, row);
  const isNested = first == 0x7b || first == 0x5b;
  if (isNested && c.form == TEXT) return 0;
  const end = isNested ? skipContainer(p) : skipScalar(p);
  putText(c.cells, row, p, <u32>(end - p));
  return end;
}

// @ts-ignore: decorator
@inline
function takeOther(c: Column, p: usize, row: u32): usize {
  switch (c.form) {
    case TIMESTAMP_FORM: {
      p = load<u8>(p) == 0x22 ? readInstantText(p + 1) : readInstantNumber(p);
      putValue(c.cells, row, <u64>instant);
      return p;
    }
    case BOOLEAN_FORM: {
      const isTrue = load<u8>(p) == 0x74;
      if (!isTrue && load<u8>(p) != 0x66) return 0;
      putValue(c.cells, row, <u64>isTrue);
      return skipScalar(p);
    }
    case DATE_FORM: {
      if (load<u8>(p) != 0x22) return 0;
      p = readDateText(p + 1);
      putValue(c.cells, row, <u64>instant);
      return p;
    }
    default:
      return takeNumber(c, p, row);
  }
}

/** A number, or a string that holds one and nothing else. */
function takeNumber(c: Column, p: usize, row: u32): usize {
  const isText = load<u8>(p) == 0x22;
  const from = isText ? p + 1 : p,
    to = readNumber(from);
  if (to == 0) return 0;
  p = to;
  if (isText) {
    if (load<u8>(p) != 0x22) return 0;
    p++;
  }
  switch (c.form) {
    case DOUBLE_FORM:
      if (!toDouble(from, to)) return 0;
      putValue(c.cells, row, reinterpret<u64>(double));
      return p;
    case FLOAT_FORM: {
      if (!toDouble(from, to)) return 0;
      const narrow = <f32>double;
      if (<f64>narrow != double) return 0;
      putValue(c.cells, row, <u64>reinterpret<u32>(narrow));
      return p;
    }
    case INTEGER_FORM:
      if (!toInteger(c.min, c.max)) return 0;
      putValue(c.cells, row, <u64>integer);
      return p;
    case DECIMAL_FORM:
      if (!toDecimal(c.scale, c.precision)) return 0;
      putValue(c.cells, row, <u64>integer);
      return p;
    default:
      return 0;
  }
}
