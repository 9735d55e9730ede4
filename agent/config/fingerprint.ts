import { hash } from 'node:crypto'
import type { Json } from '../../base/canonical.ts'
import { canonicalJson } from '../../base/canonical.ts'
import type { Config } from './config.ts'

/** Identifies a configuration: SHA-256 of its canonical form, in hexadecimal. */
export function configFingerprint(config: Config): string {
  return hash('sha256', canonicalJson(config as unknown as Json))
}
