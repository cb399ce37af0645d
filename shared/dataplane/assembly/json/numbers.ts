// JSON numbers, read exactly or not at all. What is refused here the exact path reads: it keeps the text of a number that its column cannot hold.

/** The double that the text is JavaScript's spelling of; NaN where it is another text. */
// @ts-ignore: decorator
@external('host', 'exactDouble')
declare function exactDouble(at: usize, length: u32): f64;

/** Of the number last read: (-1)^isNegative * mantissa * 10^exponent. */
export let isNegative: bool = false;
export let mantissa: u64 = 0;
export let exponent: i32 = 0;
/** Of its mantissa, without leading zeros. */
let digitCount: u32 = 0;

/** Of what was last converted. */
export let double: f64 = 0;
export let integer: i64 = 0;

/** 10^0 to 10^22: all the powers of ten that are doubles. */
const POWERS: usize = memory.data<f64>(
  [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ],
  8,
);
/** More digits may wrap the mantissa. */
const DIGITS_MAX: u32 = 19;
/** Decimals of so many digits survive a double and back. */
const DOUBLE_DIGITS_MAX: u32 = 15;

/** Reads the number at `p`; the position behind it, 0 where there is none or one too long. */
export function readNumber(p: usize): usize {
  let m: u64 = 0,
    power = 0;
  const minus = load<u8>(p) == 0x2d;
  if (minus) p++;
  let d = digitAt(p);
  if (d > 9) return 0;
  let count: u32 = 0;
  if (d == 0) p++;
  else {
    const from = p;
    do {
      m = m * 10 + <u64>d;
      d = digitAt(++p);
    } while (d <= 9);
    count = <u32>(p - from);
  }
  if (load<u8>(p) == 0x2e) {
    const point = ++p;
    d = digitAt(p);
    if (d > 9) return 0;
    if (count == 0) while (d == 0) d = digitAt(++p);
    const from = p;
    while (d <= 9) {
      m = m * 10 + <u64>d;
      d = digitAt(++p);
    }
    count += <u32>(p - from);
    power = -(<i32>(p - point));
  }
  if (count > DIGITS_MAX) return 0;
  isNegative = minus;
  mantissa = m;
  digitCount = count;
  exponent = power;
  return (load<u8>(p) | 0x20) == 0x65 ? addExponent(p + 1) : p;
}

function addExponent(p: usize): usize {
  const sign = load<u8>(p);
  if (sign == 0x2b || sign == 0x2d) p++;
  let d = digitAt(p),
    value: i32 = 0;
  if (d > 9) return 0;
  do {
    value = value * 10 + <i32>d;
    if (value > 999) return 0;
    d = digitAt(++p);
  } while (d <= 9);
  exponent += sign == 0x2d ? -value : value;
  return p;
}

/** The number, written at `from` to `to`, as the nearest double, where its text stands for no other number. */
// @ts-ignore: decorator
@inline
export function toDouble(from: usize, to: usize): bool {
  // One division or multiplication of two doubles gives the nearest one.
  if (digitCount > DOUBLE_DIGITS_MAX || exponent < -22 || exponent > 22) return askHost(from, to);
  const value = <f64>(<i64>mantissa);
  const size =
    exponent < 0 ? value / load<f64>(POWERS + (<usize>-exponent << 3)) : value * load<f64>(POWERS + (<usize>exponent << 3));
  double = isNegative ? -size : size;
  return true;
}

function askHost(from: usize, to: usize): bool {
  double = exactDouble(from, <u32>(to - from));
  return double == double;
}

/** The number as an integer, where it is one within the bounds. */
export function toInteger(min: i64, max: i64): bool {
  let m = mantissa;
  if (exponent != 0 && m != 0) {
    let zeros = exponent;
    while (zeros < 0 && m % 10 == 0) {
      m /= 10;
      zeros++;
    }
    if (zeros < 0) return false;
    while (zeros > 0) {
      if (m > <u64>i64.MAX_VALUE / 10) return false;
      m *= 10;
      zeros--;
    }
  }
  if (m > <u64>i64.MAX_VALUE + <u64>isNegative) return false;
  integer = isNegative ? <i64>(0 - m) : <i64>m;
  return integer >= min && integer <= max;
}

/** The number times 10^scale, where that is an integer of at most `precision` (18 or fewer) digits. */
export function toDecimal(scale: i32, precision: i32): bool {
  let m = mantissa,
    zeros = exponent + scale;
  integer = 0;
  if (m == 0) return true;
  while (zeros < 0 && m % 10 == 0) {
    m /= 10;
    zeros++;
  }
  if (zeros < 0 || zeros >= precision) return false;
  if (m >= powerOfTen(precision - zeros)) return false;
  m *= powerOfTen(zeros);
  integer = isNegative ? -(<i64>m) : <i64>m;
  return true;
}

/** `power` from 0 to 18: exact as a double and as an integer. */
export function powerOfTen(power: i32): u64 {
  return <u64>load<f64>(POWERS + (<usize>power << 3));
}

// @ts-ignore: decorator
@inline
function digitAt(p: usize): u32 {
  return <u32>load<u8>(p) - 0x30;
}
