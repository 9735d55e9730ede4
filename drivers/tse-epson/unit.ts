import type { Clock } from '../../base/clock.ts'
import type { TseUnit } from '../called-tse.ts'
import { DeviceError } from '../errors.ts'
import type { UnitPortion } from '../portioned-export.ts'
import type { DeviceSecrets } from '../ports/secrets.ts'
import type { TseExportFilter, TseHealth, TseSignature } from '../ports/tse.ts'
import { unlessAbsent, unlessDeclined, unlessRefused, unlessRefusedWith } from '../refusals.ts'
import { RefusedPins } from '../refused-pins.ts'
import { plainSignature } from '../tr03151/ecdsa.ts'
import { isoText, logTimeFormatIn } from '../tr03151/log-time.ts'
import { logsIn } from '../tr03151/recall.ts'
import type { Values } from './codec.ts'
import {
  bytesIn,
  challengeHash,
  flagIn,
  listIn,
  numberIn,
  numbersIn,
  recordIn,
  recordOr,
  textIn,
  timeIn,
} from './codec.ts'
import type { HostLine } from './host-line.ts'
import { exportFunction, healthOf } from './values.ts'

/** Clients of the host itself, not registers. The manual writes one form; units in the trade show the other. */
const HOST_CLIENT = /^EPSON(?:_|\w{8}$)/
const ADMIN_USER = 'Administrator'
/** The factory's secret, public until changed. */
const FACTORY_SECRET = 'EPSONKEY'
const SECRET_REFUSED = 'OTHER_ERROR_HOST_AUTHENTICATION_FAILED'
/**
 * Some firmwares demand it where others answer. Each login is a log of the TSE, so the driver does not log in unasked.
 */
const ADMIN_ASKED = 'OTHER_ERROR_UNAUTHENTICATED_ADMIN_USER'
const PIN_DIGITS = 5
const PUK_DIGITS = 6
/** Limit of attempts in a row. */
const EMPTY_PIECES_MAX = 1 << 20
const RECALL_MAX_BYTES = 4 << 20

/** The functions of the TSE with their values. */
export class EpsonUnit implements TseUnit {
  readonly #line: HostLine
  readonly #secrets: DeviceSecrets
  readonly #longMs: number
  readonly #refusedPins: RefusedPins
  #exports = 0
  #exporting: number | undefined
  #emptyPieces = 0
  #timeFormat: string | undefined

  constructor(line: HostLine, secrets: DeviceSecrets, longMs: number, directory: string, clock: Pick<Clock, 'mono'>) {
    this.#refusedPins = new RefusedPins(directory, secrets, clock)
    this.#line = line
    this.#secrets = secrets
    this.#longMs = longMs
  }

  /** The export that holds the device, if any; the device refuses all else until it ends. */
  get exporting(): number | undefined {
    return this.#exporting
  }

  /** tseInformation of GetStorageInfo. */
  async facts(): Promise<Values> {
    return recordIn(await this.#storageInfo(), 'tseInformation')
  }

  async health(clockSkewMs: number | undefined): Promise<TseHealth> {
    const output = await this.#storageInfo()
    const { read } = this.#secrets
    const pins = { adminPin: () => read('adminPin'), timeAdminPin: () => read('timeAdminPin') }
    return {
      ...healthOf(recordIn(output, 'tseInformation'), recordOr(output, 'smartInformation'), clockSkewMs),
      refusedPin: await this.#refusedPins.standing(pins),
    }
  }

  #storageInfo(): Promise<Values> {
    return this.#line.run('GetStorageInfo', {})
  }

  async start(clientId: string): Promise<TseSignature> {
    const input = { clientId, processData: '', processType: '', additionalData: '' }
    const output = await this.#line.run('StartTransaction', input)
    return signed(numberIn(output, 'transactionNumber'), output)
  }

