import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { escapeXml } from '../../base/xml.ts'

/** Secrets by name: words, or the bytes of a key. */
export type Secrets = Readonly<Record<string, string | Uint8Array>>

/** The names of the secrets that a text or file contains, in any form in which it could hold them. */
export function finding(secrets: Secrets, where: string | Uint8Array): string[] {
  const text = Buffer.from(where)
  return Object.keys(secrets).filter((name) => formsOf(secrets[name] ?? '').some((form) => text.includes(form)))
}

/** As it is; as a member of JSON, XML or a URL; in hex; in base64, also in the middle of another text. */
export function formsOf(secret: string | Uint8Array): readonly Buffer[] {
  const bytes = Buffer.from(secret)
  const hex = bytes.toString('hex')
  const words =
    typeof secret === 'string'
      ? [JSON.stringify(secret).slice(1, -1), escapeXml(secret), encodeURIComponent(secret)]
      : [encodeURIComponent(bytes.toString('base64'))]
  const texts = [...words, hex, hex.toUpperCase(), ...base64Forms(bytes)]
  return [bytes, ...texts.map((text) => Buffer.from(text))]
}

/** After 0, 1 or 2 other bytes, without the characters that depend on what precedes and follows. */
function base64Forms(bytes: Uint8Array): string[] {
  return [0, 1, 2].flatMap((before) => {
    const bits = (before + bytes.length) * 8
    const [start, end] = [Math.ceil((before * 8) / 6), Math.floor(bits / 6)]
    const all = Buffer.concat([Buffer.alloc(before), bytes])
    return (['base64', 'base64url'] as const).map((encoding) => all.toString(encoding).slice(start, end))
  })
}

/** The files of a folder that contain a secret, each with its name. */
export function spilt(secrets: Secrets, files: readonly string[]): string[] {
  return files.flatMap((file) => finding(secrets, readFileSync(file)).map((name) => `${name} in ${file}`))
}

export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** Every answer to this process during a test, without streams. */
export function overhear(): string[] {
  const heard: string[] = []
  const ask = globalThis.fetch
  onTestFinished(() => {
    globalThis.fetch = ask
  })
  globalThis.fetch = async (input, init) => {
    const answer = await ask(input, init)
    if (answer.headers.get('content-type') !== 'text/event-stream') heard.push(await answer.clone().text())
    return answer
  }
  return heard
}
