import koffi from 'koffi'
import { NativeFault } from '../native/protocol.ts'
import type { WormEntries, WormFacts, WormLogin, WormSignature } from './worm-calls.ts'

const CLIENTS_OF_LIST = 16
const CLIENT_BYTES = 31
const CERTIFICATE_MAX_BYTES = 65_536
const CERTIFICATE_ENDED = 0x100a
const MESSAGE_MAX_BYTES = 1 << 20
/** "Invalid response from TSE". */
const GARBLED = '6'
/** Most numbers of one call. */
const STARTED_OF_LIST = 62
/** "Invalid parameter": the answer to a question for more transactions or clients than there are. */
const BEYOND = 0x1007
/** The value that stays if the library reports no tries. */
const UNTOLD = -1

/** The used functions of libWormAPI, as its header declares them (cdecl, opaque pointers, sizes in bytes). */
const declarations = {
  version: 'const char *worm_getVersion()',
  algorithm: 'const char *worm_signatureAlgorithm()',
  timeFormat: 'const char *worm_logTimeFormat()',
  init: 'int worm_init(_Out_ void **context, const char *mountPoint)',
  cleanup: 'int worm_cleanup(void *context)',
  infoNew: 'void *worm_info_new(void *context)',
  infoFree: 'void worm_info_free(void *info)',
  infoRead: 'int worm_info_read(void *info)',
  capacity: 'uint32_t worm_info_capacity(void *info)',
  size: 'uint32_t worm_info_size(void *info)',
  hasPassedSelfTest: 'int worm_info_hasPassedSelfTest(void *info)',
  initializationState: 'int worm_info_initializationState(void *info)',
  timeUntilNextSelfTest: 'uint32_t worm_info_timeUntilNextSelfTest(void *info)',
  startedTransactions: 'uint32_t worm_info_startedTransactions(void *info)',
  maxStartedTransactions: 'uint32_t worm_info_maxStartedTransactions(void *info)',
  maxTimeSynchronizationDelay: 'uint32_t worm_info_maxTimeSynchronizationDelay(void *info)',
  remainingSignatures: 'uint32_t worm_info_remainingSignatures(void *info)',
  certificateExpirationDate: 'uint64_t worm_info_certificateExpirationDate(void *info)',
  description: 'const char *worm_info_tseDescription(void *info)',
  softwareVersion: 'uint32_t worm_info_softwareVersion(void *info)',
  publicKey: 'void worm_info_tsePublicKey(void *info, _Out_ void **bytes, _Out_ uint64_t *length)',
  serialNumber: 'void worm_info_tseSerialNumber(void *info, _Out_ void **bytes, _Out_ uint64_t *length)',
  setup:
    'int worm_tse_setup(void *context, const uint8_t *seed, int seedLength, const uint8_t *puk, int pukLength, const uint8_t *pin, int pinLength, const uint8_t *timePin, int timePinLength, const char *clientId)',
  ctssEnable: 'int worm_tse_ctss_enable(void *context)',
  updateTime: 'int worm_tse_updateTime(void *context, uint64_t seconds)',
  runSelfTest: 'int worm_tse_runSelfTest(void *context, const char *clientId)',
  registerClient: 'int worm_tse_registerClient(void *context, const char *clientId)',
  deregisterClient: 'int worm_tse_deregisterClient(void *context, const char *clientId)',
  listClients: 'int worm_tse_listRegisteredClients(void *context, int toSkip, _Out_ uint8_t *clients)',
  login: 'int worm_user_login(void *context, int id, const uint8_t *pin, int length, _Inout_ int *remaining)',
  logout: 'int worm_user_logout(void *context, int id)',
  responseNew: 'void *worm_transaction_response_new(void *context)',
  responseFree: 'void worm_transaction_response_free(void *response)',
  responseNumber: 'uint64_t worm_transaction_response_transactionNumber(void *response)',
  responseCounter: 'uint64_t worm_transaction_response_signatureCounter(void *response)',
  responseTime: 'uint64_t worm_transaction_response_logTime(void *response)',
  responseSignature:
    'void worm_transaction_response_signature(void *response, _Out_ void **bytes, _Out_ uint64_t *length)',
  start:
    'int worm_transaction_start(void *context, const char *clientId, const uint8_t *data, uint64_t length, const char *processType, void *response)',
  finish:
    'int worm_transaction_finish(void *context, const char *clientId, uint64_t number, const uint8_t *data, uint64_t length, const char *processType, void *response)',
  lastResponse: 'int worm_transaction_lastResponse(void *context, const char *clientId, void *response)',
  listStarted:
    'int worm_transaction_listStartedTransactions(void *context, const char *clientId, int toSkip, _Out_ uint64_t *numbers, int capacity, _Out_ int *stored)',
  certificate: 'int worm_getLogMessageCertificate(void *context, _Out_ uint8_t *buffer, _Inout_ uint32_t *length)',
  exportAll: 'int worm_export_tar(void *context, WormExportCallback *callback, void *data)',
  exportTime:
    'int worm_export_tar_filtered_time(void *context, uint64_t from, uint64_t to, const char *clientId, WormExportCallback *callback, void *data)',
  exportTransactions:
    'int worm_export_tar_filtered_transaction(void *context, uint64_t from, uint64_t to, const char *clientId, WormExportCallback *callback, void *data)',
  deleteStoredData: 'int worm_export_deleteStoredData(void *context)',
  entryNew: 'void *worm_entry_new(void *context)',
  entryFree: 'void worm_entry_free(void *entry)',
  entryFirst: 'int worm_entry_iterate_first(void *entry)',
  entryById: 'int worm_entry_iterate_id(void *entry, uint32_t id)',
  entryNext: 'int worm_entry_iterate_next(void *entry)',
  entryIsValid: 'int worm_entry_isValid(void *entry)',
  entryId: 'uint32_t worm_entry_id(void *entry)',
  entryLength: 'uint64_t worm_entry_logMessageLength(void *entry)',
  entryMessage: 'int worm_entry_readLogMessage(void *entry, _Out_ uint8_t *message, uint64_t length)',
} as const

