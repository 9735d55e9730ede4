import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { TseActs } from '../../../agent/laws/germany/acts.ts'
import type { StartAct } from '../../../agent/laws/germany/tse-act.ts'
import { DeviceError } from '../../../drivers/errors.ts'
import type { Tse, TseIdentity, TseRecall, TseSignature } from '../../../drivers/ports/tse.ts'
import { TseSimulator } from '../../../drivers/tse-simulator/driver.ts'
import { ManualClock } from '../../manual-clock.ts'

type Spoil = (answer: TseSignature) => TseSignature

function flipped(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes, (byte, at) => (at === 7 ? byte ^ 1 : byte))
}

const spoils: Readonly<Record<string, Spoil>> = {
  'another signature': (answer) => ({ ...answer, signature: flipped(answer.signature) }),
  'no signature': (answer) => ({ ...answer, signature: new Uint8Array() }),
  'half a signature': (answer) => ({ ...answer, signature: answer.signature.subarray(0, 32) }),
  'a signature and more': (answer) => ({ ...answer, signature: Buffer.concat([answer.signature, Buffer.of(0)]) }),
  'the counter before': (answer) => ({ ...answer, signatureCounter: answer.signatureCounter - 1 }),
  'no counter': (answer) => ({ ...answer, signatureCounter: Number.NaN }),
  'another transaction': (answer) => ({ ...answer, transaction: answer.transaction + 1 }),
  'no transaction': (answer) => ({ ...answer, transaction: 0 }),
  'an hour later': (answer) => ({ ...answer, logTimeMs: answer.logTimeMs + 3_600_000 }),
  'no time': (answer) => ({ ...answer, logTimeMs: Number.NaN }),
}

const finish = {
  device: 'tse-1',
  name: 'finish' as const,
  client: 'till-1',
  process_type: 'Kassenbeleg-V1',
  process_data: 'Beleg^0.00_2.55_0.00_0.00_0.00^2.55:Bar',
}

/** Acts on a unit that signs rightly and answers what `over` makes of that. */
async function scene(over: (tse: TseSimulator) => Partial<Tse>, identityOver: Partial<TseIdentity> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'answers-'))
  const tse = new TseSimulator({ directory, clock: new ManualClock() })
  onTestFinished(async () => {
    await tse.close()
    rmSync(directory, { recursive: true, force: true })
  })
  await tse.registerClient('till-1')
  const identity = { ...(await tse.identity()), ...identityOver }
  const own = Object.getOwnPropertyNames(TseSimulator.prototype)
  const bound = Object.fromEntries(
    own.flatMap((name) => {
      const member: unknown = name === 'constructor' ? undefined : Reflect.get(tse, name)
      return typeof member === 'function' ? [[name, member.bind(tse)]] : []
    }),
  )
  const unit = { ...bound, kind: 'tse', ...over(tse), identity: async () => identity } as unknown as Tse
  const reported: DeviceError[] = []
  const report = (error: DeviceError): void => void reported.push(error)
  const device = { unit, usable: true, identity, trouble: undefined, report, worked: () => {} }
  const acts = new TseActs({ tseOf: () => device, journalledOpen: () => [], clock: new ManualClock() })
  return { tse, acts, reported }
}

const start: StartAct = { device: 'tse-1', name: 'start', client: 'till-1' }

test.each(Object.entries(spoils))(
  "a start that is answered with %s takes the values of the unit's log",
  async (_what, spoil) => {
    const { tse, acts } = await scene((own) => ({ start: async (client) => spoil(await own.start(client)) }))
    expect(await acts.perform(start)).toMatchObject({ kind: 'done', result: { transaction: 1 } })
    expect(await tse.openTransactions()).toEqual([1])
  },
)

test.each(Object.entries(spoils))(
  "a finish that is answered with %s takes the values of the unit's log",
  async (_what, spoil) => {
    const { tse, acts } = await scene((own) => ({
      finish: async (...given) => spoil(await own.finish(...given)),
    }))
    const { transaction } = await tse.start('till-1')
    const outcome = await acts.perform({ ...finish, transaction })
    const log = (await tse.recall(transaction))?.finish
    const signature = Buffer.from(log?.signature ?? []).toString('base64')
    const result = { transaction, counter: log?.signatureCounter, time_ms: log?.logTimeMs, signature }
    expect(outcome).toMatchObject({ kind: 'done', result })
  },
)

