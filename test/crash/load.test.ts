import { rmSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { heavy } from '../tags.ts'
import { TurningClock, turnedMs } from '../turning-clock.ts'
import { agentHere } from './agent-here.ts'
import type { Asked, Given } from './answer-log.ts'
import { AnswerLog } from './answer-log.ts'
import { DEVICE } from './daemon.ts'
import { httpLine } from './http-line.ts'
import { brokenInvariants } from './invariants.ts'
import { seeded } from './seeded.ts'
import { workShift } from './shift.ts'
import { openShop, paymentsOf, saleBody, Till } from './till.ts'

const CLIENTS = 1000
const WAITING_MAX = 64

test(
  'of 1,000 clients at one slow device 64 wait, the rest get a retry time, and no accepted sale is lost',
  heavy(),
  async () => {
    const devices = [{ id: DEVICE, driver: 'tse-simulator', latencyMs: 60 }]
    const { agent, url, key, state } = await agentHere({ devices, deadlineMs: 60_000 })
    onTestFinished(() => rmSync(state, { recursive: true, force: true }))
    const log = new AnswerLog()
    const line = httpLine({ url: () => url, key, back: async () => undefined })
    const office = new Till('office', { random: seeded(1), log, line, over: () => false })
    const [register = ''] = await openShop(office, 1)
    await office.act('/v1/operations', {
      type: 'session_open',
      register_id: register,
      currency: 'EUR',
      opening_balance_amount: '0.00',
    })
    const asked = Array.from({ length: CLIENTS }, (_, client): Asked => {
      return { path: '/v1/operations', body: saleBody(register, 100 + client), key: `client-${client}` }
    })
    const first = await Promise.all(asked.map((one) => ask(url, key, one)))
    const refused = first.filter(({ status }) => status !== 201)
    expect(new Set(refused.map(({ status, body, retryAfter }) => `${status} ${codeOf(body)} ${retryAfter}`))).toEqual(
      new Set(['503 fiscal_device_busy 1']),
    )
    // While 64 wait no other client gets in; a few do as the queue empties.
    expect(refused.length).toBeGreaterThan(CLIENTS / 2)
    expect(first.length - refused.length).toBeGreaterThanOrEqual(WAITING_MAX)
    for (const [index, one] of asked.entries()) {
      const answer = first[index]
      if (answer !== undefined) log.note(one, answer)
    }
    // Accepted or refused, each exists once afterwards.
    for (const one of asked.slice(0, 100)) {
      const given = await line.send(one)
      expect(given?.status).toBe(201)
      if (given !== undefined) log.note(one, given)
    }
    await agent.stop()
    expect(await brokenInvariants({ state, device: DEVICE, answers: log, settled: true })).toEqual([])
  },
)

test('a device that never finishes delays neither its neighbour nor the probes', heavy(), async () => {
  const devices = [
    { id: DEVICE, driver: 'tse-simulator' },
    { id: 'tse-2', driver: 'tse-simulator' },
  ]
  const { agent, url, key, state } = await agentHere({ devices, deadlineMs: 300, clock: new TurningClock() })
  onTestFinished(() => rmSync(state, { recursive: true, force: true }))
  const log = new AnswerLog()
  const line = httpLine({ url: () => url, key, back: async () => undefined })
  const till = new Till('till', { random: seeded(2), log, line, over: () => false })
  const [slow = '', quick = ''] = await openShop(till, 2, [DEVICE, 'tse-2'])
  const open = { type: 'session_open', currency: 'EUR', opening_balance_amount: '0.00' }
  await till.act('/v1/operations', { ...open, register_id: slow })
  const sale = await till.act('/v1/operations', saleBody(slow, 1_000))
  await agent.administration.fault(DEVICE, 'slow=3000@finish#1')
  const path = `/v1/operations/${String(sale['id'])}/complete`
  const complete: Asked = { path, body: { payments: paymentsOf('10.00', true) }, key: 'slow-one', ifMatch: 1 }
  const slowly = line.send(complete)
  const startedAt = turnedMs()
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  await workShift(till, quick, 3)
  expect(turnedMs() - startedAt).toBeLessThan(2_500)
  const undecided = await slowly
  expect(JSON.parse(undecided?.body ?? '{}')).toMatchObject({ status: 'completed', fiscal: { state: 'pending' } })
  let settled = await line.send(complete)
  while (settled?.status === 409 || settled?.body.includes('"state":"pending"') === true)
    settled = await line.send(complete)
  expect(JSON.parse(settled?.body ?? '{}')).toMatchObject({ status: 'completed', fiscal: { state: 'succeeded' } })
  await agent.stop()
  expect(await brokenInvariants({ state, device: DEVICE, answers: log, settled: true })).toEqual([])
  expect(await brokenInvariants({ state, device: 'tse-2', answers: log, settled: true })).toEqual([])
})

function codeOf(body: string): string {
  return (JSON.parse(body) as { code: string }).code
}

async function ask(
  url: string,
  key: string,
  { path, body, key: id }: Asked,
): Promise<Given & { retryAfter: string | null }> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'idempotency-key': id }
  const response = await fetch(new URL(path, url), { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: response.status, retryAfter: response.headers.get('retry-after'), body: await response.text() }
}
