import { mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { TcpLink } from '../../../drivers/links/tcp.ts'
import { EpsonTse } from '../../../drivers/tse-epson/driver.ts'
import { EpsonSimulator } from '../../../drivers/tse-epson/simulator.ts'
import { sell } from '../../contracts/tse-checks.ts'
import { patientClock } from '../../patient-clock.ts'
import { prepare } from '../prepared-tse.ts'

const pins: Readonly<Record<string, string>> = { puk: '123456', adminPin: '12345', timeAdminPin: '54321' }

async function secretOf(name: string): Promise<string> {
  return pins[name] ?? Promise.reject(new Error(`no ${name}`))
}

test('a TSE that refuses everything after a sleep of its host is tested, and the sale is signed', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tse-epson-'))
  await mkdir(join(directory, 'driver'))
  const simulator = new EpsonSimulator({ directory: join(directory, 'unit'), clock: patientClock })
  const tse = new EpsonTse({
    id: 'tse-1',
    link: new TcpLink({ host: '127.0.0.1', port: await simulator.serveTcp(0), clock: patientClock }),
    directory: join(directory, 'driver'),
    secrets: { read: secretOf, provide: secretOf },
    clock: patientClock,
    timeouts: { replyMs: 1000, longMs: 3000 },
  })
  await prepare(tse, simulator, directory)
  await sell(tse, 1)
  simulator.sleep()
  expect(await sell(tse, 1)).toBe(2)
  simulator.sleep()
  expect(await tse.openTransactions()).toEqual([])
  simulator.sleep()
  expect((await tse.identity()).certificates).toHaveLength(3)
  simulator.sleep()
  simulator.inject('error=TSE1_ERROR_NOT_AUTHORIZED@RunTSESelfTest')
  const refused = { code: 'self_test_due', effect: 'none', message: expect.stringContaining('restart the host') }
  await expect(tse.start('till-1')).rejects.toMatchObject(refused)
})
