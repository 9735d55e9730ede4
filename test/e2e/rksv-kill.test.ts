import { createReadStream } from 'node:fs'
import { mkdir, readFile, rename, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verifyJournal } from '../../agent/journal/verify.ts'
import type { Dep7Report } from '../../agent/regimes/rksv/verify-dep7.ts'
import { verifyDep7 } from '../../agent/regimes/rksv/verify-dep7.ts'
import { removedLater } from '../cli/command.ts'
import type { Armed, Daemon } from '../crash/daemon.ts'
import { administer, ownPlace, platformKey, runArmed } from '../crash/daemon.ts'
import { LOCATION, MERCHANT } from './austria.ts'
import type { Answer, Call } from './client.ts'
import { Client, completion } from './client.ts'
import { event, goods, pay } from './goods.ts'

const NOTHING: Armed = { points: [], hit: 1, from: 'ready' }
/** Before and after each commit of a sale, and on either side of its signature. */
const DEATHS: readonly Armed[] = [
  { points: ['journal.after-commit'], hit: 1, from: 'ready' },
  { points: ['journal.before-commit'], hit: 2, from: 'ready' },
  { points: ['journal.after-commit'], hit: 2, from: 'ready' },
  { points: ['device.before-sign'], hit: 1, from: 'ready' },
  { points: ['device.after-sign'], hit: 1, from: 'ready' },
  { points: ['journal.before-commit'], hit: 3, from: 'ready' },
  { points: ['journal.after-commit'], hit: 3, from: 'ready' },
]
const TRIES = 20

/** A shop whose agent dies and is started again, on one state. */
class Lives {
  readonly place = ownPlace({ id: 'card-1', driver: 'card-simulator' })
  #daemon: Daemon | undefined
  #url = ''
  #key = ''

  get office(): Client {
    return new Client(() => this.#url, { Authorization: `Bearer ${this.#key}` })
  }

  async live(armed: Armed = NOTHING): Promise<void> {
    this.#daemon = runArmed(this.place.config, armed)
    this.#url = (await this.#daemon.ready) ?? this.#url
  }

  async bury(): Promise<void> {
    this.#daemon?.child.kill('SIGKILL')
    await this.#daemon?.ended
  }

  /** Resolves when the agent has killed itself. */
  async death(): Promise<void> {
    await this.#daemon?.ended
  }

  /** A register with its Startbeleg and an open session. */
  async open(): Promise<string> {
    removedLater(this.place.folder)
    await this.live()
    this.#key = await platformKey(this.place.state)
    await this.office.post('/v1/merchants', MERCHANT)
    const { id: location_id } = await this.office.post('/v1/locations', LOCATION)
    const id = String((await this.office.post('/v1/registers', { location_id, name: 'Kassa' }))['id'])
    await this.office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
    await this.office.create(event('session_open', id, { opening_balance_amount: '50.00' }))
    return id
  }

  /** The same request in life after life until it is answered. */
  async insist(call: Call): Promise<Answer> {
    for (let tries = 0; tries < TRIES; tries++) {
      const answer = await this.office.call(call).catch(() => undefined)
      if (answer !== undefined && answer.status < 300) return answer
      await this.bury()
      await this.live()
    }
    throw new Error(`${call.path} was never answered`)
  }

  async verifiedDep(registerId: string): Promise<Dep7Report> {
    const range = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z', registerId }
    const [dep, material] = [join(this.place.folder, 'dep7.json'), join(this.place.folder, 'material.json')]
    await administer(this.place.state, 'exportTo', { type: 'dep7', ...range, path: dep })
    await administer(this.place.state, 'exportTo', { type: 'rksv_crypto', ...range, path: material })
    const { base64AESKey } = JSON.parse(await readFile(material, 'utf8')) as { base64AESKey: string }
    return verifyDep7(createReadStream(dep), { aesKey: Buffer.from(base64AESKey, 'base64') })
  }
}

test('killed anywhere in a sale, the register signs each receipt once: no number twice, the counter moves once', async () => {
  const shop = new Lives()
  const id = await shop.open()
  for (const [index, death] of DEATHS.entries()) {
    await shop.bury()
    await shop.live(death)
    const path = '/v1/operations'
    const open = await shop.insist({ path, body: goods('sale', id, [['1.00', '0.20']]), key: `sale-${index}` })
    const call = completion({ id: String(open.json['id']) }, [pay('cash', '1.00')])
    const done = await shop.insist(call)
    expect((await shop.insist(call)).text).toBe(done.text)
    expect(done.json['fiscal_information']).toMatchObject({ receipt_number: String(index + 2) })
  }
  const report = await shop.verifiedDep(id)
  await shop.bury()
  const cents = BigInt(DEATHS.length * 100)
  expect(report).toMatchObject({ valid: true, receipts: DEATHS.length + 1, outageReceipts: 0, turnoverCents: cents })
  expect(await verifyJournal(shop.place.state)).toMatchObject({ valid: true })
})

test('a receipt that a crash interrupted goes out with the marker when the card is gone at the next start', async () => {
  const shop = new Lives()
  const id = await shop.open()
  await shop.bury()
  await shop.live({ points: ['device.before-sign'], hit: 1, from: 'ready' })
  const open = await shop.office.create(goods('sale', id, [['1.00', '0.20']]))
  const call = completion(open, [pay('cash', '1.00')])
  await expect(shop.office.call(call)).rejects.toThrow()
  await shop.death()
  const key = join(shop.place.state, 'devices', 'card-1', 'key.pem')
  await rename(key, `${key}.away`)
  await mkdir(key)

  await shop.live()
  const done = await shop.office.call(call)
  expect(done.json['fiscal_information']).toMatchObject({ receipt_number: '2', security_device_failed: true })
  await shop.bury()
  await rmdir(key)
  await rename(`${key}.away`, key)

  await shop.live()
  const closings = await shop.office.list(`/v1/registers/${id}/closings`)
  expect(closings.map((closing) => closing['type'])).toEqual(['start', 'collective'])
  expect(await shop.verifiedDep(id)).toMatchObject({ valid: true, receipts: 3, outageReceipts: 1, turnoverCents: 100n })
  await shop.bury()
})
