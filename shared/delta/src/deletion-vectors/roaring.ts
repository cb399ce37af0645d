/** Positions of the rows of one data file that a deletion vector deletes; nothing is unpacked, so its memory is that of the bytes it was read from. */
export interface DeletedRows {
  /** How many there are. */
  readonly count: number
  has(row: number): boolean
  /** Ascending. */
  values(): Iterable<number>
}

/**
 * A 64-bit bitmap as Delta stores it (PROTOCOL § Deletion Vector Format; RoaringFormatSpec, all little-endian):
 *
 *     array     = magic:u32 buckets:u64 *( key:u32 bitmap )        key: the high half of all values of the bucket, ascending, below 2^31
 *     bitmap    = header *( container )
 *     header    = 12346:u32 containers:u32 *( key:u16 cardinality-1:u16 ) *( offset:u32 )
 *               | 12347:u16 containers-1:u16 run-flags *( key:u16 cardinality-1:u16 ) [ *( offset:u32 ) ]    offsets from four containers on
 *     container = runs:u16 *( start:u16 length-1:u16 )  where flagged as runs
 *               | *( value:u16 )                        up to 4096 of them
 *               | 8192 bytes of bits
 *
 * Throws `RangeError` saying what is wrong; every length is checked against the bytes there are before anything is read by it.
 */
export function decodeRoaringArray(bytes: Uint8Array): DeletedRows {
  const reader = new Reader(bytes)
  const magic = reader.u32()
  if (magic !== magicNumber) throw new RangeError(`its magic number is ${magic}, not ${magicNumber}`)
  const bucketCount = reader.u64()
  const containers: Container[] = []
  let lastKey = -1
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const key = reader.u32()
    if (key <= lastKey || key > bucketKeyMax) throw new RangeError(`bucket ${bucket} has the key ${key}`)
    lastKey = key
    readBitmap(reader, key * 2 ** 32, containers)
  }
  if (reader.left > 0) throw new RangeError(`${reader.left} bytes are left over`)
  return new ContainerRows(containers)
}

const magicNumber = 1681511377
/** Rows beyond 2^53 cannot be counted here, nor are there such files. */
const bucketKeyMax = 2 ** 21 - 1

const cookieWithoutRuns = 12346
const cookieWithRuns = 12347
const offsetsFromContainers = 4
const arrayValuesMax = 4096
const bitsetBytes = 8192

/** `first` is the smallest row it could hold; `data` is the container as stored. */
interface Container {
  readonly first: number
  readonly kind: 'array' | 'bits' | 'runs'
  readonly cardinality: number
  readonly data: DataView
}

function readBitmap(reader: Reader, base: number, containers: Container[]): void {
  const cookie = reader.u32()
  const withRuns = (cookie & 0xffff) === cookieWithRuns
  if (!withRuns && cookie !== cookieWithoutRuns) throw new RangeError(`a bitmap begins with ${cookie}`)
  const count = withRuns ? (cookie >>> 16) + 1 : reader.u32()
  if (count > 65536) throw new RangeError(`a bitmap has ${count} containers`)
  const runFlags = withRuns ? reader.take(Math.ceil(count / 8)) : undefined
  const header = reader.take(count * 4)
  // Containers follow one another without gaps, so where each begins is known without being told.
  if (!withRuns || count >= offsetsFromContainers) reader.take(count * 4)
  let lastKey = -1
  for (let index = 0; index < count; index++) {
    const key = header.getUint16(index * 4, true)
    if (key <= lastKey) throw new RangeError(`container ${index} has the key ${key} after ${lastKey}`)
    lastKey = key
    const cardinality = header.getUint16(index * 4 + 2, true) + 1
    const isRuns = runFlags !== undefined && (runFlags.getUint8(index >>> 3) & (1 << (index & 7))) !== 0
    containers.push(readContainer(reader, base + key * 65536, cardinality, isRuns))
  }
}

function readContainer(reader: Reader, first: number, cardinality: number, isRuns: boolean): Container {
  if (isRuns) {
    const data = reader.take(reader.u16() * 4)
    return checked({ first, kind: 'runs', cardinality, data })
  }
  if (cardinality <= arrayValuesMax)
    return checked({ first, kind: 'array', cardinality, data: reader.take(cardinality * 2) })
  return checked({ first, kind: 'bits', cardinality, data: reader.take(bitsetBytes) })
}

/** Values ascend within the container and are as many as its header says. */
function checked(container: Container): Container {
  let last = -1
  let count = 0
  for (const row of rowsOf(container)) {
    if (row <= last || row >= container.first + 65536) throw new RangeError('the values of a container do not ascend')
    last = row
    count++
  }
  if (count !== container.cardinality)
    throw new RangeError(`a container holds ${count} values, its header says ${container.cardinality}`)
  return container
}

function* rowsOf({ first, kind, cardinality, data }: Container): Generator<number> {
  if (kind === 'array') {
    for (let index = 0; index < cardinality; index++) yield first + data.getUint16(index * 2, true)
    return
  }
  if (kind === 'runs') {
    for (let at = 0; at < data.byteLength; at += 4) {
      const start = data.getUint16(at, true)
      const length = data.getUint16(at + 2, true)
      for (let value = start; value <= start + length; value++) yield first + value
    }
    return
  }
  for (let byte = 0; byte < bitsetBytes; byte++)
    for (let bits = data.getUint8(byte), bit = 0; bits !== 0; bits >>>= 1, bit++)
      if ((bits & 1) !== 0) yield first + byte * 8 + bit
}

class ContainerRows implements DeletedRows {
  readonly count: number
  readonly #containers: readonly Container[]
  readonly #byFirst: ReadonlyMap<number, Container>

  constructor(containers: readonly Container[]) {
    this.#containers = containers
    this.#byFirst = new Map(containers.map((each) => [each.first, each]))
    this.count = containers.reduce((sum, { cardinality }) => sum + cardinality, 0)
  }

  has(row: number): boolean {
    const low = row % 65536
    const container = this.#byFirst.get(row - low)
    return container !== undefined && holds(container, low)
  }

  *values(): Generator<number> {
    for (const container of this.#containers) yield* rowsOf(container)
  }
}

function holds({ kind, data }: Container, low: number): boolean {
  if (kind === 'bits') return (data.getUint8(low >>> 3) & (1 << (low & 7))) !== 0
  const stride = kind === 'array' ? 2 : 4
  // The last entry that begins at or below `low`.
  let from = 0
  let to = data.byteLength / stride
  while (from < to) {
    const middle = (from + to) >>> 1
    if (data.getUint16(middle * stride, true) <= low) from = middle + 1
    else to = middle
  }
  if (from === 0) return false
  const start = data.getUint16((from - 1) * stride, true)
  return kind === 'array' ? start === low : low <= start + data.getUint16((from - 1) * stride + 2, true)
}

class Reader {
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get left(): number {
    return this.#view.byteLength - this.#at
  }

  take(length: number): DataView {
    if (length > this.left) throw new RangeError(`it ends ${length - this.left} bytes too early`)
    const part = new DataView(this.#view.buffer, this.#view.byteOffset + this.#at, length)
    this.#at += length
    return part
  }

  u16(): number {
    return this.take(2).getUint16(0, true)
  }

  u32(): number {
    return this.take(4).getUint32(0, true)
  }

  u64(): number {
    const value = this.take(8).getBigUint64(0, true)
    if (value > 0xffffffffn) throw new RangeError(`it says to have ${value} buckets`)
    return Number(value)
  }
}
