import { randomBytes } from 'node:crypto'
import type { DeviceErrorCode } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import type { TseExportFilter, TseSignature } from '../ports/tse.ts'
import { pemChain } from '../se-api/certificate-files.ts'
import type { SecureElement } from '../se-api/secure-element.ts'
import type { SimulatedUnit } from '../se-api/simulated-unit.ts'
import type { Powered } from '../se-api/software-unit.ts'
import { hasCertificateEnded } from '../se-api/software-unit.ts'
import { isoText, readIsoText } from '../tr03151/log-time.ts'
import type { Values } from './codec.ts'
import { challengeHash, numberIn, textIn } from './codec.ts'

type Export = { chunks: AsyncIterator<Uint8Array>; ahead: IteratorResult<Uint8Array>; isWhole: boolean }

const ADMIN = 'Administrator'
const TIME_ADMIN = 'TimeAdmin'
/** The element requires PrintableString, which has no underscore; the host's own clients have one. */
const HOST_CLIENT = 'EPSON-SIMULATOR'
const SECRET = 'EPSONKEY'
const SECTOR_BYTES = 512
/** Acts that the TSE does after the end of its certificate, which it reports. */
const DONE_AFTER_END =
  /^(?:Authenticate|LogOutForAdmin|UpdateTime|ArchiveExport|ExportFiltered|GetExportData|CancelExport)/
/** Answered by the host itself, and the self-test. */
const WHILE_ASLEEP = /^(?:GetStorageInfo|GetChallenge|RunTSESelfTest|LogOut)/

const results: Readonly<Partial<Record<DeviceErrorCode, string>>> = {
  self_test_due: 'TSE1_ERROR_WRONG_STATE_NEEDS_SELF_TEST',
  time_not_set: 'TSE1_ERROR_NO_TIME_SET',
  certificate_expired: 'TSE1_ERROR_CERTIFICATE_EXPIRED',
  signatures_exhausted: 'TSE1_ERROR_TRANSACTION_SIGNATURES_EXCEEDED',
  memory_full: 'TSE1_ERROR_STORE_FULL',
  open_transactions_full: 'TSE1_ERROR_MAX_PARALLEL_TRANSACTIONS',
  transactions_open: 'TSE1_ERROR_TSE_HAS_UNFINISHED_TRANSACTIONS',
  client_unknown: 'TSE1_ERROR_CLIENT_NOT_REGISTERED',
  client_limit: 'TSE1_ERROR_MAX_REGISTERED_CLIENTS_REACHED',
  transaction_unknown: 'TSE1_ERROR_TRANSACTION_NOT_STARTED',
  no_data: 'TSE1_ERROR_EXPORT_NO_DATA_AVAILABLE',
  unexported_data: 'TSE1_ERROR_EXPORT_UNACKNOWLEDGED_DATA',
  disabled: 'TSE1_ERROR_TSE_DECOMMISSIONED',
  not_initialised: 'TSE1_ERROR_WRONG_STATE_NEEDS_SETUP',
  not_authorised: 'OTHER_ERROR_UNAUTHENTICATED_ADMIN_USER',
}

export const FUNCTIONS: readonly string[] = [
  ...['SetUp', 'SetUpForPrinter', 'RunTSESelfTest', 'UpdateTime', 'UpdateTimeForFirst'],
  ...['RegisterClient', 'DeregisterClient', 'AuthenticateUserForAdmin', 'AuthenticateUserForTimeAdmin'],
  ...['LogOutForAdmin', 'LogOutForTimeAdmin', 'StartTransaction', 'UpdateTransaction', 'FinishTransaction'],
  ...['GetStorageInfo', 'GetChallenge', 'GetRegisteredClientList', 'GetStartedTransactionList'],
  ...['GetLastTransactionResponse', 'GetLogMessageCertificate', 'ArchiveExport', 'GetExportData'],
  ...['ExportFilteredByTransactionNumber', 'ExportFilteredByTransactionNumberInterval'],
  ...['ExportFilteredByPeriodOfTime', 'FinalizeExport', 'CancelExport'],
]

/** The function is refused with that result. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly result: string
  readonly output: Values

  constructor(result: string, output: Values = {}) {
    super(result)
    this.result = result
    this.output = output
  }
}

/** The TSE functions of the host, over the element of TR-03151. */
export class HostFunctions {
  readonly #options: SimulatedUnit
  readonly #challenges = new Map<string, string>()
  /** Clients for which the time admin is logged in. */
  readonly #timeAdmins = new Set<string>()
  #export: Export | undefined
  #isAsleep = false

