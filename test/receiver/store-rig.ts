import { openPostgresStore } from '../../receiver/postgres/store.ts'
import type { Rig } from '../sync/rig.ts'
import { openRig } from '../sync/rig.ts'
import type { TestPostgres } from '../sync/servers/postgres.ts'
import { startPostgres } from '../sync/servers/postgres.ts'

/** The stores of a receiver: the rules of its protocol hold on each. */
export const STORES = ['sqlite', 'postgres'] as const

export type StoreRig = Rig & { readonly postgres?: TestPostgres }

/** A receiver on such a store; its PostgreSQL ends with it. */
export async function openRigOn(kind: (typeof STORES)[number]): Promise<StoreRig> {
  if (kind === 'sqlite') return openRig()
  const postgres = await startPostgres()
  const store = openPostgresStore({ connection: postgres.application, onError: () => undefined })
  const rig = await openRig({ store })
  const close = async (): Promise<void> => {
    await rig.close()
    await postgres.stop()
  }
  return { ...rig, postgres, close }
}
