import type { FileHandle } from 'node:fs/promises'

/**
 * Up to `lengthBytes` bytes at `position`, fewer only where the file ends.
 * The array owns its buffer, so it may be transferred to another thread.
 */
export async function readBytes(file: FileHandle, position: number, lengthBytes: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(lengthBytes)
  let filled = 0
  while (filled < lengthBytes) {
    const { bytesRead } = await file.read(bytes, filled, lengthBytes - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled === lengthBytes ? bytes : bytes.subarray(0, filled)
}
