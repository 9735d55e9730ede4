import { expect, test } from 'vitest'
import { heavy } from '../tags.ts'
import type { TwoTses } from './two-lines.ts'
import { registerAt, reported, sell, untilStates, withTwoTses } from './two-lines.ts'

// A boot numbers adapters as it finds them. No command may lose a healthy unit for it.

const TRIES = 3
const ALL = [TRIES, TRIES]

/** The boot after which each line leads to the other unit. */
async function exchanged({ bench, lines }: TwoTses): Promise<void> {
  await bench.restart(() => lines.plug({ 1: 'b', 2: 'a' }))
  await untilStates(bench, 'foreign', 'foreign')
}

test('two TSEs on exchanged lines are foreign, and each message names the id of the unit', heavy(), () =>
  withTwoTses(async (shop) => {
    const { bench, registers, serials } = shop
    await exchanged(shop)
    const [first, second] = reported(bench)
    expect(first).toMatchObject({ serial: serials[1], warnings: [{ code: 'device_foreign' }] })
    expect(first?.warnings[0]?.message).toContain('enrolled as tse-2')
    expect(second?.warnings[0]?.message).toContain('enrolled as tse-1')
    for (const register of registers) expect(await sell(register)).toBe('failed')
  }),
)

test('no command logs in to the unit of another id, however often it is tried', heavy(), () =>
  withTwoTses(async (shop) => {
    const { bench, lines } = shop
    await exchanged(shop)
    const { administration } = bench.agent
    for (const id of ['tse-1', 'tse-2', 'tse-1']) {
      const other = id === 'tse-1' ? 'tse-2' : 'tse-1'
      for (const act of ['init', 'set-time', 'self-test', 'adopt', 'abort-foreign'] as const)
        await expect(administration.deviceAct(id, act)).rejects.toMatchObject({
          code: 'fiscalization_conflict',
          message: expect.stringContaining(other),
        })
      const client = { act: 'register-client', client: 'NC-X' } as const
      await expect(administration.deviceAct(id, client)).rejects.toMatchObject({ code: 'fiscalization_conflict' })
      await expect(administration.deviceAct(id, { act: 'archive', deletes: true })).rejects.toMatchObject({
        code: 'fiscalization_conflict',
      })
    }
    expect([await lines.triesLeft('a'), await lines.triesLeft('b')]).toEqual([ALL, ALL])
  }),
)

test('a healthy TSE that answers at the line of another id is not retired', heavy(), () =>
  withTwoTses(async (shop) => {
    const { bench, serials } = shop
    await exchanged(shop)
    for (const [at, id] of ['tse-1', 'tse-2'].entries()) {
      const other = id === 'tse-1' ? 'tse-2' : 'tse-1'
      const refusal = { code: 'fiscalization_conflict', message: expect.stringContaining(`the line of ${other}`) }
      await expect(bench.agent.administration.retirable(id)).rejects.toMatchObject(refusal)
      const retired = bench.agent.administration.retireTse(id, 'broken', other)
      await expect(retired).rejects.toMatchObject(refusal)
      await expect(retired).rejects.toThrow(String(serials[at]))
    }
    expect(bench.journal().map(({ kind }) => kind)).not.toContain('tse.retired')
  }),
)

test('the lines put right, both TSEs sign again, with nothing to adopt', heavy(), () =>
  withTwoTses(async (shop) => {
    const { bench, lines, registers } = shop
    await exchanged(shop)
    await lines.plug({ 1: 'a', 2: 'b' })
    await untilStates(bench, 'ready', 'ready')
    for (const register of registers) expect(await sell(register)).toBe('succeeded')
    expect([await lines.triesLeft('a'), await lines.triesLeft('b')]).toEqual([ALL, ALL])
    // Each is asked again by its own id.
    for (const id of ['tse-1', 'tse-2']) await bench.agent.administration.deviceAct(id, 'init')
  }),
)