test('a log that matches neither is not a signature: not of a start, not of a finish', async () => {
  const recall =
    (own: TseSimulator) =>
    async (number: number): Promise<TseRecall | undefined> => {
      const told = await own.recall(number)
      const spoiled = <Log extends TseSignature>(log: Log): Log => ({ ...log, signature: flipped(log.signature) })
      return told && { ...told, start: told.start && spoiled(told.start), finish: told.finish && spoiled(told.finish) }
    }
  const spoil = spoils['another signature'] as Spoil
  const { tse, acts, reported } = await scene((own) => ({
    recall: recall(own),
    start: async (client) => spoil(await own.start(client)),
    finish: async (...given) => spoil(await own.finish(...given)),
  }))
  expect(await acts.perform(start)).toMatchObject({ kind: 'failed', code: 'signed_wrongly' })
  const { transaction } = await tse.start('till-1')
  expect(await acts.perform({ ...finish, transaction })).toMatchObject({ kind: 'failed', code: 'signed_wrongly' })
  expect(reported.map(({ code, effect }) => [code, effect])).toEqual([
    ['refused', 'none'],
    ['refused', 'none'],
  ])
})

test('a unit whose logs are other than rebuilt is asked for one of each, and believed from then on', async () => {
  let recalls = 0
  const recall = (own: TseSimulator) => (number: number) => {
    recalls += 1
    return own.recall(number)
  }
  // It names a format that its logs do not have.
  const { acts } = await scene((own) => ({ recall: recall(own) }), { timeFormat: 'generalizedTime' })
  for (let sales = 0; sales < 3; sales += 1) {
    const started = await acts.perform(start)
    const transaction = started.kind === 'done' && started.act === 'start' ? started.result.transaction : 0
    expect(await acts.perform({ ...finish, transaction })).toMatchObject({ kind: 'done', result: { transaction } })
  }
  expect(recalls).toBe(2)
})

test('an unknown key or algorithm is not judged', async () => {
  for (const over of [{ algorithm: 'ecsdsa-plain-SHA256' }, { publicKey: new Uint8Array(65), serial: 'other' }]) {
    const { acts } = await scene(() => ({}), over)
    expect(await acts.perform(start)).toMatchObject({ kind: 'done' })
  }
})

test('a register that the unit has forgotten is made known to it again, and sells', async () => {
  const { tse, acts, reported } = await scene(() => ({}))
  await tse.deregisterClient('till-1')
  expect(await acts.perform(start)).toMatchObject({ kind: 'done', result: { transaction: 1 } })
  expect(reported).toEqual([])
})

test('if that fails the refusal stays', async () => {
  const refused = new DeviceError('pin_wrong', 'none', 'the unit refused the PIN of admin')
  const { tse, acts, reported } = await scene(() => ({ registerClient: () => Promise.reject(refused) }))
  await tse.deregisterClient('till-1')
  expect(await acts.perform(start)).toMatchObject({ kind: 'failed', code: 'client_unknown' })
  expect(reported.map(({ code }) => code)).toEqual(['client_unknown'])
})

test.each([
  ['memory_full', new DeviceError('memory_full', 'unknown', 'the memory failed', '0107')],
  ['refused', new DeviceError('refused', 'unknown', 'the signature failed', 'ff00')],
  ['timeout', new DeviceError('timeout', 'unknown', 'no answer')],
] as const)(
  'a unit that signs nothing and reports %s is reported with that, whatever it did not do',
  async (code, error) => {
    const { acts, reported } = await scene(() => ({
      start: () => Promise.reject(error),
      finish: () => Promise.reject(error),
    }))
    const outcome = await acts.perform(start)
    expect(outcome).toMatchObject({ kind: 'failed', code })
    expect(outcome).toHaveProperty('message', expect.stringContaining(error.message))
    expect(reported).toEqual([error])
  },
)
