// @module-tag heavy
import { rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { fiskalEdge, ownTill } from './command.ts'

test('restored keys are reported as JSON to a program, and in words to a person', async () => {
  const config = ownTill()
  const folder = dirname(config)
  const [file, pass] = [join(folder, 'shop.backup'), join(folder, 'pass')]
  writeFileSync(pass, 'geheim', { mode: 0o600 })
  const secrets = ['--passphrase-file', pass, '--config', config]
  expect((await fiskalEdge('key', 'create', 'platform', '--config', config)).code).toBe(0)
  expect((await fiskalEdge('backup', file, ...secrets)).code).toBe(0)
  rmSync(join(folder, 'state', 'seal.key'))
  const bring = async (...more: string[]): Promise<string> =>
    (await fiskalEdge('restore', file, '--keys-only', ...more, ...secrets)).out
  expect(JSON.parse(await bring('--json'))).toEqual({ brought: ['seal.key'] })
  expect(JSON.parse(await bring('--json'))).toEqual({ brought: [] })
  expect(await bring()).toBe('Nothing was missing: nothing was changed.\n')
})
