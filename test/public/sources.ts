import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { ROOT } from '../cli/command.ts'

const ROOMS = ['agent', 'drivers', 'sync', 'receiver', 'verify', 'base']
type Found = { readonly codes: Set<string>; readonly metrics: Set<string>; readonly sentences: Set<string> }

const CODE = /^[a-z][a-z0-9]*([._-][a-z0-9]+)+$/

const METRIC = /^(fiskal|journal|nodejs|process)_/
const LINE_MOST = 120

/**
 * Every code, metric and sentence of the program: no paths and no lines, so that a move changes nothing. A metric has its
 * words after its name.
 */
export function literals(): { codes: string; metrics: string; sentences: readonly string[] } {
  const found: Found = { codes: new Set(), metrics: new Set(), sentences: new Set() }
  for (const room of ROOMS)
    for (const file of globSync(`${room}/**/*.{ts,js}`, { cwd: ROOT })) {
      const text = readFileSync(join(ROOT, file), 'utf8')
      collect(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, false), found)
    }
  return {
    codes: lines([...found.codes].sort()),
    metrics: lines([...found.metrics].sort()),
    sentences: [...found.sentences],
  }
}

/** JSON whose parts are on one line if they fit: as complete as with a line for each member, and a third as long. */
export function jsonLines(value: unknown, indent = ''): string {
  const flat = JSON.stringify(value, null, 1).replaceAll(/\n */g, ' ')
  if (typeof value !== 'object' || value === null || indent.length + flat.length <= LINE_MOST) return flat
  const deeper = `${indent}  `
  const parts = Object.entries(value).map(([name, part]) => {
    const head = Array.isArray(value) ? '' : `${JSON.stringify(name)}: `
    return `${deeper}${head}${jsonLines(part, deeper)}`
  })
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return `${open}\n${parts.join(',\n')}\n${indent}${close}`
}

export function lines(texts: readonly string[]): string {
  return `${texts.join('\n')}\n`
}

function collect(node: ts.Node, found: Found): void {
  // The text of an import is a path.
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return
  if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node)) {
    const text = node.text.trim()
    if (CODE.test(text)) found.codes.add(JSON.stringify(text))
    else if (text.includes(' ')) found.sentences.add(text)
  }
  if (ts.isCallExpression(node)) collectMetric(node.arguments, found)
  ts.forEachChild(node, (child) => collect(child, found))
}

function collectMetric([name, words]: readonly ts.Expression[], found: Found): void {
  if (name === undefined || words === undefined) return
  if (!ts.isStringLiteralLike(name) || !ts.isStringLiteralLike(words)) return
  if (METRIC.test(name.text)) found.metrics.add(`${name.text}  ${words.text}`)
}
