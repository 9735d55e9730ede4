// @module-tag heavy
import { randomUUID } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSqliteStore } from '../../receiver/sqlite/store.ts'
import { fiskalEdge, removedLater } from './command.ts'

test('receiver agent lists and moves agents, and receiver audit reports refused messages', async () => {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'receiver-')))
  const config = join(folder, 'receiver.json')
  const file = join(folder, 'receiver.db')
  writeFileSync(config, JSON.stringify({ version: 1, store: { kind: 'sqlite', file } }))
  const [agentId, tenantId, otherId] = [randomUUID(), randomUUID(), randomUUID()]
  const receiver = (...args: string[]) => fiskalEdge('receiver', ...args, '--config', config)
  const issued = await receiver('token', 'agent', agentId, '--tenant', tenantId, '--json')
  expect(issued.code).toBe(0)
  const foreign = await receiver('token', 'agent', agentId, '--tenant', otherId)
  expect(foreign).toMatchObject({ code: 1, err: expect.stringContaining('belongs to another tenant') })

  const store = openSqliteStore(file, Date)
  const refusal = { agentId, tenantId: otherId, chainId: randomUUID(), seq: 1, bytes: Buffer.from('{}') }
  for (let count = 0; count < 5; count++) await store.owners.refuse(refusal)
  await store.close()

  const audited = await receiver('audit')
  expect(audited).toMatchObject({ code: 0 })
  expect(audited.out).toContain(
    `! agent ${agentId}: 5 messages of another tenant (${otherId}) were refused, it belongs to ${tenantId}`,
  )
  const listed = await receiver('agent', 'list', '--json')
  expect(JSON.parse(listed.out)).toMatchObject([{ agent_id: agentId, tenant_id: tenantId, by: 'token', refused: 5 }])
  const moved = await receiver('agent', 'move', agentId, '--tenant', otherId, '--reason', 'sold', '--json')
  expect(JSON.parse(moved.out)).toEqual({ agent_id: agentId, from_tenant: tenantId, to_tenant: otherId })
  const tokens = await receiver('token', 'list', '--json')
  expect(JSON.parse(tokens.out)).toMatchObject([{ agent_id: agentId, revoked: true }])
  const unknown = await receiver('agent', 'move', randomUUID(), '--tenant', otherId, '--reason', 'sold')
  expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('There is no agent') })
})
