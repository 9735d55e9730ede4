import type { Json } from '../../../base/canonical.ts'
import type { NewId } from '../../../base/ids.ts'
import type { CreateMerchant } from '../../contract/merchant.ts'
import type { Members } from '../../journal/events.ts'
import { everyId } from '../../journal/every-id.ts'
import type { View } from '../../journal/projections/view.ts'

/** Stores secrets encrypted; they are never answered. Synchronous: it is used inside a commit. */
export type Vault = {
  seal(name: string, value: Json): void
  sealedNames(): readonly string[]
  forget(name: string): void
}

const PREFIX = 'fisconline_'

type SecretMembers = (country: string) => readonly string[]
type Identities = CreateMerchant['fiscal_identities']

/**
 * The secrets in the identities of a request (Italy's Fisconline password and PIN). Each set has its own name, and the
 * journal records which one is valid: a refused request changes nothing, and a pending change (`pending_changes`) has
 * its own secret.
 */
export class MerchantSecrets {
  readonly #vault: Vault
  readonly #newId: NewId
  readonly #secretMembers: SecretMembers

  constructor(vault: Vault, newId: NewId, secretMembers: SecretMembers) {
    this.#vault = vault
    this.#newId = newId
    this.#secretMembers = secretMembers
  }

  /** The journalled part of identities, and the name of their secret. Call it when nothing can refuse the request. */
  sealIdentities(identities: Identities | undefined): { readonly shown: Members; readonly secret?: string } {
    const { shown, secret } = withoutSecrets(identities, this.#secretMembers)
    if (shown === undefined) return { shown: {} }
    if (secret === undefined) return { shown: { fiscal_identities: shown } }
    const name = this.#newId('fisconline')
    this.#vault.seal(name, secret)
    return { shown: { fiscal_identities: shown }, secret: name }
  }
}

/**
 * Removes secrets that no merchant names: replaced ones, and one whose request a crash ended before its event. Call it
 * before requests are accepted. Returns their number. Removes nothing if the journal has no shop: the real one may be
 * on a disk that is not mounted.
 */
export function forgetUnnamed(vault: Vault, view: View): number {
  const named = new Set<unknown>()
  for (const id of everyId(view, 'merchant')) {
    const { own } = view.merchant(id) ?? {}
    named.add(own?.secret)
    named.add(own?.pending?.secret)
  }
  if (named.size === 0) return 0
  const unnamed = vault.sealedNames().filter((name) => name.startsWith(PREFIX) && !named.has(name))
  for (const name of unnamed) vault.forget(name)
  return unnamed.length
}

function withoutSecrets(
  identities: Identities | undefined,
  secretMembers: SecretMembers,
): { shown: Json[] | undefined; secret: Json | undefined } {
  let secret: Members | undefined
  const shown = identities?.map((identity): Json => {
    const secrets = secretMembers(identity.country_code)
    const members = Object.entries(identity)
    const sealed = members.filter(([name]) => secrets.includes(name))
    if (sealed.length > 0) secret = { ...secret, ...Object.fromEntries(sealed) }
    return Object.fromEntries(members.filter(([name]) => !secrets.includes(name)))
  })
  return { shown, secret }
}
