/** The seed of the maker's samples (header of the library), which many dealers kept. */
export const USUAL_SEED = 'SwissbitSwissbit'

/** One signed log as the library's response object holds it. `logTime` in seconds since 1970. */
export type WormSignature = { transaction: number; signatureCounter: number; logTime: number; signature: Uint8Array }

export type WormFacts = {
  capacity: number
  size: number
  hasPassedSelfTest: boolean
  /** 0 not initialised, 1 initialised, 2 decommissioned. */
  initializationState: number
  timeUntilNextSelfTest: number
  startedTransactions: number
  maxStartedTransactions: number
  /** Seconds until the unit demands the time again. */
  maxTimeSynchronizationDelay: number
  remainingSignatures: number
  certificateExpirationDate: number
  publicKey: Uint8Array
  serialNumber: Uint8Array
  description: string
  /** Its firmware: 2 bytes major, 1 minor, 1 patch. */
  softwareVersion: number
  algorithm: string
  timeFormat: string
  version: string
  /** False also if the library does not report it. */
  isDevelopment: boolean
}

/** `refusal`: a WormError in hex. `triesLeft` is undefined if the library reports none. */
export type WormLogin = { refusal: string | undefined; triesLeft: number | undefined }

export type WormExport = {
  kind: 'all' | 'time' | 'transactions'
  from: number
  to: number
  clientId: string | undefined
}

/** Entries of the TSE Store with their ids, which rise and hold until a deletion. */
export type WormEntries = { entries: readonly { id: number; message: Uint8Array }[]; isEnd: boolean }

/** Reasons that end an export: its file was removed because someone waits, or it is larger than wanted. */
export const exportFaults = { ended: 'EXPORT_ENDED', tooLarge: 'EXPORT_TOO_LARGE' } as const

/** Requests to the process that holds the library. A refusal is a NativeFault whose code is the WormError in hex. */
export type WormCalls = {
  open: { args: { library: string; mount: string }; result: undefined }
  facts: { args: undefined; result: WormFacts }
  setUp: {
    args: { seed: string; puk: string; adminPin: string; timeAdminPin: string; clientId: string }
    result: undefined
  }
  selfTest: { args: { clientId: string }; result: undefined }
  updateTime: { args: { seconds: number }; result: undefined }
  /** True if the maker's library says that the flash is to be replaced; undefined if it says nothing. */
  needsReplacement: { args: undefined; result: boolean | undefined }
  /** `user`: 1 admin, 2 time admin. A refusal is returned, not thrown, with the number of remaining tries. */
  logIn: { args: { user: number; pin: string }; result: WormLogin }
  logOut: { args: { user: number }; result: undefined }
  /** Switches the interface of the TSE on. */
  ctssEnable: { args: undefined; result: undefined }
  register: { args: { clientId: string }; result: undefined }
  deregister: { args: { clientId: string }; result: undefined }
  clients: { args: undefined; result: readonly string[] }
  start: { args: { clientId: string }; result: WormSignature }
  finish: {
    args: { clientId: string; transaction: number; processType: string; processData: Uint8Array }
    result: WormSignature
  }
  /** The newest signature of that client, or of any; error 100c without one. */
  last: { args: { clientId: string | undefined }; result: WormSignature }
  started: { args: { clientId: string | undefined }; result: readonly number[] }
  certificate: { args: undefined; result: Uint8Array }
  /**
   * Writes the archive into a file, so that its reader need not keep pace with the library. Stops when that file is
   * removed or exceeds the wanted size.
   */
  export: { args: WormExport & { path: string; bytesMax: number }; result: { bytes: number } }
  /** The beginning of the whole archive, which holds info.csv and certificates. */
  head: { args: undefined; result: Uint8Array }
  /** The stored logs from that entry on, or from the first, at most `most`; `isEnd`: the last one is among them. */
  entries: { args: { from: number | undefined; most: number }; result: WormEntries }
  /** Deletes the exported logs; refused if any log was not exported. */
  deleteStoredData: { args: undefined; result: undefined }
}
