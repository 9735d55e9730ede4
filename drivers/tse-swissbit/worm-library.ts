import koffi from 'koffi'
import { NativeFault } from '../native/protocol.ts'
import type { WormFacts, WormLogin, WormSignature } from './worm-calls.ts'

const CLIENTS_OF_LIST = 16
const CLIENT_BYTES = 31
const CERTIFICATE_MAX_BYTES = 65_536
const STARTED_OF_LIST = 64
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
  remainingSignatures: 'uint32_t worm_info_remainingSignatures(void *info)',
  certificateExpirationDate: 'uint64_t worm_info_certificateExpirationDate(void *info)',
  description: 'const char *worm_info_tseDescription(void *info)',
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
} as const

/** Declared once per process, as koffi demands: each probe loads the library again. */
koffi.proto('int WormExportCallback(const uint8_t *chunk, unsigned int length, void *data)')

type Name = keyof typeof declarations

/** The vendor's library, loaded by its path, with one unit. Not thread-safe: one call at a time. */
export class WormLibrary {
  readonly #functions: Readonly<Record<Name, (...given: readonly unknown[]) => unknown>>
  #context: unknown

  /** Throws NativeFault `NO_LIBRARY`, or `NO_FUNCTION` for a different library. */
  constructor(path: string) {
    const library = attempt('NO_LIBRARY', `${path} is not a library`, () => koffi.load(path))
    const entries = Object.entries(declarations).map(([name, declaration]) => [
      name,
      attempt('NO_FUNCTION', `${path} has not the function of: ${declaration}`, () => library.func(declaration)),
    ])
    this.#functions = Object.fromEntries(entries) as Readonly<Record<Name, (...given: readonly unknown[]) => unknown>>
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
        remainingSignatures: number('remainingSignatures'),
        certificateExpirationDate: number('certificateExpirationDate'),
        publicKey: this.#bytes('publicKey', info),
        serialNumber: this.#bytes('serialNumber', info),
        description: String(this.#call('description', info)),
        algorithm: String(this.#call('algorithm')),
        timeFormat: String(this.#call('timeFormat')),
        version: String(this.#call('version')),
      }
    } finally {
      this.#call('infoFree', info)
    }
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
      this.run('listClients', countBefore, list)
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

  /**
   * No source documents how many numbers one call returns at most, so it is called until it returns none that is new.
   */
  started(clientId: string | undefined): readonly number[] {
    const numbers = new Set<number>()
    for (;;) {
      const countBefore = numbers.size
      const list = new BigUint64Array(STARTED_OF_LIST)
      const stored = [0]
      this.run('listStarted', clientId ?? null, countBefore, list, STARTED_OF_LIST, stored)
      for (const number of list.subarray(0, stored[0] ?? 0)) numbers.add(Number(number))
      if (numbers.size === countBefore) return [...numbers]
    }
  }

  certificate(): Uint8Array {
    const buffer = Buffer.alloc(CERTIFICATE_MAX_BYTES)
    const length = [buffer.length]
    this.run('certificate', buffer, length)
    return Uint8Array.from(buffer.subarray(0, length[0] ?? 0))
  }

  /**
   * Passes every chunk on. An error of `take` ends the export: the library cancels it when the callback fails (its
   * header), and the library's own error is then ignored.
   */
  export(
    name: 'exportAll' | 'exportTime' | 'exportTransactions',
    given: readonly unknown[],
    take: (chunk: Buffer) => void,
  ) {
    let failure: unknown
    const callback = (chunk: unknown, length: number): number => {
      try {
        if (failure === undefined) take(Buffer.from(koffi.view(chunk as never, length)))
      } catch (error) {
        failure = error
      }
      return failure === undefined ? 0 : 1
    }
    const result = this.#call(name, this.#context, ...given, callback, null)
    if (failure !== undefined) throw failure
    this.#check(result)
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
