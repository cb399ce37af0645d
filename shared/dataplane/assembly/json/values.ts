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
import { findSpecial, skipSpace } from './text';
import { textAt, textLength, unescape } from './strings';
import { isNull, skipContainer, skipScalar } from './skip';
import { double, integer, readNumber, toDecimal, toDouble, toInteger } from './numbers';
import { instant, readDateText, readInstantNumber, readInstantText } from './instants';

/** Reads the value at or behind white space at `p`; the position behind it, 0 where the record is the exact path's. A null leaves the slot empty. */
// @ts-ignore: decorator
@inline
export function takeValue(c: Column, p: usize, mark: u32): usize {
  c.mark = mark;
  if (c.form <= TEXT_OR_JSON) {
    if (load<u8>(p) == 0x22) return takeString(c, p + 1);
    p = skipSpace(p);
    return isNull(p) ? takeNull(c, p) : takeText(c, p);
  }
  p = skipSpace(p);
  return isNull(p) ? takeNull(c, p) : takeOther(c, p);
}

// @ts-ignore: decorator
@inline
function takeNull(c: Column, p: usize): usize {
  c.mark = 0;
  return p + 4;
}

/** `p` is behind the opening quote. */
// @ts-ignore: decorator
@inline
function takeString(c: Column, p: usize): usize {
  const special = findSpecial(p);
  if (load<u8>(special) == 0x22) {
    c.value = <u64>p;
    c.length = <u32>(special - p);
    return special + 1;
  }
  const end = unescape(p, special);
  c.value = <u64>textAt;
  c.length = textLength;
  return end;
}

/** A string's text; of other scalars, objects and arrays their JSON. */
function takeText(c: Column, p: usize): usize {
  const first = load<u8>(p);
  if (first == 0x22) return takeString(c, p + 1);
  const isNested = first == 0x7b || first == 0x5b;
  if (isNested && c.form == TEXT) return 0;
  const end = isNested ? skipContainer(p) : skipScalar(p);
  c.value = <u64>p;
  c.length = <u32>(end - p);
  return end;
}

// @ts-ignore: decorator
@inline
function takeOther(c: Column, p: usize): usize {
  switch (c.form) {
    case TIMESTAMP_FORM: {
      p = load<u8>(p) == 0x22 ? readInstantText(p + 1) : readInstantNumber(p);
      c.value = <u64>instant;
      return p;
    }
    case BOOLEAN_FORM: {
      const isTrue = load<u8>(p) == 0x74;
      if (!isTrue && load<u8>(p) != 0x66) return 0;
      c.value = <u64>isTrue;
      return skipScalar(p);
    }
    case DATE_FORM: {
      if (load<u8>(p) != 0x22) return 0;
      p = readDateText(p + 1);
      c.value = <u64>instant;
      return p;
    }
    default:
      return takeNumber(c, p);
  }
}

/** A number, or a string that holds one and nothing else. */
function takeNumber(c: Column, p: usize): usize {
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
      c.value = reinterpret<u64>(double);
      return p;
    case FLOAT_FORM: {
      if (!toDouble(from, to)) return 0;
      const narrow = <f32>double;
      if (<f64>narrow != double) return 0;
      c.value = <u64>reinterpret<u32>(narrow);
      return p;
    }
    case INTEGER_FORM:
      if (!toInteger(c.min, c.max)) return 0;
      c.value = <u64>integer;
      return p;
    case DECIMAL_FORM:
      if (!toDecimal(c.scale, c.precision)) return 0;
      c.value = <u64>integer;
      return p;
    default:
      return 0;
  }
}