  constructor(options: SimulatedUnit) {
    this.#options = options
  }

  /** A sleep of the host: its TSE refuses everything until it was tested again. */
  sleep(): void {
    this.#isAsleep = true
  }

  async losePower(): Promise<void> {
    this.#isAsleep = false
    this.#timeAdmins.clear()
    this.#challenges.clear()
    await this.#endExport()
  }

  resultOfFailure(error: unknown): { result: string; output: Values } {
    if (error instanceof Refusal) return error
    const code = error instanceof DeviceError ? error.code : undefined
    return { result: (code === undefined ? undefined : results[code]) ?? 'TSE1_ERROR_IO', output: {} }
  }

  async run(name: string, input: Values): Promise<Values> {
    const powered = await this.#options.unit.power()
    const output = await this.#run(name, input, powered)
    if (DONE_AFTER_END.test(name) && hasCertificateEnded(powered))
      throw new Refusal('TSE1_ERROR_CERTIFICATE_EXPIRED', output)
    return output
  }

  async #run(name: string, input: Values, powered: Powered): Promise<Values> {
    if (this.#isAsleep && !WHILE_ASLEEP.test(name)) throw new Refusal('TSE1_ERROR_NOT_AUTHORIZED')
    if (name.startsWith('Get') && name !== 'GetExportData') return this.#question(name, input, powered)
    if (/Export/.test(name)) return this.#exporting(name, input, powered.element)
    if (this.#export !== undefined && !/^(?:Auth|LogOut)/.test(name))
      throw new Refusal('OTHER_ERROR_CURRENTLY_EXPORTING')
    if (/Transaction$/.test(name)) return this.#transaction(name, input, powered.element)
    return this.#service(name, input, powered.element)
  }

  async #question(name: string, input: Values, { element, signer }: Powered): Promise<Values> {
    const { state, serial } = element.info()
    switch (name) {
      case 'GetStorageInfo':
        return this.#storageInfo({ element, signer })
      case 'GetChallenge': {
        const challenge = randomBytes(8).toString('hex')
        this.#challenges.set(textIn(input, 'userId'), challenge)
        return { challenge }
      }
      case 'GetRegisteredClientList':
        // As on real devices; the manual names no role.
        this.#options.users.demand('admin')
        return { registeredClientIdList: state.clients.map((id) => (id === HOST_CLIENT ? 'EPSON_SIMULATOR' : id)) }
      case 'GetStartedTransactionList': {
        const client = textIn(input, 'clientId')
        return { startedTransactionNumberList: await element.openTransactions(client === '' ? undefined : client) }
      }
      case 'GetLastTransactionResponse': {
        if (state.transactionCounter === 0) throw new Refusal('TSE1_ERROR_NO_LAST_TRANSACTION')
        const recall = await element.recall(state.transactionCounter)
        const last = recall?.finish ?? recall?.start
        if (last === undefined) throw new Refusal('TSE1_ERROR_NO_LAST_TRANSACTION')
        return { transactionNumber: last.transaction, serialNumber: serial.toString('base64'), ...signed(last) }
      }
      case 'GetLogMessageCertificate':
        return { logMessageCertificate: pemChain(signer).toString('base64') }
      default:
        throw new Refusal('JSON_ERROR_UNEXPECTED_FUNCTION')
    }
  }

