import type { Node, ParseError } from 'jsonc-parser'
import jsonc from 'jsonc-parser'

type Path = (string | number)[]
/** `wrongAt`: the offset of the first mistake; `twice`: the paths of keys that one object has twice. */
type Parsed = { value: unknown; wrongAt: number | undefined; twice: Path[] }

/** JSON with comments and trailing commas. */
export function parseJsonc(text: string): Parsed {
  const errors: ParseError[] = []
  try {
    const tree = jsonc.parseTree(text, errors, { allowTrailingComma: true })
    if (tree === undefined || errors.length > 0) return { value: undefined, wrongAt: errors[0]?.offset ?? 0, twice: [] }
    return { value: jsonc.getNodeValue(tree), wrongAt: undefined, twice: keysGivenTwice(tree) }
  } catch (error) {
    // The parser calls itself for each level: thousands of brackets exceed the stack.
    if (!(error instanceof RangeError)) throw error
    return { value: undefined, wrongAt: 0, twice: [] }
  }
}

/** The line of a value in a text that was parsed, or of the nearest one around it. */
export function lineOf(text: string, path: readonly PropertyKey[]): number | undefined {
  const tree = jsonc.parseTree(text, [], { allowTrailingComma: true })
  for (let length = path.length; tree !== undefined && length > 0; length--) {
    const node = jsonc.findNodeAtLocation(tree, path.slice(0, length) as Path)
    if (node !== undefined) return text.slice(0, node.offset).split('\n').length
  }
  return undefined
}

/** Keys that occur twice in one object, in text order: the value silently has the last one. */
function keysGivenTwice(node: Node): Path[] {
  const keys = new Set<unknown>()
  return (node.children ?? []).flatMap((child) => {
    const key = child.type === 'property' ? child.children?.[0] : undefined
    const isSecond = key !== undefined && keys.has(key.value)
    keys.add(key?.value)
    return [...(isSecond ? [jsonc.getNodePath(key)] : []), ...keysGivenTwice(child)]
  })
}
