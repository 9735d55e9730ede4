// @module-tag heavy
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openEarlierRestores } from '../../agent/backup/earlier-restores.ts'
import type { Bench, Register } from '../e2e/bench.ts'
import { event, sell } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { verifyJournal } from '../verified-journal.ts'
import { opened } from './lost-states.ts'
import { backUp, restore } from './parts.ts'
import { asidesOf, keyed, lastReceiptOf } from './restored-shop.ts'

// The rule of numbers after a loss if the shop got a second TSE since: the older state knows neither that unit nor which
// register signs on it.

const FIRST = { id: 'tse-1', driver: 'tse-simulator' }
const SECOND = { id: 'tse-2', driver: 'tse-simulator' }

type Way = {
  readonly way: 'restore' | 'folder' | 'unmarked folder'
  /** The TSEs with which the restored state starts. */
  readonly units: 'first' | 'second' | 'both'
  readonly next: number
  readonly bons: readonly (readonly [from: number, to: number])[]
  readonly tasks?: readonly string[]
}

const UNITS = { first: [FIRST], second: [SECOND], both: [FIRST, SECOND] } as const

/** Three numbers were given before the backup or the copy; 4 was signed on the first TSE, the others on the second. */
const WAYS: readonly Way[] = [
  // The first TSE returns what it signed, and nothing of the other one.
  { way: 'restore', units: 'first', next: 1004, bons: [[5, 1003]] },
  { way: 'restore', units: 'second', next: 1004, bons: [[4, 1003]] },
  { way: 'restore', units: 'both', next: 1004, bons: [[5, 1003]] },
  { way: 'folder', units: 'first', next: 1004, bons: [[4, 1003]] },
  { way: 'folder', units: 'second', next: 1004, bons: [[4, 1003]] },
  { way: 'folder', units: 'both', next: 1004, bons: [[4, 1003]] },
  { way: 'unmarked folder', units: 'first', next: 1004, bons: [[4, 1003]] },
  { way: 'unmarked folder', units: 'both', next: 1004, bons: [[4, 1003]] },
  // A unit that the journal does not know shows nothing to it.
  { way: 'unmarked folder', units: 'second', next: 4, bons: [], tasks: [] },
]

const CASES = WAYS.flatMap((row) => (['the register', 'another register'] as const).map((lost) => ({ ...row, lost })))

async function endSession(register: Register): Promise<void> {
  const { expected_closing_amount: expected } = await register.till.get(`/v1/registers/${register.id}/session`)
  await counted(register, String(expected))
  await register.till.create(closing(register, '0.00'))
}

async function tillAt(bench: Bench, locationId: string, device: string): Promise<Register> {
  const created = await bench.office.post('/v1/registers', {
    location_id: locationId,
    name: 'K',
    fiscal_device: device,
  })
  const id = String(created['id'])
  const done = await bench.office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
  const { client_id: clientId } = done['fiscalization'] as { client_id: string }
  const key = String(done['register_api_key'])
  const register = { id, clientId, key, till: bench.client({ 'X-Register-Api-Key': key }) }
  await register.till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  return register
}

/** The same state with a second TSE, on which the register signs from then on, or another one. */
async function loseOnSecond(former: Bench, register: Register, place: string, lost: string): Promise<void> {
  await using later = await opened({ config: { devices: UNITS.both, state: former.config.state } })
  const till = keyed(later, register)
  if (lost === 'another register') {
    await sell(await tillAt(later, place, 'tse-2'), '512.34')
    await sell(till, '512.34')
    return
  }
  await endSession(till)
  await later.office.patch(`/v1/registers/${register.id}`, { fiscal_device: 'tse-2' })
  await till.till.create(event('session_open', register.id, { opening_balance_amount: '0.00' }))
  await sell(till, '512.34')
  expect(await later.office.get(`/v1/registers/${register.id}`)).toMatchObject({ fiscal_device: 'tse-2' })
}

test.each(CASES)(
  'Germany: after $way, $lost signed on a TSE bought since, $units there: next is $next',
  async ({ way, units, lost, next, bons, tasks = ['epoch-2'] }) => {
    await using bench = await opened()
    const { locationId } = await bench.shop()
    const register = await tillAt(bench, locationId, 'tse-1')
    await sell(register, '1.00')
    await sell(register, '2.00')
    const { state: former } = bench.config
    const folder = await temporaryDirectory()
    const state = join(folder, 'state')
    await bench.stop()
    if (way === 'restore') {
      const { file } = await backUp(former, folder)
      await loseOnSecond(bench, register, locationId, lost)
      await restore(state, file, { earlierRestores: openEarlierRestores(file) })
    } else {
      await cp(former, state, { recursive: true })
      await loseOnSecond(bench, register, locationId, lost)
      if (way === 'unmarked folder') await rm(join(state, 'journal.file'))
    }
    await rm(join(state, 'devices'), { recursive: true })
    for (const { id } of UNITS[units])
      await cp(join(former, 'devices', id), join(state, 'devices', id), { recursive: true })
    await using shop = await opened({ config: { devices: UNITS[units], state } })
    await sell(keyed(shop, register), '5.00')
    const asides = asidesOf(shop)
    const why = way === 'restore' ? 'restore' : 'rollback'
    expect([lastReceiptOf(shop), asides.filter(({ kind }) => kind === 'bon')]).toMatchObject([
      next,
      bons.map(([from, to]) => ({ from, to, why })),
    ])
    expect(asides.filter(({ kind }) => kind === 'z')).toHaveLength(bons.length)
    const ids = (shop.agent.administration.listTasks() as { id: string }[]).map(({ id }) => id)
    expect(ids.filter((id) => id.startsWith('epoch-'))).toEqual(tasks)
    await shop.stop()
    const { valid, codes } = await verifyJournal(state)
    expect([valid, codes.filter(({ level }) => level === 'error')]).toEqual([true, []])
  },
)
