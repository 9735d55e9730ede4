import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { processFigures } from '../../agent/process/process-figures.ts'
import { heavy } from '../tags.ts'
import { once } from '../waits.ts'
import { finanzonline } from './austria/finanzonline.ts'
import { austrianTill, ONE_CARD } from './austria/shop.ts'
import { Bench } from './bench.ts'
import { event, goods, pay } from './goods.ts'

const README = readFileSync(join(import.meta.dirname, '..', '..', 'agent', 'watch', 'README.md'), 'utf8')

async function scrape(bench: Bench): Promise<string> {
  const answer = await fetch(new URL('/metrics', bench.url))
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  return answer.text()
}

/** The value of the one sample whose line begins so. */
function sample(text: string, beginning: string): number {
  const samples = text.split('\n').filter((line) => line.startsWith(beginning))
  expect(samples, `${beginning} in\n${text}`).toHaveLength(1)
  return Number(samples[0]?.split(' ').at(-1))
}

test('a shift and an outage are counted as what they were', heavy(), async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const sale = await till.create(goods('sale', id, [['4.50', '0.07']]))
  await till.complete(sale, [pay('cash', '4.50')])
  await till.void(await till.create(goods('sale', id, [['9.00', '0.07']])))
  await bench.fault('unplugged@*')
  const dark = await till.create(goods('sale', id, [['2.00', '0.07']]))
  expect((await till.complete(dark, [pay('cash', '2.00')])).fiscal.state).toBe('failed')
  await bench.untilDevice('down')

  const before = bench.head()
  const text = await scrape(bench)
  expect(sample(text, 'fiskal_operations_total{type="sale",state="open",law="KassenSichV"}')).toBe(3)
  expect(sample(text, 'fiskal_operations_total{type="sale",state="completed",law="KassenSichV"}')).toBe(2)
  expect(sample(text, 'fiskal_operations_total{type="sale",state="voided",law="KassenSichV"}')).toBe(1)
  expect(sample(text, 'fiskal_operations_total{type="session_open",state="completed",law="KassenSichV"}')).toBe(1)
  // The float, the sale and the void; the sale of the outage was not.
  expect(sample(text, 'fiskal_recordings_total{law="KassenSichV",state="succeeded"}')).toBe(3)
  expect(sample(text, 'fiskal_recordings_total{law="KassenSichV",state="failed"}')).toBe(1)
  expect(sample(text, 'fiskal_device_up{device="tse-1"}')).toBe(0)
  expect(sample(text, 'fiskal_device_state{device="tse-1",state="down"}')).toBe(1)
  expect(sample(text, 'fiskal_warning{code="device_unavailable",severity="alarm",device="tse-1"}')).toBe(1)
  expect(text).toMatch(/fiskal_device_act_failures_total\{device="tse-1",act="\w+",code="unavailable"\} \d/)
  expect(sample(text, 'fiskal_request_seconds_count{route="/v1/operations",method="POST",status="201"}')).toBe(4)
  // The agent may write an event of its device at any moment.
  const newest = sample(text, 'fiskal_journal_head_seq')
  expect([newest >= before, newest <= bench.head()]).toEqual([true, true])
  expect(sample(text, 'fiskal_sync_unacked_events{target="none"}')).toBe(0)
})

test('a disk that syncs slowly is a warning', heavy(), async () => {
  const atPoint = (point: string): void => {
    const until = performance.now() + (point === 'journal.after-commit' ? 25 : 0)
    while (performance.now() < until);
  }
  await using bench = await Bench.open({ atPoint })
  const { id, till } = await bench.till()
  const isSlow = async () => {
    const ready = (await (await fetch(new URL('/readyz', bench.url))).json()) as { warnings: { code: string }[] }
    return ready.warnings.some(({ code }) => code === 'disk_slow')
  }
  const move = () => till.create(event('session_cash_adjustment', id, { cash_amount: '1.00' }))
  await bench.until(async () => (await move()) && (await isSlow()))
  expect(sample(await scrape(bench), 'fiskal_warning{code="disk_slow",severity="warning"}')).toBe(1)
})

