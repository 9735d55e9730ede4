import type { Config } from './config.ts'

export type TargetConfig = Config['sync']['targets'][number]

/**
 * The location of a target: a folder of this machine, or network addresses. `named` is the configuration member with
 * the addresses, `pass` that with the credentials.
 */
export type TargetLocation =
  | { readonly folder: string }
  | { readonly addresses: readonly string[]; readonly named: string; readonly pass: string }

/** A new kind of target needs a case here; service, doctor and the sale API use it. */
export function locationOf(target: TargetConfig): TargetLocation {
  switch (target.kind) {
    case 'https':
      return { addresses: [target.url], named: '"url"', pass: 'token' }
    case 'nats':
      return { addresses: target.servers.map(withScheme), named: '"servers"', pass: '"credsFile"' }
    case 'file':
      return { folder: target.folder }
  }
}

/** The address in one line, as the journal records it. */
export function addressOf(target: TargetConfig): string {
  const at = locationOf(target)
  if ('folder' in at) return at.folder
  return target.kind === 'nats' ? `${at.addresses.join(' ')} ${target.stream}` : at.addresses.join(' ')
}

function withScheme(server: string): string {
  return server.includes('://') ? server : `nats://${server}`
}
