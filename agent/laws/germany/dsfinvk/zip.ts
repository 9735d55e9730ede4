import { createReadStream } from 'node:fs'
import { CodedError } from '../../../../base/thrown.ts'
import type { Spooled } from './spool.ts'

/** Sizes and offsets are 32-bit: beyond that the range must be narrowed. */
const SIZE_MAX = 0xffff_ffff
const DEFLATED = 8
const VERSION_NEEDED = 20
/** Made on Unix, version 2.0 of the format. */
const VERSION_MADE_BY = 0x0314
/** 1 January 1980, 00:00: the same package has the same bytes at any place and time. */
const DOS_DATE = 0x0021
const FILE_MODE = 0o100644

/** The bytes of a flat ZIP archive of deflated files (APPNOTE.TXT 6.3.3). */
export async function* zipArchive(files: readonly Spooled[]): AsyncGenerator<Uint8Array> {
  const directory: Buffer[] = []
  let offset = 0
  for (const file of files) {
    if (file.bytes > SIZE_MAX || offset + file.compressedBytes > SIZE_MAX)
      throw new CodedError(
        'dsfinvk_too_large',
        'The DSFinV-K package would be larger than a ZIP file may be: export a shorter range.',
      )
    const head = localHeader(file)
    yield head
    yield* createReadStream(file.path)
    directory.push(directoryEntry(file, offset))
    offset += head.length + file.compressedBytes
  }
  const entries = Buffer.concat(directory)
  yield entries
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(entries.length, 12)
  end.writeUInt32LE(offset, 16)
  yield end
}

function localHeader(file: Spooled): Buffer {
  const head = Buffer.alloc(30)
  head.writeUInt32LE(0x04034b50, 0)
  head.writeUInt16LE(VERSION_NEEDED, 4)
  writeFacts(head, 8, file)
  return Buffer.concat([head, Buffer.from(file.name)])
}

function directoryEntry(file: Spooled, offset: number): Buffer {
  const entry = Buffer.alloc(46)
  entry.writeUInt32LE(0x02014b50, 0)
  entry.writeUInt16LE(VERSION_MADE_BY, 4)
  entry.writeUInt16LE(VERSION_NEEDED, 6)
  writeFacts(entry, 10, file)
  entry.writeUInt32LE(FILE_MODE * 0x1_0000, 38)
  entry.writeUInt32LE(offset, 42)
  return Buffer.concat([entry, Buffer.from(file.name)])
}

/** Method, time, checksum, sizes and length of the name: the same in both headers. */
function writeFacts(header: Buffer, at: number, file: Spooled): void {
  header.writeUInt16LE(DEFLATED, at)
  header.writeUInt16LE(0, at + 2)
  header.writeUInt16LE(DOS_DATE, at + 4)
  header.writeUInt32LE(file.crc, at + 6)
  header.writeUInt32LE(file.compressedBytes, at + 10)
  header.writeUInt32LE(file.bytes, at + 14)
  header.writeUInt16LE(Buffer.byteLength(file.name), at + 18)
}
