// @module-tag heavy
import { X509Certificate } from 'node:crypto'
import { cp, mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { Pkcs11Token } from '../../../drivers/native/pkcs11-token.ts'
import type { Tse } from '../../../drivers/ports/tse.ts'
import type { Pkcs11TseOptions } from '../../../drivers/tse-pkcs11/driver.ts'
import { Pkcs11Tse } from '../../../drivers/tse-pkcs11/driver.ts'
import { verifyTar } from '../../../verify/tse/verify-tar.ts'
import { ManualClock } from '../../manual-clock.ts'
import { SOFTHSM, tokensOfFile } from '../native/soft-token.ts'
import { WriteAheadStore } from './write-ahead-store.ts'

const PIN = '493817'
const receipt = Buffer.from('Beleg^0.00_2.55_0.00_0.00_0.00^2.55:Bar')
const tses: Tse[] = []
const bench = tokensOfFile()
let tokens = 0

afterEach(async () => {
  await bench.repair()
  for (const tse of tses.splice(0)) await tse.close()
})

async function onRecord(): Promise<void> {
  return undefined
}

type Unit = { tse: Tse; store: WriteAheadStore; directory: string; token: string }

async function unitOn(token: string, directory: string, options: Partial<Pkcs11TseOptions> = {}): Promise<Unit> {
  const store = new WriteAheadStore(directory)
  const tse = new Pkcs11Tse({
    id: 'tse-1',
    module: bench.faulty,
    token,
    pin: async () => PIN,
    store,
    directory,
    clock: systemClock,
    ...options,
  })
  tses.push(tse)
  return { tse, store, directory, token }
}

async function newFolder(): Promise<string> {
  return await mkdtemp(join(bench.folder, 'state-'))
}

async function newToken(): Promise<string> {
  tokens += 1
  await bench.makeToken(`edge-${tokens}`, PIN)
  return `edge-${tokens}`
}

async function newUnit(options: Partial<Pkcs11TseOptions> = {}): Promise<Unit> {
  const unit = await unitOn(await newToken(), await newFolder(), options)
  await unit.tse.initialise()
  await unit.tse.registerClient('till-1')
  return unit
}

async function sell(tse: Tse): Promise<number> {
  const { transaction } = await tse.start('till-1')
  await tse.finish(transaction, 'till-1', 'Kassenbeleg-V1', receipt)
  return transaction
}

async function signed(): Promise<number> {
  return (await bench.calls()).filter((call) => call.name === 'C_Sign').length
}

test('a virgin token is not initialised, and initialise makes key and certificate in it', async () => {
  const token = await newToken()
  const { tse } = await unitOn(token, await newFolder(), { module: SOFTHSM })
  await expect(tse.open()).rejects.toMatchObject({ code: 'not_initialised', effect: 'none' })
  await tse.initialise()
  const { serial, publicKey, certificates } = await tse.identity()
  const [leaf, sub, root] = certificates.map((der) => new X509Certificate(der))
  expect(leaf?.subject).toContain(`CN=${serial}`)
  expect(leaf?.publicKey.export({ format: 'der', type: 'spki' }).subarray(-65)).toEqual(Buffer.from(publicKey))
  expect(leaf && sub && leaf.verify(sub.publicKey) && root && sub.verify(root.publicKey)).toBe(true)
})

test('initialise is harmless when repeated, and a restart finds the same unit', async () => {
  const { tse, token, directory } = await newUnit({ module: SOFTHSM })
  const before = await tse.identity()
  await sell(tse)
  await tse.initialise()
  expect(await tse.identity()).toEqual(before)
  await tse.close()
  const again = await unitOn(token, directory, { module: SOFTHSM })
  await again.tse.open()
  expect(await again.tse.identity()).toEqual(before)
  expect(await again.tse.clients()).toEqual(['till-1'])
  expect(await sell(again.tse)).toBe(2)
})

test('a key made by another program is used, and of several the one that is named', async () => {
  const token = await newToken()
  await bench.makeKey(token, PIN, '01', '--label', 'first')
  await bench.makeKey(token, PIN, '02', '--label', 'second')
  const unnamed = await unitOn(token, await newFolder(), { module: SOFTHSM })
  await expect(unnamed.tse.initialise()).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringMatching(/first.*second|second.*first/),
  })
  const byLabel = await unitOn(token, await newFolder(), { module: SOFTHSM, key: 'second' })
  await byLabel.tse.initialise()
  const named = await byLabel.tse.identity()
  await byLabel.tse.close()
  const byId = await unitOn(token, byLabel.directory, { module: SOFTHSM, key: '02' })
  await byId.tse.open()
  expect((await byId.tse.identity()).serial).toBe(named.serial)
})

