// @module-tag heavy
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { fiskalEdge, ownTill } from './command.ts'

test('who restores is asked for a copy of what came later, until one is named', async () => {
  const config = ownTill()
  const folder = dirname(config)
  const [file, tail] = [join(folder, 'shop.backup'), join(folder, 'tail.ndjson')]
  const here = ['--config', config]
  const range = ['--from', '2020-01-01', '--to', '2099-01-01']
  expect((await fiskalEdge('key', 'create', 'platform', ...here)).code).toBe(0)
  expect((await fiskalEdge('export', 'journal', ...range, '--out', tail, ...here)).code).toBe(0)
  expect((await fiskalEdge('backup', file, '--no-secrets', ...here)).code).toBe(0)
  const restored = async (...more: string[]): Promise<string> => {
    rmSync(join(folder, 'state'), { recursive: true })
    return (await fiskalEdge('restore', file, '--no-secrets', '--unsealed', ...more, ...here)).out
  }
  const asks = 'What was sold after it is not here: bring it with --tail where a copy is.'
  expect(await restored()).toContain(asks)
  const withTail = await restored('--tail', tail)
  expect(withTail).not.toContain(asks)
  expect(withTail).toContain('What you named has no event that came after it.')
  expect(withTail).not.toContain('key revoke')
  expect(await restored()).toContain('It was restored before (2): more numbers are set aside for that time.')
  const note = `${file}.restored`
  expect(readFileSync(note, 'utf8').split('\n')).toHaveLength(4)
  rmSync(note)
  // Nothing can be written there.
  mkdirSync(note)
  expect(await restored()).toContain('If this backup was restored before: restore it with --last-receipt')
})

test('a restore names each key that came with the events after the backup, and how to revoke it', async () => {
  const config = ownTill()
  const folder = dirname(config)
  const [file, tail] = [join(folder, 'shop.backup'), join(folder, 'tail.ndjson')]
  const here = ['--config', config]
  expect((await fiskalEdge('key', 'create', 'platform', ...here)).code).toBe(0)
  expect((await fiskalEdge('backup', file, '--no-secrets', ...here)).code).toBe(0)
  const { id } = JSON.parse((await fiskalEdge('key', 'create', 'platform', '--json', ...here)).out) as { id: string }
  const range = ['--from', '2020-01-01', '--to', '2099-01-01']
  expect((await fiskalEdge('export', 'journal', ...range, '--out', tail, ...here)).code).toBe(0)
  rmSync(join(folder, 'state'), { recursive: true })
  const { out } = await fiskalEdge('restore', file, '--no-secrets', '--unsealed', '--tail', tail, ...here)
  expect(out).toMatch(new RegExp(`! key ${id} \\(platform\\) of .* came with the events after the backup alone\\.`))
  expect(out.match(/fiskal-edge key revoke .*/g)).toEqual([`fiskal-edge key revoke ${id}`])
})
