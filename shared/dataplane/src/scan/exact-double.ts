/**
 * The double that the JSON number at `bytes[at .. at + length)` stands for, if it is spelled as JavaScript spells that double; else NaN. What is spelled so
 * denotes the same number as its double, by the measure of @silt/rows: for numbers whose digits the plane cannot round itself.
 */
export function exactDouble(bytes: Buffer, at: number, length: number): number {
  const text = bytes.toString('latin1', at, at + length)
  const value = Number(text)
  return String(value) === text ? value : Number.NaN
}
