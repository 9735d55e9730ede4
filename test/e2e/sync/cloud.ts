import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../../../base/clock.ts'
import type { Receiver } from '../../../receiver/open-receiver.ts'
import { openReceiver } from '../../../receiver/open-receiver.ts'
import type { Rig } from '../../sync/rig.ts'
import { openRig, storedHashes } from '../../sync/rig.ts'
import type { Members } from '../client.ts'

/** A receiver on one address that can stop and come back, and the agent's configuration for it. */
export class Cloud {
  readonly rig: Rig
  readonly tokenFile: string
  readonly #url: URL
  #receiver: Receiver | undefined

  private constructor(rig: Rig) {
    this.rig = rig
    this.#receiver = rig.receiver
    this.#url = new URL(rig.receiver.url)
    this.tokenFile = join(rig.directory, 'cloud.token')
  }

  static async open(): Promise<Cloud> {
    return new Cloud(await openRig())
  }

  get url(): string {
    return this.#url.origin
  }

  get targets(): readonly Members[] {
    return [{ id: 'cloud', kind: 'https', url: this.url, tokenFile: this.tokenFile }]
  }

  /** Gives the agent of a journal its token. `events`: the first of the journal. */
  async enrol(events: readonly { body: string }[]): Promise<{ agentId: string; chainId: string }> {
    const { facts } = JSON.parse(events[0]?.body ?? '{}') as { facts: { agent_id: string; chain_id: string } }
    const { token } = await this.rig.enrol(facts.agent_id)
    await writeFile(this.tokenFile, `${token}\n`, { mode: 0o600 })
    return { agentId: facts.agent_id, chainId: facts.chain_id }
  }

  async leave(): Promise<void> {
    await this.#receiver?.close()
    this.#receiver = undefined
  }

  async comeBack(): Promise<void> {
    const listen = { host: this.#url.hostname, port: Number(this.#url.port) }
    this.#receiver = await openReceiver({ store: this.rig.store, listen, clock: systemClock, log: this.rig.log })
  }

  /** Hashes of all events it has of a chain, hexadecimal. */
  hashes(chainId: string): Promise<string[]> {
    return storedHashes(this.rig.store, chainId)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave()
    await this.rig.close()
  }
}
