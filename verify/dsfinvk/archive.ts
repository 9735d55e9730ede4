import type { Readable } from 'node:stream'
import { pipeline, Transform } from 'node:stream'
import { crc32 } from 'node:zlib'
import type { Entry, LocalFileHeader, ZipFile } from 'yauzl'
import { openPromise } from 'yauzl'
import { CodedError, messageOf } from '../../base/thrown.ts'
import type { Findings } from './findings.ts'
import { DTD_FILE, INDEX_FILE, TABLES } from './tables.ts'

const ENTRIES_MAX = 100
const RULE = '§ 1'

export const PACKAGE_FILES: readonly string[] = [INDEX_FILE, DTD_FILE, ...Object.values(TABLES).map(({ url }) => url)]

/** Throws `package_damaged` if the archive is damaged, and errors of the system unchanged. */
async function readable<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw error
    throw new CodedError('package_damaged', `The package is not whole: ${messageOf(error)}`)
  }
}

/** Set if the checksum comes after the file instead of before it. */
const CHECKSUM_FOLLOWS = 8

/** Passes the unpacked bytes on, then reports a name or checksum in the archive that differs, at either place. */
function checked(entry: Entry, local: LocalFileHeader, report: (what: string) => void): Transform {
  const isAhead = (local.generalPurposeBitFlag & CHECKSUM_FOLLOWS) === 0
  let actual = 0
  return new Transform({
    transform(portion: Buffer, _encoding, done) {
      actual = crc32(portion, actual)
      done(null, portion)
    },
    flush(done) {
      if (actual !== entry.crc32 || (isAhead && actual !== local.crc32)) report('the CRC-32 is not that of the file')
      if (local.fileName.toString('utf8') !== entry.fileName) report('the local header has another name')
      done()
    },
  })
}

/** The files of a package on disk. */
export class Archive {
  readonly #zip: ZipFile
  readonly #entries: ReadonlyMap<string, Entry>
  readonly #findings: Findings
  /** Files that were unpacked once; their findings are reported. */
  readonly #reported = new Set<string>()

  private constructor(zip: ZipFile, entries: ReadonlyMap<string, Entry>, findings: Findings) {
    this.#zip = zip
    this.#entries = entries
    this.#findings = findings
  }

  /** Throws `package_damaged` and errors of the system; a wrong list of entries is a finding. */
  static open(path: string, findings: Findings): Promise<Archive> {
    return readable(() => Archive.#read(path, findings))
  }

  static async #read(path: string, findings: Findings): Promise<Archive> {
    const zip = await openPromise(path, { autoClose: false })
    const entries = new Map<string, Entry>()
    try {
      if (zip.entryCount > ENTRIES_MAX) throw new Error(`the archive has ${zip.entryCount} entries`)
      for await (const entry of zip.eachEntry()) {
        const { fileName } = entry
        if (entries.has(fileName)) findings.add({ file: fileName, what: 'the file occurs twice', rule: RULE })
        if (!PACKAGE_FILES.includes(fileName))
          findings.add({ file: fileName, what: 'the file does not belong into a package', rule: RULE })
        entries.set(fileName, entry)
      }
    } catch (error) {
      zip.close()
      throw error
    }
    for (const file of PACKAGE_FILES)
      if (!entries.has(file)) findings.add({ file, what: 'the file is missing', rule: RULE })
    return new Archive(zip, entries, findings)
  }

  has(file: string): boolean {
    return this.#entries.has(file)
  }

  /**
   * Each reader gets the error of a damaged file, also the second one: yauzl reports an error once, and its stream then
   * neither ends nor fails.
   */
  async stream(file: string): Promise<Readable> {
    const entry = this.#entries.get(file)
    if (entry === undefined) throw new Error(`${file} is missing`)
    const local = await readable(() => this.#zip.readLocalFileHeaderPromise(entry))
    const isFirst = !this.#reported.has(file)
    this.#reported.add(file)
    const unpacked = checked(entry, local, (what) => isFirst && this.#findings.add({ file, what, rule: RULE }))
    unpacked.on('error', () => undefined)
    pipeline(await readable(() => this.#zip.openReadStreamPromise(entry)), unpacked, () => undefined)
    return unpacked
  }

  /** A small file as text. */
  text(file: string, bytesMax: number): Promise<string> {
    return readable(() => this.#textOf(file, bytesMax))
  }

  async #textOf(file: string, bytesMax: number): Promise<string> {
    const size = this.#entries.get(file)?.uncompressedSize ?? 0
    if (size > bytesMax) throw new Error(`${file} has ${size} bytes`)
    const portions: Buffer[] = []
    for await (const portion of await this.stream(file)) portions.push(portion as Buffer)
    return Buffer.concat(portions)
      .toString('utf8')
      .replace(/^\uFEFF/, '')
  }

  close(): void {
    this.#zip.close()
  }
}
