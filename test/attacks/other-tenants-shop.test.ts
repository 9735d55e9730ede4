// @module-tag heavy
import { randomUUID } from 'node:crypto'
import { jetstream } from '@nats-io/jetstream'
import { connect, headers } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openReceiver } from '../../receiver/open-receiver.ts'
import { registrationOf } from '../../receiver/registration.ts'
import { issueToken } from '../../receiver/tokens.ts'
import { REGISTRATION_HEADER } from '../../sync/protocol/stream-subject.ts'
import { registrationDocument } from '../../sync/source.ts'
import type { StoreRig } from '../receiver/store-rig.ts'
import { openRigOn, STORES } from '../receiver/store-rig.ts'
import { MemoryJournal } from '../sync/memory-journal.ts'
import { fastClock, LogRecord, storedHashes } from '../sync/rig.ts'
import type { TestNats } from '../sync/servers/nats.ts'
import { startNats } from '../sync/servers/nats.ts'
import { batchText, Wire } from '../sync/wire.ts'

/**
 * A tenant of a shared receiver knows the agent id of another tenant's shop (it is printed by `doctor`), and tries to take
 * the shop over: to shut its journal out with a higher epoch, to read it, and to leave it a configuration.
 */
describe.each(STORES)('a tenant takes over the shop of another one, store %s', (kind) => {
  let rig: StoreRig
  let nats: TestNats
  beforeAll(async () => {
    rig = await openRigOn(kind)
    nats = await startNats()
    await nats.addStream('FISKAL')
  })
  afterAll(async () => {
    await nats.stop()
    await rig.close()
  })
  const by = (token: string): Wire => new Wire(rig.receiver.url, token)

  /** The victim: announced by the administrator, three events stored. */
  async function shop(): Promise<{ journal: MemoryJournal; token: string }> {
    const journal = MemoryJournal.of(3)
    const { token } = await rig.enrol(journal.chain.agentId)
    expect((await by(token).register(journal)).status).toBe(201)
    expect((await by(token).events(journal.chain.chainId, batchText(journal, 1, 3))).status).toBe(200)
    return { journal, token }
  }

  /** The same agent id in a journal of the attacker's own, far ahead in epochs. */
  function forged(agentId: string): MemoryJournal {
    const journal = new MemoryJournal({ facts: { agentId, epoch: 999 } })
    journal.append(2)
    return journal
  }

  const state = async ({ chain }: MemoryJournal): Promise<string | undefined> =>
    (await rig.store.chain(chain.chainId))?.state

  /** The attacker's messages under his own tenant's subjects, and a receiver that takes them. */
  async function streamed(tenants: Record<string, string>): Promise<LogRecord> {
    const log = new LogRecord()
    const tenantOf = (token: string): string | undefined => tenants[token]
    const streams = [{ servers: [nats.url], stream: 'FISKAL', durable: `d${randomUUID()}`, tenantOf }]
    const listen = { host: '127.0.0.1', port: 0 }
    const receiver = await openReceiver({ store: rig.store, listen, streams, clock: fastClock(1), log })
    onTestFinished(() => receiver.close())
    return log
  }

  async function publish(tenant: string, journal: MemoryJournal, first: number, last: number): Promise<void> {
    const connection = await connect({ servers: nats.url })
    const fields = headers()
    if (first === 1)
      fields.set(
        REGISTRATION_HEADER,
        Buffer.from(JSON.stringify(registrationDocument(journal.chain))).toString('base64url'),
      )
    const subject = `fiscal.00.${tenant}.${journal.chain.agentId}.${journal.chain.chainId}`
    await jetstream(connection).publish(subject, batchText(journal, first, last), { headers: fields })
    await connection.close()
  }

  test('a token for an agent of another tenant is not issued', async () => {
    const { journal } = await shop()
    const attacker = { kind: 'agent', tenantId: randomUUID(), agentId: journal.chain.agentId } as const
    await expect(issueToken(rig.store, attacker)).rejects.toMatchObject({ code: 'wrong_tenant' })
    expect(await state(journal)).toBe('open')
  })

  test('a stream message of another tenant shuts out no journal; it is refused, kept and counted', async () => {
    const { journal, token } = await shop()
    const { agentId, chainId } = journal.chain
    const attackerId = randomUUID()
    const tenant = `evil-${randomUUID()}`
    await publish(tenant, forged(agentId), 1, 2)
    await publish(tenant, journal, 1, 3)
    const log = await streamed({ [tenant]: attackerId })
    const counted = async () => (await rig.store.owners.refusedCounts()).filter((one) => one.agentId === agentId)
    await expect.poll(counted).toMatchObject([{ ownerId: rig.tenantId, tenantId: attackerId, count: 2 }])
    await expect.poll(() => log.lines.filter(({ code }) => code === 'stream_refused')).toHaveLength(2)
    expect(await rig.store.owners.tenantOf(agentId)).toBe(rig.tenantId)
    expect(await rig.store.chainsOf(agentId, 10)).toHaveLength(1)
    journal.append(1)
    expect((await by(token).events(chainId, batchText(journal, 4, 4))).status).toBe(200)
  })

  test('an unannounced agent belongs to the first tenant whose journal names it, and to no later one', async () => {
    const agentId = randomUUID()
    const [tenant, other] = [`shop-${randomUUID()}`, `evil-${randomUUID()}`]
    const [tenantId, attackerId] = [randomUUID(), randomUUID()]
    const unnamed = new MemoryJournal({ facts: { agentId }, bodyOf: () => '{}' })
    unnamed.append(1)
    const journal = new MemoryJournal({ facts: { agentId } })
    journal.append(2)
    await publish(other, unnamed, 1, 1)
    await publish(tenant, journal, 1, 2)
    await publish(other, forged(agentId), 1, 2)
    await streamed({ [tenant]: tenantId, [other]: attackerId })
    const counted = async () => (await rig.store.owners.refusedCounts()).filter((one) => one.agentId === agentId)
    await expect.poll(counted).toMatchObject([{ tenantId: attackerId, count: 1 }])
    expect(await rig.store.owners.tenantOf(agentId)).toBe(tenantId)
    expect(await storedHashes(rig.store, journal.chain.chainId)).toHaveLength(2)
    expect(await rig.store.chainsOf(agentId, 10)).toHaveLength(1)
  })

  test('two first registrations at once have one owner, and both sides agree', async () => {
    for (let race = 0; race < 20; race++) {
      const agentId = randomUUID()
      const tenants: string[] = [randomUUID(), randomUUID()]
      const registered = await Promise.all(
        tenants.map((tenantId, index) => {
          const { chain } = new MemoryJournal({ facts: { agentId, epoch: index + 1 } })
          return rig.store.register(registrationOf(registrationDocument(chain), tenantId))
        }),
      )
      const ownerId = await rig.store.owners.tenantOf(agentId)
      const winner = tenants.indexOf(ownerId ?? '')
      expect(registered[winner]).toEqual({ kind: 'created' })
      expect(registered[1 - winner]).toEqual({ kind: 'wrong_tenant' })
    }
  })

  test('an administrator moves an agent: the new tenant reads all of it, the former one nothing', async () => {
    const { journal, token } = await shop()
    const { agentId, chainId } = journal.chain
    const buyerId = randomUUID()
    const office = by((await issueToken(rig.store, { kind: 'office', tenantId: buyerId })).token)
    expect(await office.call('GET', `/v1/chains/${chainId}/events`)).toMatchObject({ status: 403 })
    expect(await rig.store.owners.move(agentId, buyerId, 'the shop was sold')).toBe(rig.tenantId)
    expect((await by(token).call('GET', `/v1/chains/${chainId}`)).status).toBe(401)
    expect(await by(rig.office).call('GET', `/v1/chains/${chainId}/events`)).toMatchObject({ status: 403 })
    expect((await office.call('GET', `/v1/chains/${chainId}/events`)).body['data']).toHaveLength(3)
    expect((await office.call('GET', '/v1/chains')).body['data']).toMatchObject([{ chain_id: chainId }])
    const moved = by((await issueToken(rig.store, { kind: 'agent', tenantId: buyerId, agentId })).token)
    journal.append(1)
    expect((await moved.register(journal)).status).toBe(200)
    expect((await moved.events(chainId, batchText(journal, 4, 4))).status).toBe(200)
  })

  test('an unknown agent cannot be moved', async () => {
    expect(await rig.store.owners.move(randomUUID(), randomUUID(), 'a mistake')).toBeUndefined()
  })

  test('one agent and tenant keeps a hundred messages, all are counted, and each is kept in part', async () => {
    const { journal } = await shop()
    const { agentId, chainId } = journal.chain
    const tenantId = randomUUID()
    const refusal = { agentId, tenantId, chainId, seq: 1, bytes: Buffer.alloc(100_000, 1) }
    for (let count = 0; count < 105; count++) await rig.store.owners.refuse(refusal)
    const counted = (await rig.store.owners.refusedCounts()).find((one) => one.tenantId === tenantId)
    expect(counted).toMatchObject({ agentId, count: 105 })
  })
})
