import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isNewer } from '../../base/version.ts'
import type { ProvenShop } from './kept-shop.ts'
import { unpackJson } from './packed.ts'
import type { PublicWords } from './public-words.ts'

/** `release.json`. */
export type Release = {
  readonly version: string
  /** The version by which it writes into journals; another one only for a candidate made before its version was set. */
  readonly program_version: string
  readonly oldest_safe_version: string
  /** The commit that it was made of. */
  readonly commit: string
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>
  /** SHA-256 of each package that was built of that commit before. */
  readonly packages: Readonly<Record<string, string>>
  /** Kinds of events that none of its journals has, each with its reason. */
  readonly kinds_without_journal: Readonly<Record<string, string>>
}

export const MANIFEST = 'release.json'
export const PROGRAM = 'program.tar.xz'
export const PUBLIC_WORDS = 'public.json.br'
export const JOURNALS = 'journals.json.br'
export const SHOPS = { Germany: 'germany.json.br', Austria: 'austria.json.br', Italy: 'italy.json.br' } as const

/** Releases as the repository has them. */
export class Releases {
  readonly #folder: string

  constructor(root: string) {
    this.#folder = join(root, 'releases')
  }

  /** The newest first. */
  all(): readonly Release[] {
    const names = existsSync(this.#folder) ? readdirSync(this.#folder) : []
    return names
      .filter((name) => existsSync(this.path(name, MANIFEST)))
      .map((name) => JSON.parse(readFileSync(this.path(name, MANIFEST), 'utf8')) as Release)
      .sort((one, other) => (isNewer(one.version, other.version) ? -1 : 1))
  }

  path(version: string, file: string): string {
    return join(this.#folder, version, file)
  }

  shops(version: string, file: string): readonly ProvenShop[] {
    return unpackJson(readFileSync(this.path(version, file))) as readonly ProvenShop[]
  }

  words(version: string): PublicWords {
    return unpackJson(readFileSync(this.path(version, PUBLIC_WORDS))) as PublicWords
  }
}
