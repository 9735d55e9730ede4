import { DeviceError } from '../errors.ts'
import type { Card } from './card.ts'
import { numberAt } from './values.ts'

/** The card gives no reason for a refused start: too many transactions may be open. */
export async function limitOf(card: Card, error: unknown, expired: AbortSignal): Promise<unknown> {
  if (!(error instanceof DeviceError) || error.deviceCode !== '800c') return error
  const open = await openCount(card, expired)
  if (open < numberAt(await card.config(5, expired), 0)) return error
  return new DeviceError('open_transactions_full', 'none', `${open} transactions are open`, error.deviceCode)
}

/** No source names the code of a card that does not delete while transactions are open. */
export async function keptForOpen(card: Card, error: unknown, expired: AbortSignal): Promise<unknown> {
  if (!(error instanceof DeviceError) || error.code !== 'refused' || error.effect !== 'none') return error
  const open = await openCount(card, expired)
  if (open === 0) return error
  return new DeviceError('transactions_open', 'none', `${open} transactions are open`, error.deviceCode)
}

/** How many transactions are open on the card. */
export async function openCount(card: Card, expired: AbortSignal): Promise<number> {
  return numberAt(await card.status(1, expired), 0)
}