  #storageInfo({ element, signer }: Powered): Values {
    const { limits, certification } = this.#options
    const { state, serial, timeIsSet, selfTestDueInMs } = element.info()
    const initialised = state.initialised ? 'INITIALIZED' : 'UNINITIALIZED'
    const tseInformation = {
      // In the manual it is next to this object, on devices inside it.
      vendorType: 'TSE1',
      tseCapacity: Math.floor(limits.memoryBytes / SECTOR_BYTES),
      tseCurrentSize: Math.ceil(state.usedBytes / SECTOR_BYTES),
      tseInitializationState: state.disabled ? 'DECOMMISSIONED' : initialised,
      hasValidTime: timeIsSet,
      hasPassedSelfTest: selfTestDueInMs > 0,
      timeUntilNextSelfTest: Math.floor(selfTestDueInMs / 1000),
      maxUpdateDelay: 45,
      startedTransactions: state.open.length,
      maxStartedTransactions: limits.openTransactions,
      // The manual shows numbers both bare and as text.
      createdSignatures: String(state.signatureCounter),
      remainingSignatures: String(limits.signatures - state.signatureCounter),
      maxSignatures: String(limits.signatures),
      registeredClients: state.clients.length,
      maxRegisteredClients: limits.clients,
      certificateExpirationDate: seconds(signer.certificateExpiresAtMs),
      tarExportSize: state.usedBytes,
      isTransactionInProgress: state.open.length > 0,
      isTSEUnlocked: selfTestDueInMs > 0,
      serialNumber: serial.toString('base64'),
      tsePublicKey: Buffer.from(signer.publicKey).toString('base64'),
      signatureAlgorithm: signer.algorithm,
      tseDescription: certification,
      softwareVersion: '1',
      hardwareVersion: '1',
      cdcId: serial.toString('hex').slice(0, 16),
      cdcHash: serial.toString('base64'),
    }
    return { tseInformation, smartInformation: { tseHealth: 'OK', isReplacementNeeded: false } }
  }

  async #transaction(name: string, input: Values, element: SecureElement): Promise<Values> {
    const clientId = textIn(input, 'clientId')
    if (!this.#timeAdmins.has(clientId)) {
      if (!element.info().state.clients.includes(clientId)) throw new Refusal('TSE1_ERROR_CLIENT_NOT_REGISTERED')
      throw new Refusal('OTHER_ERROR_UNAUTHENTICATED_TIME_ADMIN_USER')
    }
    if (name === 'StartTransaction') {
      const signature = await element.start(clientId)
      const serialNumber = element.info().serial.toString('base64')
      return { transactionNumber: signature.transaction, serialNumber, ...signed(signature) }
    }
    const number = numberIn(input, 'transactionNumber')
    const data = Buffer.from(textIn(input, 'processData'), 'base64')
    const type = textIn(input, 'processType')
    const isUpdate = name === 'UpdateTransaction'
    return signed(
      await (isUpdate ? element.update(number, clientId, type, data) : element.finish(number, clientId, type, data)),
    )
  }

  async #service(name: string, input: Values, element: SecureElement): Promise<Values> {
    switch (name) {
      case 'SetUp':
        return this.#setUp(input, element)
      case 'SetUpForPrinter':
        await element.registerClient(HOST_CLIENT)
        return {}
      case 'RunTSESelfTest':
        if (!element.info().state.clients.includes(HOST_CLIENT)) throw new Refusal('TSE1_ERROR_CLIENT_NOT_REGISTERED')
        await element.selfTest()
        this.#isAsleep = false
        return {}
      case 'UpdateTime':
      case 'UpdateTimeForFirst':
        await element.updateTime(readIsoText(textIn(input, 'newDateTime')))
        return {}
      case 'RegisterClient':
        await element.registerClient(textIn(input, 'clientId'))
        return {}
      case 'DeregisterClient':
        return this.#deregister(textIn(input, 'clientId'), element)
      case 'AuthenticateUserForAdmin':
        return this.#authenticate(ADMIN, textIn(input, 'userId'), input, element)
      case 'AuthenticateUserForTimeAdmin': {
        const clientId = textIn(input, 'clientId')
        const output = await this.#authenticate(TIME_ADMIN, clientId, input, element)
        this.#timeAdmins.add(clientId)
        return output
      }
      case 'LogOutForAdmin':
        await element.logOut(ADMIN, 'user').catch(() => undefined)
        return {}
      case 'LogOutForTimeAdmin':
        this.#timeAdmins.delete(textIn(input, 'clientId'))
        return {}
      default:
        throw new Refusal('JSON_ERROR_UNEXPECTED_FUNCTION')
    }
  }

  /** Once; repeatable only with the same PINs. */
  async #setUp(input: Values, element: SecureElement): Promise<Values> {
    const { users, description } = this.#options
    if (element.info().state.initialised) throw new Refusal('OTHER_ERROR_TSE_ALREADY_SET_UP')
    const [puk, adminPin, timeAdminPin] = ['puk', 'adminPin', 'timeAdminPin'].map((name) => textIn(input, name))
    users.assign(ADMIN, 'admin', { pin: adminPin ?? '', puk: puk ?? '' })
    users.assign(TIME_ADMIN, 'timeAdmin', { pin: timeAdminPin ?? '', puk: puk ?? '' })
    await element.authenticateUser(ADMIN, adminPin ?? '')
    await element.initialise(description)
    await element.registerClient(HOST_CLIENT)
    await element.logOut(ADMIN, 'user')
    return {}
  }

  async #deregister(clientId: string, element: SecureElement): Promise<Values> {
    if (element.info().state.open.some((open) => open.clientId === clientId))
      throw new Refusal('TSE1_ERROR_CLIENT_HAS_UNFINISHED_TRANSACTIONS')
    await element.deregisterClient(clientId)
    return {}
  }

  async #authenticate(user: string, asked: string, input: Values, element: SecureElement): Promise<Values> {
    const challenge = this.#challenges.get(asked)
    this.#challenges.delete(asked)
    if (challenge === undefined || textIn(input, 'hash') !== challengeHash(challenge, SECRET))
      throw new Refusal('OTHER_ERROR_HOST_AUTHENTICATION_FAILED')
    const { result, triesLeft } = await element.authenticateUser(user, textIn(input, 'pin'))
    const output = { remainingRetries: triesLeft }
    if (result === 'pinIsBlocked') throw new Refusal('TSE1_ERROR_AUTHENTICATION_PIN_BLOCKED', output)
    if (result !== 'ok') throw new Refusal('TSE1_ERROR_AUTHENTICATION_FAILED', output)
    return {}
  }

  async #exporting(name: string, input: Values, element: SecureElement): Promise<Values> {
    if (name === 'GetExportData') return this.#piece()
    if (name === 'FinalizeExport' || name === 'CancelExport') {
      const running = await this.#endExport()
      if (running === undefined) throw new Refusal('OTHER_ERROR_NO_EXPORT_STARTED')
      if (input['deleteData'] === true && running.ahead.done !== true)
        throw new Refusal('TSE1_ERROR_EXPORT_UNACKNOWLEDGED_DATA')
      if (input['deleteData'] === true && running.isWhole) await element.deleteStoredData()
      return {}
    }
    if (this.#export !== undefined) throw new Refusal('OTHER_ERROR_CURRENTLY_EXPORTING')
    demandTime(element)
    const isWhole = name === 'ArchiveExport'
    if (isWhole) this.#options.users.demand('admin')
    const chunks = (await element.exportLogs(filterOf(name, input)))[Symbol.asyncIterator]()
    this.#export = { chunks, ahead: await chunks.next(), isWhole }
    return isWhole ? { tarExportSize: element.info().state.usedBytes } : {}
  }

  async #endExport(): Promise<Export | undefined> {
    const running = this.#export
    this.#export = undefined
    await running?.chunks.return?.()
    return running
  }

  async #piece(): Promise<Values> {
    const running = this.#export
    if (running === undefined) throw new Refusal('OTHER_ERROR_NO_EXPORT_STARTED')
    const piece = running.ahead.done === true ? Buffer.alloc(0) : Buffer.from(running.ahead.value)
    running.ahead = await running.chunks.next()
    const exportStatus = running.ahead.done === true ? 'EXPORT_COMPLETE' : 'EXPORT_INCOMPLETE'
    return { exportData: piece.toString('base64'), exportStatus }
  }
}

