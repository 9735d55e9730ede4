// @module-tag heavy
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { fiskalEdge, removedLater, runReceiver } from '../../cli/command.ts'
import { Authority } from '../../sync/servers/certificates.ts'
import { Bench } from '../bench.ts'
import { FastClock } from '../fast-clock.ts'
import { goods } from '../goods.ts'

test('a shop syncs over TLS with an own CA and a client certificate, and its token is replaced without a refusal', async () => {
  const authority = new Authority()
  onTestFinished(() => authority.remove())
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'receiver-')))
  const { certFile, keyFile } = authority.issue('IP:127.0.0.1')
  const receiver = await runReceiver(folder, { tls: { certFile, keyFile, clientCaFile: authority.caFile } })
  onTestFinished(async () => {
    process.kill(receiver.pid, 'SIGTERM')
    await receiver.ended
  })
  expect(receiver.url).toMatch(/^https:/)
  const json = async (...args: string[]): Promise<Record<string, string>> => {
    const { out, err } = await fiskalEdge('receiver', 'token', ...args, '--config', receiver.config, '--json')
    expect(err).toBe('')
    return JSON.parse(out) as Record<string, string>
  }
  const tokenFile = join(folder, 'agent.token')
  const shop = authority.issue('DNS:shop')
  const tls = { caFile: authority.caFile, certFile: shop.certFile, keyFile: shop.keyFile }
  const targets = [{ id: 'cloud', kind: 'https', url: receiver.url, tokenFile, tls }]
  await using bench = await Bench.open({ clock: new FastClock(20), config: { sync: { targets } } })
  const { facts } = JSON.parse(bench.journal()[0]?.body ?? '{}') as { facts: { agent_id: string } }
  const old = await json('agent', facts.agent_id)
  writeFileSync(tokenFile, `${old['token']}\n`, { mode: 0o600 })
  const { id, till } = await bench.till()
  const first = await till.create(goods('sale', id, [['3.00', '0.07']]))
  await bench.until(async () => (await till.read(first.id)).sync_status === 'acknowledged')
  const refusals = bench.lines.length

  // Both are valid until the old one is removed; the file is read again when that happens.
  const fresh = await json('agent', facts.agent_id)
  writeFileSync(tokenFile, `${fresh['token']}\n`, { mode: 0o600 })
  expect(await json('revoke', String(old['id']))).toMatchObject({ revoked: true })
  const second = await till.create(goods('sale', id, [['4.00', '0.07']]))
  await bench.until(async () => (await till.read(second.id)).sync_status === 'acknowledged')
  // The clock of the test runs ahead of the receiver's; each refusal carries a code.
  expect(bench.lines.slice(refusals).filter(({ fields }) => fields['code'] !== undefined)).toEqual([])
  const tokens = (await json('list')) as unknown as readonly { id: string; used_at: string | null; revoked: boolean }[]
  expect(tokens).toMatchObject([
    { id: fresh['id'], used_at: expect.stringMatching(/Z$/), revoked: false },
    { id: old['id'], used_at: expect.stringMatching(/Z$/), revoked: true },
  ])
  const { code, out } = await fiskalEdge('receiver', 'audit', '--config', receiver.config, '--json')
  expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ chains: 1, broken: [] })])
})
