import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { translated } from '../../agent/cli/terminal/language.ts'
import { ROOT } from '../cli/command.ts'

/** The findings of `journal verify`, and those that the doctor leaves out, are English. */
const OF_VERIFY = /target-(?:comparison|texts)\.ts$/
const LEFT_OUT =
  /^(?:not compared|not asked|once it runs|it did not answer within|the running agent does not know how|check everything)/
/** What is compared, and never shown alone. */
const COMPARED = /^(?: The agent retries automatically\.|Not synchronised|card reader|serial adapter)$/

/** Programs, commands, options and members, and English words that German or Italian has too. */
const SAME = new Set(
  `above address agent alert all allowedHosts app apt audit backup bundle card check chgrp chmod chown chrony chronyc client
  config configure confirm container database delete deny device dialout directory dismiss doctor document dpkg driver
  duty edge enable epoch example export failed file final finanzonline firewall fiskal get greylisting host init install
  internet issue journal journalctl keys last list localhost log make module move new npm ntp only open out password pipe
  pkcs proxy purge python reason rebuild receiver relay renew reopen reset restart restore resume root rules send server
  service session set show softhsm start state status stream sudo support sync systemctl systemd test time timedatectl
  timesyncd tls token true udev unit update usermod verify volatile volume was`.split(/\s+/),
)

/** Words of a text outside quotes and paths. */
function wordsOf(text: string): string[] {
  return text.replaceAll(/"[^"]*"|„[^“]*“|\S*[./]\S+/g, '').match(/\p{L}{3,}/gu) ?? []
}

/** Words of the English text that are still in its translation. */
function leftEnglish(text: string, language: 'de' | 'it'): string[] {
  const words = new Set(wordsOf(translated(text, language)))
  return wordsOf(text).filter((word) => words.has(word) && /^[a-z]/.test(word) && !SAME.has(word))
}

/** Strings and templates of a file with a fact in the place of each value; undefined for any other expression. */
function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text.replaceAll(/\{(?:address|authority)\}/g, '7')
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map(({ literal }) => `7${literal.text}`).join('')
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined
  const [left, right] = [textOf(node.left), textOf(node.right)]
  return left === undefined || right === undefined ? undefined : left + right
}

function textsIn(node: ts.Node): string[] {
  if (ts.isImportDeclaration(node)) return []
  const text = textOf(node)
  const parts: string[] = []
  if (text === undefined || ts.isTemplateExpression(node))
    ts.forEachChild(node, (child) => void parts.push(...textsIn(child)))
  return text === undefined ? parts : [text, ...parts]
}

/** The names of lines: the first argument of a finding, and constants for it. */
function namesIn(node: ts.Node): string[] {
  const names: string[] = []
  ts.forEachChild(node, (child) => void names.push(...namesIn(child)))
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
    const [name] = /^(?:ok|caution|failure|each|attempt)$/.test(node.expression.text) ? node.arguments : []
    const text = name && textOf(name)
    return text === undefined ? names : [text, ...names]
  }
  const isName = ts.isVariableDeclaration(node) && /^check$/i.test(node.name.getText())
  return isName && node.initializer !== undefined ? [...textsIn(node.initializer), ...names] : names
}

const FILES = globSync(['agent/cli/checks/*.ts', 'agent/cli/doctor.ts'], { cwd: ROOT })
  .filter((file) => !OF_VERIFY.test(file))
  .map((file) => ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.Latest, true))
const SENTENCES = FILES.flatMap(textsIn).filter(
  (text) => / /.test(text.trim()) && !LEFT_OUT.test(text) && !COMPARED.test(text),
)
/** The names that are proper ones, or the same word. */
const NAMES_KEPT = /^(?:7|node|tls|server|FinanzOnline|journal|port|support|id|tls 7)$/

test.each(['de', 'it'] as const)('each sentence of the doctor has its words in %s', (language) => {
  expect(SENTENCES.length).toBeGreaterThan(300)
  expect(leftEnglish('no row for this: 7 MiB free', language)).toEqual(['row', 'for', 'this'])
  const without = SENTENCES.flatMap((text) => {
    const left = leftEnglish(text, language)
    return left.length === 0 ? [] : [`${text} => ${translated(text, language)} [${left.join(' ')}]`]
  })
  expect(without).toEqual([])
})

test.each(['de', 'it'] as const)('each line of the doctor has its name in %s', (language) => {
  const names = FILES.flatMap(namesIn).filter((name) => !NAMES_KEPT.test(name))
  expect(names.length).toBeGreaterThan(100)
  expect([...new Set(names)].filter((name) => translated(name, language) === name)).toEqual([])
})
