import { open } from 'node:fs/promises'

const BYTES = 512

/** The first bytes of a file, by which its form is recognized. */
export async function beginning(file: string): Promise<Buffer> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(BYTES), 0, BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** True for the beginning of a backup, which is a gzip file. */
export function isBackup(start: Buffer): boolean {
  return start[0] === 0x1f && start[1] === 0x8b
}
