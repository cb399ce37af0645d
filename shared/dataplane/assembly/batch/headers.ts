// headers => count:varint (key_length:varint key value_length:varint value){count}
import { moveBy, varint } from '../codec/varint';
import { isRefused, refuse } from './refusal';

/** Moves behind the headers, or refuses; returns how many there are. */
// @ts-ignore: decorator
@inline
export function skipHeaders(): i32 {
  const count = varint();
  return count == 0 ? 0 : skipSome(count);
}

function skipSome(count: i32): i32 {
  if (count < 0) refuse();
  for (let i = 0; i < count && !isRefused(); i++) {
    const keyLength = varint();
    if (keyLength < 0) refuse();
    else moveBy(keyLength);
    const valueLength = varint();
    if (valueLength < -1) refuse();
    else if (valueLength > 0) moveBy(valueLength);
  }
  return count;
}
