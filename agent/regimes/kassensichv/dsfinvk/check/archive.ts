import type { Readable } from 'node:stream'
import { PassThrough, pipeline } from 'node:stream'
import type { Entry, ZipFile } from 'yauzl'
import { openPromise } from 'yauzl'
import { DTD_FILE, INDEX_FILE } from '../index-xml.ts'
import { TABLES } from '../tables.ts'
import type { Findings } from './findings.ts'

const ENTRIES_MAX = 100
const TEXT_BYTES_MAX = 4 * 1024 * 1024
const RULE = '§ 1'

export const PACKAGE_FILES: readonly string[] = [INDEX_FILE, DTD_FILE, ...Object.values(TABLES).map(({ url }) => url)]

/** No ZIP archive, or one that was cut or changed. */
class PackageDamagedError extends Error {
  override readonly name = 'PackageDamagedError'
  readonly code = 'package_damaged'

  constructor(cause: unknown) {
    super(`The package is not whole: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

/** Throws PackageDamagedError for what is wrong with the archive, and what the system says as it is. */
async function readable<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read()
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? error : new PackageDamagedError(error)
  }
}

/** The files of a package on disk. */
export class Archive {
  private readonly zip: ZipFile
  private readonly entries: ReadonlyMap<string, Entry>

  private constructor(zip: ZipFile, entries: ReadonlyMap<string, Entry>) {
    this.zip = zip
    this.entries = entries
  }

  /** Throws PackageDamagedError and what the system says; what is wrong with the list of entries is a finding. */
  static open(path: string, findings: Findings): Promise<Archive> {
    return readable(() => Archive.read(path, findings))
  }

  private static async read(path: string, findings: Findings): Promise<Archive> {
    const zip = await openPromise(path, { autoClose: false })
    const entries = new Map<string, Entry>()
    try {
      if (zip.entryCount > ENTRIES_MAX) throw new Error(`the archive has ${zip.entryCount} entries`)
      for await (const entry of zip.eachEntry()) {
        const { fileName } = entry
        if (entries.has(fileName)) findings.add({ file: fileName, what: 'the file is there twice', rule: RULE })
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
    return new Archive(zip, entries)
  }

  has(file: string): boolean {
    return this.entries.has(file)
  }

  /**
   * Who reads it is told what is wrong with it, also where that came out before: yauzl tells an error once, and its stream
   * then neither ends nor fails.
   */
  async stream(file: string): Promise<Readable> {
    const entry = this.entries.get(file)
    if (entry === undefined) throw new Error(`${file} is missing`)
    const unpacked = new PassThrough()
    unpacked.on('error', () => undefined)
    pipeline(await readable(() => this.zip.openReadStreamPromise(entry)), unpacked, () => undefined)
    return unpacked
  }

  /** A small file as text. */
  text(file: string): Promise<string> {
    return readable(() => this.textOf(file))
  }

  private async textOf(file: string): Promise<string> {
    const size = this.entries.get(file)?.uncompressedSize ?? 0
    if (size > TEXT_BYTES_MAX) throw new Error(`${file} has ${size} bytes`)
    const portions: Buffer[] = []
    for await (const portion of await this.stream(file)) portions.push(portion as Buffer)
    return Buffer.concat(portions)
      .toString('utf8')
      .replace(/^\uFEFF/, '')
  }

  close(): void {
    this.zip.close()
  }
}
