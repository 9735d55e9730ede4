import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { TcpLink } from '../../../drivers/links/tcp.ts'
import { DieboldBox } from '../../../drivers/tse-diebold/box.ts'
import { DieboldTse } from '../../../drivers/tse-diebold/driver.ts'
import { DieboldSimulator } from '../../../drivers/tse-diebold/simulator.ts'
import { PROCESS_TYPE, processData } from '../../contracts/tse-checks.ts'

const secrets = { read: async (name: string) => (name === 'adminPin' ? '12345' : '54321'), provide: async () => '' }

let directory: string
let unit: DieboldSimulator
let tse: DieboldTse

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'diebold-'))
  unit = new DieboldSimulator({ directory, clock: systemClock })
  const link = new TcpLink({ host: '127.0.0.1', port: await unit.serveTcp(0), clock: systemClock })
  const timeouts = { replyMs: 400, longMs: 3000 }
  const box = new DieboldBox(link, systemClock)
  tse = new DieboldTse({ id: 'tse-1', box, slot: 1, secrets, clock: systemClock, timeouts })
  await tse.open()
  await tse.initialise()
  await tse.registerClient('till-1')
})
afterEach(async () => {
  await tse.close()
  await unit.close()
  await rm(directory, { recursive: true })
})

test('a stale list of open transactions in the buffer is not taken as the requested one', async () => {
  expect(await tse.openTransactions('till-1')).toEqual([])
  await tse.start('till-1')
  unit.inject('lost-request@*#1')
  expect(await tse.openTransactions('till-1')).toEqual([1])
})

test('stale logs in the buffer are not those of another transaction', async () => {
  const [first, second] = [await tse.start('till-1'), await tse.start('till-1')]
  for (const { transaction } of [first, second]) await tse.finish(transaction, 'till-1', PROCESS_TYPE, processData)
  expect((await tse.recall(first.transaction))?.finish).toBeDefined()
  // The 309 of that request, which has timed out, and the 301 of the next; or that and its 001.
  unit.inject('lost-request@*#1-2')
  expect((await tse.recall(second.transaction))?.finish).toBeDefined()
})
