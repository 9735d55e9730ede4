// @module-tag heavy
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BIN, removedLater } from '../cli/command.ts'
import { spawnSync } from '../waits.ts'

test('a shop whose state or copies a stop of the service empties is refused before it starts, and updated', () => {
  const root = removedLater(mkdtempSync(join(tmpdir(), 'service-')))
  const config = join(root, 'etc/fiskal-edge/agent.json')
  mkdirSync(join(root, 'etc/fiskal-edge'), { recursive: true })
  const install = (members: object, ...args: string[]) => {
    const till = { version: 1, state: '/var/lib/fiskal-edge', listen: {}, devices: [], ...members }
    writeFileSync(config, JSON.stringify(till))
    return spawnSync(process.execPath, [BIN, 'service', 'install', '--root', root, ...args], { encoding: 'utf8' })
  }
  const reason = 'which is emptied when the service or the machine stops (state_volatile)'
  const refused = install({ state: '/var/tmp/edge' })
  expect([refused.status, refused.stderr]).toEqual([
    1,
    expect.stringContaining(`"state": /var/tmp is in /var/tmp, ${reason}`),
  ])
  expect(existsSync(join(root, 'etc/systemd/system/multi-user.target.wants'))).toBe(false)
  const copies = { backup: { folder: '/var/tmp' } }
  expect(install(copies).stderr).toContain(`"backup": /var/tmp is in /var/tmp, ${reason}`)
  const updated = install(copies, '--no-start', '--no-enable')
  expect([updated.status, updated.stdout]).toEqual([0, expect.stringContaining('left to do: "backup": /var/tmp')])
  expect(install({}).status).toBe(0)
})
