import type { KeyObject } from 'node:crypto'
import { ed25519Key } from '../sync/protocol/chain-hash.ts'
import type { Registration, Store } from './store.ts'

const LIMIT = 20_000

export type KnownChain = Omit<Registration, 'genesis' | 'tenantId'> & { readonly key: KeyObject }

/** The constant facts of a chain while the store has it, so that a batch costs no query and no parsing of a key. */
export class ChainDirectory {
  readonly #store: Pick<Store, 'chain'>
  readonly #chains = new Map<string, KnownChain>()

  constructor(store: Pick<Store, 'chain'>) {
    this.#store = store
  }

  async find(chainId: string): Promise<KnownChain | undefined> {
    const cachedChain = this.#chains.get(chainId)
    if (cachedChain !== undefined) return cachedChain
    const chain = await this.#store.chain(chainId)
    if (chain === undefined) return undefined
    const { agentId, epoch, publicKey } = chain
    const entry = { chainId, agentId, epoch, publicKey, key: ed25519Key(publicKey) }
    // Removes the oldest: a larger fleet only pays one more query.
    if (this.#chains.size >= LIMIT)
      for (const oldest of [...this.#chains.keys()].slice(0, LIMIT / 10)) this.#chains.delete(oldest)
    this.#chains.set(chainId, entry)
    return entry
  }

  /** The store was rolled back to before the chain existed. */
  forget(chainId: string): void {
    this.#chains.delete(chainId)
  }
}
