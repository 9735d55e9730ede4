import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Language } from '../../contract/receipt.ts'
import { escapeXml } from '../../receipts/xml.ts'
import { displayTextsModule } from './display-texts.ts'
import { textsModule } from './texts.ts'

/** The files that the page may load, and their media types. */
const FILES = {
  'status.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
  'status.js': 'text/javascript; charset=utf-8',
  'display.css': 'text/css; charset=utf-8',
  'display.js': 'text/javascript; charset=utf-8',
  'display-receipt.js': 'text/javascript; charset=utf-8',
  'display-texts.js': 'text/javascript; charset=utf-8',
  'agent.js': 'text/javascript; charset=utf-8',
  'authorities.js': 'text/javascript; charset=utf-8',
  'causes.js': 'text/javascript; charset=utf-8',
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

/** The page itself, in the language that the caller's browser asks for. `support`: whom the shop calls. */
export function statusPage(language: Language, support = ''): PageFile {
  return load(`index.html ${language} ${support}`, 'text/html; charset=utf-8', () =>
    Buffer.from(inLanguage('index.html', language).replace('{{support}}', () => escapeXml(support))),
  )
}

function inLanguage(name: string, language: Language): string {
  return read(name).toString('utf8').replace('{{language}}', language)
}

/** The page of a customer's display, with the names of the shop; without them for a wrong address. */
export function displayPage(language: Language, names: { shop: string; place: string } | undefined): string {
  const { body } = load(`display.html ${language}`, 'text/html; charset=utf-8', () =>
    Buffer.from(inLanguage('display.html', language)),
  )
  const { shop = '', place = '' } = names ?? {}
  return body
    .toString('utf8')
    .replaceAll('{{shop}}', () => escapeXml(shop))
    .replace('{{place}}', () => escapeXml(place))
    .replace('{{version}}', DISPLAY_FILES.map((name) => pageFile(name)?.etag.slice(1, 9)).join('.'))
}

/** A display that is open for months loads its page again if one of them has changed. */
const DISPLAY_FILES = ['display.css', 'display.js', 'display-receipt.js', 'display-texts.js', 'elements.js'] as const

/** A file of the page; undefined for an unknown name. */
export function pageFile(name: string): PageFile | undefined {
  if (!isPageFile(name)) return undefined
  return load(name, FILES[name], () => contentOf(name))
}

function contentOf(name: keyof typeof FILES): Buffer {
  if (name === 'texts.js') return Buffer.from(textsModule())
  return name === 'display-texts.js' ? Buffer.from(displayTextsModule()) : read(name)
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
  return readFileSync(join(import.meta.dirname, name.startsWith('display') ? 'display' : 'status', name))
}
