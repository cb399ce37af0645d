/**
 * Base85 in the Z85 variant (ZeroMQ RFC 32), as Delta PROTOCOL § Deletion Vector Descriptor Schema has it.
 *
 *     text  = *( 5 digit )     each group of five digits is four bytes, most significant first
 */
const digits = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#'

const valueOfCode: Int8Array = new Int8Array(128).fill(-1)
for (let value = 0; value < digits.length; value++) valueOfCode[digits.charCodeAt(value)] = value

/** The bytes of a text; undefined for one that is no Z85: a wrong length, a digit there is not, a group beyond 32 bits. */
export function decodeZ85(text: string): Uint8Array | undefined {
  if (text.length % 5 !== 0) return undefined
  const bytes = new Uint8Array((text.length / 5) * 4)
  for (let group = 0; group * 5 < text.length; group++) {
    let value = 0
    for (let index = group * 5; index < group * 5 + 5; index++) {
      const digit = valueOfCode[text.charCodeAt(index)] ?? -1
      if (digit < 0) return undefined
      value = value * 85 + digit
    }
    if (value > 0xffffffff) return undefined
    bytes.set([value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255], group * 4)
  }
  return bytes
}