test(
  'one unit unplugged, the other one at its line: the first can be retired, the one that answers elsewhere cannot',
  heavy(),
  () =>
    withTwoTses(async ({ bench, lines, registers, serials }) => {
      await bench.restart(() => lines.plug({ 1: 'b' }))
      await untilStates(bench, 'foreign', 'down')
      const { administration } = bench.agent
      await expect(administration.retirable('tse-2')).rejects.toMatchObject({ code: 'fiscalization_conflict' })
      await expect(administration.deviceAct('tse-1', 'init')).rejects.toMatchObject({ code: 'fiscalization_conflict' })
      expect(await administration.retirable('tse-1')).toMatchObject({ serial: serials[0], answers: false })
      expect(await administration.retireTse('tse-1', 'stolen')).toMatchObject({ serial: serials[0] })
      // Its line still leads to the neighbour, which takes none of its registers.
      await untilStates(bench, 'foreign', 'down')
      expect(await sell(registers[0] as (typeof registers)[number])).toBe('failed')
      expect(await lines.triesLeft('b')).toEqual(ALL)
    }),
)

test('a TSE that answers at its own line can be retired: its certificate ends some day', heavy(), () =>
  withTwoTses(async ({ bench, serials }) => {
    const { administration } = bench.agent
    expect(await administration.retirable('tse-1')).toMatchObject({ serial: serials[0], answers: true })
    expect(await administration.retireTse('tse-1', 'certificate ends', 'tse-2')).toMatchObject({ serial: serials[0] })
    const [, second] = reported(bench)
    expect(second).toMatchObject({ state: 'ready' })
  }),
)

test('a TSE of which the entry got another id in the file continues under the new one', heavy(), () =>
  withTwoTses(async ({ bench, lines, serials }) => {
    await bench.restart(async () => void Object.assign(bench.config.devices[0] ?? {}, { id: 'tse-left' }))
    await untilStates(bench, 'ready', 'ready')
    expect(reported(bench)[0]).toMatchObject({ id: 'tse-left', serial: serials[0], warnings: [] })
    await bench.agent.administration.deviceAct('tse-left', 'init')
    expect(await lines.triesLeft('a')).toEqual(ALL)
    const location = String((await bench.office.list('/v1/locations'))[0]?.['id'])
    expect(await sell(await registerAt(bench, location, 'tse-left'))).toBe('succeeded')
  }),
)

test('ids that were exchanged in the file are as exchanged lines, until they are put right', heavy(), () =>
  withTwoTses(async ({ bench, lines, registers }) => {
    const [first, second] = bench.config.devices
    const named = (one: string, other: string) => async () => {
      Object.assign(first ?? {}, { id: one })
      Object.assign(second ?? {}, { id: other })
    }
    await bench.restart(named('tse-2', 'tse-1'))
    await untilStates(bench, 'foreign', 'foreign')
    await expect(bench.agent.administration.deviceAct('tse-1', 'init')).rejects.toMatchObject({
      code: 'fiscalization_conflict',
    })
    await bench.restart(named('tse-1', 'tse-2'))
    await untilStates(bench, 'ready', 'ready')
    for (const register of registers) expect(await sell(register)).toBe('succeeded')
    expect(await lines.triesLeft('b')).toEqual(ALL)
  }),
)

test('an entry without a unit does not take the unit of its neighbour as its own', heavy(), () =>
  withTwoTses(async ({ bench, lines, registers }) => {
    const entry = lines.entry('tse-3', 'a', 3)
    await bench.restart(async () => {
      await lines.plug({ 2: 'b', 3: 'a' })
      const [pattern] = bench.config.devices
      const added = { ...structuredClone(pattern), ...entry } as (typeof bench.config.devices)[number]
      ;(bench.config.devices as (typeof added)[]).push(added)
    })
    await untilStates(bench, 'down', 'ready', 'foreign')
    const location = String((await bench.office.list('/v1/locations'))[0]?.['id'])
    const newRegister = await bench.office.post('/v1/registers', {
      location_id: location,
      name: 'K',
      fiscal_device: 'tse-3',
    })
    const done = await bench.office.post(`/v1/registers/${String(newRegister['id'])}/fiscalize`, {}, 202)
    expect(done).toMatchObject({ fiscalization_status: 'failed', fiscalization: { error: { code: 'foreign' } } })
    await lines.plug({ 1: 'a', 2: 'b' })
    await untilStates(bench, 'ready', 'ready', 'down')
    for (const register of registers) expect(await sell(register)).toBe('succeeded')
  }),
)
