import { DeviceError } from '../errors.ts'
import type { Link } from '../links/link.ts'
import { isMatricola } from './document-rules.ts'

/** The connection to a printer on a line, which its serial identifies. One caller at a time. */
export abstract class LineSession {
  protected readonly link: Link
  #serial: string | undefined

  constructor(link: Link) {
    this.link = link
  }

  get connected(): boolean {
    return this.link.connected && this.#serial !== undefined
  }

  async close(): Promise<void> {
    this.#serial = undefined
    await this.link.close()
  }

  /** Connects if needed and returns the serial. Throws `unavailable`, `timeout`. */
  async ready(signal: AbortSignal): Promise<string> {
    if (this.link.connected && this.#serial !== undefined) return this.#serial
    if (!this.link.connected) {
      this.#serial = undefined
      await this.link.connect()
      await this.begin(signal)
    }
    return this.#identifiedBy(await this.readMatricola(signal))
  }

  /** Asks for the serial again: with an adapter a different printer may be plugged in while the line stays open. */
  async identify(signal: AbortSignal): Promise<string> {
    if (!this.connected) return await this.ready(signal)
    return this.#identifiedBy(await this.repeatMatricola(signal))
  }

  /** Before the first command on a new connection, at whose other end a different printer may be. */
  protected abstract begin(signal: AbortSignal): Promise<void>

  /** Asks once; undefined for an answer without one. */
  protected abstract readMatricola(signal: AbortSignal): Promise<string | undefined>

  /** The same, repeated after a lost reply, on a new connection if needed. */
  protected abstract repeatMatricola(signal: AbortSignal): Promise<string | undefined>

  #identifiedBy(matricola: string | undefined): string {
    if (matricola === undefined || !isMatricola(matricola))
      throw new DeviceError('garbled', 'none', 'no matricola: not an RT printer of this protocol')
    this.#serial = matricola
    return matricola
  }
}
