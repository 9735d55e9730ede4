import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Language } from '../../contract/receipt.ts'
import { textsModule } from './texts.ts'

/** The files that the page may load, and their media types. */
const FILES = {
  'status.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
  'status.js': 'text/javascript; charset=utf-8',
  'agent.js': 'text/javascript; charset=utf-8',
  'elements.js': 'text/javascript; charset=utf-8',
  'groups.js': 'text/javascript; charset=utf-8',
  'receipt.js': 'text/javascript; charset=utf-8',
  'sections.js': 'text/javascript; charset=utf-8',
  'texts.js': 'text/javascript; charset=utf-8',
  'upkeep.js': 'text/javascript; charset=utf-8',
  'warnings.js': 'text/javascript; charset=utf-8',
  'words.js': 'text/javascript; charset=utf-8',
} as const

/**
 * Only own files and answers: no inline script or style, no frame around it, no text that becomes HTML. `blob:` is the
 * picture of a code, which has to be fetched with a key.
 */
export const STATUS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

export type PageFile = { mediaType: string; body: Buffer; etag: string }

const loaded = new Map<string, PageFile>()

/** The page itself, in the language that the caller's browser asks for. */
export function statusPage(language: Language): PageFile {
  return load(`index.html ${language}`, 'text/html; charset=utf-8', () =>
    Buffer.from(read('index.html').toString('utf8').replace('{{language}}', language)),
  )
}

/** A file of the page; undefined for an unknown name. */
export function pageFile(name: string): PageFile | undefined {
  if (!isPageFile(name)) return undefined
  return load(name, FILES[name], () => (name === 'texts.js' ? Buffer.from(textsModule()) : read(name)))
}

function isPageFile(name: string): name is keyof typeof FILES {
  return Object.hasOwn(FILES, name)
}

/** Reads each file once, at its first request. */
function load(key: string, mediaType: string, make: () => Buffer): PageFile {
  const cached = loaded.get(key)
  if (cached !== undefined) return cached
  const body = make()
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`
  const file = { mediaType, body, etag }
  loaded.set(key, file)
  return file
}

function read(name: string): Buffer {
  return readFileSync(join(import.meta.dirname, 'status', name))
}
