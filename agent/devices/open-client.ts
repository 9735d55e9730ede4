import type { Tse } from '../../drivers/ports/tse.ts'

/** The client of an open transaction; `hasStart`: the unit still has the log of its start. */
export type OpenClient = { readonly client: string | undefined; readonly hasStart: boolean }

/**
 * The client of a transaction that is open on a unit. If the unit has deleted the log of its start, it is the one client
 * for which the unit lists the transaction; undefined if it lists it for several, as some units do. Throws DeviceError.
 */
export async function clientOfOpen(
  tse: Pick<Tse, 'recall' | 'clients' | 'openTransactions'>,
  transaction: number,
): Promise<OpenClient> {
  const recalled = await tse.recall(transaction)
  if (recalled !== undefined) return { client: recalled.clientId, hasStart: recalled.start !== undefined }
  const holders: string[] = []
  for (const client of await tse.clients())
    if ((await tse.openTransactions(client)).includes(transaction)) holders.push(client)
  return { client: holders.length === 1 ? holders[0] : undefined, hasStart: false }
}
