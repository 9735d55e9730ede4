// @module-tag heavy
import { randomUUID } from 'node:crypto'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { LOCATION as AUSTRIAN_LOCATION, MERCHANT as AUSTRIAN_MERCHANT } from '../e2e/austria/shop.ts'
import { GERMAN_LOCATION, GERMAN_MERCHANT } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { LOCATION as ITALIAN_LOCATION, MERCHANT as ITALIAN_MERCHANT } from '../e2e/italy/shop.ts'
import { verifyJournal } from '../verified-journal.ts'
import { looked } from '../waits.ts'
import type { Armed, Place } from './daemon.ts'
import { administer, ownPlace, platformKey, runArmed, UNARMED } from './daemon.ts'

const POINTS = ['journal.before-commit', 'journal.after-commit']
const STEPS_MAX = 40

type Ask = (method: string, path: string, body?: object, key?: string) => Promise<Members | undefined>
type Event = { kind: string; op: string; body: string }

/** A back office; undefined for a request without a 2xx. */
function office(url: string, token: string): Ask {
  return async (method, path, body, key) => {
    try {
      const answer = await fetch(new URL(path, url), {
        method,
        ...(body !== undefined && { body: JSON.stringify(body) }),
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'idempotency-key': key ?? randomUUID(),
        },
      })
      const text = await answer.text()
      return answer.ok ? (JSON.parse(text) as Members) : undefined
    } catch {
      return undefined
    }
  }
}

/** Lives of the agent so far: what waits in one must not act in the next. */
let lives = 0

/** Until the look has a result. */
async function until<T>(look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  const life = lives
  const seen = await looked(() => {
    if (life !== lives) throw new Error('its life is over')
    return look()
  })
  if (seen === undefined) throw new Error('it did not come to pass')
  return seen
}

/** A life of the agent; what its work finds wrong is thrown unless the process was killed. */
async function live(place: Place, token: string, armed: Armed, work: (ask: Ask) => Promise<unknown>): Promise<boolean> {
  const daemon = runArmed(place.config, armed)
  const url = await daemon.ready
  const worked = url === undefined ? undefined : work(office(url, token)).catch((error: unknown) => ({ error }))
  const found = await Promise.race([worked, daemon.ended.then(() => undefined)])
  lives += 1
  daemon.child.kill('SIGTERM')
  const isAlive = (await daemon.ended).signal !== 'SIGKILL'
  if (isAlive && typeof found === 'object' && found !== null && 'error' in found) throw found.error
  return isAlive
}

function eventsIn({ state }: Place): readonly Event[] {
  const db = new Database(join(state, 'journal.db'), { readonly: true })
  try {
    return db.prepare<[], Event>('SELECT kind, op, body FROM event ORDER BY seq').all()
  } finally {
    db.close()
  }
}

type Shop = { place: Place; merchant: object; location: object; device: string }

/** A fiscalized register; its state is the one that each kill begins with. */
async function shopOf({ place, merchant, location, device }: Shop) {
  const made = { register: '', other: '', token: '' }
  const first = runArmed(place.config, UNARMED)
  await first.ready
  made.token = await platformKey(place.state)
  first.child.kill('SIGTERM')
  await first.ended
  await live(place, made.token, UNARMED, async (ask) => {
    await ask('POST', '/v1/merchants', merchant)
    const home = await ask('POST', '/v1/locations', location)
    const other = await ask('POST', '/v1/locations', { ...location, name: 'Anderswo' })
    const given = { location_id: home?.['id'], name: 'Kasse', fiscal_device: device }
    const register = await ask('POST', '/v1/registers', given)
    const path = `/v1/registers/${register?.['id']}`
    await until(async () => {
      await ask('POST', `${path}/fiscalize`, {}, 'fiscalize')
      return (await ask('GET', path))?.['fiscalization_status'] === 'fiscalized'
    })
    made.register = String(register?.['id'])
    made.other = String(other?.['id'])
  })
  return made
}

/** `request` is killed at each step in turn, then sent again to an agent that lives; `check` judges what came of it. */
async function killedAtEveryStep(
  place: Place,
  token: string,
  request: (ask: Ask) => Promise<unknown>,
  again: (ask: Ask) => Promise<unknown>,
  check: () => Promise<void>,
): Promise<void> {
  const [present, before] = [place.state, join(place.folder, 'before')]
  cpSync(present, before, { recursive: true })
  let kills = 0
  for (let isOver = false; !isOver && kills < STEPS_MAX; ) {
    rmSync(present, { recursive: true, force: true })
    cpSync(before, present, { recursive: true })
    isOver = await live(place, token, { points: POINTS, hit: kills + 1, from: 'ready' }, request)
    if (!isOver) kills += 1
    await live(place, token, UNARMED, again)
    await check()
  }
  expect(kills).toBeGreaterThanOrEqual(2)
}

function inFolder(place: Place): Place {
  onTestFinished(() => rmSync(place.folder, { recursive: true, force: true }))
  return place
}

