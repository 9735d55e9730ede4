// @module-tag heavy
import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import type { Pkcs11TokenOptions } from '../../../drivers/native/pkcs11-token.ts'
import { Pkcs11Token } from '../../../drivers/native/pkcs11-token.ts'
import type { CurveName } from '../../../drivers/tr03151/algorithms.ts'
import { curveByName } from '../../../drivers/tr03151/algorithms.ts'
import { ManualClock } from '../../manual-clock.ts'
import { SOFTHSM, tokensOfFile } from './soft-token.ts'

const PIN = '493817'
const bench = tokensOfFile(async (made) => {
  await made.makeToken('edge', PIN)
})
const opened: Pkcs11Token[] = []

afterEach(async () => {
  await bench.repair()
  for (const token of opened.splice(0)) await token.close()
})

async function newToken(options: Partial<Pkcs11TokenOptions> = {}): Promise<Pkcs11Token> {
  const directory = await mkdtemp(join(bench.folder, 'state-'))
  const token = new Pkcs11Token({
    module: bench.faulty,
    token: 'edge',
    pin: async () => PIN,
    directory,
    secrets: { fingerprint: (text) => createHash('sha256').update(text).digest('hex') },
    clock: systemClock,
    ...options,
  })
  opened.push(token)
  return token
}

async function signingKey(token: Pkcs11Token, curve: CurveName = 'P-256') {
  const id = Buffer.from(curve).toString('hex')
  const known = async () => (await token.keys()).find((key) => key.id === id)
  if (!(await known())) await token.generateKey({ id, label: curve, curve: curveByName(curve) })
  const key = await known()
  if (!key?.point) throw new Error('the token shows no public key')
  return { ...key, point: key.point }
}

const message = Buffer.from('a message')

async function logins(): Promise<number> {
  return (await bench.calls()).filter((call) => call.name === 'C_Login').length
}

test.each(['P-256', 'P-384', 'brainpoolP384r1'] as const)(
  'a key on %s is made in the token and signs',
  async (curve) => {
    const token = await newToken({ module: SOFTHSM })
    await token.open('probe')
    const key = await signingKey(token, curve)
    expect(await token.sign(key, message)).toHaveLength(2 * key.curve.size)
  },
)

test('a DER signature is turned into r‖s', async () => {
  const token = await newToken()
  await token.open('probe')
  const key = await signingKey(token)
  await bench.fault('der! C_Sign')
  expect(await token.sign(key, message)).toHaveLength(64)
})

test('a key that wants the PIN for every signature gets it', async () => {
  await bench.makeKey('edge', PIN, 'a0', '--always-auth')
  const token = await newToken()
  await token.open('probe')
  const key = (await token.keys()).find((one) => one.id === 'a0')
  if (!key?.point) throw new Error('the token shows no public key')
  const before = await logins()
  await token.sign({ ...key, point: key.point }, message)
  await token.sign({ ...key, point: key.point }, message)
  expect((await logins()) - before).toBe(2)
})

test('a PIN that is refused at a signature costs one try, until the PIN file has the new one', async () => {
  await bench.makeKey('edge', PIN, 'a1', '--always-auth')
  let written = PIN
  const token = await newToken({ pin: async () => written })
  await token.open('probe')
  const key = (await token.keys()).find((one) => one.id === 'a1')
  if (!key?.point) throw new Error('the token shows no public key')
  const signed = { ...key, point: key.point }
  await token.sign(signed, message)
  await bench.fault('wrong! C_Login')
  const before = await logins()
  await expect(token.sign(signed, message)).rejects.toMatchObject({ code: 'pin_wrong', effect: 'none' })
  for (let look = 0; look < 3; look += 1) {
    await expect(token.open('probe')).rejects.toMatchObject({ code: 'pin_wrong' })
    await expect(token.sign(signed, message)).rejects.toMatchObject({ code: 'unavailable' })
  }
  expect((await logins()) - before).toBe(1)
  await bench.repair()
  await expect(token.open('probe')).rejects.toMatchObject({ code: 'pin_wrong' })
  written = '271828'
  await expect(token.open('probe')).rejects.toMatchObject({ code: 'pin_wrong' })
  expect((await logins()) - before).toBe(2)
  written = PIN
  await token.open('technician')
  expect(await token.sign(signed, message)).toHaveLength(64)
})

test('a signature that does not verify is never returned', async () => {
  const token = await newToken()
  await token.open('probe')
  const key = await signingKey(token)
  await bench.fault('bad C_Sign')
  await expect(token.sign(key, message)).rejects.toMatchObject({ code: 'garbled' })
  expect(await token.sign(key, message)).toHaveLength(64)
})

