import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { signWith } from '../../../agent/cli/device/prove-signing.ts'
import { DeviceError } from '../../../drivers/errors.ts'
import type { Tse } from '../../../drivers/ports/tse.ts'
import { lookAt } from '../../../drivers/recording/look.ts'
import type { Recorder } from '../../../drivers/recording/recorder.ts'
import { heldBack } from '../../../drivers/recording/recording.ts'
import { refusalToSign, signTse } from '../../../drivers/recording/sign-tse.ts'
import { TestTime } from '../../../drivers/test-time.ts'
import { readCertificate } from '../../../drivers/tr03151/certificate.ts'
import { TSES } from '../../../drivers/tse-catalog.ts'
import { crowded } from '../../../scripts/tests/slowness.ts'
import { makeDriver, pinsOf, vendorTses } from '../../contracts/vendor-tses.ts'
import type { Members } from '../../e2e/client.ts'
import { patientClock } from '../../patient-clock.ts'
import { shownBy } from '../../recorded/levels.ts'
import { isProven } from '../../recorded/proven.ts'
import { endedUnder } from './ended-certificate.ts'
import { memoryOf } from './memory-of.ts'
import { Tape } from './tape.ts'

const FAMILIES = TSES.filter(({ dialect }) => dialect !== undefined).map(({ driver }) => driver)

/** Silent and refusing; each simulator has more. */
const FAULTS = ['lost-request', 'error']

/** A look reads no PIN. */
const NO_PINS: Members = {}

type Bench = Awaited<ReturnType<typeof soldUnit>>

/** A unit of a shop with one sale. */
async function soldUnit(name: string, timeouts?: { replyMs: number; longMs: number }) {
  const folder = await mkdtemp(join(tmpdir(), 'p'))
  const family = vendorTses[name]
  const dialect = await TSES.find(({ driver }) => driver === name)?.dialect?.()
  if (family === undefined || dialect === undefined) throw new Error(`no family ${name}`)
  const { device, unit, close } = await family.open(folder, 0)
  onTestFinished(async () => {
    await close()
    await rm(folder, { recursive: true })
  })
  const used = async <T>(act: (tse: Tse, time: TestTime) => Promise<T>, pins: Members, recorder?: Recorder) => {
    const time = new TestTime(patientClock)
    const context = {
      recorder,
      timeOf: () => time,
      ...(pins === NO_PINS && { secretsOf: () => ({ read: readNoPin, provide: readNoPin }) }),
    }
    const tse = await makeDriver(
      { ...device, ...(timeouts && { timeouts }) },
      pins,
      join(folder, 'own'),
      patientClock,
      context,
    )
    try {
      return await act(tse, time)
    } finally {
      await tse.close()
    }
  }
  await used(sell, pinsOf(name))
  return { dialect, unit, used, memory: () => memoryOf(join(folder, 'a')) }
}

async function sell(tse: Tse): Promise<void> {
  await tse.open()
  await tse.initialise()
  await tse.registerClient('till-1')
  const { transaction } = await tse.start('till-1')
  await tse.finish(transaction, 'till-1', 'SonstigerVorgang', Buffer.from('sold'))
}

/** The questions of a look; each refusal is an answer, a lost line ends it. */
async function look(tse: Tse): Promise<readonly unknown[]> {
  await tse.open()
  const answers: unknown[] = []
  const questions: readonly (() => Promise<unknown> | undefined)[] = [
    () => tse.identity(),
    () => tse.health().then((health) => ({ ...health, clockSkewMs: undefined })),
    () => tse.clients(),
    () => tse.openTransactions(),
    () => tse.lastLog?.(undefined, 'till-1'),
  ]
  for (const ask of questions)
    answers.push(
      await ask()?.catch((error: unknown) => {
        if (!(error instanceof DeviceError) || error.code === 'unavailable') throw error
        return error.code
      }),
    )
  return answers
}

/** `measured`: what is not compared when it is played. */
async function sign(tse: Tse, time: TestTime, measured: string[] = []) {
  await tse.open()
  const said: string[] = []
  const say = (words: string) => void (words.startsWith('  measured: ') ? measured : said).push(words)
  const refusal = await refusalToSign(tse, await tse.identity(), patientClock.now())
  const proof = await signTse(tse, time, say)
  return { proof, said, refusal, open: await tse.openTransactions(), clients: await tse.clients() }
}

test.for(FAMILIES)('%s: a look changes nothing, and its recording is played', { tags: ['heavy'] }, async (name) => {
  const { dialect, used, memory }: Bench = await soldUnit(name)
  const before = await memory()
  const tape = new Tape(dialect, 'look')
  const seen = await used(look, NO_PINS, tape.recorder)
  // Its simulator writes a log when the card is woken, as a card may.
  if (name !== 'tse-cryptovision') expect(await memory()).toBe(before)
  expect(seen[0]).toMatchObject({ serial: expect.stringMatching(/^[0-9a-f]{64}$/) })
  expect(await used(look, NO_PINS, tape.player())).toEqual(seen)
})

