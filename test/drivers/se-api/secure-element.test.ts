import { generateKeyPairSync, sign } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { DeviceError } from '../../../drivers/errors.ts'
import { defaultLimits } from '../../../drivers/se-api/limits.ts'
import type { SecureElementOptions } from '../../../drivers/se-api/secure-element.ts'
import { SecureElement } from '../../../drivers/se-api/secure-element.ts'
import type { SeLog, SePending, SeSigner, SeState, SeStore } from '../../../drivers/se-api/store.ts'
import type { Credential } from '../../../drivers/se-api/users.ts'
import { SeUsers } from '../../../drivers/se-api/users.ts'
import { curveByName } from '../../../drivers/tr03151/algorithms.ts'
import { certificateExpiryMs, makeCertificateChain, readCertificate } from '../../../drivers/tr03151/certificate.ts'
import { text } from '../../../drivers/tr03151/der.ts'
import { pointOfSpki } from '../../../drivers/tr03151/ecdsa.ts'
import { parseLogMessage } from '../../../drivers/tr03151/log-message.ts'
import { ManualClock } from '../../manual-clock.ts'
import { verifyArchive } from '../../verified-archive.ts'

/** A memory with write-ahead, as the journal is one. */
class WriteAheadStore implements SeStore {
  state: SeState | undefined
  pending: SePending | undefined
  readonly all: SeLog[] = []

  async load(): Promise<{ state: SeState | undefined; pending: SePending | undefined }> {
    return { state: this.state, pending: this.pending }
  }
  async prepare(pending: SePending): Promise<void> {
    this.pending = pending
  }
  async commit(log: SeLog, next: SeState): Promise<void> {
    this.all.push(log)
    this.state = next
    this.pending = undefined
  }
  async save(next: SeState): Promise<void> {
    this.state = next
  }
  async *logs(fromCounter: number): AsyncGenerator<SeLog> {
    yield* this.all.filter((log) => log.counter >= fromCounter)
  }
  async transaction(transaction: number): Promise<readonly SeLog[]> {
    return this.all.filter((log) => log.transaction === transaction)
  }
  async close(): Promise<void> {}
}

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const { point } = pointOfSpki(publicKey.export({ type: 'spki', format: 'der' }))
const startMs = Date.parse('2026-08-01T10:00:00Z')
const certificates = makeCertificateChain(point, curveByName('P-256'), startMs)
const expiresAtMs = certificateExpiryMs(readCertificate(certificates[0] ?? new Uint8Array()))
const data = Buffer.from('Beleg^7.00_0.00_0.00_0.00_0.00^7.00:Bar')

/** Users of an initialised unit, and a pulled card: their stored state is all that exists. */
function usersOf(): { users: SeUsers; kept: Map<string, Credential> } {
  const kept = new Map<string, Credential>()
  const users = new SeUsers({ find: (id) => kept.get(id), keep: (id, credential) => kept.set(id, credential) }, 3)
  users.assign('Admin', 'admin', { pin: '12345', puk: '9876543210' })
  users.assign('TimeAdmin', 'timeAdmin', { pin: '54321', puk: '0123456789' })
  return { users, kept }
}

let clock: ManualClock
let store: WriteAheadStore
let keyIsThere: boolean

const signer: SeSigner = {
  publicKey: point,
  algorithm: 'ecdsa-plain-SHA256',
  certificates,
  certificateExpiresAtMs: expiresAtMs,
  sign: async (message) => {
    if (!keyIsThere) throw new DeviceError('unavailable', 'none', 'the token is not there')
    return sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  },
}

async function powerUp(options: Partial<SecureElementOptions> = {}): Promise<SecureElement> {
  const info = { description: 'NOT CERTIFIED', manufacturer: 'nobody', version: '1' }
  const element = new SecureElement({ store, signer, clock, limits: defaultLimits, info, ...options })
  await element.open()
  return element
}

async function ready(options: Partial<SecureElementOptions> = {}): Promise<SecureElement> {
  const element = await powerUp(options)
  await element.initialise('a test')
  await element.selfTest()
  await element.updateTime(clock.now())
  await element.registerClient('till-1')
  return element
}

async function drain(element: SecureElement, filter = {}): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of await element.exportLogs(filter)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function operations(): readonly string[] {
  return store.all.map((log) => log.operation)
}

beforeEach(() => {
  clock = new ManualClock(startMs)
  store = new WriteAheadStore()
  keyIsThere = true
})

