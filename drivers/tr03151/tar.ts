import { MalformedError } from './malformed.ts'

/**
 * One file of an archive. `flaw` names a violation of POSIX.1-1988 ustar or TR-03151 §5; `content` is undefined if too
 * large.
 */
export type TarEntry = {
  name: string
  content: Uint8Array | undefined
  flaw: string | undefined
  /** Header, content and padding unchanged, to compose archives. */
  parts: readonly Uint8Array[]
}

const BLOCK = 512
const SPACE = 0x20
const OCTAL = /^[0-7]{1,12}$/
const ZEROS = Buffer.alloc(BLOCK)
/** A log message is a few kilobytes; no valid entry comes near this. */
const ENTRY_MAX_BYTES = 1 << 20

/** The two zero blocks that end an archive. */
export const tarEnd: Uint8Array = new Uint8Array(2 * BLOCK)

/** Header, content and padding of one regular file (typeflag 0, no prefix, mode 0444, owner 0). */
export function tarEntry(name: string, content: Uint8Array, mtimeS: number): Uint8Array {
  const bytes = Buffer.alloc(BLOCK + Math.ceil(content.length / BLOCK) * BLOCK)
  if (bytes.write(name, 0, 100, 'latin1') !== name.length)
    throw new MalformedError(`a file name of at most 100 bytes was expected: ${name}`)
  bytes.write('0000444\0', 100, 'latin1')
  bytes.write('0000000\0', 108, 'latin1')
  bytes.write('0000000\0', 116, 'latin1')
  bytes.write(`${octal(content.length)}\0`, 124, 'latin1')
  bytes.write(`${octal(mtimeS)}\0`, 136, 'latin1')
  bytes.write('        0', 148, 'latin1')
  bytes.write('ustar\u000000', 257, 'latin1')
  bytes.write(`${checksum(bytes).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  bytes.set(content, BLOCK)
  return bytes
}

/**
 * Reads an archive entry by entry in flat memory. The final zero blocks may be missing, because some devices omit them;
 * `atEnd` is called if they exist. Throws MalformedError if the archive is truncated or a header is invalid.
 */
export async function* readTar(chunks: AsyncIterable<Uint8Array>, atEnd?: () => void): AsyncGenerator<TarEntry> {
  const feed = new Feed(chunks[Symbol.asyncIterator]())
  let longName: string | undefined
  try {
    for (let header = await readHeader(feed, atEnd); header !== undefined; header = await readHeader(feed, atEnd)) {
      const entry = await readEntry(feed, header)
      const extension = extensions[String.fromCharCode(header[156] ?? 0)]
      if (extension !== undefined && entry.content !== undefined) {
        longName = extension(entry.content) ?? longName
        continue
      }
      yield longName === undefined ? entry : { ...entry, name: longName, flaw: entry.flaw ?? NOT_POSIX }
      longName = undefined
    }
  } finally {
    await feed.close()
  }
}

/** Undefined after the last entry: zeros, in whole blocks or not, or no bytes. */
async function readHeader(feed: Feed, atEnd: (() => void) | undefined): Promise<Buffer | undefined> {
  const header = feed.held(BLOCK) ?? (await feed.take(BLOCK))
  if (isZero(header)) {
    if (header.length > 0) atEnd?.()
    await expectZeros(feed)
    return undefined
  }
  if (header.length < BLOCK) throw new MalformedError('the archive ends inside a header')
  return header
}

const NOT_POSIX = 'a long name is not POSIX.1-1988'

/**
 * Extension headers of newer formats, which contain the name of the next entry: GNU, pax, and pax of the whole archive.
 */
const extensions: Readonly<Record<string, (content: Uint8Array) => string | undefined>> = {
  L: (content) => plainName(cString(Buffer.from(content), 0, content.length)),
  x: (content) => {
    const path = /(?:^|\n)\d+ path=([^\n]*)\n/.exec(Buffer.from(content).toString('utf8'))?.[1]
    return path === undefined ? undefined : plainName(path)
  },
  g: () => undefined,
}

/** The entries of a whole archive unchanged, with header and padding, to compose archives. */
export function* rawEntries(archive: Buffer): Generator<{ name: string; bytes: Buffer }> {
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const header = archive.subarray(at, at + BLOCK)
    if (isZero(header)) return
    const name = cString(header, 0, 100)
    if (readOctal(header, 148, 8) !== checksum(header))
      throw new MalformedError(`the header of "${name}" has a wrong checksum`)
    const end = at + BLOCK + Math.ceil(readSize(header) / BLOCK) * BLOCK
    if (end > archive.length) throw new MalformedError(`the archive ends inside "${name}"`)
    yield { name, bytes: archive.subarray(at, end) }
    at = end
  }
}

async function readEntry(feed: Feed, header: Buffer): Promise<TarEntry> {
  const name = plainName(nameIn(header))
  if (readOctal(header, 148, 8) !== checksum(header))
    throw new MalformedError(`the header of "${name}" has a wrong checksum`)
  const size = readSize(header)
  const paddedSize = Math.ceil(size / BLOCK) * BLOCK
  if (size > ENTRY_MAX_BYTES) {
    await feed.skip(paddedSize)
    return { name, content: undefined, parts: [], flaw: `a file of ${size} bytes does not belong here` }
  }
  const body = feed.held(paddedSize) ?? (await feed.take(paddedSize))
  if (body.length < paddedSize) throw new MalformedError(`the archive ends inside "${name}"`)
  return { name, content: body.subarray(0, size), flaw: flawOf(header, body.subarray(size)), parts: [header, body] }
}

/** The prefix of ustar is part of the name; in GNU's own format that field has another meaning. */
function nameIn(header: Buffer): string {
  const name = cString(header, 0, 100)
  const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? cString(header, 345, 155) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

/** The name without folders: a repacked archive adds one. */
function plainName(name: string): string {
  return name.slice(name.lastIndexOf('/', name.length - 2) + 1)
}

/** Octal, or GNU's base 256 if the first bit is set. */
function readSize(header: Buffer): number {
  if ((header[124] ?? 0) < 0x80) return readOctal(header, 124, 12)
  const size = header.readUIntBE(130, 6)
  if (header[124] !== 0x80 || !isZero(header.subarray(125, 130)))
    throw new MalformedError('the size of an entry is too large')
  return size
}

function flawOf(header: Buffer, padding: Uint8Array): string | undefined {
  const typeflag = header[156]
  if (typeflag !== 0x30 && typeflag !== 0) return 'only regular files (typeflag 0) belong here'
  if (header.toString('latin1', 257, 265) !== 'ustar\u000000') return 'the magic is not that of POSIX ustar'
  if (!isZero(header.subarray(345, 500))) return 'the prefix must be empty'
  if (cString(header, 0, 100).includes('/')) return 'the file must not be in a folder'
  if (!isZero(padding)) return 'the padding must be zero'
  return undefined
}

async function expectZeros(feed: Feed): Promise<void> {
  for (;;) {
    const rest = await feed.take(BLOCK)
    if (rest.length === 0) return
    if (!isZero(rest)) throw new MalformedError('something follows the end of the archive')
  }
}

/** Reads bytes on demand from chunks of any size. */
class Feed {
  readonly #chunks: AsyncIterator<Uint8Array>
  #rest: Buffer = Buffer.alloc(0)
  #ended = false

  constructor(chunks: AsyncIterator<Uint8Array>) {
    this.#chunks = chunks
  }

  /** `length` bytes, if they are here: most are, and waiting for them would take longer than reading them. */
  held(length: number): Buffer | undefined {
    if (this.#rest.length < length) return undefined
    const bytes = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(length)
    return bytes
  }

  /** `length` bytes; fewer only for the last ones of the archive. */
  async take(length: number): Promise<Buffer> {
    const parts: Buffer[] = [this.#rest]
    let have = this.#rest.length
    while (have < length && !this.#ended) {
      const next = await this.#chunks.next()
      if (next.done) {
        this.#ended = true
        break
      }
      parts.push(Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength))
      have += next.value.length
    }
    const whole = parts.length === 1 ? this.#rest : Buffer.concat(parts)
    this.#rest = whole.subarray(length)
    return whole.subarray(0, length)
  }

  async skip(length: number): Promise<void> {
    for (let remaining = length; remaining > 0; ) {
      const taken = await this.take(Math.min(remaining, ENTRY_MAX_BYTES))
      if (taken.length === 0) throw new MalformedError('the archive ends inside a file')
      remaining -= taken.length
    }
  }

  async close(): Promise<void> {
    if (!this.#ended) await this.#chunks.return?.()
  }
}

function octal(value: number): string {
  return value.toString(8).padStart(11, '0')
}

function readOctal(header: Buffer, offset: number, length: number): number {
  let end = offset + length
  while (end > offset && (header[end - 1] === 0 || header[end - 1] === SPACE)) end--
  const digits = header.toString('latin1', offset, end).trimStart()
  if (!OCTAL.test(digits)) throw new MalformedError('an octal number was expected in a header')
  return Number.parseInt(digits, 8)
}

/** Sum of the header's bytes, with those of the checksum counted as spaces. */
function checksum(header: Buffer): number {
  let sum = 8 * SPACE
  for (let i = 0; i < BLOCK; i += 1) if (i < 148 || i >= 156) sum += header[i] ?? 0
  return sum
}

function cString(header: Buffer, offset: number, length: number): string {
  const end = header.indexOf(0, offset)
  return header.toString('latin1', offset, end < 0 ? offset + length : Math.min(end, offset + length))
}

/** At most a block. */
function isZero(bytes: Uint8Array): boolean {
  return ZEROS.subarray(0, bytes.length).equals(bytes)
}
