import type { Config } from './config.ts'

export type TargetConfig = Config['sync']['targets'][number]

/**
 * Where a target is: a folder of this machine, or addresses on the network that stand in the member `named`, entered with
 * the pass of the member `pass`.
 */
export type Whereabouts =
  | { readonly folder: string }
  | { readonly addresses: readonly string[]; readonly named: string; readonly pass: string }

/** Whoever adds a kind of target says it here; service, doctor and the sale API go by it. */
export function whereaboutsOf(target: TargetConfig): Whereabouts {
  switch (target.kind) {
    case 'https':
      return { addresses: [target.url], named: '"url"', pass: 'token' }
    case 'nats':
      return { addresses: target.servers.map(withScheme), named: '"servers"', pass: '"credsFile"' }
    case 'file':
      return { folder: target.path }
  }
}

/** In one line, as the journal names it. */
export function addressOf(target: TargetConfig): string {
  const where = whereaboutsOf(target)
  if ('folder' in where) return where.folder
  return target.kind === 'nats' ? `${where.addresses.join(' ')} ${target.stream}` : where.addresses.join(' ')
}

function withScheme(server: string): string {
  return server.includes('://') ? server : `nats://${server}`
}
