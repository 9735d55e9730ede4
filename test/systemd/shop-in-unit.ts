import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import type { Machine } from '../booted-systemd.ts'
import { LOCATION as AUSTRIA } from '../e2e/austria/shop.ts'
import type { Register } from '../e2e/bench.ts'
import { GERMAN_MERCHANT, GERMAN_LOCATION as GERMANY } from '../e2e/bench.ts'
import type { Answer, Call, Members } from '../e2e/client.ts'
import { Client } from '../e2e/client.ts'
import { event } from '../e2e/goods.ts'
import { MERCHANT as ITALIAN_MERCHANT, LOCATION as ITALY } from '../e2e/italy/shop.ts'
import { done } from '../package/installed-machine.ts'
import { BUILD_LIMIT_MS, looked, once } from '../waits.ts'

export const STATE = '/var/lib/fiskal-edge'
const SOCKET = '/run/tills.sock'
const BRIDGE = `systemd-run --quiet --unit=tills socat UNIX-LISTEN:${SOCKET},fork TCP:127.0.0.1:7070`
const LOCATIONS = { DEU: GERMANY, AUT: AUSTRIA, ITA: ITALY }
const LOOK_MS = 300

/** The agent's report of a device. */
export type DeviceRow = Members & { readonly id: string; readonly state: string }

/** The tills and the office of a shop whose agent is the service of a machine. */
export class ShopInUnit {
  readonly office: Client
  readonly #machine: Machine
  readonly #url: string

  private constructor(machine: Machine, url: string, key: string) {
    this.#machine = machine
    this.#url = url
    this.office = this.#client({ Authorization: `Bearer ${key}` })
  }

  /** A shop in three countries, in the service with that configuration. `prepare`: a script that runs before it. */
  static async open(machine: Machine, config: Members, prepare = ''): Promise<ShopInUnit> {
    const host = await bridgeTo(machine)
    const whole = { version: 1, state: STATE, listen: {}, allowedHosts: [host], ...config }
    writeFileSync(join(machine.root, 'etc/fiskal-edge/agent.json'), JSON.stringify(whole))
    await done(machine, `${prepare}\nfiskal-edge service install`)
    const { key } = JSON.parse(await done(machine, 'fiskal-edge key create platform --json')) as { key: string }
    const shop = new ShopInUnit(machine, `http://${host}`, key)
    const identities = [
      ...GERMAN_MERCHANT.fiscal_identities,
      { country_code: 'AUT', vat_id: 'ATU12345678' },
      ...ITALIAN_MERCHANT.fiscal_identities,
    ]
    await shop.office.post('/v1/merchants', { ...GERMAN_MERCHANT, fiscal_identities: identities })
    return shop
  }

  /** A register with an open session on that device. */
  async register(country: keyof typeof LOCATIONS, device: string): Promise<Register> {
    const location = await this.office.post('/v1/locations', LOCATIONS[country])
    const made = { location_id: location['id'], name: `Till at ${device}`, fiscal_device: device }
    const id = String((await this.office.post('/v1/registers', made))['id'])
    const fiscalized = await this.office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
    const key = String(fiscalized['register_api_key'])
    const { client_id: clientId } = fiscalized['fiscalization'] as { client_id: string }
    const till = this.#client({ 'X-Register-Api-Key': key })
    await till.create(event('session_open', id, { opening_balance_amount: '50.00' }))
    return { id, clientId, key, till }
  }

  /** Makes an embedded simulator fail, as `fiskal-edge fault` does. */
  async fault(deviceId: string, ...faults: readonly string[]): Promise<void> {
    for (const fault of faults) {
      const body = JSON.stringify({ deviceId, fault })
      const call = `curl -sSf --unix-socket ${STATE}/admin.sock -H 'Content-Type: application/json' http://admin/fault`
      await done(this.#machine, `${call} -d '${body}'`)
    }
  }

  async device(id: string): Promise<DeviceRow> {
    const rows = (await this.office.list('/v1/devices')) as readonly DeviceRow[]
    const found = rows.find((row) => row.id === id)
    if (found === undefined) throw new Error(`no device ${id}`)
    return found
  }

  async warnings(): Promise<readonly Members[]> {
    const answer = await fetch(`${this.#url}/readyz`, { headers: { Connection: 'close' } })
    return ((await answer.json()) as { warnings: readonly Members[] }).warnings
  }

  /** Sends it again until it is answered so, as a till does, also while the service is between two starts. */
  answered(till: Client, call: Call, status: number): Promise<Answer> {
    return this.until(`${call.path} to be answered ${status}`, async () => {
      const answer = await till.call(call)
      if (answer.status !== status) throw new Error(`${answer.status} ${answer.text}`)
      return answer
    })
  }

  untilDevice(id: string, state: string): Promise<DeviceRow> {
    return this.until(`${id} to be ${state}`, async () => {
      const row = await this.device(id)
      return row.state === state && row
    })
  }

  /** Looks again and again, also while nothing listens. */
  async until<T>(what: string, look: () => Promise<T | false>): Promise<T> {
    let last: unknown
    const seen = await looked(
      async () => {
        const one = await look().catch((error: unknown) => {
          last = error
          return false as const
        })
        return one !== false && { one }
      },
      { everyMs: LOOK_MS, limitMs: BUILD_LIMIT_MS },
    )
    if (seen === undefined) throw new Error(`still waiting for ${what}: ${String(last)}`)
    return seen.one
  }

  /** The part of the unit that changes with a restart. */
  async start(): Promise<string> {
    return done(this.#machine, 'systemctl show fiskal-edge -p MainPID,NRestarts,ActiveState')
  }

  /** Each request has its own connection: a kept one ends with the service, or when hours pass for it. */
  #client(headers: Readonly<Record<string, string>>): Client {
    return new Client(() => this.#url, { ...headers, Connection: 'close' })
  }
}

/** The Host by which this process calls the agent of a machine, whose network has nothing but loopback. */
async function bridgeTo(machine: Machine): Promise<string> {
  await done(machine, `${BRIDGE}; until test -S ${SOCKET}; do sleep 0.1; done`)
  const server = createServer((till) => {
    const agent = connect(join(machine.root, SOCKET))
    till.on('error', () => agent.destroy()).pipe(agent)
    agent.on('error', () => till.destroy()).pipe(till)
  })
  server.unref()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}
