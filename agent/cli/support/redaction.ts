import { readFileSync } from 'node:fs'
import { redacted } from '../../../base/log.ts'
import type { Config } from '../../agent-config.ts'
import { secretFiles } from '../../agent-config.ts'

/** Shorter secrets would match parts of ordinary words, and none is that short. */
const SECRET_LEAST = 4
const MARK = '[secret]'

/** Keys of agent.json whose value is a secret itself. */
const SECRET_KEYS: ReadonlySet<string> = new Set(['seed'])

/**
 * Removes secrets from a text: everything that looks like one of our keys, the contents of the configured secret files, and
 * secrets in the configuration itself.
 */
export class Redaction {
  readonly #secrets: readonly string[]

  constructor(config: Config | undefined) {
    const files = config === undefined ? [] : [...secretFiles(config).values()]
    const texts = files.flatMap((file) => {
      try {
        return readFileSync(file, 'utf8').split('\n')
      } catch {
        // A file that cannot be read here is in none of the collected texts.
        return []
      }
    })
    if (config !== undefined) texts.push(...secretsIn(config))
    const trimmed = texts.map((text) => text.trim()).filter((text) => text.length >= SECRET_LEAST)
    this.#secrets = [...new Set(trimmed)].sort((left, right) => right.length - left.length)
  }

  of(text: string): string {
    let cleared = redacted(text, text.length)
    for (const secret of this.#secrets) cleared = cleared.replaceAll(secret, MARK)
    return cleared
  }
}

/** Values of secret keys, the query of an address, and the path of a webhook. */
function secretsIn(config: Config): string[] {
  const secrets = config.webhooks.map(({ url }) => new URL(url).pathname.slice(1))
  JSON.stringify(config, (key, value: unknown) => {
    if (typeof value !== 'string') return value
    if (SECRET_KEYS.has(key)) secrets.push(value)
    if (URL.canParse(value)) secrets.push(...new URL(value).searchParams.values())
    return value
  })
  return secrets
}
