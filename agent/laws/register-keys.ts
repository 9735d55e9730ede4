import type { KeyObject } from 'node:crypto'

/** The secret keys of registers. */
export type RegisterKeys = {
  of(register: string): KeyObject
  holds(register: string): boolean
  keyOrReason(register: string): { key?: KeyObject | undefined }
}