test('killed at every step of a change of location and TSE, the register has both, and each unit knows its clients', async () => {
  const devices = ['tse-1', 'tse-2'].map((id) => ({ id, driver: 'tse-simulator' }))
  const place = inFolder(ownPlace({}, { devices }))
  const german = { place, merchant: GERMAN_MERCHANT, location: GERMAN_LOCATION, device: 'tse-1' }
  const { register, other, token } = await shopOf(german)
  const path = `/v1/registers/${register}`
  const change = (ask: Ask) => ask('PATCH', path, { location_id: other, fiscal_device: 'tse-2' }, 'move')
  const isHandedOver = (): boolean => {
    const kinds = eventsIn(place).map(({ kind }) => kind)
    return kinds.includes('register.tse_replaced') && kinds.includes('register.deregistered')
  }
  await killedAtEveryStep(
    place,
    token,
    async (ask) => {
      await change(ask)
      await until(isHandedOver)
    },
    async (ask) => {
      await until(() => change(ask))
      await until(isHandedOver)
      const [moved, units] = [await ask('GET', path), await ask('GET', '/v1/devices')]
      const serials = (units as { data?: { serial: string }[] } | undefined)?.data?.map(({ serial }) => serial) ?? []
      expect(moved).toMatchObject({ location_id: other, fiscal_device: 'tse-2' })
      expect(moved?.['fiscalization']).toMatchObject({ tse_serial: serials[1] })
    },
    async () => {
      const events = eventsIn(place)
      const updates = events.filter(({ kind, body }) => kind === 'register.updated' && body.includes('tse-2'))
      expect(updates).toHaveLength(1)
      for (const kind of ['register.tse_replaced', 'register.deregistered'])
        expect(events.filter((event) => event.kind === kind)).toHaveLength(1)
      expect(await verifyJournal(place.state)).toMatchObject({ valid: true })
    },
  )
})

test('killed at every step of a move, a printer and its payment terminal are at one place, with a duty per link', async () => {
  const device = { id: 'rt-1', driver: 'rt-simulator' }
  const place = inFolder(ownPlace({}, { devices: [device] }))
  const shop = { place, merchant: ITALIAN_MERCHANT, location: ITALIAN_LOCATION, device: device.id }
  const { register, other, token } = await shopOf(shop)
  const path = `/v1/registers/${register}`
  let terminal = ''
  await live(place, token, UNARMED, async (ask) => {
    const { location_id } = (await ask('GET', path)) ?? {}
    const acquirer = { tax_number: '12345678903', name: 'Acquirer S.p.A.' }
    const facts = { kind: 'physical', tid: '50123456', acquirer, active_from: '2026-06-15' }
    const made = await ask('POST', '/v1/payment-terminals', { location_id, register_ids: [register], ...facts })
    terminal = `/v1/payment-terminals/${made?.['id']}`
  })
  const move = (ask: Ask) => ask('PATCH', path, { location_id: other }, 'move')
  await killedAtEveryStep(
    place,
    token,
    move,
    async (ask) => {
      const [till, pos] = [await ask('GET', path), await ask('GET', terminal)]
      expect(pos?.['location_id']).toBe(till?.['location_id'])
      await until(() => move(ask))
      const moved = (await ask('GET', terminal)) ?? {}
      expect(moved).toMatchObject({ location_id: other, register_ids: [register] })
      const duties = (moved['links'] as Members[]).map((link) => String(link['duty_id']))
      expect(duties.map((id) => id.replace(/-trm_.*/, ''))).toEqual(['pos-link', 'pos-unlink', 'pos-link'])
    },
    async () => {
      expect(eventsIn(place).filter(({ kind }) => kind === 'payment_terminal.updated')).toHaveLength(1)
      expect(await verifyJournal(place.state)).toMatchObject({ valid: true })
    },
  )
})

function always(): true {
  return true
}

const ENDS = [
  {
    law: 'Austria',
    fault: 'unplugged@*',
    device: { id: 'card-1', driver: 'card-simulator' },
    merchant: AUSTRIAN_MERCHANT,
    location: AUSTRIAN_LOCATION,
  },
  {
    law: 'Italy',
    fault: 'unplugged=60000@*',
    device: { id: 'rt-1', driver: 'rt-simulator' },
    merchant: ITALIAN_MERCHANT,
    location: ITALIAN_LOCATION,
  },
]

test.each(ENDS)(
  'killed at every step of an end without its device, $law: the register ends once, with what it owed',
  async (end) => {
    const { device, merchant, location } = end
    const place = inFolder(ownPlace({}, { devices: [device] }))
    const { register, token } = await shopOf({ place, merchant, location, device: device.id })
    const path = `/v1/registers/${register}`
    const decommission = (ask: Ask) => ask('POST', `${path}/decommission`, {}, 'end')
    const typesOf = async (ask: Ask) => {
      const page = (await ask('GET', `${path}/closings`))?.['data'] as { type: string; document_number: unknown }[]
      return page.filter(({ document_number: number }) => number !== null).map(({ type }) => type)
    }
    await killedAtEveryStep(
      place,
      token,
      async (ask) => {
        // A printer in the agent's own process opens its line a moment after the start.
        await until(() => administer(place.state, 'fault', device.id, end.fault).then(always, () => false))
        await decommission(ask)
      },
      async (ask) => {
        const ended = await until(() => decommission(ask))
        expect(ended).toMatchObject({ fiscalization_status: 'decommissioned' })
        await until(async () => (await typesOf(ask)).includes('final'))
        expect((await typesOf(ask)).filter((type) => type === 'final')).toHaveLength(1)
      },
      async () => {
        expect(await verifyJournal(place.state)).toMatchObject({ valid: true })
      },
    )
  },
)