test.for(FAMILIES)('%s: no fault at any line of a look changes the unit', { tags: ['heavy'] }, async (name) => {
  const { dialect, unit, used, memory }: Bench = await soldUnit(name, {
    replyMs: Math.round(150 * crowded()),
    longMs: Math.round((name === 'tse-swissbit' ? 3000 : 300) * crowded()),
  })
  const tape = new Tape(dialect, 'look')
  await used(look, NO_PINS, tape.recorder)
  const lines = tape.lines.filter(({ sign }) => sign === '>').length
  const before = await memory()
  for (const fault of [...FAULTS, ...(vendorTses[name]?.faults ?? [])])
    for (let line = 1; line <= lines; line += 1) {
      unit.inject(`${fault}@*#${line}`)
      await used(look, NO_PINS, new Tape(dialect, 'look').recorder).catch((error: unknown) => {
        if (!(error instanceof DeviceError)) throw error
      })
      unit.clearFaults()
      if (name !== 'tse-cryptovision') expect([fault, line, await memory()]).toEqual([fault, line, before])
    }
})

test.for(FAMILIES)(
  '%s: a unit that is unplugged ends the look, as the recording shows',
  { tags: ['heavy'] },
  async (name) => {
    const { dialect, unit, used }: Bench = await soldUnit(name)
    const tape = new Tape(dialect, 'look')
    unit.inject('unplugged@*#3')
    await expect(used(look, NO_PINS, tape.recorder)).rejects.toMatchObject({ code: 'unavailable' })
    // The library of Swissbit answers with a code.
    expect(tape.lines.some(({ sign, text }) => sign === 'x' || text.includes('"fault"'))).toBe(true)
  },
)

test.for(FAMILIES)('%s: signatures are recorded without a secret, and played', { tags: ['heavy'] }, async (name) => {
  const { dialect, used }: Bench = await soldUnit(name)
  const tape = new Tape(dialect, 'test unit')
  const measured: string[] = []
  const signed = await used((tse, time) => sign(tse, time, measured), pinsOf(name), tape.recorder)
  expect(measured.filter((words) => words !== '  measured: the same signature')).toEqual([])
  expect(signed).toMatchObject({ refusal: undefined, open: [] })
  expect(signed.proof.signed).toHaveLength(4)
  expect(signed.said).toContain('  the same signature')
  const pins = Object.entries(pinsOf(name)).map(([key, pin]) => [key, String(pin)] as const)
  const text = JSON.stringify(tape.lines)
  for (const [, pin] of pins) for (const quote of ['"', '&quot;']) expect(text).not.toContain(`${quote}${pin}${quote}`)
  const zeros = Object.fromEntries(pins.map(([key, pin]) => [key, '0'.repeat(pin.length)]))
  const played = await used(sign, zeros, tape.player())
  expect(JSON.stringify(played)).toBe(JSON.stringify(signed))
})

test.for(FAMILIES)(
  '%s: a recording proves its unit only under a named authority',
  { tags: ['heavy'] },
  async (name) => {
    const { dialect, used }: Bench = await soldUnit(name)
    const [tape, signed] = [new Tape(dialect, 'look', name), new Tape(dialect, 'look', name)]
    const look = await used((tse) => lookAt(tse, tape.recorder.say), NO_PINS, tape.recorder)
    await used((tse) => lookAt(tse, signed.recorder.say), NO_PINS, signed.recorder)
    signed.allowEffects()
    const signTests = (tse: Tse, time: TestTime) =>
      signWith(tse, { time, nowMs: patientClock.now(), say: signed.recorder.say })
    const proof = await used(signTests, pinsOf(name), signed.recorder)
    const root = look.kind === 'tse' ? look.identity?.certificates.at(-1) : undefined
    if (proof === undefined || !('clientId' in proof) || root === undefined) throw new Error('nothing was signed')
    const shown = async (text: string, authority: Uint8Array) =>
      (await shownBy(text, [readCertificate(authority)])).status
    expect(await shown(signed.text, root)).toBe('proven on hardware')
    expect(await shown(signed.text, endedUnder('Signing of 2019'))).toBe('looked at on hardware')
    expect(await shown(tape.text, root)).toBe('looked at on hardware')
    const changed = proof.signed.map((text) => ({ ...text, processData: Buffer.from('another text') }))
    expect(await isProven({ ...proof, signed: changed }, [readCertificate(root)])).toBe(false)
  },
)

async function readNoPin(): Promise<never> {
  throw heldBack('a look reads no PIN')
}