test('a wrong PIN burns exactly one try until the PIN file changes, also after a restart', async () => {
  const directory = await mkdtemp(join(bench.folder, 'state-'))
  let written = '000000'
  const options = { directory, pin: async () => written }
  const first = await newToken(options)
  const before = await logins()
  await expect(first.open('probe')).rejects.toMatchObject({ code: 'pin_wrong', effect: 'none' })
  await expect(first.open('probe')).rejects.toMatchObject({ code: 'pin_wrong' })
  const second = await newToken(options)
  await expect(second.open('probe')).rejects.toMatchObject({ code: 'pin_wrong' })
  expect((await logins()) - before).toBe(1)
  expect(await readFile(join(directory, 'pin-refused.json'), 'utf8')).not.toContain(written)

  written = PIN
  await second.open('probe')
  expect(second.isOpen).toBe(true)
  expect((await logins()) - before).toBe(2)
})

test('after a wrong PIN from elsewhere only a technician tries the next one', async () => {
  const careless = await newToken({ pin: async () => '000000' })
  await expect(careless.open('technician')).rejects.toMatchObject({ code: 'pin_wrong' })
  const before = await logins()
  const token = await newToken()
  await expect(token.open('probe')).rejects.toMatchObject({ code: 'pin_wrong' })
  expect((await logins()) - before).toBe(0)
  await token.open('technician')
  expect(token.isOpen).toBe(true)
})

test('a locked PIN is named and not tried again', async () => {
  const token = await newToken()
  const before = await logins()
  await bench.fault('locked! C_Login')
  await expect(token.open('probe')).rejects.toMatchObject({ code: 'pin_locked', deviceCode: 'CKR_PIN_LOCKED' })
  await expect(token.open('probe')).rejects.toMatchObject({ code: 'pin_locked' })
  expect((await logins()) - before).toBe(1)
})

test('a token that is pulled and put back signs again with no help', async () => {
  const token = await newToken()
  await token.open('probe')
  const key = await signingKey(token)
  await bench.pull()
  await expect(token.sign(key, message)).rejects.toMatchObject({ code: 'unavailable', effect: 'none' })
  await expect(token.open('probe')).rejects.toMatchObject({ code: 'unavailable' })
  await bench.putBack()
  await token.open('probe')
  expect(await token.sign(key, message)).toHaveLength(64)
})

test('a lost session is opened again within the same signature', async () => {
  const token = await newToken()
  await token.open('probe')
  const key = await signingKey(token)
  await bench.fault('gone C_Sign')
  expect(await token.sign(key, message)).toHaveLength(64)
})

test('a child killed while it signs is replaced, and the message signed', async () => {
  const token = await newToken()
  await token.open('probe')
  const key = await signingKey(token)
  const signed = (await bench.calls()).filter((call) => call.name === 'C_Sign').length
  await bench.fault('hang C_Sign')
  const signature = token.sign(key, message)
  const { pid } = await bench.seen('C_Sign', signed + 1)
  process.kill(pid, 'SIGKILL')
  expect(await signature).toHaveLength(64)
})

test('a module that crashes at every signature is a device that is down', async () => {
  const token = await newToken()
  await token.open('probe')
  const key = await signingKey(token)
  await bench.fault('crash! C_Sign')
  await expect(token.sign(key, message)).rejects.toMatchObject({
    code: 'unavailable',
    deviceCode: expect.stringContaining('SIGSEGV'),
  })
  await expect(token.sign(key, message)).rejects.toMatchObject({ code: 'unavailable', effect: 'none' })
})

test('a key is made once: if the module dies before it reports the key, no second one is made', async () => {
  await bench.makeToken('virgin', PIN)
  const token = await newToken({ token: 'virgin' })
  await token.open('technician')
  await bench.fault('late C_GenerateKeyPair')
  const key = { id: 'a1', label: 'key', curve: curveByName('P-256') }
  await expect(token.generateKey(key)).rejects.toMatchObject({ code: 'unavailable', effect: 'unknown' })
  await token.open('technician')
  expect(await token.keys()).toHaveLength(1)
})

test.each(['C_Initialize', 'C_Login'])('a module that hangs in %s misses the deadline of opening', async (call) => {
  const clock = new ManualClock()
  const token = await newToken({ clock })
  const before = (await bench.calls()).filter((seen) => seen.name === call).length
  await bench.fault(`hang ${call}`)
  const opening = token.open('probe').catch((error: unknown) => error)
  await bench.seen(call, before + 1)
  await clock.advance(10_000)
  expect(await opening).toMatchObject({ code: 'timeout', effect: 'none' })
  await token.open('probe')
  expect(token.isOpen).toBe(true)
})

