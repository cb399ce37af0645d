// Points in time and dates as the event table takes them. Readers return the position behind what they read, 0 where the exact path has to look at it.
import { exponent, isNegative, mantissa, powerOfTen, readNumber } from './numbers';

/** Microseconds since the epoch, or days for a date, of what was last read. */
export let instant: i64 = 0;

const DAY_SECONDS: i64 = 86_400;
/** 1900-01-01 and 9999-12-31, in days since 1970-01-01. */
const DAY_MIN: i64 = -25_567,
  DAY_MAX: i64 = 2_932_896;

/** Numbers below are seconds, milliseconds. */
const SECONDS_END: u64 = 100_000_000_000,
  MILLISECONDS_END: u64 = 100_000_000_000_000;

/** The date last read, as it is written, and its day: neighbouring events mostly share it. */
let lastDate: i32 = -1;
let lastDay: i64 = 0;

/** Whether there are digits wherever `YYYY-MM-DD hh:mm` has them. */
// @ts-ignore: decorator
@inline
function hasDigits(p: usize): bool {
  if (ASC_FEATURE_SIMD) {
    const digits = i8x16.bitmask(i8x16.lt_u(i8x16.sub(v128.load(p), i8x16.splat(0x30)), i8x16.splat(10)));
    return (digits & 0b1101101101101111) == 0b1101101101101111;
  }
  return areDigits(load<u64>(p), 0x00ffff00ffffffff) && areDigits(load<u64>(p, 8), 0xffff00ffff00ffff);
}

/** Of the bytes under the mask: their high nibble is 3, and still is with 6 added. */
// @ts-ignore: decorator
@inline
function areDigits(w: u64, mask: u64): bool {
  const highs = mask & 0xf0f0f0f0f0f0f0f0,
    threes = mask & 0x3030303030303030;
  return (w & highs) == threes && (((w & mask) + (mask & 0x0606060606060606)) & highs) == threes;
}

/** `YYYY-MM-DD("T"|" ")hh:mm:ss[.f{1,9}][Z|(+|-)hh:mm]` and the closing quote; `p` is behind the opening one. */
export function readInstantText(p: usize): usize {
  if (!hasDigits(p)) return 0;
  const separator = load<u8>(p, 10);
  if ((separator | 0x20) != 0x74 && separator != 0x20) return 0;
  if (!readDate(p) || load<u8>(p, 13) != 0x3a || load<u8>(p, 16) != 0x3a) return 0;
  const hour = twoDigits(p + 11),
    minute = twoDigits(p + 14),
    tens = <u32>load<u8>(p, 17) - 0x30,
    ones = <u32>load<u8>(p, 18) - 0x30;
  if (hour > 23 || minute > 59 || tens > 5 || ones > 9) return 0;
  let seconds = lastDay * DAY_SECONDS + <i64>(hour * 3600 + minute * 60 + tens * 10 + ones);
  p += 19;

  let micros: i64 = 0;
  if (load<u8>(p) == 0x2e) {
    const from = ++p;
    let unit: i64 = 100_000,
      d = <u32>load<u8>(p) - 0x30;
    if (d > 9) return 0;
    do {
      micros += <i64>d * unit;
      unit /= 10;
      d = <u32>load<u8>(++p) - 0x30;
    } while (d <= 9);
    if (p - from > 9) return 0;
  }

  let c = load<u8>(p);
  if ((c | 0x20) == 0x7a) c = load<u8>(++p);
  else if (c == 0x2b || c == 0x2d) {
    if (!isTwoDigits(p + 1) || load<u8>(p, 3) != 0x3a || !isTwoDigits(p + 4)) return 0;
    const hours = twoDigits(p + 1),
      minutes = twoDigits(p + 4);
    if (hours > 23 || minutes > 59) return 0;
    const east = <i64>(hours * 3600 + minutes * 60);
    seconds += c == 0x2d ? east : -east;
    p += 6;
    c = load<u8>(p);
  }
  return c == 0x22 && setInstant(seconds, micros) ? p + 1 : 0;
}

