import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPostgresStore } from '../../sync/receiver/store-postgres.ts'
import { issueToken } from '../../sync/receiver/tokens.ts'
import { MemoryJournal } from './memory-journal.ts'
import type { Rig } from './rig.ts'
import { openRig } from './rig.ts'
import type { TestPostgres } from './servers/postgres.ts'
import { startPostgres } from './servers/postgres.ts'
import { Wire } from './wire.ts'

const JSON_BODY = { 'content-type': 'application/json' }

/** What one agent, or one head office, may do to the others of a receiver: nothing. */
describe.each(['sqlite', 'postgres'] as const)('strangers at a receiver on %s', (kind) => {
  let postgres: TestPostgres | undefined
  let rig: Rig
  beforeAll(async () => {
    if (kind === 'postgres') postgres = await startPostgres()
    const store = postgres && openPostgresStore({ connection: postgres.application, onError: () => undefined })
    rig = await openRig(store && { store })
  })
  afterAll(async () => {
    await rig.close()
    await postgres?.stop()
  })
  const by = (token: string): Wire => new Wire(rig.receiver.url, token)

  test('a head office configures the agents of its own tenant, and reads the configuration of no other', async () => {
    const { agentId } = new MemoryJournal().chain
    const path = `/v1/agents/${agentId}/config`
    const first = { ...JSON_BODY, 'if-none-match': '*' }
    // Nobody knows it: what was left for it would be read by whoever gets that id.
    expect((await by(rig.office).call('PUT', path, '{"a":1}', first)).status).toBe(404)
    const agent = by((await rig.enrol(agentId)).token)
    expect((await by(rig.office).call('PUT', path, '{"a":1}', first)).status).toBe(200)
    const stranger = by((await issueToken(rig.store, { kind: 'office', tenantId: randomUUID() })).token)
    expect(await stranger.call('GET', path)).toMatchObject({ status: 404, body: { code: 'not-found' } })
    const change = { ...JSON_BODY, 'if-match': '"1"' }
    expect((await stranger.call('PUT', path, '{"a":2}', change)).status).toBe(404)
    expect((await by(rig.office).call('GET', path)).body).toEqual({ a: 1 })
    expect((await agent.call('GET', path)).body).toEqual({ a: 1 })
  })
})
