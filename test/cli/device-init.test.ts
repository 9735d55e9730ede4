import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { vendorTses } from '../contracts/vendor-tses.ts'
import { heavy } from '../tags.ts'
import { fiskalEdge, ownTill, removedLater } from './command.ts'

test('the cause is reported for a TSE that cannot be reached', heavy(), async () => {
  const unplugged = { id: 'tse-1', driver: 'tse-diebold', serial: { path: '/dev/ttyUSB99' }, adminPinFile: '/dev/null' }
  const config = ownTill([unplugged])
  for (const act of ['init', 'self-test']) {
    const { code, err } = await fiskalEdge('device', act, 'tse-1', '--config', config)
    expect(code).toBe(1)
    expect(err).toContain('cannot open /dev/ttyUSB99')
  }
})

test.each(Object.entries(vendorTses))(
  'without a daemon a new unit of %s reports that it was never set up, and is initialised',
  heavy(),
  async (_, family) => {
    const folder = removedLater(mkdtempSync(join(tmpdir(), 'i-')))
    const { device, close } = await family.open(folder, 0)
    const config = join(folder, 'agent.json')
    writeFileSync(config, JSON.stringify({ version: 1, state: './s', listen: { port: 0 }, devices: [device] }))
    try {
      const before = await fiskalEdge('device', 'status', 'tse-1', '--json', '--config', config)
      expect(JSON.parse(before.out)).toMatchObject({ state: 'down', warnings: [{ code: 'device_not_initialised' }] })
      expect(await fiskalEdge('device', 'init', 'tse-1', '--config', config)).toMatchObject({ code: 0, err: '' })
      const status = await fiskalEdge('device', 'status', 'tse-1', '--json', '--config', config)
      expect(JSON.parse(status.out)).toMatchObject({ state: 'ready', health: { open_transactions: 0 } })
    } finally {
      await close()
    }
  },
)