/** A receiver that reports its position (nothing), and asks to wait with each batch. */
async function busyReceiver(): Promise<string> {
  const head = Buffer.alloc(32).toString('base64url')
  const server = createServer((request, response) => {
    request.resume()
    const refused = request.method === 'POST'
    response.writeHead(refused ? 503 : 200, { 'content-type': 'application/json', connection: 'close' })
    response.end(JSON.stringify(refused ? { code: 'busy' } : { headSeq: 0, head }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a target that is reached and asks to wait with each batch is not up', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'token-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const tokenFile = join(folder, 'token')
  await writeFile(tokenFile, 'a token', { mode: 0o600 })
  const cloud = { id: 'cloud', kind: 'https', url: await busyReceiver(), tokenFile }
  await using bench = await Bench.open({ config: { sync: { targets: [cloud] } } })
  await bench.till()
  await bench.until(async () => (await scrape(bench)).includes('fiskal_sync_target_failing_seconds{target="cloud"}'))
  expect(sample(await scrape(bench), 'fiskal_sync_target_up{target="cloud"}')).toBe(0)
})

test('every figure is explained in its README with its labels, and no other', async () => {
  await using bench = await Bench.open({
    config: { sync: { targets: [{ id: 'disk', kind: 'file', folder: '/nonexistent' }] } },
    processFigures,
  })
  const { id, till } = await bench.till()
  await till.create(event('session_cash_count', id, { counted_closing_amount: '50.00' }))
  const text = await scrape(bench)
  const served = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`)
  const documented = [...README.matchAll(/^\| `(\w+)(?:\{[^`]*\})?` \| (counter|gauge|histogram) \|/gm)]
  expect(documented.map(([, name, type]) => `${name} ${type}`).sort()).toEqual([...served].sort())
  for (const [row, name] of documented) {
    const labels = /\{([^`}]*)\}/.exec(row)?.[1]?.split(', ') ?? []
    const line = text
      .split('\n')
      .find((candidate) => candidate.startsWith(`${name}{`) || candidate.startsWith(`${name}_bucket{`))
    for (const label of labels) if (line !== undefined) expect(`${name} ${line}`).toContain(`${label}="`)
  }
})

test('duties are counted by law and state', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const { id } = await austrianTill(bench)
  const { administration } = bench.agent
  await administration.confirmTask(`startbeleg-check-${id}`)
  const confirmed = 'fiskal_duties{law="RKSV",state="confirmed"} 1'
  await bench.until(async () => (await scrape(bench)).includes(confirmed))
  const due = 'fiskal_duties{law="RKSV",state="due"}'
  expect(sample(await scrape(bench), due)).toBe(administration.listTasks().length)
})

test(
  'calls to the tax office are counted by result, and the age of the oldest duty until it is confirmed',
  heavy(),
  async () => {
    const service = await finanzonline()
    for (const fault of ['b38@belegpruefung#*', 'lost-answer@registrierung_kasse', 'maintenance=1@status_see'])
      service.simulator.inject(fault)
    await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities } })
    await austrianTill(bench)
    const call = (operation: string, result: string) =>
      `fiskal_authority_requests_total{authority="FinanzOnline",operation="${operation}",result="${result}"}`
    await bench.until(async () => (await scrape(bench)).includes(call('belegpruefung', 'later')))
    const text = await scrape(bench)
    expect(sample(text, call('login', 'done'))).toBeGreaterThan(0)
    expect(sample(text, call('status_see', 'later'))).toBe(1)
    expect(sample(text, call('registrierung_se', 'done'))).toBe(1)
    expect(sample(text, call('registrierung_kasse', 'lost'))).toBe(1)
    const oldest = 'fiskal_duty_oldest_seconds{law="RKSV"}'
    await bench.until(async () => (await scrape(bench)).includes(oldest))
    expect(sample(await scrape(bench), oldest)).toBeGreaterThan(0)
    service.simulator.clearFaults()
    await bench.until(async () => !(await scrape(bench)).includes(oldest))
    expect(sample(await scrape(bench), 'fiskal_duties{law="RKSV",state="confirmed"}')).toBe(3)
  },
)
