import { Dep7SyntaxError } from './dep7-lexer.ts'
import type { Dep7Event } from './dep7-reader.ts'
import { readDep7 } from './dep7-reader.ts'

/** A receipt of a DEP7: its text, and the number and time in its code. */
export type CopiedReceipt = { readonly jws: string; readonly number: string; readonly stamp: string }

/** Reads the receipts of one DEP7 in order. A syntax error ends the receipts here; `verifyDep7` reports it. */
export class Dep7Copy {
  /** Its name in findings. */
  readonly name: string
  /** True if the file was verified, each signature with the certificates in the file. */
  readonly isSound: boolean
  readonly #events: AsyncIterator<Dep7Event>
  /** The next receipt; undefined after the last one. */
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

  /** Stops reading and closes the source. */
  async close(): Promise<void> {
    this.next = undefined
    await this.#events.return?.()
  }
}

/** The fields of a receipt's code; index 0 is field 1 (RKSV Anlage Z 4). */
export function fieldsOf(jws: string): string[] {
  return Buffer.from(jws.split('.')[1] ?? '', 'base64url')
    .toString('utf8')
    .split('_')
    .slice(1)
}
