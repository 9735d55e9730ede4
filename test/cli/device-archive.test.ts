import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Bench } from '../e2e/bench.ts'
import { goods, pay, sell } from '../e2e/goods.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { heavy } from '../tags.ts'
import { fiskalEdge } from './command.ts'

test(
  'device archive --delete lists what is open; a TSE that refuses because of it is exit 1 with the list',
  heavy(),
  async () => {
    await using bench = await Bench.open()
    const register = await bench.till()
    await sell(register, '1.00')
    const open = await register.till.create(goods('sale', register.id, [['2.00', '0.07']]))
    await inDirectory(async (directory) => {
      const config = join(directory, 'agent.json')
      const devices = [{ id: 'tse-1', driver: 'tse-simulator' }]
      await writeFile(config, JSON.stringify({ version: 1, state: bench.config.state, listen: { port: 0 }, devices }))
      const emptied = (...more: string[]) =>
        fiskalEdge('device', 'archive', 'tse-1', '--delete', '--config', config, ...more)
      await bench.fault('refuse-open@delete')
      const refused = await emptied()
      expect([refused.code, refused.out]).toEqual([1, ''])
      expect(refused.err).toContain(
        `${open.id} (Kasse, open for 0 min). Complete or void them, then repeat the command.`,
      )
      expect(refused.err).toMatch(/The archive is kept \([0-9a-f]{16}\/1-\d+\.tar\)/)
      const done = await emptied()
      expect([done.code, done.err]).toEqual([0, ''])
      expect(done.out).toMatch(/\noperation +till +open for\n/)
      expect(done.out).toContain(`${open.id}  Kasse  0 min`)
      await register.till.complete(open, [pay('cash', '2.00')])
      const { code, out } = await emptied('--json')
      expect([code, JSON.parse(out)]).toEqual([
        0,
        expect.not.objectContaining({ open_transactions: expect.anything() }),
      ])
    })
  },
)