describe('power-up', () => {
  test('nothing works before initialisation, self-test and time, in this order', async () => {
    const element = await powerUp()
    await expect(element.start('till-1')).rejects.toMatchObject({ code: 'not_initialised', effect: 'none' })
    await element.initialise('a test')
    await expect(element.start('till-1')).rejects.toMatchObject({ code: 'self_test_due', effect: 'none' })
    await element.selfTest()
    await expect(element.start('till-1')).rejects.toMatchObject({ code: 'time_not_set', effect: 'none' })
    await element.updateTime(clock.now())
    await expect(element.start('till-1')).rejects.toMatchObject({ code: 'client_unknown', effect: 'none' })
    await expect(element.initialise('again')).rejects.toMatchObject({ code: 'refused', effect: 'none' })
    expect(operations()).toEqual(['Initialize', 'selfTest', 'UpdateTime'])
  })

  test('after it time and self-test are lost, the rest is kept', async () => {
    const before = await ready()
    await before.start('till-1')
    await clock.advance(10_000)
    const element = await powerUp()
    expect(element.info()).toMatchObject({ timeIsSet: false, selfTestDueInMs: 0, nowMs: startMs })
    expect(await element.openTransactions()).toEqual([1])
    await element.selfTest()
    await element.updateTime(clock.now())
    const update = parseLogMessage(store.all.at(-1)?.message ?? new Uint8Array())
    expect(Buffer.from(update.systemData ?? []).toString('hex')).toBe(
      `8104${(startMs / 1000).toString(16)}8204${(startMs / 1000 + 10).toString(16)}`,
    )
  })

  test('the self-test is due again after 25 hours', async () => {
    const element = await ready()
    await clock.advance(89_999_000)
    await element.start('till-1')
    await clock.advance(1000)
    await expect(element.start('till-1')).rejects.toMatchObject({ code: 'self_test_due' })
  })
})

