import { UsageError } from './arguments/options.ts'

/** Words of the command line that were renamed since before the release; the next version removes them. */
const RENAMED: readonly { readonly command: string; readonly was: string; readonly is: string }[] = [
  { command: 'device', was: 'settle', is: 'resolve' },
  { command: 'device', was: 'end-foreign', is: 'abort-foreign' },
  { command: 'sync', was: 'set-aside', is: 'dismiss' },
  { command: 'backup', was: '--last', is: '--final' },
]

/** Throws UsageError for a renamed word, with the new one. */
export function refuseRenamed([command, ...words]: readonly string[]): void {
  const old = RENAMED.find((word) => word.command === command && isUsed(word.was, words))
  if (old === undefined) return
  const { was, is } = old
  throw new UsageError(`"${command} ${was}" was renamed: write fiskal-edge ${command} ${is}`)
}

/** An option may be anywhere, a command only at the beginning. */
function isUsed(word: string, words: readonly string[]): boolean {
  return word.startsWith('--') ? words.includes(word) : words[0] === word
}