/** A number: seconds below 1e11, milliseconds below 1e14; what is below a microsecond is cut. */
export function readInstantNumber(p: usize): usize {
  p = readNumber(p);
  if (p == 0 || exponent > 0 || exponent < -18) return 0;
  const whole = mantissa / powerOfTen(-exponent);
  if (whole >= MILLISECONDS_END) return 0;
  // The limits are those of the number's double, which may be one where the number is just below it.
  if (exponent < 0 && (whole == SECONDS_END - 1 || whole == MILLISECONDS_END - 1)) return 0;
  const power = exponent + (whole < SECONDS_END ? 6 : 3);
  const size = <i64>(power < 0 ? mantissa / powerOfTen(-power) : mantissa * powerOfTen(power));
  instant = isNegative ? -size : size;
  return isAccepted(instant) ? p : 0;
}

/** Whole milliseconds since the epoch; false where the table does not accept the time. */
export function readInstantMs(ms: f64): bool {
  if (!(abs(ms) < 1e15) || ms != floor(ms)) return false;
  instant = <i64>ms * 1000;
  return isAccepted(instant);
}

/** `YYYY-MM-DD` and the closing quote; `p` is behind the opening one. */
export function readDateText(p: usize): usize {
  if (!isTwoDigits(p) || !isTwoDigits(p + 2) || !isTwoDigits(p + 5) || !isTwoDigits(p + 8) || !readDate(p)) return 0;
  instant = lastDay;
  return load<u8>(p, 10) == 0x22 && lastDay >= DAY_MIN && lastDay <= DAY_MAX ? p + 11 : 0;
}

/** The UTC day, in days since the epoch. */
export function dayOf(micros: i64): i32 {
  const unit = DAY_SECONDS * 1_000_000,
    days = <i32>(micros / unit);
  return micros % unit < 0 ? days - 1 : days;
}

function setInstant(seconds: i64, micros: i64): bool {
  instant = seconds * 1_000_000 + micros;
  return isAccepted(instant);
}

// @ts-ignore: decorator
@inline
function isAccepted(micros: i64): bool {
  return micros >= DAY_MIN * DAY_SECONDS * 1_000_000 && micros < (DAY_MAX + 1) * DAY_SECONDS * 1_000_000;
}

/** The date's eight digits are known to be some; sets `lastDay`. */
// @ts-ignore: decorator
@inline
function readDate(p: usize): bool {
  if (load<u8>(p, 4) != 0x2d || load<u8>(p, 7) != 0x2d) return false;
  const year = twoDigits(p) * 100 + twoDigits(p + 2),
    month = twoDigits(p + 5),
    day = twoDigits(p + 8),
    date = year * 10_000 + month * 100 + day;
  return date == lastDate || setDate(date, year, month, day);
}

function setDate(date: i32, year: i32, month: i32, day: i32): bool {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return false;
  // Years counted from March put the leap day last. All of it is positive: year 0 counts as 399 of the era before.
  const shifted = month <= 2 ? year - 1 : year,
    era = (shifted + 400) / 400 - 1,
    yearOfEra = shifted - era * 400,
    dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1,
    dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
  lastDate = date;
  lastDay = <i64>(era * 146_097 + dayOfEra - 719_468);
  return true;
}

function daysInMonth(year: i32, month: i32): i32 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// @ts-ignore: decorator
@inline
function twoDigits(p: usize): i32 {
  return (<i32>load<u8>(p) - 0x30) * 10 + <i32>load<u8>(p, 1) - 0x30;
}

// @ts-ignore: decorator
@inline
function isTwoDigits(p: usize): bool {
  return <u32>load<u8>(p) - 0x30 <= 9 && <u32>load<u8>(p, 1) - 0x30 <= 9;
}
