// @module-tag heavy
import { mkdtempSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fiskalEdge, removedLater, runReceiver } from '../../cli/command.ts'
import { MemoryJournal } from '../../sync/memory-journal.ts'
import { batchText, Wire } from '../../sync/wire.ts'
import { execFileSync } from '../../waits.ts'

test('a receiver on a full disk acknowledges nothing, ends with 74, and continues at its last position', async () => {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'receiver-')))
  let receiver = await runReceiver(folder)
  const journal = new MemoryJournal()
  journal.append(900)
  const { chainId, agentId } = journal.chain
  const { out } = await fiskalEdge('receiver', 'token', 'agent', agentId, '--config', receiver.config, '--json')
  const { token } = JSON.parse(out) as { token: string }
  const wire = new Wire(receiver.url, token)
  await wire.register(journal)
  expect((await wire.events(chainId, batchText(journal, 1, 300))).status).toBe(200)
  const { size } = statSync(join(folder, 'receiver', 'receiver.db-wal'))
  execFileSync('prlimit', ['--pid', String(receiver.pid), `--fsize=${size + 50_000}`])
  const refused = await wire.events(chainId, batchText(journal, 301, 900)).catch(() => ({ status: 0 }))
  expect(refused.status).not.toBe(200)
  const { code, err } = await receiver.ended
  expect(code).toBe(74)
  expect(err).toContain('store_failed')
  expect(err).toMatch(/storage_unavailable: .*(Free space|Check the disk|may be broken)/)
  receiver = await runReceiver(folder)
  const again = new Wire(receiver.url, token)
  expect((await again.call('GET', `/v1/chains/${chainId}`)).body).toMatchObject({ head_seq: 300 })
  expect((await again.events(chainId, batchText(journal, 301, 900))).body).toMatchObject({ acked_seq: 900 })
  expect((await fiskalEdge('receiver', 'audit', '--config', receiver.config)).code).toBe(0)
  process.kill(receiver.pid, 'SIGTERM')
  expect((await receiver.ended).code).toBe(0)
})
