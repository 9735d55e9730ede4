import { hash } from 'node:crypto'
import type { Json } from '../../base/canonical.ts'
import { canonicalJson } from '../../base/canonical.ts'
import type { Config } from './config.ts'

/** By what a configuration is known again: SHA-256 of all that it says, in hexadecimal, however that is written. */
export function configFingerprint(config: Config): string {
  return hash('sha256', canonicalJson(config as unknown as Json))
}
