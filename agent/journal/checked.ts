import { toCents } from '../../base/money.ts'
import type { Members } from './events.ts'

/* A member of stored JSON of unproven type; undefined if it has another type. */

export function textIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** 0 without a text. */
export function centsIn(value: unknown): bigint {
  return toCents(textIn(value) ?? '0')
}

export function numberIn(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

export function membersIn(value: unknown): Members | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined
}