test("a certificate file replaces the token's certificate, and one of another key is refused", async () => {
  const maker = await newUnit({ module: SOFTHSM })
  const { certificates } = await maker.tse.identity()
  const pem = certificates.map((der) => new X509Certificate(der).toString()).join('')
  const certFile = join(maker.directory, 'chain.pem')
  await writeFile(certFile, pem)
  const token = await newToken()
  await bench.makeKey(token, PIN, '01')
  const other = await unitOn(token, await newFolder(), { module: SOFTHSM, certFile })
  await expect(other.tse.initialise()).rejects.toMatchObject({ code: 'refused' })
  await maker.tse.close()
  const same = await unitOn(maker.token, maker.directory, { module: SOFTHSM, certFile })
  await same.tse.open()
  expect((await same.tse.identity()).certificates).toHaveLength(3)
})

test('status and export show that the unit is not certified, and the export verifies', async () => {
  const { tse } = await newUnit({ module: SOFTHSM, curve: 'brainpoolP384r1' })
  await sell(tse)
  expect((await tse.health()).description).toContain('NOT CERTIFIED')
  const report = await verifyTar(tse.exportLogs({}))
  expect(report).toMatchObject({ valid: true, firstCounter: 1, algorithm: 'ecdsa-plain-SHA384' })
  expect(report.info).toContain('NOT CERTIFIED')
})

test('a child killed in the middle of signing leaves no gap and no second content under a counter', async () => {
  const { tse, store } = await newUnit()
  await sell(tse)
  const prepared = store.prepared.length
  const before = await signed()
  await bench.fault('hang C_Sign')
  const starting = tse.start('till-1')
  const { pid } = await bench.seen('C_Sign', before + 1)
  process.kill(pid, 'SIGKILL')
  const start = await starting
  expect(start.transaction).toBe(2)
  expect(store.prepared.length).toBe(prepared + 1)
  await tse.finish(2, 'till-1', 'Kassenbeleg-V1', receipt)
  expect((await verifyTar(tse.exportLogs({}))).findings).toEqual([])
})

test('after a crash between writing ahead and signing the same message is signed', async () => {
  const { tse, store, directory, token } = await newUnit()
  const before = await signed()
  await bench.fault('hang C_Sign')
  const lost = tse.start('till-1').catch((error: unknown) => error)
  const { pid } = await bench.seen('C_Sign', before + 1)
  const image = await newFolder()
  await cp(directory, image, { recursive: true })

  const after = await unitOn(token, image)
  await after.tse.open()
  expect(await after.tse.openTransactions('till-1')).toEqual([1])
  const message = await logMessage(after.store, 1)
  const promised = Buffer.from(store.prepared.at(-1) ?? [])
  expect(promised.length).toBeGreaterThan(100)
  expect(Buffer.from(message).includes(promised)).toBe(true)
  expect((await verifyTar(after.tse.exportLogs({}))).findings).toEqual([])
  process.kill(pid, 'SIGKILL')
  await lost
})

async function logMessage(store: WriteAheadStore, transaction: number): Promise<Uint8Array> {
  const [log] = await store.transaction(transaction)
  if (!log) throw new Error('no such log')
  return log.message
}

test('a token pulled in the middle of a sale reconnects automatically, with the started transaction', async () => {
  const { tse } = await newUnit()
  const { transaction } = await tse.start('till-1')
  await bench.pull()
  const finishing = tse.finish(transaction, 'till-1', 'Kassenbeleg-V1', receipt)
  await expect(finishing).rejects.toMatchObject({ code: 'unavailable', effect: 'unknown' })
  await expect(tse.open()).rejects.toMatchObject({ code: 'unavailable' })
  await bench.putBack()
  await tse.open()
  expect(await tse.openTransactions()).toEqual([])
  const recalled = await tse.recall(transaction)
  expect(Buffer.from(recalled?.finish?.processData ?? [])).toEqual(receipt)
  expect((await verifyTar(tse.exportLogs({}))).findings).toEqual([])
})

test('while the token is unplugged an act is refused without any wait', async () => {
  const { tse } = await newUnit({ clock: new ManualClock() })
  await bench.pull()
  await expect(tse.health()).rejects.toMatchObject({ code: 'unavailable' })
  await expect(tse.start('till-1')).rejects.toMatchObject({ code: 'unavailable' })
  await bench.putBack()
})

