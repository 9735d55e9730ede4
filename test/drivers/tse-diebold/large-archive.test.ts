import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { TcpLink } from '../../../drivers/links/tcp.ts'
import { DieboldBox } from '../../../drivers/tse-diebold/box.ts'
import { DieboldTse } from '../../../drivers/tse-diebold/driver.ts'
import { DieboldSimulator } from '../../../drivers/tse-diebold/simulator.ts'
import { verifyTar } from '../../../verify/tse/verify-tar.ts'
import { heavy } from '../../tags.ts'
import { prepare } from '../prepared-tse.ts'

test(
  'an archive of more pieces than the unit has numbers for comes whole, with the years before it was ours',
  heavy(),
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tse-large-'))
    const simulator = new DieboldSimulator({ directory, clock: systemClock, history: 80 })
    const tse = new DieboldTse({
      id: 'tse-1',
      box: new DieboldBox(
        new TcpLink({ host: '127.0.0.1', port: await simulator.serveTcp(0), clock: systemClock }),
        systemClock,
      ),
      slot: 1,
      secrets: { read: async (name) => (name === 'adminPin' ? '12345' : '54321'), provide: async () => '' },
      clock: systemClock,
      timeouts: { replyMs: 2000, longMs: 20_000 },
    })
    await prepare(tse, simulator, directory)
    expect((await tse.start('till-1')).transaction).toBe(41)
    const report = await verifyTar(tse.exportLogs({}))
    expect(report.findings).toEqual([])
    expect(report).toMatchObject({ firstCounter: 1 })
    expect(report.logs).toBeGreaterThan(80)
    // 40 orders of 32 KB are 1.8 MB of base64: 440 pieces of 4 KB.
    expect((await tse.recall(40))?.finish).toMatchObject({ signatureCounter: 80, processType: 'Bestellung-V1' })
  },
)
