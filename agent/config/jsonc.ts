/**
 * A string, a comment or a comma before a closing bracket: whatever comes first is read whole. Behind a comma a comment has
 * one end alone: where it could also go on to that of the next one, thirty of them would be tried in all their ways.
 */
const TOKEN =
  /"(?:[^"\\\n]|\\.)*"?|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|,(?=(?:\s|\/\/[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/)*[}\]])/g

/** JSON with comments and trailing commas → JSON. Blanks take their place, so lines and columns stay true. */
export function plainJson(text: string): string {
  return text.replace(TOKEN, (token) => (token.startsWith('"') ? token : token.replace(/[^\n]/g, ' ')))
}

const PART = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\],]/g

/** An object with the keys that were read of it, or a list; `at` is the member that is being read. */
type Level = { keys?: Set<string>; at: string | number }

/** Paths of the keys that one object of this text has twice: `JSON.parse` takes the last and says nothing. The text is JSON. */
export function keysGivenTwice(json: string): (string | number)[][] {
  const found: (string | number)[][] = []
  const levels: Level[] = []
  for (const [part, colon] of json.matchAll(PART)) {
    if (part === '{') levels.push({ keys: new Set(), at: '' })
    else if (part === '[') levels.push({ at: 0 })
    else if (part === '}' || part === ']') levels.pop()
    else if (part === ',') nextOfList(levels.at(-1))
    else if (colon !== undefined && isSecond(levels.at(-1), String(JSON.parse(part.slice(0, -colon.length)))))
      found.push(levels.map(({ at }) => at))
  }
  return found
}

function nextOfList(level: Level | undefined): void {
  if (typeof level?.at === 'number') level.at++
}

function isSecond(level: Level | undefined, key: string): boolean {
  if (level?.keys === undefined) return false
  level.at = key
  const known = level.keys.has(key)
  level.keys.add(key)
  return known
}