describe('write-ahead', () => {
  test('a message whose signing failed is signed later, byte for byte the same: no gap, no second content', async () => {
    const element = await ready()
    keyIsThere = false
    await expect(element.start('till-1')).rejects.toMatchObject({ code: 'unavailable', effect: 'unknown' })
    const prepared = Buffer.from(store.pending?.unsigned ?? [])
    await expect(element.openTransactions()).rejects.toMatchObject({ code: 'unavailable' })
    keyIsThere = true
    expect(await element.openTransactions()).toEqual([1])
    expect(Buffer.from(parseLogMessage(store.all.at(-1)?.message ?? prepared).signedPart).equals(prepared)).toBe(true)
    expect((await element.start('till-1')).transaction).toBe(2)
    expect(store.all.map((log) => log.counter)).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('a crash between prepare and commit is completed at the next power-up', async () => {
    const element = await ready()
    keyIsThere = false
    await expect(element.start('till-1')).rejects.toMatchObject({ effect: 'unknown' })
    keyIsThere = true
    const again = await powerUp()
    expect(await again.openTransactions()).toEqual([1])
    expect(store.pending).toBeUndefined()
  })

  test('after a failed commit nothing is answered before the memory was read again', async () => {
    const element = await ready()
    const commit = store.commit.bind(store)
    store.commit = async () => {
      throw new Error('EIO')
    }
    await expect(element.start('till-1')).rejects.toThrowError('EIO')
    store.commit = commit
    await expect(element.start('till-1')).rejects.toMatchObject({ code: 'unavailable', effect: 'none' })
    await element.open()
    expect(await element.openTransactions()).toEqual([1])
  })
})

describe('limits', () => {
  const limited = (limits: Partial<typeof defaultLimits>) => ready({ limits: { ...defaultLimits, ...limits } })

  test('the 513th open transaction is refused', async () => {
    const element = await ready()
    for (let i = 0; i < 512; i += 1) await element.start('till-1')
    await expect(element.start('till-1')).rejects.toMatchObject({ code: 'open_transactions_full', effect: 'none' })
  })

  test('full signatures, memory, clients and processData each have their own error', async () => {
    const signatures = await limited({ signatures: 5 })
    await signatures.start('till-1')
    await expect(signatures.start('till-1')).rejects.toMatchObject({ code: 'signatures_exhausted', effect: 'none' })
    store = new WriteAheadStore()
    const memory = await limited({ memoryBytes: 1000 })
    await memory.start('till-1')
    await memory.start('till-1').catch(() => undefined)
    await expect(memory.start('till-1')).rejects.toMatchObject({ code: 'memory_full', effect: 'none' })
    store = new WriteAheadStore()
    const clients = await limited({ clients: 1 })
    await expect(clients.registerClient('till-2')).rejects.toMatchObject({ code: 'client_limit', effect: 'none' })
    const long = Buffer.alloc(65_537, 'x')
    const { transaction } = await clients.start('till-1')
    await expect(clients.finish(transaction, 'till-1', 'Kassenbeleg-V1', long)).rejects.toMatchObject({
      code: 'data_too_long',
    })
    await clients.finish(transaction, 'till-1', 'Kassenbeleg-V1', long.subarray(1))
  })

  test('text that is not a PrintableString is refused as clientId and processType', async () => {
    const element = await ready()
    for (const clientId of ['', 'x'.repeat(31), 'Käse', 'a_b'])
      await expect(element.registerClient(clientId)).rejects.toMatchObject({ code: 'refused', effect: 'none' })
    const { transaction } = await element.start('till-1')
    await expect(element.finish(transaction, 'till-1', 'Straße', data)).rejects.toMatchObject({ code: 'refused' })
  })

  test('an expired certificate: the log is stored before the error', async () => {
    const element = await ready()
    await element.updateTime(expiresAtMs + 1000)
    await expect(element.start('till-1')).rejects.toMatchObject({ code: 'certificate_expired', effect: 'unknown' })
    expect(await element.openTransactions()).toEqual([1])
    expect((await element.recall(1))?.start).toBeDefined()
  })
})

test('each signed update has its own counter', async () => {
  const element = await ready()
  const { transaction, signatureCounter } = await element.start('till-1')
  const update = await element.update(transaction, 'till-1', 'Bestellung-V1', data)
  const finish = await element.finish(transaction, 'till-1', 'Kassenbeleg-V1', data)
  expect([update.signatureCounter, finish.signatureCounter]).toEqual([signatureCounter + 1, signatureCounter + 2])
  expect(operations().slice(-3)).toEqual(['Start', 'Update', 'Finish'])
})

describe('users', () => {
  test('every attempt to log in writes a log, three wrong PINs block, and no PIN is in any log', async () => {
    const element = await powerUp({ users: usersOf().users })
    await expect(element.initialise('x')).rejects.toMatchObject({ code: 'not_authorised', effect: 'none' })
    expect(await element.authenticateUser('Admin', '00000')).toEqual({ result: 'failed', triesLeft: 2 })
    expect(await element.authenticateUser('Admin', '12345')).toEqual({ result: 'ok', triesLeft: 3 })
    await element.initialise('x')
    for (const triesLeft of [2, 1, 0])
      expect(await element.authenticateUser('TimeAdmin', '1')).toEqual({ result: 'failed', triesLeft })
    expect(await element.authenticateUser('TimeAdmin', '54321')).toEqual({ result: 'pinIsBlocked', triesLeft: 0 })
    expect(await element.authenticateUser('Nobody', '1')).toEqual({ result: 'unknownUserId', triesLeft: -1 })
    expect(operations().filter((operation) => operation === 'AuthenticateUser')).toHaveLength(7)
    expect(store.all.some((log) => Buffer.from(log.message).includes('12345'))).toBe(false)
  })

  test('the time administrator sets the time and nothing else; who logged out may nothing', async () => {
    const element = await powerUp({ users: usersOf().users })
    await element.authenticateUser('Admin', '12345')
    await element.initialise('x')
    await element.logOut('Admin', 'timeout')
    await element.authenticateUser('TimeAdmin', '54321')
    await element.updateTime(clock.now())
    await expect(element.registerClient('till-1')).rejects.toMatchObject({ code: 'not_authorised' })
    await element.logOut('TimeAdmin', 'user')
    await expect(element.updateTime(clock.now())).rejects.toMatchObject({ code: 'not_authorised' })
    await expect(element.logOut('TimeAdmin', 'user')).rejects.toMatchObject({ code: 'not_authorised' })
  })

  test('a blocked user is let in again by the PUK, whose tries are counted too, also over a power cut', async () => {
    const { users, kept } = usersOf()
    const element = await powerUp({ users })
    for (let i = 0; i < 3; i += 1) await element.authenticateUser('Admin', 'x')
    expect(await element.unblockUser('Admin', '0000000000', '11111')).toBe('failed')
    expect(kept.get('Admin')).toMatchObject({ pinTriesLeft: 0, pukTriesLeft: 2 })
    expect(await element.unblockUser('Nobody', '1', '1')).toBe('unknownUserId')
    await element.open()
    expect(await element.authenticateUser('Admin', '12345')).toEqual({ result: 'pinIsBlocked', triesLeft: 0 })
    expect(await element.unblockUser('Admin', '9876543210', '11111')).toBe('ok')
    expect(await element.authenticateUser('Admin', '11111')).toEqual({ result: 'ok', triesLeft: 3 })
    for (let i = 0; i < 3; i += 1) expect(await element.unblockUser('TimeAdmin', 'x', '1')).toBe('failed')
    expect(await element.unblockUser('TimeAdmin', '0123456789', '1')).toBe('error')
    expect(operations().filter((operation) => operation === 'UnblockUser')).toHaveLength(7)
  })
})

describe('exports', () => {
  const sell = async (element: SecureElement): Promise<number> => {
    const { transaction } = await element.start('till-1')
    await element.finish(transaction, 'till-1', 'Kassenbeleg-V1', data)
    return transaction
  }
  const report = async (element: SecureElement, filter: object) =>
    verifyArchive(await drain(element, filter), { filtered: true })

  test('a range of numbers includes the system logs between its counters', async () => {
    const element = await ready()
    await sell(element)
    await element.selfTest()
    const { transaction } = await element.start('till-1')
    await element.selfTest()
    await element.finish(transaction, 'till-1', 'Kassenbeleg-V1', data)
    await element.selfTest()
    const answer = await report(element, { transactionFrom: 2, transactionTo: 2 })
    expect(answer.findings).toEqual([])
    expect(answer).toMatchObject({ logs: 3, firstCounter: 8, lastCounter: 10 })
  })

  test('dates are inclusive; numbers exclude dates; ranges run forwards', async () => {
    const element = await ready()
    await clock.advance(60_000)
    await sell(element)
    const atMs = startMs + 60_000
    expect(await report(element, { timeFromMs: atMs, timeToMs: atMs })).toMatchObject({ logs: 2, findings: [] })
    await expect(drain(element, { timeFromMs: atMs + 1000 })).rejects.toMatchObject({ code: 'no_data' })
    for (const filter of [
      { transactionFrom: 1, timeToMs: 1 },
      { transactionFrom: 2, transactionTo: 1 },
    ])
      await expect(drain(element, filter)).rejects.toMatchObject({ code: 'refused', effect: 'none' })
  })

  test('deleting is refused before a whole export and after later logs, and not for an open transaction', async () => {
    const element = await ready()
    await sell(element)
    await expect(element.deleteStoredData()).rejects.toMatchObject({ code: 'unexported_data', effect: 'none' })
    await drain(element, { transactionFrom: 1 })
    await expect(element.deleteStoredData()).rejects.toMatchObject({ code: 'unexported_data' })
    const { transaction } = await element.start('till-1')
    await drain(element)
    await element.deleteStoredData()
    expect((await element.recall(transaction))?.start).toBeUndefined()
    await element.finish(transaction, 'till-1', 'Kassenbeleg-V1', data)
    await expect(element.deleteStoredData()).rejects.toMatchObject({ code: 'unexported_data' })
    await drain(element)
    const last = element.info().state.signatureCounter
    await element.deleteStoredData()
    expect(await report(element, {})).toMatchObject({ logs: 1, firstCounter: last + 1, findings: [] })
    const deletion = parseLogMessage(store.all.at(-1)?.message ?? new Uint8Array())
    // 81 userId, as genuine units write it.
    expect(deletion).toMatchObject({ operation: 'deleteStoredData', systemData: text(0x81, 'admin') })
    expect(element.info().state.usedBytes).toBe(store.all.at(-1)?.message.length)
  })

  test('an archive in portions is complete, and its logs may be deleted', async () => {
    const element = await ready()
    for (let i = 0; i < 4; i += 1) await sell(element)
    const last = element.info().state.signatureCounter
    const portion = async (after: number): Promise<Buffer> => {
      const parts: Uint8Array[] = []
      for await (const part of element.exportMore(after, 3)) parts.push(part)
      return Buffer.concat(parts)
    }
    const counters: number[] = []
    for (let after = 0; after < last; ) {
      const { findings, firstCounter, lastCounter } = await verifyArchive(await portion(after), { filtered: true })
      expect(findings).toEqual([])
      counters.push(firstCounter ?? 0, lastCounter ?? 0)
      after = lastCounter ?? last
    }
    expect(counters[0]).toBe(1)
    expect(counters.at(-1)).toBe(last)
    await expect(element.deleteLogsUpTo(last + 1)).rejects.toMatchObject({ code: 'unexported_data', effect: 'none' })
    await element.deleteLogsUpTo(4)
    expect(await report(element, {})).toMatchObject({ firstCounter: 5, lastCounter: last + 1, findings: [] })
    expect(element.info().state.usedBytes).toBe(
      store.all.filter((log) => log.counter > 4).reduce((sum, log) => sum + log.message.length, 0),
    )
    await expect(portion(last + 1)).rejects.toMatchObject({ code: 'no_data' })
  })

  test('a disabled element signs nothing more but still exports', async () => {
    const element = await ready()
    await sell(element)
    await element.disable()
    await expect(element.start('till-1')).rejects.toMatchObject({ code: 'disabled', effect: 'none' })
    expect((await report(element, {})).findings).toEqual([])
    expect(operations().at(-1)).toBe('DisableSecureElement')
  })
})
