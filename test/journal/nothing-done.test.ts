import { expect, test } from 'vitest'
import type { NewEvent } from '../../agent/journal/events.ts'
import { isNothingDone } from '../../agent/journal/nothing-done.ts'
import { openJournal, temporaryDirectory } from './temporary-journal.ts'

const SIMULATORS = {
  isSimulator: (id: string) => id === 'sim-1',
  wasSimulator: (id: string) => id === 'was-1',
  isUncertified: ({ uncertified }: { readonly uncertified?: unknown }) => uncertified === true,
}

async function isIdle(...events: readonly NewEvent[]): Promise<boolean> {
  const journal = await openJournal(await temporaryDirectory())
  await journal.record(() => events)
  const nothingDone = journal.read((db) => isNothingDone(db, SIMULATORS))
  await journal.close()
  return nothingDone
}

function enrolled(device: string): NewEvent {
  return { kind: 'unit.enrolled', op: 'unit_1', body: { enrolled: { device, serial: '1' } } }
}

function recorded(device: string, isUncertified: boolean): NewEvent {
  const set = { device, ...(isUncertified && { uncertified: true }) }
  return { kind: 'tse.facts_recorded', op: 'tse_1', body: { set } }
}

function serviced(device: string): NewEvent {
  return { kind: 'device.serviced', op: device, body: { facts: { device, act: 'init' } } }
}

test.each([
  { name: 'nothing', events: [], idle: true },
  {
    name: 'an enrolled and initialised simulator',
    events: [enrolled('sim-1'), recorded('sim-1', true), serviced('sim-1')],
    idle: true,
  },
  { name: 'a simulated TSE whose id now belongs to a real one', events: [recorded('was-1', true)], idle: true },
  { name: 'a certified TSE, whatever has its id now', events: [recorded('sim-1', false)], idle: false },
  { name: 'a key in a token', events: [recorded('tse-1', true)], idle: false },
  { name: 'an enrolled card', events: [enrolled('card-1')], idle: false },
  { name: 'a unit that was initialised', events: [serviced('was-1')], idle: false },
] satisfies { name: string; events: NewEvent[]; idle: boolean }[])(
  'a journal with $name: nothing done? $idle',
  async ({ events, idle }) => {
    expect(await isIdle(...events)).toBe(idle)
  },
)

test('a key, a merchant, a confirmed task and an event of a newer program count as done', async () => {
  const kinds = ['key.created', 'merchant.created', 'duty.confirmed', 'shop.invented']
  for (const kind of kinds)
    expect(await isIdle({ kind, op: 'some_1', body: {} } as unknown as NewEvent), kind).toBe(false)
})
