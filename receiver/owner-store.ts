import { CodedError } from '../base/thrown.ts'

/** An agent belongs to one tenant permanently: announced by a token, by its first journal, or moved by an administrator. */
export type OwnedAgent = {
  readonly agentId: string
  readonly tenantId: string
  /** The receiver's own clock, milliseconds since 1970. */
  readonly sinceMs: number
  readonly by: 'token' | 'genesis' | 'moved'
}

/** `ownerId`: the tenant that has the agent. Throws `wrong_tenant` if that is another one. */
export function demandOwner(ownerId: string, agentId: string, tenantId: string): void {
  if (ownerId === tenantId) return
  throw new CodedError(
    'wrong_tenant',
    `Agent ${agentId} belongs to another tenant: "receiver agent list" shows it, "receiver agent move" changes it.`,
  )
}

/** A message about an agent of another tenant: refused, and kept as evidence. */
export type Refusal = {
  readonly agentId: string
  /** The tenant of the token or subject with which it came. */
  readonly tenantId: string
  readonly chainId: string
  /** The first event of the message, if it has one. */
  readonly seq: number | undefined
  readonly bytes: Uint8Array
}

/** How many messages of a tenant about an agent of another one were refused. `ownerId`: the tenant that the agent belongs to. */
export type RefusedCount = {
  readonly agentId: string
  readonly ownerId: string | undefined
  readonly tenantId: string
  readonly count: number
  readonly firstAtMs: number
  readonly lastAtMs: number
}

export type DisputedAgent = { readonly agentId: string; readonly tenantIds: readonly string[] }

/**
 * The number of refused messages that are kept for one agent and tenant, and the bytes kept of each; all are counted.
 */
export const REFUSED_KEPT = 100
export const REFUSED_BYTES = 64 << 10

/** The owners of agents, and the refusals because of them. Durable when it resolves. */
export type OwnerStore = {
  /** The tenant that the agent belongs to; undefined for an agent that was never announced. */
  tenantOf(agentId: string): Promise<string | undefined>
  /** In the order of their ids. */
  list(limit: number, after?: string): Promise<readonly OwnedAgent[]>
  /** Gives the agent to another tenant and revokes the tokens of all others for it; returns the former tenant, undefined for an unknown agent. */
  move(agentId: string, tenantId: string, reason: string): Promise<string | undefined>
  /** Keeps the evidence of a message that was refused as `wrong_tenant`, and counts it. */
  refuse(refusal: Refusal): Promise<void>
  refusedCounts(): Promise<readonly RefusedCount[]>
  /** Agents with journals of several tenants that no administrator has moved: from a receiver without owners. */
  disputed(): Promise<readonly DisputedAgent[]>
}
