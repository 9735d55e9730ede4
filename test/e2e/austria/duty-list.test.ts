// @module-tag heavy
import { expect, test } from 'vitest'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { finanzonline } from './finanzonline.ts'
import { austrianTill, LOCATION, ONE_CARD } from './shop.ts'

type Change = { kind: string; id: string; state: string; register_id?: string }

/** The changes of duties that the caller of a key may see, from the first event. */
async function dutyChanges(bench: Bench, headers: Readonly<Record<string, string>>): Promise<readonly Change[]> {
  const response = await fetch(new URL('/v1/events?follow=false', bench.url), {
    headers: { ...headers, 'Last-Event-ID': '0' },
  })
  const events = (await response.text()).matchAll(/^event: (\S+)\ndata: (.*)$/gm)
  return [...events].flatMap(([, kind = '', data = '{}']) =>
    kind === 'duty.changed' ? [{ kind, ...(JSON.parse(data) as Omit<Change, 'kind'>) }] : [],
  )
}

function idsOf(duties: readonly Members[]): string[] {
  return duties.map(({ id }) => String(id))
}

test('the list of duties is by due date and id, page by page, and narrowed by each member of its query', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const { id, key, till } = await austrianTill(bench)
  const { office } = bench
  const [location] = await office.list('/v1/locations')
  const other = await austrianTill(bench, String(location?.['id']))
  const all = await office.list('/v1/duties')
  expect(all.length).toBeGreaterThan(6)
  const places = all.map((duty) => `${String(duty['due'])} ${String(duty['id'])}`)
  expect(places).toEqual(places.toSorted())
  const pages: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page = await office.get(`/v1/duties?limit=2&cursor=${cursor}`)
    pages.push(...idsOf(page['data'] as readonly Members[]))
    cursor = page['next_cursor'] as string | null
  }
  expect(pages).toEqual(idsOf(all))
  await bench.agent.administration.confirmTask(`startbeleg-check-${id}`, 'app says: ok')
  const confirmed = await office.list('/v1/duties?state=confirmed')
  expect(confirmed).toMatchObject([{ id: `startbeleg-check-${id}`, note: 'app says: ok', steps: [] }])
  expect(idsOf(await office.list('/v1/duties?open=false'))).toEqual(idsOf(confirmed))
  expect(await office.list('/v1/duties?open=true')).toHaveLength(all.length - 1)
  expect(await office.list('/v1/duties?regime=RKSV')).toHaveLength(all.length)
  expect(await office.list('/v1/duties?regime=RT')).toEqual([])
  const own = await till.list('/v1/duties')
  expect(new Set(own.map((duty) => duty['register_id']))).toEqual(new Set([id]))
  expect(idsOf(await office.list(`/v1/duties?register_id=${id}`))).toEqual(idsOf(own))
  const shown = await office.get(`/v1/duties/${String(all[0]?.['id'])}`)
  expect(shown).toMatchObject({ regime: 'RKSV', way: 'manual', mode: null, waits_for: null, next_try_at: null })
  const refusals = [
    ...[`/v1/duties/startbeleg-check-${other.id}`, `/v1/duties?register_id=${other.id}`].map(
      (path) => [path, key, 404, 'not_found', ''] as const,
    ),
    ['/v1/duties/startbeleg-check-reg_0', bench.platformKey, 404, 'not_found', ''] as const,
    ...(['open=yes', 'state=done', 'law=XX', 'limit=0', 'cursor=abc', 'way=manual'] as const).map(
      (query) => [`/v1/duties?${query}`, bench.platformKey, 400, 'invalid_request', `/${query.split('=')[0]}`] as const,
    ),
  ]
  for (const [path, by, status, code, pointer] of refusals) {
    const name = by === key ? { 'X-Register-Api-Key': by } : { Authorization: `Bearer ${by}` }
    const response = await fetch(new URL(path, bench.url), { headers: name })
    const body = (await response.json()) as { code: string; details?: { errors?: { pointer: string }[] } }
    expect([path, response.status, body.code]).toEqual([path, status, code])
    expect(JSON.stringify(body), path).toContain(pointer)
  }
})

test('a duty has its steps, and each change of it is in the stream of those who may see it', async () => {
  const service = await finanzonline()
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities } })
  const { id, key } = await austrianTill(bench)
  const registration = `finanzonline-register-${id}`
  const shown = () => bench.office.get(`/v1/duties/startbeleg-check-${id}`)
  await bench.until(async () => (await shown())['state'] === 'confirmed')
  expect(await bench.office.get(`/v1/duties/${registration}`)).toMatchObject({
    ...{ way: 'automatic', mode: 'T', state: 'confirmed', open: true, attempts: 1, confirmed_by: 'authority' },
    steps: [
      { what: 'sent', operation: 'registrierung_kasse', rc: null, by: 'agent' },
      { what: 'answered', operation: 'registrierung_kasse', rc: ['0'], lost: null },
      { what: 'asked', operation: null, rc: ['0'], status: 'REGISTRIERT' },
    ],
  })
  await bench.agent.administration.confirmTask(`data-copy-${quarterOf(await bench.office.list('/v1/duties'))}`)
  const changes = await dutyChanges(bench, { Authorization: `Bearer ${bench.platformKey}` })
  const states = (duty: string) => changes.filter((change) => change.id === duty).map(({ state }) => state)
  expect(states(registration)).toEqual(['sent', 'sent', 'confirmed'])
  expect(states(`startbeleg-check-${id}`)).toEqual(['sent', 'confirmed'])
  expect(changes.at(-1)).toMatchObject({ state: 'confirmed', register_id: id })
  const own = await dutyChanges(bench, { 'X-Register-Api-Key': key })
  expect(own.length).toBeGreaterThan(4)
  expect(own).toEqual(changes.filter((change) => change.register_id === id))
})

function quarterOf(duties: readonly Members[]): string {
  return String(duties.find(({ kind }) => kind === 'at.data_copy')?.['id']).slice('data-copy-'.length)
}

test('a duty that was sent and that the law no longer names is withdrawn', async () => {
  const service = await finanzonline('P')
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities } })
  await austrianTill(bench)
  await bench.restart(async () => void Object.assign(bench.config, { devices: [] }))
  const ends = async () => {
    const duties = await bench.office.list('/v1/duties')
    return duties.filter(({ kind }) => kind === 'at.unit_end')
  }
  const [end] = await ends()
  expect(end).toMatchObject({ way: 'automatic', state: 'due', waits_for: { kind: 'person' } })
  await bench.agent.administration.sendDuty(String(end?.['id']), 'planned')
  await bench.restart(async () => void Object.assign(bench.config, ONE_CARD))
  await bench.untilDevice('ready')
  await bench.office.post('/v1/locations', LOCATION)
  const { title, due } = end ?? {}
  expect(await ends()).toMatchObject([
    { title, due, state: 'withdrawn', open: false, instructions: [], steps: [{ what: 'queued', by: 'person' }] },
  ])
})