function filterOf(name: string, input: Values): TseExportFilter {
  if (name === 'ArchiveExport') return {}
  const client = textIn(input, 'clientId')
  const clientId = client === '' ? {} : { clientId: client }
  switch (name) {
    case 'ExportFilteredByTransactionNumber': {
      const number = numberIn(input, 'transactionNumber')
      return { transactionFrom: number, transactionTo: number, ...clientId }
    }
    case 'ExportFilteredByTransactionNumberInterval': {
      const [from, to] = ['startTransactionNumber', 'endTransactionNumber'].map((key) => numberIn(input, key))
      return { transactionFrom: from ?? 0, transactionTo: to ?? 0, ...clientId }
    }
    case 'ExportFilteredByPeriodOfTime': {
      const [from, to] = ['startDate', 'endDate'].map((key) => readIsoText(textIn(input, key)))
      return { timeFromMs: from ?? 0, timeToMs: (to ?? 0) + 999, ...clientId }
    }
    default:
      throw new Refusal('JSON_ERROR_UNEXPECTED_FUNCTION')
  }
}

/** Before an export. A decommissioned element accepts no time but must still export its logs. */
function demandTime(element: SecureElement): void {
  const { timeIsSet, state } = element.info()
  if (!timeIsSet && !state.disabled) throw new Refusal('OTHER_ERROR_NO_TIME_SET_BEFORE_EXPORT')
}

function signed(signature: TseSignature): Values {
  return {
    logTime: seconds(signature.logTimeMs),
    signatureCounter: signature.signatureCounter,
    signature: Buffer.from(signature.signature).toString('base64'),
  }
}

function seconds(ms: number): string {
  return `${isoText(ms).slice(0, 19)}Z`
}
