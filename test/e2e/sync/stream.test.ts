import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkSync } from '../../../agent/cli/checks/sync.ts'
import { fiskalEdge, removedLater, runReceiver } from '../../cli/command.ts'
import { startNats } from '../../sync/servers/nats.ts'
import { heavy } from '../../tags.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { FastClock } from '../fast-clock.ts'
import { goods } from '../goods.ts'

test('a sale goes through JetStream into a receiver that takes the events of the stream', heavy(), async () => {
  const nats = await startNats()
  await nats.addStream('FISKAL')
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'receiver-')))
  const receiver = await runReceiver(folder, { streams: [{ servers: [nats.url], stream: 'FISKAL' }] })
  try {
    const targets = [{ id: 'chain', kind: 'nats', servers: [nats.url], stream: 'FISKAL' }]
    await using bench = await Bench.open({ clock: new FastClock(20), config: { sync: { targets } } })
    const { id, till } = await bench.till()
    const sold = await till.create(goods('sale', id, [['3.00', '0.07']]))
    await bench.until(async () => (await till.read(sold.id)).sync_status === 'acknowledged')
    const { out } = await fiskalEdge('receiver', 'token', 'office', '--json', '--config', receiver.config)
    const { token } = JSON.parse(out) as { token: string }
    const chains = await bench.until(async () => {
      const answer = await fetch(`${receiver.url}/v1/chains`, { headers: { authorization: `Bearer ${token}` } })
      const { data } = (await answer.json()) as { data: readonly Members[] }
      return data[0]?.['head_seq'] === bench.journal().length && data
    })
    expect(chains).toMatchObject([{ epoch: 1, state: 'open' }])
  } finally {
    process.kill(receiver.pid, 'SIGTERM')
    await receiver.ended
    await nats.stop()
  }
})

test('the remedy for an unreachable stream names its own member of the configuration', async () => {
  const targets = [{ id: 'chain', kind: 'nats', servers: ['nats://127.0.0.1:9'], stream: 'FISKAL' }]
  await using bench = await Bench.open({ clock: new FastClock(20), config: { sync: { targets } } })
  const told = await bench.until(async () => {
    const listed = await bench.office.list('/v1/sync')
    return listed[0]?.['last_error'] !== null && listed
  })
  const [, finding] = await checkSync(bench.config, told)
  expect(finding).toMatchObject({ state: 'warning', message: expect.stringContaining('ECONNREFUSED') })
  expect(finding?.remedy).toContain('are host and port in "servers" right')
  const lost = { ...told[0], state: 'current', last_error: { code: 'message_missing', message: 'It begins late.' } }
  const [, found] = await checkSync(bench.config, [lost])
  expect(found).toMatchObject({ state: 'warning', message: expect.stringContaining('It begins late.') })
  expect(found?.remedy).toContain('lost messages')
})
