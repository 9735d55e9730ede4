import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import type { Daemon } from '../../cli/command.ts'
import { fiskalEdge, ownTill, removedLater, runDaemon, runReceiver } from '../../cli/command.ts'
import { heavy } from '../../tags.ts'
import { verifyJournal } from '../../verified-journal.ts'
import { looked } from '../../waits.ts'
import { GERMAN_LOCATION, GERMAN_MERCHANT } from '../bench.ts'
import type { Members } from '../client.ts'
import { Client } from '../client.ts'
import { event, goods, pay } from '../goods.ts'

type Finding = { check: string; state: string; message: string }

async function json(...args: string[]): Promise<Members> {
  const { code, out, err } = await fiskalEdge(...args, '--json')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return JSON.parse(out) as Members
}

async function doctor(config: string): Promise<readonly Finding[]> {
  const { findings } = await json('doctor', '--config', config)
  return (findings as readonly Finding[]).filter(({ check }) => check === 'agent id' || check.startsWith('sync'))
}

async function killed({ pid, ended }: Daemon): Promise<void> {
  process.kill(pid, 'SIGKILL')
  await ended
}

/** Sells so many times, then kills the agent while it works on the next sale. */
async function sellAndKill(office: Client, register: string, sales: number, daemon: Daemon): Promise<void> {
  const sale = () => office.create(goods('sale', register, [['1.00', '0.07']]))
  for (let sold = 0; sold < sales; sold++) await office.complete(await sale(), [pay('cash', '1.00')])
  const last = sale().catch(() => undefined)
  await killed(daemon)
  await last
}

async function until(fits: () => Promise<boolean>): Promise<void> {
  if ((await looked(fits)) === undefined) throw new Error('it did not come to pass')
}

test(
  'an agent that is killed again and again while it sells is whole at the receiver, hash for hash',
  heavy(),
  async () => {
    const folder = removedLater(mkdtempSync(join(tmpdir(), 'receiver-')))
    const receiver = await runReceiver(folder)
    const tokenFile = join(folder, 'agent.token')
    const targets = [{ id: 'cloud', kind: 'https', url: receiver.url, tokenFile }]
    const config = ownTill(undefined, { sync: { targets } })
    let daemon = await runDaemon(config)
    const [identity, before] = await doctor(config)
    expect(before).toMatchObject({
      check: 'sync cloud',
      state: 'warning',
      message: expect.stringMatching(/^offline, /),
    })
    const agentId = identity?.message.split(':')[0] ?? ''
    const { token } = await json('receiver', 'token', 'agent', agentId, '--config', receiver.config)
    writeFileSync(tokenFile, `${String(token)}\n`, { mode: 0o600 })

    const { key } = await json('key', 'create', 'platform', '--config', config)
    const office = new Client(() => daemon.url, { Authorization: `Bearer ${String(key)}` })
    await office.post('/v1/merchants', GERMAN_MERCHANT)
    const { id: location_id } = await office.post('/v1/locations', GERMAN_LOCATION)
    const register = String((await office.post('/v1/registers', { location_id, name: 'K' }))['id'])
    await office.post(`/v1/registers/${register}/fiscalize`, {}, 202)
    await office.create(event('session_open', register, { opening_balance_amount: '50.00' }))
    const caughtUp = async (): Promise<boolean> => (await office.list('/v1/sync'))[0]?.['unacked'] === 0
    for (const sales of [2, 30, 9]) {
      await sellAndKill(office, register, sales, daemon)
      daemon = await runDaemon(config)
    }
    await until(caughtUp)
    expect((await doctor(config))[1]).toEqual({
      check: 'sync cloud',
      state: 'ok',
      message: 'current, 0 events wait',
    })
    await killed(daemon)

    const local = await verifyJournal(join(dirname(config), 'state'))
    expect(local.valid).toBe(true)
    const reader = await json('receiver', 'token', 'office', '--config', receiver.config)
    const headers = { authorization: `Bearer ${String(reader['token'])}` }
    const { data } = (await (await fetch(`${receiver.url}/v1/chains`, { headers })).json()) as { data: Members[] }
    expect(data).toMatchObject([{ agent_id: agentId, state: 'open', head_seq: local.lastSeq }])
    const copy = await fetch(`${receiver.url}/v1/chains/${String(data[0]?.['chain_id'])}/journal`, { headers })
    const file = join(folder, 'copy.ndjson')
    writeFileSync(file, await copy.text())
    expect((await fiskalEdge('verify', file)).code).toBe(0)
    const end = JSON.parse(readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? '{}') as Members
    expect(end).toMatchObject({ seq: local.lastSeq, head: local.head })

    await json('receiver', 'token', 'revoke', String(reader['id']), '--config', receiver.config)
    expect((await fetch(`${receiver.url}/v1/chains`, { headers })).status).toBe(401)
    process.kill(receiver.pid, 'SIGTERM')
    const { code, out, err } = await receiver.ended
    expect(code).toBe(0)
    expect(`${out}${err}`).not.toContain('frt_')
  },
)

test('a receiver that would listen to the network unencrypted does not start', heavy(), async () => {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'receiver-')))
  const config = join(folder, 'receiver.json')
  writeFileSync(config, JSON.stringify({ version: 1, listen: { host: '0.0.0.0' }, store: { kind: 'sqlight' } }))
  const { code, err } = await fiskalEdge('receiver', 'run', '--config', config)
  expect([code, err]).toEqual([1, expect.stringContaining('config_invalid')])
  writeFileSync(config, JSON.stringify({ version: 1, listen: { host: '0.0.0.0' } }))
  expect((await fiskalEdge('receiver', 'run', '--config', config)).err).toContain('tls: required')
})