test('a module that hangs in C_Sign misses its deadline while the event loop keeps running', async () => {
  const clock = new ManualClock()
  const token = await newToken({ clock })
  await token.open('probe')
  const key = await signingKey(token)
  const before = (await bench.calls()).filter((seen) => seen.name === 'C_Sign').length
  await bench.fault('hang C_Sign')
  const signing = token.sign(key, message).catch((error: unknown) => error)
  const { pid } = await bench.seen('C_Sign', before + 1)
  for (let turn = 0; turn < 1000; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  await clock.advance(5000)
  expect(await signing).toMatchObject({ code: 'timeout', effect: 'unknown' })
  await ended(pid)
})

test('a signature that was made while the process was blocked is accepted after its deadline', async () => {
  const token = await newToken({ timeouts: { signMs: 300 } })
  await token.open('probe')
  const key = await signingKey(token)
  await token.sign(key, message)
  const signing = token.sign(key, message)
  await new Promise((resolve) => setImmediate(resolve))
  // A disk that takes its time for a sync.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600)
  expect(await signing).toHaveLength(64)
})

test('the child ends with its parent', async () => {
  const before = (await bench.calls()).filter((seen) => seen.name === 'C_Login').length
  const parent = fork(fileURLToPath(new URL('./opens-token.ts', import.meta.url)), [bench.faulty, 'edge', PIN], {
    execArgv: [],
    stdio: 'ignore',
  })
  const { pid } = await bench.seen('C_Login', before + 1)
  parent.kill('SIGKILL')
  await ended(pid)
})

/** Resolves when the process has ended; the test's own time-out bounds it. */
async function ended(pid: number): Promise<void> {
  const lives = () => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }
  while (lives()) await new Promise((resolve) => setImmediate(resolve))
}

test.each([
  ['a missing module', { module: '/nowhere/libtoken.so' }, 'unavailable', 'MODULE_MISSING', '/nowhere/libtoken.so'],
  ['a file that is no module', { module: import.meta.filename }, 'unavailable', 'MODULE_BROKEN', 'cannot be loaded'],
  ['a missing token', { token: 'absent' }, 'unavailable', 'TOKEN_NOT_FOUND', 'no token "absent" is plugged in; there'],
  ['the token that may be meant', { token: 'Edge' }, 'unavailable', 'TOKEN_NOT_FOUND', '"edge" (serial number '],
] as const)('%s is named in the error', async (_case, options, code, deviceCode, text) => {
  const token = await newToken(options)
  const error = await token.open('probe').catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code, effect: 'none', deviceCode, message: expect.stringContaining(text) })
})

test('a PIN file that cannot be read costs no try', async () => {
  const token = await newToken({ pin: () => readFile('/nowhere/pin', 'utf8') })
  const before = await logins()
  await expect(token.open('probe')).rejects.toMatchObject({ code: 'unavailable', deviceCode: 'ENOENT' })
  expect((await logins()) - before).toBe(0)
})

test('a module that returns its objects one by one is asked until it has returned all', async () => {
  await bench.makeToken('slow', PIN)
  for (const id of ['b0', 'b1', 'b2']) await bench.makeKey('slow', PIN, id)
  await bench.fault('few! C_FindObjects')
  const token = await newToken({ token: 'slow' })
  await token.open('probe')
  expect((await token.keys()).map(({ id }) => id).sort()).toEqual(['b0', 'b1', 'b2'])
})

test('a token is found whose module fills names up with zeros, not with blanks', async () => {
  await bench.fault('nul! C_GetTokenInfo')
  const token = await newToken()
  expect(await token.open('probe')).toMatchObject({ label: 'edge', model: 'SoftHSM v2' })
})

test('two tokens with one label are distinguished by their serial number', async () => {
  await bench.makeToken('twin', PIN)
  await bench.makeToken('twin', PIN)
  const ambiguous = await newToken({ token: 'twin' })
  await expect(ambiguous.open('probe')).rejects.toMatchObject({ code: 'refused', deviceCode: 'TOKEN_AMBIGUOUS' })
  const { serial } = await (await newToken()).open('probe')
  const bySerial = await newToken({ token: serial })
  expect(await bySerial.open('probe')).toMatchObject({ label: 'edge', serial })
})
