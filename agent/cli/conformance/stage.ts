import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pause, systemClock } from '../../../base/clock.ts'
import type { DemoShift } from '../../laws/demo-shift.ts'
import { at } from '../../laws/demo-shift.ts'
import type { DemoAgent } from '../demo/agent.ts'
import { areDevicesReady, openSeparate, untilReady } from '../demo/agent.ts'
import { openShop } from '../demo/shop.ts'
import type { Basket } from './baskets.ts'

/** `deadlineMs` of the agent: a slow device need not be slower than this. */
const DEADLINE_MS = 2_000
const AWAY_MS = 3_000
const OTHER_ARTICLE = { sku_identifier: 'conformance', title: 'Conformance' }
const AMOUNTS = ['pretax_amount', 'tax_amount', 'tip_amount', 'total_amount', 'cart_level_discounts']

/** A real agent with its shop: simulated device, temporary state, a process that can be killed. */
export class Stage {
  readonly registerKey: string
  /** False while the agent is killed. */
  isUp = true
  readonly #agent: DemoAgent
  readonly #folder: string
  readonly #device: string
  readonly #platformKey: string

  private constructor(agent: DemoAgent, folder: string, device: string, keys: { platform: string; register: string }) {
    this.#agent = agent
    this.#folder = folder
    this.#device = device
    this.#platformKey = keys.platform
    this.registerKey = keys.register
  }

  /** `hosts`: the names by which the till calls it. Throws {@link DemoError}. */
  static async open(demo: DemoShift, timeZone: string, hosts: readonly string[], stop: AbortSignal): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'fiskal-edge-conformance-'))
    const state = join(folder, 'state')
    const members = { version: 1, state, devices: [demo.device], deadlineMs: DEADLINE_MS, allowedHosts: hosts }
    let agent: DemoAgent | undefined
    try {
      agent = await openSeparate(members, state, folder)
      const { key: platform } = await agent.technician.createKey('platform')
      await untilReady(agent, stop)
      const { registerKey } = await openShop({ url: agent.url, key: platform, stop }, demo.shop, timeZone)
      return new Stage(agent, folder, demo.device.id, { platform, register: registerKey })
    } catch (error) {
      await agent?.stop()
      await rm(folder, { recursive: true, force: true })
      throw error
    }
  }

  get port(): number {
    return Number(new URL(this.#agent.url).port)
  }

  async fault(fault: string): Promise<void> {
    await this.#agent.technician.fault(this.#device, fault)
  }

  async isDeviceReady(): Promise<boolean> {
    return this.isUp && (await areDevicesReady(this.#agent))
  }

  /** As a power cut would, and back after 3 s. */
  async killAgent(): Promise<void> {
    this.isUp = false
    await Promise.all([this.#agent.crash(), pause(systemClock, AWAY_MS)])
    this.isUp = true
  }

  /** Amends as another handheld would: other articles at the same price. False if the agent has refused it. */
  async amend({ id, goods }: Basket): Promise<boolean> {
    const version = at(await this.read(String(id)), 'resource_version')
    const { line_items: lines } = goods ?? {}
    const others = (Array.isArray(lines) ? lines : []).map((line) => ({ ...(line as object), ...OTHER_ARTICLE }))
    const amounts = AMOUNTS.map((name) => [name, goods?.[name]])
    const body = { ...Object.fromEntries(amounts), line_items: others }
    const amended = await this.#change('PATCH', `/v1/operations/${id}`, version, body)
    return at(amended, 'resource_version') !== ''
  }

  /** Voids a basket that the till has forgotten, as a cashier would. */
  async void(id: string): Promise<void> {
    const version = at(await this.read(id), 'resource_version')
    await this.#change('POST', `/v1/operations/${id}/void`, version, { reason: 'operator_cancelled' })
  }

  read(id: string): Promise<unknown> {
    return this.#call(`/v1/operations/${id}`, {})
  }

  async close(): Promise<void> {
    await this.#agent.stop()
    await rm(this.#folder, { recursive: true, force: true })
  }

  #change(method: 'PATCH' | 'POST', path: string, version: string, body: object): Promise<unknown> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID(), 'if-match': `"${version}"` }
    return this.#call(path, { method, headers, body: JSON.stringify(body) })
  }

  async #call(path: string, init: RequestInit): Promise<unknown> {
    const headers = { ...(init.headers as object), authorization: `Bearer ${this.#platformKey}` }
    return await (await fetch(new URL(path, this.#agent.url), { ...init, headers })).json()
  }
}
