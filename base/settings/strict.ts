import { z } from 'zod'

/** An object that refuses unknown keys. The message has a line per key, with the nearest known one. */
export function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys' || !Array.isArray(issue['keys'])) return undefined
      return issue['keys'].map((key) => unknownKey(String(key), Object.keys(shape))).join('\n')
    },
  })
}

function unknownKey(key: string, keys: readonly string[]): string {
  const shown = /^[\w-]{1,64}$/.test(key) ? key : JSON.stringify(key.slice(0, 64))
  return `${shown}: unknown key, the nearest known one is "${nearest(key, keys)}"`
}

/** The known word that starts with it, else that with the fewest edits (insert, delete, replace); ignores case. */
export function nearest(word: string, words: readonly string[]): string {
  const completion = words.find((candidate) => candidate.toLowerCase().startsWith(word.toLowerCase()))
  if (completion !== undefined && word !== '') return completion
  let best = ''
  let bestDistance = Number.POSITIVE_INFINITY
  for (const candidate of words) {
    const distance = edits(word.slice(0, 64).toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

function edits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1]
    for (let column = 1; column <= to.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (letter === to.charAt(column - 1) ? 0 : 1)
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