test('a token is ahead of a memory restored from an old backup, and foreign to an empty one', async () => {
  const { tse, directory, token } = await newUnit({ module: SOFTHSM })
  await sell(tse)
  await tse.close()
  const backup = await newFolder()
  await cp(directory, backup, { recursive: true })
  const later = await unitOn(token, directory, { module: SOFTHSM })
  await later.tse.open()
  await sell(later.tse)
  await later.tse.close()

  const restored = await unitOn(token, backup, { module: SOFTHSM })
  await expect(restored.tse.open()).rejects.toMatchObject({ code: 'tse_ahead', effect: 'none' })
  await expect(restored.tse.initialise()).rejects.toMatchObject({ code: 'tse_ahead' })
  const empty = await unitOn(token, await newFolder(), { module: SOFTHSM })
  await expect(empty.tse.open()).rejects.toMatchObject({ code: 'foreign' })

  // After a technician's confirmation it continues above all numbers that the token can have signed.
  const passed = await restored.tse.adopt?.(undefined, onRecord)
  expect(passed?.to).toBeGreaterThan(passed?.from ?? 0)
  await restored.tse.open()
  const { transaction, signatureCounter } = await restored.tse.start('till-1')
  expect([signatureCounter > (passed?.to ?? 0), transaction > 2]).toEqual([true, true])
  await restored.tse.finish(transaction, 'till-1', 'Kassenbeleg-V1', Buffer.from('Beleg^0.00'))
  expect(await restored.tse.adopt?.(undefined, onRecord)).toBeUndefined()
  // The journal's numbers count as much as the token's mark, which not every token keeps.
  const known = { signatureCounter: signatureCounter + 50, transaction: transaction + 40 }
  expect((await restored.tse.adopt?.(known, onRecord))?.to).toBeGreaterThan(known.signatureCounter)
  await restored.tse.open()
  expect((await restored.tse.start('till-1')).transaction).toBeGreaterThan(known.transaction)
  await restored.tse.close()
})

test('another token is foreign, however much it has signed: no message advises to adopt it', async () => {
  const ours = await newUnit({ module: SOFTHSM })
  await ours.tse.close()
  const other = await newUnit({ module: SOFTHSM })
  for (let i = 0; i < 3; i += 1) await sell(other.tse)
  await other.tse.close()

  const exchanged = await unitOn(other.token, ours.directory, { module: SOFTHSM })
  await expect(exchanged.tse.open()).rejects.toMatchObject({ code: 'foreign', effect: 'none' })
})

test('a memory restored from the middle of a signature is adopted above what the token has signed since', async () => {
  const { tse, store, directory, token } = await newUnit({ module: SOFTHSM })
  const backup = await newFolder()
  const prepare = store.prepare.bind(store)
  store.prepare = async (pending) => {
    await prepare(pending)
    store.prepare = prepare
    await cp(directory, backup, { recursive: true })
  }
  const transactions = [await sell(tse), await sell(tse)]
  const before = (await tse.health()).given
  await tse.close()

  const restored = await unitOn(token, backup, { module: SOFTHSM })
  await expect(restored.tse.open()).rejects.toMatchObject({ code: 'tse_ahead' })
  await restored.tse.adopt?.(undefined, onRecord)
  await restored.tse.open()
  const { transaction, signatureCounter } = await restored.tse.start('till-1')
  expect(transaction).toBeGreaterThan(Math.max(...transactions))
  expect(signatureCounter).toBeGreaterThan(before?.signatureCounter ?? Number.POSITIVE_INFINITY)
})

test('a token that starts with a memory older than the journal signs nothing on its own', async () => {
  const { tse, directory, token } = await newUnit()
  await sell(tse)
  const before = (await tse.health()).given
  await tse.close()
  const known = { signatureCounter: 60, transaction: 20 }
  const setBack = await unitOn(token, directory, { journalledNumbers: () => known })
  await setBack.tse.open()
  expect((await setBack.tse.health()).given).toEqual(before)
  await setBack.tse.adopt?.(known, onRecord)
  await setBack.tse.open()
  expect(await sell(setBack.tse)).toBeGreaterThan(known.transaction)
  expect(await verifyTar(setBack.tse.exportLogs({}))).toMatchObject({ sound: true })
})

test('a memory with another history than the marked one is foreign, even when it is longer', async () => {
  const { tse, directory, token } = await newUnit({ module: SOFTHSM })
  await tse.close()
  const copy = await newFolder()
  await cp(directory, copy, { recursive: true })
  // Its clock does not advance, so that it writes no mark.
  const second = await unitOn(token, copy, { module: SOFTHSM, clock: new ManualClock(Date.now()) })
  await second.tse.open()
  for (let i = 0; i < 5; i += 1) await sell(second.tse)
  const first = await unitOn(token, directory, { module: SOFTHSM })
  await first.tse.open()
  await sell(first.tse)
  await first.tse.close()

  const again = await unitOn(token, copy, { module: SOFTHSM })
  await expect(again.tse.open()).rejects.toMatchObject({ code: 'foreign', message: expect.stringContaining('another') })
})

