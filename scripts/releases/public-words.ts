import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The words that callers, technicians and monitoring rely on, as the files of a commit have them. */
export type PublicWords = {
  readonly openapi: unknown
  /** JSON schema of agent.json. */
  readonly config: unknown
  /** JSON schema of receiver.json. */
  readonly receiver: unknown
  /** By their codes. */
  readonly errors: Readonly<Record<string, { readonly status: number }>>
  readonly warnings: readonly { readonly code: string }[]
  readonly kinds: readonly string[]
  readonly metrics: readonly string[]
  /** The help of every command. */
  readonly help: string
}

/** The tests of `test/public` compare these files with the program. */
export function publicWords(root: string): PublicWords {
  const text = (name: string): string => readFileSync(join(root, name), 'utf8')
  const json = (name: string): unknown => JSON.parse(text(name))
  return {
    openapi: json('clients/openapi.json'),
    config: json('test/public/config-schema.txt'),
    receiver: json('test/public/receiver-schema.txt'),
    errors: json('test/public/errors.txt') as PublicWords['errors'],
    warnings: json('test/public/warnings.txt') as PublicWords['warnings'],
    kinds: lines(text('test/public/event-kinds.txt')),
    metrics: lines(text('test/public/metrics.txt')).map((line) => line.split('  ')[0] ?? ''),
    help: text('test/public/commands.txt'),
  }
}

function lines(text: string): string[] {
  return text.trimEnd().split('\n')
}

/** Each command, and each option with it, of a help text. */
export function commandsIn(help: string): string[] {
  return help.split(/^(?=Usage: )/m).flatMap((one) => {
    const name = /^Usage: (.*?)(?: \[options\])?(?: \[command\])?(?: [[<].*)?$/m.exec(one)?.[1] ?? ''
    const options = [...one.matchAll(/^ {2}(?:-\w, )?(--[\w-]+(?: <[^>]+>| \[[^\]]+\])?)/gm)]
    return [name, ...options.map(([, option]) => `${name} ${option}`)]
  })
}
