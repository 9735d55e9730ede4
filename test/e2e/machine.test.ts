// @module-tag heavy
import { cp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openAgent } from '../../agent/cli/daemon/technician.ts'
import type { MachineMarks } from '../../agent/journal/machine-marks.ts'
import type { MachineNumbers } from '../../agent/state/machine-numbers.ts'
import { backUp, restore } from '../backup/parts.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { verifyJournal } from '../verified-journal.ts'
import { Bench } from './bench.ts'
import { goods } from './goods.ts'

const SHOP: MachineNumbers = { id: 'a'.repeat(32), parts: ['disk S4EVNF0M912345', 'mac 001b213a4b5c'] }
const OTHER: MachineNumbers = { id: 'b'.repeat(32), parts: ['disk S4EVNF0M999999', 'mac 001b21ffffff'] }
/** The machine-id came with the image. */
const SAME_ID: MachineNumbers = { ...OTHER, id: SHOP.id }

async function open(): Promise<{ bench: Bench; on: (machine: MachineNumbers) => Promise<void> }> {
  let present = SHOP
  const bench = await Bench.open({ machine: () => present })
  const on = async (machine: MachineNumbers): Promise<void> => {
    present = machine
    await bench.restart()
  }
  return { bench, on }
}

async function warned(bench: Bench): Promise<boolean> {
  return JSON.stringify(await bench.office.get('/readyz')).includes('machine_changed')
}

function tasks(bench: Bench): { id: string; title: string }[] {
  const list = bench.agent.administration.listTasks() as { id: string; title: string }[]
  return list.filter(({ id }) => id.startsWith('machine-'))
}

function noted(bench: Bench): { kind: string; machine: MachineMarks | undefined }[] {
  const kinds = ['journal.opened', 'machine.noted', 'duty.confirmed']
  return bench
    .journal()
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ kind, body }) => ({ kind, machine: JSON.parse(body).facts?.machine }))
}

test.each([
  { name: 'with a machine-id of its own', machine: OTHER },
  { name: 'with the machine-id of the image', machine: SAME_ID },
])('a copy of a shop $name sells, warns, and asks; the confirmed machine is journalled', async ({ machine }) => {
  const { bench, on } = await open()
  await using _ = bench
  const register = await bench.till()
  expect(await warned(bench)).toBe(false)
  await on(machine)
  expect(await warned(bench)).toBe(true)
  await register.till.create(goods('sale', register.id, [['1.00', '0.07']]))
  const [task, ...others] = tasks(bench)
  expect(others).toEqual([])
  expect(task?.title).toContain("shop's machine")
  // It stays over a restart, with the same id.
  await on(machine)
  expect(tasks(bench)).toEqual([task])
  await bench.agent.administration.confirmTask(String(task?.id), 'a new PC')
  expect(await warned(bench)).toBe(false)
  await on(machine)
  expect(await warned(bench)).toBe(false)
  expect(tasks(bench)).toEqual([])
  const [first, last, ...more] = noted(bench)
  expect(more).toEqual([])
  expect([first?.kind, last?.kind]).toEqual(['journal.opened', 'duty.confirmed'])
  expect(last?.machine?.parts).not.toEqual(first?.machine?.parts)
  // Back on the first one, it is another question.
  await on(SHOP)
  expect(tasks(bench)).toHaveLength(1)
  expect(tasks(bench)).not.toEqual([task])
})

test('a shop whose parts are exchanged one after the other is never asked, and each new part is noted once', async () => {
  const { bench, on } = await open()
  await using _ = bench
  const id = SHOP.id
  const machines = [
    SHOP,
    { id, parts: ['disk S4EVNF0M912345', 'disk NEW-NVME', 'mac 001b213a4b5c'] },
    { id, parts: ['disk S4EVNF0M912345', 'mac 00aaaa000001'] },
    { id, parts: ['disk LARGER', 'mac 00aaaa000001'] },
    { id, parts: ['disk LARGER', 'mac 00aaaa000002'] },
    { id: undefined, parts: ['disk LARGER'] },
    { id, parts: [] },
    { id, parts: ['disk LARGER', 'mac 00aaaa000002'] },
  ]
  for (const machine of machines) {
    await on(machine)
    expect(await warned(bench)).toBe(false)
  }
  expect(noted(bench).map(({ kind }) => kind)).toEqual(['journal.opened', ...Array(4).fill('machine.noted')])
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
})

test('a journal of an older program gets its marks without a word, and is protected from then on', async () => {
  let present: MachineNumbers = { id: undefined, parts: [] }
  await using bench = await Bench.open({ machine: () => present })
  await bench.till()
  expect(noted(bench)).toEqual([{ kind: 'journal.opened', machine: undefined }])
  for (const machine of [SHOP, SHOP, OTHER]) {
    present = machine
    await bench.restart()
    expect(await warned(bench)).toBe(machine === OTHER)
  }
  expect(noted(bench).map(({ kind }) => kind)).toEqual(['journal.opened', 'machine.noted'])
})

test('an unanswered copy gives no epoch the marks of its machine; a restore does, and asks nothing', async () => {
  const { bench, on } = await open()
  await using _ = bench
  await bench.till()
  const folder = await temporaryDirectory()
  const { file } = await backUp(bench.config.state, folder)
  await on(OTHER)
  await bench.agent.administration.beginEpoch(0)
  await on(OTHER)
  expect(tasks(bench)).toHaveLength(1)
  const state = join(folder, 'restored')
  await restore(state, file, { machineNumbers: async () => OTHER })
  await using copy = await Bench.open({ machine: () => OTHER, config: { state } })
  expect(await warned(copy)).toBe(false)
  const [first, last] = noted(copy)
  expect(last?.machine?.key).toBe(first?.machine?.key)
  expect(last?.machine?.id).not.toBe(first?.machine?.id)
})

test("no command asks on an auditor's copy, and the numbers of the machine are nowhere in it", async () => {
  const { bench } = await open()
  await using _ = bench
  await bench.till()
  const folder = await temporaryDirectory()
  const state = join(folder, 'state')
  await bench.stop()
  await cp(bench.config.state, state, { recursive: true })
  // This machine has other numbers than the shop's.
  const agent = await openAgent({ ...bench.config, state })
  const before = agent.application.readiness()
  expect(JSON.stringify([before, agent.administration.listTasks()])).not.toContain('machine')
  await agent.stop()
  expect(await readdir(state)).not.toContainEqual(expect.stringMatching(/^before-/))
  await bench.start()
  const text = JSON.stringify([bench.journal(), bench.lines])
  for (const number of [String(SHOP.id), 'S4EVNF0M912345', '001b213a4b5c']) expect(text).not.toContain(number)
})
