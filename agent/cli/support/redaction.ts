import { readFileSync } from 'node:fs'
import { redacted } from '../../../base/log.ts'
import type { Config } from '../../agent-config.ts'
import { secretFiles } from '../../agent-config.ts'

/** Shorter secrets would match parts of ordinary words; no such secret is written anywhere. */
const SECRET_LEAST = 4
const MARK = '[secret]'

/** Takes secrets out of a text: what looks like a key of ours, and whatever the secret files of the configuration hold. */
export class Redaction {
  readonly #secrets: readonly string[]

  constructor(config: Config | undefined) {
    const files = config === undefined ? [] : [...secretFiles(config).values()]
    const texts = files.flatMap((file) => {
      try {
        return readFileSync(file, 'utf8').split('\n')
      } catch {
        // One that cannot be read is in nothing that is read here.
        return []
      }
    })
    const trimmed = texts.map((text) => text.trim()).filter((text) => text.length >= SECRET_LEAST)
    this.#secrets = [...new Set(trimmed)].sort((left, right) => right.length - left.length)
  }

  of(text: string): string {
    let cleared = redacted(text, text.length)
    for (const secret of this.#secrets) cleared = cleared.replaceAll(secret, MARK)
    return cleared
  }
}
