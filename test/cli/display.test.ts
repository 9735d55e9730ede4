import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { GERMAN_LOCATION, GERMAN_MERCHANT } from '../e2e/bench.ts'
import { Client } from '../e2e/client.ts'
import { event, goods, pay } from '../e2e/goods.ts'
import { heavy } from '../tags.ts'
import { verifyJournal } from '../verified-journal.ts'
import { fiskalEdge, ownTill, runDaemon } from './command.ts'

const KILLS = 4
const DISPLAY = { digitalReceipt: { show: ['display'] } }
const UNIT = [{ id: 'tse-1', driver: 'tse-simulator' }]

async function display(config: string, ...args: string[]): Promise<{ register_id: string; url: string }> {
  const { code, out, err } = await fiskalEdge('display', ...args, '--json', '--config', config)
  expect(code, err).toBe(0)
  return JSON.parse(out) as { register_id: string; url: string }
}

function pathOf(url: string): string {
  return new URL(url).pathname
}

/** The tag of what is on the display; a HEAD leaves no trace. */
async function tagOf(url: string): Promise<string | null> {
  return (await fetch(`${url}/now`, { method: 'HEAD' })).headers.get('etag')
}

async function untilTagIsNot(url: string, tag: string | null): Promise<string> {
  for (let looks = 0; looks < 500; looks++) {
    const now = await tagOf(url)
    if (now !== null && now !== tag) return now
  }
  throw new Error('the display shows the same')
}

test('a display keeps its address over kills, and shows what it had', heavy(), async () => {
  const config = ownTill(UNIT, DISPLAY)
  let daemon = await runDaemon(config)
  const { out } = await fiskalEdge('key', 'create', 'platform', '--json', '--config', config)
  const { key } = JSON.parse(out) as { key: string }
  const office = new Client(() => daemon.url, { Authorization: `Bearer ${key}` })
  await office.post('/v1/merchants', GERMAN_MERCHANT)
  const { id: location_id } = await office.post('/v1/locations', GERMAN_LOCATION)
  const id = String((await office.post('/v1/registers', { location_id, name: 'K' }))['id'])
  await office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
  await office.create(event('session_open', id, { opening_balance_amount: '50.00' }))

  const first = await display(config, id)
  expect(first).toEqual({ register_id: id, url: `${daemon.url}${pathOf(first.url)}` })
  const path = pathOf(first.url)
  for (let kills = 0; kills < KILLS; kills++) {
    const before = await tagOf(`${daemon.url}${path}`)
    const open = await office.create(goods('sale', id, [['3.00', '0.07']]))
    await office.complete(open, [pay('cash', '3.00')])
    const tag = await untilTagIsNot(`${daemon.url}${path}`, before)
    const answer = await fetch(`${daemon.url}${path}/now`)
    expect(answer.headers.get('etag')).toBe(tag)
    if (kills % 2 === 0) await answer.text()
    process.kill(daemon.pid, 'SIGKILL')
    await daemon.ended
    daemon = await runDaemon(config)
    // The page still has the receipt, and asks for news.
    const again = await fetch(`${daemon.url}${path}/now`, { headers: { 'If-None-Match': tag } })
    expect(again.status).toBe(304)
  }

  const renewed = await display(config, id, '--renew')
  expect((await fetch(`${daemon.url}${path}/now`)).status).toBe(404)
  expect((await fetch(`${renewed.url}/now`)).status).toBe(200)
  const shown = await fiskalEdge('display', id, '--qr', '--config', config)
  expect(shown.out.split('\n')[0]).toBe(renewed.url)
  expect(shown.out).toMatch(/[█▀▄]{20}/)
  const unknown = await fiskalEdge('display', 'reg_none', '--config', config)
  expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('give its name or its id')])
  const { name } = await office.get(`/v1/registers/${id}`)
  expect((await display(config, String(name))).url).toBe(renewed.url)

  const bundle = join(dirname(config), 'bundle.tar.gz')
  expect((await fiskalEdge('support', 'bundle', bundle, '--config', config)).code).toBe(0)
  daemon.child.kill('SIGTERM')
  const ended = await daemon.ended
  const everything = `${gunzipSync(readFileSync(bundle)).toString('latin1')}${ended.out}${ended.err}`
  for (const token of [path, pathOf(renewed.url)]) expect(everything).not.toContain(token.slice('/display/'.length))
  // Without a daemon it is the same display, at the address of the configuration.
  expect(await display(config, id)).toEqual({ register_id: id, url: `http://localhost:7070${pathOf(renewed.url)}` })

  expect(await verifyJournal(join(dirname(config), 'state'))).toMatchObject({ valid: true })
})

test('without a display in the configuration the command reports what to add', heavy(), async () => {
  const { code, err } = await fiskalEdge('display', 'reg_none', '--config', ownTill(UNIT))
  expect(code).toBe(1)
  expect(err).toContain('"digitalReceipt": { "show": ["display"] }')
})