test('the token is marked when the unit is quiet, and at the latest every 100 signatures', async () => {
  const clock = new ManualClock(Date.now())
  const { tse, token } = await newUnit({ module: SOFTHSM, clock })
  const reader = new Pkcs11Token({ module: SOFTHSM, token, pin: async () => PIN, directory: bench.folder, clock })
  await reader.open('probe')
  const [key] = await reader.keys()
  const marked = async () => {
    // The answer comes after the write that may have begun before it.
    await tse.health()
    const [value] = await reader.readData(`tse-mark-${key?.ref}`)
    return value ? Number(Buffer.from(value).readBigUInt64BE()) : 0
  }
  const { transaction, signatureCounter } = await tse.start('till-1')
  expect(await marked()).toBe(0)
  await clock.advance(200)
  expect(await marked()).toBe(signatureCounter)
  await tse.finish(transaction, 'till-1', 'Kassenbeleg-V1', receipt)
  for (let i = 0; i < 49; i += 1) await sell(tse)
  expect(await marked()).toBe(signatureCounter)
  await tse.start('till-1')
  expect(await marked()).toBe(signatureCounter + 100)
  await reader.close()
})

test('a wrong PIN stops the unit after one try, and no error reveals it', async () => {
  const { tse, directory, token } = await newUnit()
  await tse.close()
  const wrong = await unitOn(token, directory, { pin: async () => '777333' })
  const before = (await bench.calls()).filter((call) => call.name === 'C_Login').length
  for (const attempt of [wrong.tse.open(), wrong.tse.open()]) {
    const error: unknown = await attempt.catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'pin_wrong', effect: 'none' })
    expect(JSON.stringify([error, String(error)])).not.toContain('777333')
  }
  expect((await bench.calls()).filter((call) => call.name === 'C_Login').length - before).toBe(1)
})

test('a module that hangs in signing is a timeout, reconciled by the next open', async () => {
  const clock = new ManualClock()
  const { tse } = await newUnit({ clock })
  const before = await signed()
  await bench.fault('hang C_Sign')
  const starting = tse.start('till-1').catch((error: unknown) => error)
  await bench.seen('C_Sign', before + 1)
  await clock.advance(5000)
  expect(await starting).toMatchObject({ code: 'timeout', effect: 'unknown' })
  await tse.open()
  expect(await tse.openTransactions('till-1')).toEqual([1])
})

test('a self-test that became due is made before the next transaction', async () => {
  let aheadNs = 0n
  const clock = { ...systemClock, mono: () => systemClock.mono() + aheadNs }
  const { tse } = await newUnit({ module: SOFTHSM, clock })
  aheadNs = 26n * 3_600n * 1_000_000_000n
  expect((await tse.health()).selfTestDueInMs).toBe(0)
  expect(await sell(tse)).toBe(1)
})

test('a unit with a lost clock opens and exports, signs nothing, and continues once the clock is right', async () => {
  const clock = new ManualClock(Date.now())
  const { tse, directory, token } = await newUnit({ module: SOFTHSM, clock })
  await sell(tse)
  const { transaction } = await tse.start('till-1')
  await tse.close()
  const lostMs = clock.now() - 5000
  clock.jump(-lostMs)
  const again = await unitOn(token, directory, { module: SOFTHSM, clock })
  await again.tse.open()
  const suspect = { code: 'clock_suspect', effect: 'none' }
  await expect(again.tse.start('till-1')).rejects.toMatchObject(suspect)
  await expect(again.tse.finish(transaction, 'till-1', 'Kassenbeleg-V1', receipt)).rejects.toMatchObject(suspect)
  await expect(again.tse.setTime()).rejects.toMatchObject(suspect)
  await expect(again.tse.initialise()).rejects.toMatchObject(suspect)
  expect(await again.tse.openTransactions()).toEqual([transaction])
  expect((await verifyTar(again.tse.exportLogs({}))).findings).toEqual([])
  clock.jump(lostMs)
  const finish = await again.tse.finish(transaction, 'till-1', 'Kassenbeleg-V1', receipt)
  expect(finish.logTimeMs).toBe(Math.floor(clock.now() / 1000) * 1000)
})
