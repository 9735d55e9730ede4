// @module-tag heavy
import { execFile } from 'node:child_process'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import { verifyJournal } from '../verified-journal.ts'
import { execFileSync, WAIT_LIMIT_MS } from '../waits.ts'
import { openJournal, temporaryDirectory } from './temporary-journal.ts'

const APPENDER = fileURLToPath(new URL('./children/appender.ts', import.meta.url))
const SHIM = fileURLToPath(new URL('./sync-fault.c', import.meta.url))

const PEM = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })

/** Makes the shim in a directory of the test and returns its path. */
async function compiledShim(): Promise<string> {
  const library = join(await temporaryDirectory(), 'sync-fault.so')
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, SHIM, '-ldl'])
  return library
}

function runAppender(library: string, directory: string, args: string[], environment: Record<string, string>) {
  return new Promise<{ code: number; lines: string[] }>((resolve) => {
    const env = { ...process.env, LD_PRELOAD: library, ...environment }
    execFile(process.execPath, [APPENDER, directory, ...args], { env, timeout: WAIT_LIMIT_MS }, (error, stdout) => {
      resolve({ code: Number(error?.code ?? 0), lines: stdout.split('\n').filter((line) => line !== '') })
    })
  })
}

async function appenderDirectory(path: string): Promise<{ directory: string; log: string }> {
  await mkdir(path)
  await writeFile(join(path, 'agent-key.pem'), PEM)
  return { directory: path, log: join(path, 'syncs') }
}

test('k appends of one turn cost one sync', async () => {
  const library = await compiledShim()
  const { directory, log } = await appenderDirectory(join(await temporaryDirectory(), 'state'))
  const { lines } = await runAppender(library, directory, ['20', '3'], { SYNC_LOG: log })
  expect(lines).toEqual([21, 41, 61].map((seq) => `acknowledged ${seq} after 1 syncs`))
})

test.each([
  ['once', {}],
  ['from then on', { SYNC_FAIL_ON: '1' }],
])(
  'a sync that fails %s, whichever it is: no later answer, the process ends, the journal is whole',
  async (_name, mode) => {
    const library = await compiledShim()
    const root = await temporaryDirectory()
    let ended = 0
    for (let at = 1; ; at++) {
      const { directory, log } = await appenderDirectory(join(root, String(at)))
      const faults = { SYNC_LOG: log, SYNC_FAIL_AT: String(at), ...mode }
      const { code, lines } = await runAppender(library, directory, ['1', '3'], faults)
      const acknowledged = lines
        .filter((line) => line.startsWith('acknowledged'))
        .map((line) => Number(line.split(' ')[1]))
      expect(lines).not.toContain('late')
      const journal = await openJournal(directory, { signer: checkpointSigner(createPrivateKey(PEM)) })
      expect(journal.headSeq).toBeGreaterThanOrEqual(Math.max(1, ...acknowledged))
      expect(journal.headSeq).toBeLessThanOrEqual(4)
      await journal.close()
      expect(await verifyJournal(directory, { projections: false })).toMatchObject({ valid: true })
      if ((await stat(log)).size < at) break
      if (code === 3) ended++
      // The only failures that may pass: of a directory, which SQLite overlooks and the journal syncs again itself.
      else expect([code, acknowledged]).toEqual([0, [2, 3, 4]])
      if (code === 3 && acknowledged.length > 0 && acknowledged.length < 3)
        expect(lines).toContain('refused storage_unavailable')
    }
    expect(ended).toBeGreaterThan(10)
  },
)
