import { Dep7SyntaxError } from './dep7-lexer.ts'
import type { Dep7Event } from './dep7-reader.ts'
import { readDep7 } from './dep7-reader.ts'

/** A receipt of a DEP7: its text, and what its code says of its place. */
export type CopiedReceipt = { readonly jws: string; readonly number: string; readonly stamp: string }

/** The receipts of one DEP7, one after the other. What breaks off ends there: its own check says so. */
export class Dep7Copy {
  /** What it is called in a finding. */
  readonly name: string
  /** It was verified, with each signature by the certificates in it. */
  readonly isSound: boolean
  readonly #events: AsyncIterator<Dep7Event>
  /** The next receipt; undefined at the end. */
  next: CopiedReceipt | undefined
  cashBoxId = ''
  /** Signaturzertifikat of the group of the next receipt. */
  certificate = ''
  /** False at its first receipt. */
  hasAdvanced = false

  private constructor(name: string, isSound: boolean, chunks: AsyncIterable<Uint8Array>) {
    this.name = name
    this.isSound = isSound
    this.#events = readDep7(chunks)[Symbol.asyncIterator]()
  }

  static async open(name: string, chunks: AsyncIterable<Uint8Array>, isSound = false): Promise<Dep7Copy> {
    const copy = new Dep7Copy(name, isSound, chunks)
    await copy.advance()
    if (copy.next !== undefined) copy.cashBoxId = fieldsOf(copy.next.jws)[1] ?? ''
    copy.hasAdvanced = false
    return copy
  }

  async advance(): Promise<void> {
    this.hasAdvanced = true
    this.next = undefined
    try {
      for (let read = await this.#events.next(); read.done !== true; read = await this.#events.next()) {
        if (read.value.kind === 'group') this.certificate = read.value.certificate
        if (read.value.kind !== 'receipt') continue
        const { jws } = read.value
        const [, , number = '', stamp = ''] = fieldsOf(jws)
        this.next = { jws, number, stamp }
        return
      }
    } catch (error) {
      if (!(error instanceof Dep7SyntaxError)) throw error
    }
  }

  /** Reads no further. */
  async close(): Promise<void> {
    this.next = undefined
    await this.#events.return?.()
  }
}

/** Field 1 is the first. */
export function fieldsOf(jws: string): string[] {
  return Buffer.from(jws.split('.')[1] ?? '', 'base64url')
    .toString('utf8')
    .split('_')
    .slice(1)
}