/** Older libraries lack them. */
const IS_DEVELOPMENT = 'int worm_info_isDevelopmentFirmware(void *info)'
const FLASH_HEALTH =
  'int worm_flash_health_summary(void *context, _Out_ uint32_t *errors, _Out_ uint8_t *spare, _Out_ uint8_t *erase, _Out_ uint8_t *retention)'
const NEEDS_REPLACEMENT = 'int worm_flash_health_needs_replacement(uint32_t errors, uint8_t spare, uint8_t erase)'

/** Declared once per process, as koffi demands: each probe loads the library again. */
koffi.proto('int WormExportCallback(const uint8_t *chunk, unsigned int length, void *data)')

type Name = keyof typeof declarations
type Call = (...given: readonly unknown[]) => unknown

/** The vendor's library, loaded by its path, with one unit. Not thread-safe: one call at a time. */
export class WormLibrary {
  readonly #functions: Readonly<Record<Name, Call>>
  readonly #isDevelopment: Call | undefined
  readonly #flash: readonly [summary: Call, needsReplacement: Call] | undefined
  #context: unknown

  /** Throws NativeFault `NO_LIBRARY`, or `NO_FUNCTION` for a different library. */
  constructor(path: string) {
    const library = attempt('NO_LIBRARY', `${path} is not a library`, () => koffi.load(path))
    const entries = Object.entries(declarations).map(([name, declaration]) => [
      name,
      attempt('NO_FUNCTION', `${path} has not the function of: ${declaration}`, () => library.func(declaration)),
    ])
    this.#isDevelopment = optional(() => library.func(IS_DEVELOPMENT))
    this.#flash = optional(() => [library.func(FLASH_HEALTH), library.func(NEEDS_REPLACEMENT)])
    this.#functions = Object.fromEntries(entries) as Readonly<Record<Name, Call>>
  }

