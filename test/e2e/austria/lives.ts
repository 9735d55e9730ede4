import { createSecretKey } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Dep7Report } from '../../../verify/rksv/verify-dep7.ts'
import { verifyDep7 } from '../../../verify/rksv/verify-dep7.ts'
import { removedLater } from '../../cli/command.ts'
import type { Armed, Daemon, Place } from '../../crash/daemon.ts'
import { administer, ownPlace, platformKey, runArmed } from '../../crash/daemon.ts'
import type { Answer, Call } from '../client.ts'
import { Client } from '../client.ts'
import { event } from '../goods.ts'
import { LOCATION, MERCHANT } from './shop.ts'

const NOTHING: Armed = { points: [], hit: 1, from: 'ready' }
const TRIES = 20

/** A shop whose agent dies and is started again, on one state. */
export class Lives {
  readonly place: Place
  /** How far the clock of the next life is off. */
  offsetMs = 0
  #daemon: Daemon | undefined
  #url = ''
  #key = ''

  constructor(device: object = { id: 'card-1', driver: 'card-simulator' }) {
    this.place = ownPlace(device)
  }

  get office(): Client {
    return new Client(() => this.#url, { Authorization: `Bearer ${this.#key}` })
  }

  async live(armed: Armed = NOTHING): Promise<void> {
    this.#daemon = runArmed(this.place.config, { ...armed, offsetMs: this.offsetMs })
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
    await administer(this.place.state, 'deviceAct', 'card-1', 'init')
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
    await administer(this.place.state, 'exportTo', 'dep7', range, dep)
    await administer(this.place.state, 'exportTo', 'rksv_crypto', range, material)
    const { base64AESKey } = JSON.parse(await readFile(material, 'utf8')) as { base64AESKey: string }
    return verifyDep7(createReadStream(dep), { aesKey: createSecretKey(base64AESKey, 'base64') })
  }
}
