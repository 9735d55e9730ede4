import { dirname } from 'node:path'
import type { LawBooks } from '../journal/books/law-books.ts'
import type { EventLine } from '../journal/events.ts'
import { claimedFacts } from '../journal/events.ts'
import { RefillError } from '../journal/refill.ts'
import { verifyChains } from '../journal/verify/chains.ts'
import { archiveFilesOf } from './archive-files.ts'
import type { ArchiveLine } from './archives.ts'
import type { BackupLine, DoneLine, Header } from './format.ts'
import { readBackup, readContent } from './format.ts'
import { BackupProof, isSealRemoved } from './proof.ts'

/** `archives` of TSEs, `absent` those of them that are neither inside nor complete next to it. */
type Examined = {
  header: Header | undefined
  report: Verified
  /** The first line names the very journal that the backup contains. */
  isNamed: boolean
  /** The seal confirms that journal; false without the passphrase. */
  isSealed: boolean
  /** Known without the passphrase. */
  isSealRemoved: boolean
  archives: number
  absent: readonly string[]
}

type Verified = Awaited<ReturnType<typeof verifyChains>>

/**
 * Examines a backup: is it whole, does its journal verify, and does its seal confirm that journal? Throws RefillError
 * if it is not whole or, with a passphrase, if its seal is wrong.
 */
export async function examineBackup(file: string, laws: readonly LawBooks[], passphrase?: string): Promise<Examined> {
  const read = new ReadLines(passphrase)
  const report = await verifyChains(read.journal(file), { laws })
  const { header, archives } = read
  const isNamed = header !== undefined && names(header, report)
  if (report.valid && isNamed) read.demandSeal(report)
  const absent: string[] = []
  for (const archive of archives.values()) {
    if (read.inside.has(archive.sha256) || (await hasArchiveFile(file, header?.agent ?? '', archive))) continue
    absent.push(archive.file)
  }
  const seal = { isSealed: read.isSealed, isSealRemoved: header !== undefined && isSealRemoved(header) }
  return { header, report, isNamed, ...seal, archives: archives.size, absent }
}

/** Collects the facts about a backup while it is read. */
class ReadLines {
  readonly archives = new Map<string, ArchiveLine>()
  /** The archives whose contents are in the file. */
  readonly inside = new Set<string>()
  readonly #passphrase: string | undefined
  #proof: BackupProof | undefined
  #done: DoneLine | undefined
  #genesis = ''
  #key = ''

  constructor(passphrase: string | undefined) {
    this.#passphrase = passphrase
  }

  get header(): Header | undefined {
    return this.#proof?.header
  }

  get isSealed(): boolean {
    return this.#proof?.isSealed === true
  }

  async *journal(file: string): AsyncGenerator<Buffer> {
    const keep = (done: DoneLine): void => {
      this.#done = done
    }
    for await (const line of readBackup(file, keep)) {
      if (line.t === 'batch' || line.t === 'ev' || line.t === 'end') {
        if (line.t === 'ev' && line.seq === 1) this.#noteFirst(line)
        yield Buffer.from(`${JSON.stringify(line)}\n`)
      } else this.#take(line)
    }
  }

  /** Throws RefillError. */
  demandSeal({ chain, epoch, events, lastSeq: seq, head, signed }: Verified): void {
    const journal = { chain, epoch, events, seq, head, signed, genesis: this.#genesis, key: this.#key }
    if (this.#done !== undefined) this.#proof?.demandEnd(journal, this.#done)
  }

  #take(line: BackupLine): void {
    if (line.t === 'backup') this.#proof = BackupProof.open(line, this.#passphrase, true)
    if (line.t === 'archive') this.archives.set(line.sha256, line)
    if (line.t === 'content') this.inside.add(line.sha256)
  }

  /** The first event of a chain names the key that signs it; that of the first chain is the genesis. */
  #noteFirst(line: EventLine): void {
    if (this.#genesis === '') this.#genesis = line.hash
    const { public_key: publicKey } = claimedFacts<'journal.opened'>(line)
    this.#key = typeof publicKey === 'string' ? publicKey : ''
  }
}

function names({ agent, chain, epoch, events }: Header, report: Verified): boolean {
  return agent === report.agent && chain === report.chain && epoch === report.epoch && events === report.events
}

async function hasArchiveFile(file: string, agentId: string, archive: ArchiveLine): Promise<boolean> {
  for (const path of await archiveFilesOf(dirname(file), agentId, archive.sha256)) {
    try {
      for await (const line of readContent(path, archive)) void line
      return true
    } catch (error) {
      if (!(error instanceof RefillError)) throw error
    }
  }
  return false
}
