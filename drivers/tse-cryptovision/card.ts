import { withEffect } from '../errors.ts'
import type { BlockFile } from '../links/block-file.ts'
import { unlessRefused } from '../refusals.ts'
import { pointOfKey } from '../tr03151/ecdsa.ts'
import type { Parameter } from './codec.ts'
import { BLOCK_BYTES, commandCode, responseMode, wakeData } from './codec.ts'
import type { Exchange } from './exchange.ts'
import { algorithmName, bytesAt, numberAt, textAt, transactionSerial } from './values.ts'

export type CommandName = keyof typeof commandCode

export type KeyFacts = { serial: Buffer; publicKey: Uint8Array; algorithm: string }

/** The card's commands with their values. */
export class Card {
  readonly #file: BlockFile
  readonly #exchange: Exchange
  /** Version of the firmware, read at each power-up. */
  firmware = ''

  constructor(file: BlockFile, exchange: Exchange) {
    this.#file = file
    this.#exchange = exchange
  }

  /** Opens the file and starts the card; a failure leaves the file closed and did nothing. Signs no transaction. */
  async connect(expired: AbortSignal, elsewhere?: string): Promise<void> {
    try {
      await this.#file.connect(elsewhere)
      // The file may hold an answer to another client.
      await this.#file.write(new Uint8Array(BLOCK_BYTES))
      await this.start(expired)
    } catch (error) {
      await this.#file.close()
      throw withEffect(error, 'none')
    }
  }

  /** Wakes the card and its secure element, which then tests itself. Repeating is harmless. */
  async start(expired: AbortSignal): Promise<void> {
    await this.#exchange.send(wakeData, responseMode.disableSuspend, expired)
    this.firmware = textAt(await this.ask('start', [], expired), 0)
  }

  ask(name: CommandName, parameters: readonly Parameter[], expired: AbortSignal): Promise<readonly Parameter[]> {
    return this.#exchange.command(commandCode[name], parameters, expired)
  }

  archive(
    name: CommandName,
    parameters: readonly Parameter[],
    expired: AbortSignal,
  ): Promise<{ bytes: number; chunks: AsyncIterable<Buffer> }> {
    return this.#exchange.archive(commandCode[name], parameters, expired)
  }

  /** GetStatus: 0 clients, 1 and 2 open transactions, 3 counter, 4 life cycle, 5 and 6 total and free memory. */
  status(what: number, expired: AbortSignal): Promise<readonly Parameter[]> {
    return this.ask('getStatus', [{ type: 'short', value: what }], expired)
  }

  /** GetConfigData: 1 algorithm, 4 clients and 5 transactions at most, 7 time format, 8 certification id. */
  config(what: number, expired: AbortSignal): Promise<readonly Parameter[]> {
    return this.ask('getConfigData', [{ type: 'short', value: what }], expired)
  }

  async keyFacts(expired: AbortSignal): Promise<KeyFacts> {
    const serial = await this.#serial(expired)
    const publicKey = pointOfKey(bytesAt(await this.#keyData(2, serial, expired), 0))
    return { serial, publicKey, algorithm: algorithmName(bytesAt(await this.config(1, expired), 0)) }
  }

  /** Signature counter and end of the certificate. */
  async counters(expired: AbortSignal): Promise<{ serial: Buffer; signatures: number; expiresAtMs: number }> {
    const serial = await this.#serial(expired)
    const signatures = numberAt(await this.#keyData(0, serial, expired), 0)
    return { serial, signatures, expiresAtMs: numberAt(await this.#keyData(1, serial, expired), 0) * 1000 }
  }

  /** Firmware and the id of its certification. */
  async description(expired: AbortSignal): Promise<string> {
    const id = await this.certificationId(expired)
    return `CryptoVision, firmware ${this.firmware}${id === '' ? '' : `, ${id}`}`
  }

  /** Empty if the firmware does not support this question. */
  async certificationId(expired: AbortSignal): Promise<string> {
    return (await unlessRefused(async () => textAt(await this.config(8, expired), 0))) ?? ''
  }

  async #serial(expired: AbortSignal): Promise<Buffer> {
    return Buffer.from(transactionSerial(bytesAt(await this.ask('getSerialNumbers', [], expired), 0)))
  }

  #keyData(what: number, serial: Uint8Array, expired: AbortSignal): Promise<readonly Parameter[]> {
    const parameters: Parameter[] = [
      { type: 'short', value: what },
      { type: 'bytes', value: serial },
    ]
    return this.ask('getKeyData', parameters, expired)
  }
}