  open(mount: string): void {
    if (this.#context !== undefined) this.close()
    const context: unknown[] = [null]
    this.#check(this.#call('init', context, mount))
    this.#context = context[0]
  }

  close(): void {
    if (this.#context !== undefined) this.#call('cleanup', this.#context)
    this.#context = undefined
  }

  facts(): WormFacts {
    const info = this.#call('infoNew', this.#context)
    try {
      this.#check(this.#call('infoRead', info))
      const number = (name: Name): number => Number(this.#call(name, info))
      return {
        capacity: number('capacity'),
        size: number('size'),
        hasPassedSelfTest: number('hasPassedSelfTest') !== 0,
        initializationState: number('initializationState'),
        timeUntilNextSelfTest: number('timeUntilNextSelfTest'),
        startedTransactions: number('startedTransactions'),
        maxStartedTransactions: number('maxStartedTransactions'),
        maxTimeSynchronizationDelay: number('maxTimeSynchronizationDelay'),
        remainingSignatures: number('remainingSignatures'),
        certificateExpirationDate: number('certificateExpirationDate'),
        publicKey: this.#bytes('publicKey', info),
        serialNumber: this.#bytes('serialNumber', info),
        description: String(this.#call('description', info)),
        softwareVersion: number('softwareVersion'),
        algorithm: String(this.#call('algorithm')),
        timeFormat: String(this.#call('timeFormat')),
        version: String(this.#call('version')),
        isDevelopment: Number(this.#isDevelopment?.(info) ?? 0) !== 0,
      }
    } finally {
      this.#call('infoFree', info)
    }
  }

  /** The maker's word on its flash; undefined without one. */
  needsReplacement(): boolean | undefined {
    if (this.#flash === undefined) return undefined
    const [summary, needsReplacement] = this.#flash
    const [errors, spare, erase] = [[0], [0], [0]]
    this.#check(summary(this.#context, errors, spare, erase, [0]))
    return needsReplacement(errors[0], spare[0], erase[0]) !== 0
  }

  /** A function whose first argument is the unit and whose result is a WormError. */
  run(name: Name, ...given: readonly unknown[]): void {
    this.#check(this.#call(name, this.#context, ...given))
  }

  logIn(user: number, pin: string): WormLogin {
    const bytes = Buffer.from(pin, 'ascii')
    const remaining = [UNTOLD]
    const error = Number(this.#call('login', this.#context, user, bytes, bytes.length, remaining))
    const [triesLeft = UNTOLD] = remaining
    return { refusal: error === 0 ? undefined : codeOf(error), triesLeft: triesLeft < 0 ? undefined : triesLeft }
  }

  clients(): readonly string[] {
    const clients = new Set<string>()
    for (;;) {
      const countBefore = clients.size
      const list = Buffer.alloc(4 + CLIENTS_OF_LIST * CLIENT_BYTES)
      const error = Number(this.#call('listClients', this.#context, countBefore, list))
      if (error === BEYOND && countBefore > 0) return [...clients]
      this.#check(error)
      const amount = Math.min(list.readInt32LE(0), CLIENTS_OF_LIST)
      for (let index = 0; index < amount; index += 1) {
        const id = list.subarray(4 + index * CLIENT_BYTES, 4 + (index + 1) * CLIENT_BYTES)
        clients.add(id.toString('latin1').replace(/\0.*$/s, ''))
      }
      if (clients.size === countBefore || amount < CLIENTS_OF_LIST) return [...clients]
    }
  }

  signed(name: 'start' | 'finish' | 'lastResponse', ...given: readonly unknown[]): WormSignature {
    const response = this.#call('responseNew', this.#context)
    try {
      this.#check(this.#call(name, this.#context, ...given, response))
      return {
        transaction: Number(this.#call('responseNumber', response)),
        signatureCounter: Number(this.#call('responseCounter', response)),
        logTime: Number(this.#call('responseTime', response)),
        signature: this.#bytes('responseSignature', response),
      }
    } finally {
      this.#call('responseFree', response)
    }
  }

  started(clientId: string | undefined): readonly number[] {
    const numbers: number[] = []
    for (;;) {
      const list = new BigUint64Array(STARTED_OF_LIST)
      const stored = [0]
      const given = [clientId ?? null, numbers.length, list, STARTED_OF_LIST, stored]
      const error = Number(this.#call('listStarted', this.#context, ...given))
      if (error === BEYOND && numbers.length > 0) return numbers
      this.#check(error)
      const count = Math.min(stored[0] ?? 0, STARTED_OF_LIST)
      numbers.push(...Array.from(list.subarray(0, count), Number))
      if (count < STARTED_OF_LIST) return numbers
    }
  }

  entries(from: number | undefined, most: number): WormEntries {
    const entry = this.#call('entryNew', this.#context)
    try {
      const entries: { id: number; message: Uint8Array }[] = []
      let error = from === undefined ? this.#call('entryFirst', entry) : this.#call('entryById', entry, from)
      for (;;) {
        this.#check(error)
        if (this.#call('entryIsValid', entry) === 0) return { entries, isEnd: true }
        entries.push({ id: Number(this.#call('entryId', entry)), message: this.#message(entry) })
        if (entries.length >= most) return { entries, isEnd: false }
        error = this.#call('entryNext', entry)
      }
    } finally {
      this.#call('entryFree', entry)
    }
  }

  #message(entry: unknown): Uint8Array {
    const length = Number(this.#call('entryLength', entry))
    if (length > MESSAGE_MAX_BYTES) throw new NativeFault(GARBLED, `a log of ${length} bytes`)
    const message = Buffer.alloc(length)
    this.#check(this.#call('entryMessage', entry, message, length))
    return Uint8Array.from(message)
  }

  certificate(): Uint8Array {
    const buffer = Buffer.alloc(CERTIFICATE_MAX_BYTES)
    const length = [buffer.length]
    this.run('certificate', buffer, length)
    return Uint8Array.from(buffer.subarray(0, length[0] ?? 0))
  }

  /**
   * Passes every chunk on, valid during the call. An error of `take` ends the export: the library cancels it when the callback fails (its
   * header), and the library's own error is then ignored.
   */
  export(
    name: 'exportAll' | 'exportTime' | 'exportTransactions',
    given: readonly unknown[],
    take: (chunk: Buffer) => void,
  ) {
    let failure: unknown
    let hasBegun = false
    const callback = (chunk: unknown, length: number): number => {
      hasBegun = true
      try {
        if (failure === undefined) take(Buffer.from(koffi.view(chunk as never, length)))
      } catch (error) {
        failure = error
      }
      return failure === undefined ? 0 : 1
    }
    const result = this.#call(name, this.#context, ...given, callback, null)
    if (failure !== undefined) throw failure
    // The archive has come; only the certificate has ended.
    if (Number(result) !== CERTIFICATE_ENDED || !hasBegun) this.#check(result)
  }

  #bytes(name: Name, owner: unknown): Uint8Array {
    const pointer: unknown[] = [null]
    const length: unknown[] = [0]
    this.#call(name, owner, pointer, length)
    // The pointer is valid until the owner is freed, so the bytes are copied.
    return Uint8Array.from(new Uint8Array(koffi.view(pointer[0] as never, Number(length[0]))))
  }

  #call(name: Name, ...given: readonly unknown[]): unknown {
    return this.#functions[name](...given) as unknown
  }

  #check(result: unknown): void {
    const error = Number(result)
    if (error !== 0) throw new NativeFault(codeOf(error), 'the library refused')
  }
}

/** WormError in hex, as the header writes it. */
function codeOf(error: number): string {
  return error.toString(16)
}

function attempt<T>(code: string, message: string, act: () => T): T {
  try {
    return act()
  } catch {
    throw new NativeFault(code, message)
  }
}

function optional<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch {
    return undefined
  }
}