  async finish(transaction: number, clientId: string, processType: string, data: Uint8Array): Promise<TseSignature> {
    const processData = Buffer.from(data).toString('base64')
    const input = { transactionNumber: transaction, clientId, processData, processType, additionalData: '' }
    return signed(transaction, await this.#line.run('FinishTransaction', input))
  }

  async openTransactions(clientId = ''): Promise<readonly number[]> {
    const output = await this.#line.run('GetStartedTransactionList', { clientId })
    const numbers = numbersIn(output, 'startedTransactionNumberList')
    if (numbers !== undefined) return numbers
    // An answer without its list must not pass for "none is open", because the caller would repeat a start.
    const open = numberIn(await this.facts(), 'startedTransactions')
    if (open > 0) throw new DeviceError('garbled', 'unknown', `${open} transactions are open and none was named`)
    return []
  }

  async clients(): Promise<readonly string[]> {
    const ask = (): Promise<Values> => this.#line.run('GetRegisteredClientList', {})
    const output = (await unlessRefusedWith(ask, ADMIN_ASKED)) ?? (await this.asAdmin(ask))
    return listIn(output, 'registeredClientIdList').map(String)
  }

  /** No function reports the time format of the logs: the last transaction shows it. */
  async logTimeFormat(): Promise<string> {
    if (this.#timeFormat !== undefined) return this.#timeFormat
    const last = await this.last()
    const archive = last && (await unlessDeclined(() => this.archiveOf(last.transaction)))
    if (archive === undefined) return 'unixTime'
    for await (const log of logsIn(archive)) this.#timeFormat = logTimeFormatIn(log.time)
    return this.#timeFormat ?? 'unixTime'
  }

  async certificates(): Promise<Buffer> {
    return bytesIn(await this.#line.run('GetLogMessageCertificate', {}), 'logMessageCertificate')
  }

  async tills(): Promise<readonly string[]> {
    return (await this.clients()).filter((client) => !HOST_CLIENT.test(client))
  }

  async registerClient(clientId: string): Promise<void> {
    await this.asAdmin(() => this.#line.run('RegisterClient', { clientId }))
  }

  async deregisterClient(clientId: string): Promise<void> {
    await this.asAdmin(() => this.#line.run('DeregisterClient', { clientId }))
  }

  /** As admin: a client may not be registered yet. */
  async setTime(timeMs: number): Promise<void> {
    const newDateTime = `${isoText(timeMs).slice(0, 19)}Z`
    const input = { userId: ADMIN_USER, newDateTime, useTimeSync: false }
    await this.asAdmin(() => this.#line.run('UpdateTime', input))
  }

  /** Also at a host that is unknown to the TSE: it is registered first. */
  async selfTest(): Promise<void> {
    try {
      await this.test()
    } catch (error) {
      if (!(error instanceof DeviceError) || error.code !== 'client_unknown') throw error
      await this.asAdmin(() => this.#line.run('SetUpForPrinter', {}, this.#longMs))
      await this.test()
    }
  }

  /** Registers nothing. */
  async test(): Promise<void> {
    await this.#line.run('RunTSESelfTest', {}, this.#longMs)
  }

  admit<T>(command: () => Promise<T>, isInit: boolean): Promise<T> {
    return this.#refusedPins.admit(command, () => isInit)
  }

  /** Sets up an uninitialised TSE; resends the same PINs if that was cut off. Otherwise one login checks them. */
  async setUp(): Promise<void> {
    const facts = await this.facts()
    if (facts['tseInitializationState'] === 'UNINITIALIZED') {
      const puk = await this.#secrets.provide('puk', PUK_DIGITS)
      const adminPin = await this.#secrets.provide('adminPin', PIN_DIGITS)
      const timeAdminPin = await this.#secrets.provide('timeAdminPin', PIN_DIGITS)
      await this.#line.run('SetUp', { puk, adminPin, timeAdminPin }, this.#longMs)
      await this.#refusedPins.accepted('adminPin', 'timeAdminPin')
    }
    await this.selfTest()
    await this.asAdmin(async () => undefined)
  }

  /** For transactions of that client; lasts until the power goes. */
  async logInTimeAdmin(clientId: string): Promise<void> {
    const pin = await this.#secrets.read('timeAdminPin')
    const prove = () => this.#proof(clientId)
    await this.#refusedPins.prepareAndLogIn('timeAdminPin', pin, prove, (hash) =>
      this.#proven('AuthenticateUserForTimeAdmin', { clientId, pin, hash }),
    )
  }

  async asAdmin<T>(act: () => Promise<T>): Promise<T> {
    await this.logInAdmin()
    try {
      return await act()
    } finally {
      await this.logOutAdmin()
    }
  }

  /** Begins an export of the archive or a filtered part, in pieces; the device is in export mode until it ends. */
  async beginExport(name: string, input: Values, heldMs = this.#longMs): Promise<number> {
    const begin = (): Promise<Values> => this.#line.run(name, input, Math.min(heldMs, this.#longMs))
    if (name === 'ArchiveExport' || !(await unlessRefusedWith(begin, ADMIN_ASKED))) await this.#beginAsAdmin(begin)
    this.#exports += 1
    this.#emptyPieces = 0
    this.#exporting = this.#exports
    return this.#exports
  }

  /** The admin remains logged in until the export ends. */
  async #beginAsAdmin(begin: () => Promise<unknown>): Promise<void> {
    await this.logInAdmin()
    try {
      await begin()
    } catch (error) {
      await this.logOutAdmin()
      throw error
    }
  }

  /** One answer; it is empty while the device searches its memory. A sale can run between two answers. */
  async exportPiece(heldMs = this.#longMs): Promise<{ bytes: Buffer; isLast: boolean }> {
    const output = await this.#line.run('GetExportData', {}, Math.min(heldMs, this.#longMs))
    const bytes = bytesIn(output, 'exportData')
    this.#emptyPieces = bytes.length > 0 ? 0 : this.#emptyPieces + 1
    if (this.#emptyPieces > EMPTY_PIECES_MAX) throw new DeviceError('garbled', 'unknown', 'an export without end')
    return { bytes, isLast: textIn(output, 'exportStatus') === 'EXPORT_COMPLETE' }
  }

  /** The logs of one transaction; undefined if the TSE does not have them. */
  async archiveOf(transaction: number): Promise<Buffer | undefined> {
    const wanted = exportFunction({ transactionFrom: transaction, transactionTo: transaction })
    try {
      return await unlessAbsent(() => this.#gathered(...wanted))
    } finally {
      await this.endExport('FinalizeExport')
    }
  }

  /** A small archive in one slot of the queue; `isWaitedFor` ends it. */
  async portion(filter: TseExportFilter, bytesMax: number, isWaitedFor: () => boolean): Promise<UnitPortion> {
    try {
      return (await unlessAbsent(() => this.#portion(filter, bytesMax, isWaitedFor))) ?? 'none'
    } finally {
      await this.endExport('CancelExport')
    }
  }

  async #portion(filter: TseExportFilter, bytesMax: number, isWaitedFor: () => boolean): Promise<UnitPortion> {
    const parts: Buffer[] = []
    await this.beginExport(...exportFunction(filter))
    for (let bytes = 0; ; ) {
      const piece = await this.exportPiece()
      parts.push(piece.bytes)
      bytes += piece.bytes.length
      if (bytes > bytesMax) return 'large'
      if (piece.isLast) break
      if (isWaitedFor()) return 'ended'
    }
    await this.endExport('FinalizeExport')
    return Buffer.concat(parts)
  }

  /** The last signature of any client; undefined if there is no signature. */
  async last(): Promise<{ transaction: number; logTimeMs: number } | undefined> {
    const output = await unlessDeclined(() => this.#line.run('GetLastTransactionResponse', { clientId: '' }))
    return output && { transaction: numberIn(output, 'transactionNumber'), logTimeMs: timeIn(output, 'logTime') }
  }

  /** The last signature of that client; undefined if there is no signature. */
  async lastSigned(clientId: string): Promise<TseSignature | undefined> {
    const output = await unlessAbsent(() => this.#line.run('GetLastTransactionResponse', { clientId }))
    return output && signed(numberIn(output, 'transactionNumber'), output)
  }

  async isSelfTestDue(): Promise<boolean> {
    return !flagIn(await this.facts(), 'hasPassedSelfTest')
  }

  async #gathered(name: string, input: Values): Promise<Buffer> {
    const parts: Buffer[] = []
    await this.beginExport(name, input)
    for (let isLast = false, bytes = 0; !isLast; ) {
      const piece = await this.exportPiece()
      isLast = piece.isLast
      parts.push(piece.bytes)
      bytes += piece.bytes.length
      if (bytes > RECALL_MAX_BYTES) throw new DeviceError('refused', 'none', 'the logs of one transaction are too many')
    }
    return Buffer.concat(parts)
  }

  /** `FinalizeExport` keeps the exported logs; `CancelExport` frees the device for a sale. */
  async endExport(name: 'FinalizeExport' | 'CancelExport'): Promise<void> {
    if (this.#exporting === undefined) return
    this.#exporting = undefined
    await this.#line.run(name, name === 'FinalizeExport' ? { deleteData: false } : {}).catch(() => undefined)
    await this.logOutAdmin()
  }

  /** Ends an archive that was read completely, and deletes it on the device. */
  async deleteExported(): Promise<void> {
    this.#exporting = undefined
    try {
      await this.#line.run('FinalizeExport', { deleteData: true }, this.#longMs)
    } catch (error) {
      await this.#line.run('CancelExport', {}).catch(() => undefined)
      throw error
    } finally {
      await this.logOutAdmin()
    }
  }

  async release(): Promise<boolean> {
    return (await unlessRefused(async () => this.cancelExport().then(() => true))) ?? false
  }

  /** Ends an export that another client left running. */
  async cancelExport(): Promise<void> {
    this.#exporting = undefined
    await this.#line.run('CancelExport', {})
  }

  async logInAdmin(): Promise<void> {
    const pin = await this.#secrets.read('adminPin')
    const prove = () => this.#proof(ADMIN_USER)
    await this.#refusedPins.prepareAndLogIn('adminPin', pin, prove, (hash) =>
      this.#proven('AuthenticateUserForAdmin', { userId: ADMIN_USER, pin, hash }),
    )
  }

  /** The login of a client stays for its sales. */
  logOut(): Promise<void> {
    return this.logOutAdmin()
  }

  async logOutAdmin(): Promise<void> {
    await this.#line.run('LogOutForAdmin', {}).catch(() => undefined)
  }

  /** Names the file of a refused shared secret. */
  async #proven(name: string, input: Values): Promise<Values> {
    try {
      return await this.#line.run(name, input)
    } catch (error) {
      if (!(error instanceof DeviceError) || error.deviceCode !== SECRET_REFUSED) throw error
      const file = this.#secrets.refused?.('secret')
      throw file === undefined ? error : error.toldAs({ message: `${error.message}. It was read from ${file}` })
    }
  }

  async #proof(userId: string): Promise<string> {
    const challenge = textIn(await this.#line.run('GetChallenge', { userId }), 'challenge')
    const secret = await this.#secrets.read('secret').catch(() => FACTORY_SECRET)
    return challengeHash(challenge, secret)
  }
}

function signed(transaction: number, output: Values): TseSignature {
  return {
    transaction,
    signatureCounter: numberIn(output, 'signatureCounter'),
    logTimeMs: timeIn(output, 'logTime'),
    signature: plainSignature(bytesIn(output, 'signature')),
  }
}
