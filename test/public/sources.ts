import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { ROOT } from '../cli/command.ts'

const ROOMS = ['agent', 'drivers', 'sync', 'receiver', 'verify', 'base']
const CODE = /^[a-z][a-z0-9]*([._-][a-z0-9]+)+$/

/** Every literal of the program that is a sentence or a code, sorted: no paths and no lines, so that a move changes nothing. */
export function literals(): { sentences: string; codes: string } {
  const found = new Set<string>()
  for (const room of ROOMS)
    for (const file of globSync(`${room}/**/*.{ts,js}`, { cwd: ROOT })) {
      const text = readFileSync(join(ROOT, file), 'utf8')
      collect(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, false), found)
    }
  const sorted = [...found].map((literal) => JSON.stringify(literal)).sort()
  const isCode = (quoted: string): boolean => CODE.test(quoted.slice(1, -1))
  return {
    sentences: lines(sorted.filter((quoted) => quoted.includes(' ') && !isCode(quoted))),
    codes: lines(sorted.filter(isCode)),
  }
}

export function lines(texts: readonly string[]): string {
  return `${texts.join('\n')}\n`
}

function collect(node: ts.Node, found: Set<string>): void {
  // The text of an import is a path.
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return
  if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node))
    found.add(node.text.trim())
  ts.forEachChild(node, (child) => collect(child, found))
}
