import { readFileSync, rmSync } from 'node:fs'
import { readJournal } from '../../agent/journal/reader.ts'
import type { Members } from '../e2e/client.ts'
import { Client } from '../e2e/client.ts'
import { event, pay } from '../e2e/goods.ts'
import { LOCATION, MERCHANT, movement } from '../e2e/italy/shop.ts'
import type { Daemon } from './daemon.ts'
import { ownPlace, platformKey, runArmed, UNARMED } from './daemon.ts'

/** An Italian daemon that is killed at a step, with one register in session; its printer outlives it. */
export class ArmedShop {
  readonly #place
  #office = new Client(() => this.#url, {})
  #daemon: Daemon | undefined
  #url = ''
  register = ''
  location = ''

  private constructor(device: Members) {
    this.#place = ownPlace({}, { devices: [device] })
  }

  static async open(device: Members): Promise<ArmedShop> {
    const shop = new ArmedShop(device)
    await shop.live()
    const key = await platformKey(shop.state)
    const office = new Client(() => shop.#url, { Authorization: `Bearer ${key}` })
    shop.#office = office
    await office.post('/v1/merchants', MERCHANT)
    shop.location = String((await office.post('/v1/locations', LOCATION))['id'])
    const made = await office.post('/v1/registers', { location_id: shop.location, name: 'Cassa' })
    shop.register = String(made['id'])
    await office.post(`/v1/registers/${shop.register}/fiscalize`, {}, 202)
    await office.create(event('session_open', shop.register, { opening_balance_amount: '0.00' }))
    return shop
  }

  get office(): Client {
    return this.#office
  }

  get state(): string {
    return this.#place.state
  }

  get config(): string {
    return this.#place.config
  }

  /** The next life of the daemon; it may end before it serves. */
  async live(armed = UNARMED): Promise<void> {
    this.#daemon = runArmed(this.#place.config, armed)
    this.#url = (await this.#daemon.ready) ?? ''
  }

  kill(): void {
    this.#daemon?.child.kill('SIGKILL')
  }

  /** The signal that ended this life. */
  async ended(): Promise<string | null> {
    return (await this.#daemon?.ended)?.signal ?? null
  }

  /** The process that runs such an entry for this life of the daemon. */
  childOf(entry: string): number | undefined {
    const pid = this.#daemon?.child.pid
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
    return children.map(Number).find((child) => commandOf(child).includes(entry))
  }

  async sell(amount: string, more: Members = {}): Promise<void> {
    const open = await this.office.create(movement('sale', { id: this.register }, [{ title: 'Caffè', amount }]))
    await this.office.complete(open, [pay('card', amount, more)])
  }

  /** The facts of the journal's events of a kind. */
  events(kind: string): Members[] {
    return readJournal(this.state, (db) =>
      db.prepare<[string], { body: string }>('SELECT body FROM event WHERE kind = ? ORDER BY seq').all(kind),
    ).map(({ body }) => JSON.parse(body) as Members)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill()
    await this.ended()
    rmSync(this.#place.folder, { recursive: true, force: true })
  }
}

/** Empty for a process that has ended. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
