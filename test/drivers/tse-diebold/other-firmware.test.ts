import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { TcpLink } from '../../../drivers/links/tcp.ts'
import { DieboldBox } from '../../../drivers/tse-diebold/box.ts'
import { DieboldTse } from '../../../drivers/tse-diebold/driver.ts'
import { DieboldSimulator } from '../../../drivers/tse-diebold/simulator.ts'
import { expectRefused, sell } from '../../contracts/tse-checks.ts'
import { patientClock } from '../../patient-clock.ts'
import { prepare } from '../prepared-tse.ts'

async function secretOf(name: string): Promise<string> {
  return name === 'adminPin' ? '12345' : '54321'
}

async function readyUnit() {
  const directory = await mkdtemp(join(tmpdir(), 'tse-diebold-'))
  const made = { directory, clock: patientClock, hasLongStatus: true, reportsFree: false }
  const simulator = new DieboldSimulator(made)
  const link = new TcpLink({ host: '127.0.0.1', port: await simulator.serveTcp(0), clock: patientClock })
  const tse = new DieboldTse({
    ...{ id: 'tse-1', box: new DieboldBox(link, patientClock), slot: 1 },
    ...{ secrets: { read: secretOf, provide: secretOf }, clock: patientClock },
    timeouts: { replyMs: 800, longMs: 3000 },
  })
  await prepare(tse, simulator, directory)
  return { simulator, tse }
}

test('a status with a value before error and state is read from its end, and a command that was left is ended', async () => {
  const { simulator, tse } = await readyUnit()
  await expectRefused(tse.finish(7, 'till-1', 'Kassenbeleg-V1', Buffer.alloc(0)), 'transaction_unknown')
  simulator.inject('lost-request@200')
  expect(await sell(tse, 1)).toBe(1)
})

test('the list of clients, which is the admin’s, names neither the client of the production nor that of the agent', async () => {
  const { tse } = await readyUnit()
  expect(await tse.clients()).toEqual(['till-1'])
  await tse.deregisterClient('till-1')
  expect(await tse.clients()).toEqual([])
})

test('a unit that leaves out how much of its memory is free is healthy', async () => {
  const { tse } = await readyUnit()
  expect(await tse.health()).toMatchObject({ memoryUsedPercent: 0, initialised: true })
})
