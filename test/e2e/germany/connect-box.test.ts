// @module-tag heavy
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { DieboldSimulator } from '../../../drivers/tse-diebold/simulator.ts'
import { verifyArchive } from '../../verified-archive.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Operation } from '../client.ts'
import { event, goods, pay } from '../goods.ts'

const timeouts = { replyMs: 500, longMs: 20_000 }

let folder: string
let box: DieboldSimulator
let bench: Bench
let registers: readonly [Register, Register]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'box-'))
  box = new DieboldSimulator({ directory: join(folder, 'box'), clock: systemClock, slots: 2, talks: true })
  const tcp = { host: '127.0.0.1', port: await box.serveTcp(0) }
  const pins = { adminPinFile: join(folder, 'admin'), timeAdminPinFile: join(folder, 'time-admin') }
  await writeFile(pins.adminPinFile, '12345\n', { mode: 0o600 })
  await writeFile(pins.timeAdminPinFile, '54321\n', { mode: 0o600 })
  const devices = [1, 2].map((slot) => ({ id: `tse-${slot}`, driver: 'tse-diebold', tcp, slot, ...pins, timeouts }))
  bench = await Bench.open({ config: { devices, deadlineMs: 20_000 } })
  for (const { id } of devices) await bench.agent.administration.deviceAct(id, 'init')
  const { locationId } = await bench.shop()
  registers = [await registerAt(locationId, 'tse-1'), await registerAt(locationId, 'tse-2')]
})
afterEach(async () => {
  await bench[Symbol.asyncDispose]()
  await box.close()
  await rm(folder, { recursive: true })
})

async function registerAt(locationId: string, fiscal_device: string): Promise<Register> {
  const { office } = bench
  const newRegister = await office.post('/v1/registers', {
    location_id: locationId,
    name: fiscal_device,
    fiscal_device,
  })
  const id = String(newRegister['id'])
  const done = await office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
  const key = String(done['register_api_key'])
  const { client_id: clientId } = done['fiscalization'] as { client_id: string }
  const till = bench.client({ 'X-Register-Api-Key': key })
  await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  return { id, clientId, key, till }
}

async function sold({ id, till }: Register): Promise<Operation> {
  const open = await till.create(goods('sale', id, [['1.00', '0.07']]))
  return till.complete(open, [pay('cash', '1.00')])
}

async function sales(register: Register, count: number): Promise<string[]> {
  const states: string[] = []
  for (let i = 0; i < count; i += 1) states.push((await sold(register)).fiscal.state)
  return states
}

function stateOf(id: string): unknown {
  return bench.agent.application.devices().find((device) => device['id'] === id)?.['state']
}

function untilReady(id: string): Promise<unknown> {
  return bench.until(async () => {
    if (stateOf(id) !== 'ready') await bench.agent.administration.deviceAct(id, 'status')
    return stateOf(id) === 'ready'
  })
}

/** The archive of a slot verifies as that unit's own; how often each act of each till is in it. */
async function acts({ id }: Register): Promise<Record<string, number>> {
  const bytes = await bench.exported('tse_tar', { register_id: id })
  const report = await verifyArchive(bytes)
  expect(report.findings).toEqual([])
  const counted: Record<string, number> = {}
  for (const [, act, client] of Buffer.from(bytes)
    .toString('latin1')
    .matchAll(/_Log-Tra_No-\d+_(Start|Finish)_Client-([\w-]+?)\.log/g))
    counted[`${act} ${client}`] = (counted[`${act} ${client}`] ?? 0) + 1
  return counted
}

function complete({ clientId }: Register, count: number): Record<string, number> {
  return {
    [`Start ${clientId}`]: count,
    [`Finish ${clientId}`]: count,
  }
}

test('two registers on two slots at once: every signature is of its slot and client', async () => {
  const [one, two] = registers
  const states = await Promise.all([sales(one, 12), sales(two, 12)])
  expect(states.flat()).toEqual(Array(24).fill('succeeded'))
  // The opening of the session is one more.
  expect(await acts(one)).toEqual(complete(one, 13))
  expect(await acts(two)).toEqual(complete(two, 13))
})

test('lost answers in one slot are reconciled there, while the other sells', async () => {
  const [one, two] = registers
  for (const fault of ['lost-answer@start', 'lost-request@finish', 'lost-answer@finish', 'lost-request@start']) {
    box.inject(`1:${fault}`)
    expect(await Promise.all([sales(one, 1), sales(two, 3)]), fault).toEqual([
      ['succeeded'],
      ['succeeded', 'succeeded', 'succeeded'],
    ])
  }
  expect(await acts(one)).toEqual(complete(one, 5))
  expect(await acts(two)).toEqual(complete(two, 13))
})

test('a slot that is pulled is an outage of its register only; a box that is pulled is one of both, until it is back', async () => {
  const [one, two] = registers
  await box.pullCard(2)
  expect(await Promise.all([sales(one, 3), sales(two, 1)])).toEqual([Array(3).fill('succeeded'), ['failed']])
  await box.plugIn()
  await untilReady('tse-2')
  expect(await sales(two, 1)).toEqual(['succeeded'])
  await box.pullOut()
  expect(await Promise.all([sales(one, 1), sales(two, 1)])).toEqual([['failed'], ['failed']])
  await box.plugIn()
  await untilReady('tse-1')
  await untilReady('tse-2')
  expect((await Promise.all([sales(one, 3), sales(two, 3)])).flat()).toEqual(Array(6).fill('succeeded'))
  expect(await acts(one)).toEqual(complete(one, 7))
  expect(await acts(two)).toEqual(complete(two, 5))
})
