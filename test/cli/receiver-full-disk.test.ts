// @module-tag heavy
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../journal/temporary-journal.ts'

const STORE = new URL('../../agent/cli/receiver/store.ts', import.meta.url).href
const FAILURE = new URL('../../agent/failure.ts', import.meta.url).href

test('a command of the receiver on a full disk reports the full disk, not an internal error', async () => {
  const directory = await temporaryDirectory()
  const config = `${directory}.json`
  writeFileSync(config, JSON.stringify({ version: 1, store: { kind: 'sqlite', file: `${directory}/receiver.db` } }))
  const program = `const { withStore } = await import(${JSON.stringify(STORE)})
    const { describeFailure } = await import(${JSON.stringify(FAILURE)})
    const { writeSync, openSync } = await import('node:fs')
    const owner = { tenantId: 'tenant', agentId: 'agent' }
    const outcome = await withStore({ config: ${JSON.stringify(config)} }, async ({ blobs }) => {
      await blobs.put(owner, '0'.repeat(64), Buffer.alloc(100_000))
      const filler = openSync(${JSON.stringify(directory)} + '/filler', 'w')
      try { for (;;) writeSync(filler, Buffer.alloc(4096)) } catch {}
      await blobs.remove(owner.agentId, ['0'.repeat(64)])
    }).catch(describeFailure)
    console.log(outcome)`
  const script = 'mount -t tmpfs -o size=2m tmpfs "$0" && exec "$1" --input-type=module -e "$2"'
  const { stdout } = await promisify(execFile)('unshare', [
    ...['-rm', 'sh', '-c', script],
    ...[directory, process.execPath, program],
  ])
  expect(stdout).toMatch(/^storage_unavailable: database or disk is full\. Free space/)
})
