import type { Dialect } from '../recording/dialect.ts'
import { jsonOf } from './recorded-call.ts'

type CallWords = {
  /** Methods that only read. */
  reading: readonly string[]
  /** Arguments that are secrets. */
  secrets: readonly string[]
  /** Arguments that are not part of a question: times, and sizes of a reading. */
  unlike: readonly string[]
}

/** Arguments that name files of one machine. */
const PATHS = ['module', 'library', 'mount', 'path']
const FOLDERS = /(^|[\s"'(=])(?:\/[^\s/"']+)+\/(?=[^\s/"'])/g

/** The dialect of a native module: its calls and answers. Folders are cut from both. */
export function callDialect({ reading, secrets, unlike }: CallWords): Dialect {
  const wish = (text: string): string =>
    JSON.stringify(jsonOf(text), (name, value: unknown) =>
      [...PATHS, ...secrets, ...unlike].includes(name) ? undefined : value,
    )
  // Several answers may be one text, which is not JSON then.
  const secret = new RegExp(`("(?:${secrets.join('|')})":")((?:[^"\\\\]|\\\\.)*)`, 'g')
  return {
    reads: (sent) => reading.includes(String(jsonOf(sent)['method'])),
    answers: (recorded, heard, asked) => (wish(recorded) === wish(asked) ? heard : undefined),
    redacted: (text) =>
      text
        .replaceAll(secret, (_all, head: string, value: string) => head + '0'.repeat(value.length))
        .replaceAll(FOLDERS, '$1'),
  }
}
