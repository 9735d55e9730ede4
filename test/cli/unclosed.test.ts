// @module-tag heavy
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { emptyReserve } from '../empty-reserve.ts'
import { execFileSync, spawnSync } from '../waits.ts'
import { BIN, ownConfig } from './command.ts'

const SHIM = join(import.meta.dirname, '..', 'journal', 'sync-fault.c')

function run(config: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const env = { ...process.env, ...environment }
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args, '--config', config], { env })
  return { status, out: stdout.toString(), err: stderr.toString() }
}

test('a key that was issued is shown, though the disk fails while all is closed', () => {
  const config = ownConfig([])
  const folder = dirname(config)
  emptyReserve(join(folder, 'state'))
  const [library, log] = [join(folder, 'sync-fault.so'), join(folder, 'syncs')]
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, SHIM, '-ldl'])
  const issue = ['key', 'create', 'platform', '--json']
  const shim = { LD_PRELOAD: library, SYNC_LOG: log }
  const names: string[] = []
  const issued = (out: string): string => (JSON.parse(out) as { id: string }).id
  names.push(issued(run(config, issue).out), issued(run(config, issue, shim).out))
  // The last one is of the end.
  const last = readFileSync(log).length
  const { status, out, err } = run(config, issue, { ...shim, SYNC_FAIL_AT: String(last), SYNC_FAIL_ON: '1' })
  expect(status).toBe(1)
  expect(err).toMatch(/storage_unavailable.*done anyway/)
  names.push(issued(out))
  const listed = JSON.parse(run(config, ['key', 'list', '--json']).out) as { id: string }[]
  expect(listed.map(({ id }) => id).sort()).toEqual(names.sort())
})
