import { closeSync, fstatSync, openSync, writeFileSync } from 'node:fs'
import { serve } from '../native/child.ts'
import { NativeFault } from '../native/protocol.ts'
import type { WormCalls } from './worm-calls.ts'
import { exportFaults } from './worm-calls.ts'
import { WormLibrary } from './worm-library.ts'

/** More than info.csv and a chain of certificates. */
const HEAD_BYTES = 32_768

let library: WormLibrary | undefined

function opened(): WormLibrary {
  if (!library) throw new NativeFault('NOT_OPEN', 'no library is open')
  return library
}

/** No data, but not a null pointer, which a library may refuse even with length 0. */
const noData = Buffer.alloc(1)

function text(value: string): Buffer {
  return Buffer.from(value, 'ascii')
}

/** The callback ends the export once that much has come. */
function headOf(unit: WormLibrary): Uint8Array {
  const chunks: Buffer[] = []
  let bytes = 0
  const enough = new NativeFault(exportFaults.ended, 'that is enough')
  try {
    unit.export('exportAll', [], (chunk) => {
      // The memory of a chunk is the library's.
      chunks.push(Buffer.from(chunk))
      bytes += chunk.length
      if (bytes >= HEAD_BYTES) throw enough
    })
  } catch (error) {
    if (error !== enough) throw error
  }
  return Uint8Array.from(Buffer.concat(chunks))
}

serve<WormCalls>({
  open: ({ library: path, mount }) => {
    library ??= new WormLibrary(path)
    library.open(mount)
    return undefined
  },
  facts: () => opened().facts(),
  needsReplacement: () => opened().needsReplacement(),
  setUp: ({ seed, puk, adminPin, timeAdminPin, clientId }) => {
    const secrets = [seed, puk, adminPin, timeAdminPin].flatMap((secret) => [text(secret), secret.length])
    opened().run('setup', ...secrets, clientId)
    return undefined
  },
  selfTest: ({ clientId }) => {
    opened().run('runSelfTest', clientId)
    return undefined
  },
  updateTime: ({ seconds }) => {
    opened().run('updateTime', seconds)
    return undefined
  },
  logIn: ({ user, pin }) => opened().logIn(user, pin),
  logOut: ({ user }) => {
    opened().run('logout', user)
    return undefined
  },
  ctssEnable: () => {
    opened().run('ctssEnable')
    return undefined
  },
  register: ({ clientId }) => {
    opened().run('registerClient', clientId)
    return undefined
  },
  deregister: ({ clientId }) => {
    opened().run('deregisterClient', clientId)
    return undefined
  },
  clients: () => opened().clients(),
  start: ({ clientId }) => opened().signed('start', clientId, noData, 0, ''),
  finish: ({ clientId, transaction, processType, processData }) => {
    const data = processData.length === 0 ? noData : Buffer.from(processData)
    return opened().signed('finish', clientId, transaction, data, processData.length, processType)
  },
  last: ({ clientId }) => opened().signed('lastResponse', clientId ?? null),
  started: ({ clientId }) => opened().started(clientId),
  certificate: () => opened().certificate(),
  head: () => headOf(opened()),
  entries: ({ from, most }) => opened().entries(from, most),
  deleteStoredData: () => {
    opened().run('deleteStoredData')
    return undefined
  },
  export: ({ kind, from, to, clientId, path, bytesMax }) => {
    const file = openSync(path, 'w', 0o600)
    let bytes = 0
    try {
      const take = (chunk: Buffer): void => {
        // `writeFileSync` writes everything; a single `writeSync` may write less.
        writeFileSync(file, chunk)
        bytes += chunk.length
        if (bytes > bytesMax) throw new NativeFault(exportFaults.tooLarge, `it has more than ${bytesMax} bytes`)
        if (fstatSync(file).nlink === 0) throw new NativeFault(exportFaults.ended, 'its file was removed')
      }
      if (kind === 'all') opened().export('exportAll', [], take)
      else opened().export(kind === 'time' ? 'exportTime' : 'exportTransactions', [from, to, clientId ?? null], take)
    } finally {
      closeSync(file)
    }
    return { bytes }
  },
})
