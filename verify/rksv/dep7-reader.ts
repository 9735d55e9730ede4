import type { Token } from './dep7-lexer.ts'
import { Dep7Lexer, Dep7SyntaxError } from './dep7-lexer.ts'

/** The parts of a DEP in file order. The certificates of a group come before its receipts. */
export type Dep7Event =
  | { kind: 'group'; certificate: string; issuers: readonly string[] }
  | { kind: 'receipt'; jws: string }
  | { kind: 'flaw'; level: 'error' | 'warning'; message: string }

const ISSUERS_MAX = 16
const DEPTH_MAX = 16
const keys = ['Signaturzertifikat', 'Zertifizierungsstellen', 'Belege-kompakt'] as const

/** Reads `{"Belege-Gruppe":[{…}]}` as it streams in. Throws Dep7SyntaxError if the structure differs. */
export async function* readDep7(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Dep7Event> {
  const lexer = new Dep7Lexer(chunks)
  await expect(lexer, '{')
  let seen = false
  for await (const name of members(lexer)) {
    if (name !== 'Belege-Gruppe') {
      yield { kind: 'flaw', level: 'warning', message: `the file has an extra member "${name}"` }
      await skip(lexer, await lexer.next(), 0)
      continue
    }
    seen = true
    await expect(lexer, '[')
    for await (const first of elements(lexer)) {
      if (first.kind !== '{') throw new Dep7SyntaxError('a group was expected in Belege-Gruppe')
      yield* readGroup(lexer)
    }
  }
  await expect(lexer, 'end')
  if (!seen) throw new Dep7SyntaxError('the file has no Belege-Gruppe')
}

async function* readGroup(lexer: Dep7Lexer): AsyncGenerator<Dep7Event> {
  let certificate: string | undefined
  let issuers: readonly string[] | undefined
  const seen = new Set<string>()
  for await (const name of members(lexer)) {
    if (seen.has(name)) yield { kind: 'flaw', level: 'error', message: `a group has "${name}" twice` }
    seen.add(name)
    if (name === 'Signaturzertifikat') certificate = await text(lexer, name)
    else if (name === 'Zertifizierungsstellen') issuers = await texts(lexer, name)
    else if (name === 'Belege-kompakt') yield* readReceipts(lexer, certificate, issuers)
    else {
      yield { kind: 'flaw', level: 'warning', message: `a group has an extra member "${name}"` }
      await skip(lexer, await lexer.next(), 0)
    }
  }
  for (const key of keys.filter((wanted) => !seen.has(wanted)))
    yield { kind: 'flaw', level: 'error', message: `a group has no "${key}"` }
}

async function* readReceipts(
  lexer: Dep7Lexer,
  certificate: string | undefined,
  issuers: readonly string[] | undefined,
): AsyncGenerator<Dep7Event> {
  if (certificate === undefined || issuers === undefined)
    yield { kind: 'flaw', level: 'warning', message: 'the certificates of a group come after its receipts' }
  yield { kind: 'group', certificate: certificate ?? '', issuers: issuers ?? [] }
  await expect(lexer, '[')
  for await (const token of elements(lexer)) {
    if (token.kind !== 'string') throw new Dep7SyntaxError('Belege-kompakt has an element that is not text')
    yield { kind: 'receipt', jws: token.value }
  }
}

/** The member names of an object whose `{` was read; the caller reads each value. */
async function* members(lexer: Dep7Lexer): AsyncGenerator<string> {
  let name = await lexer.next()
  if (name.kind === '}') return
  for (;;) {
    if (name.kind !== 'string') throw new Dep7SyntaxError('a name was expected')
    await expect(lexer, ':')
    yield name.value
    const after = await lexer.next()
    if (after.kind === '}') return
    if (after.kind !== ',') throw new Dep7SyntaxError('a comma or the end of an object was expected')
    name = await lexer.next()
  }
}

/** The first token of each element of an array whose `[` was read; the caller reads the rest of each. */
async function* elements(lexer: Dep7Lexer): AsyncGenerator<Token> {
  let first = await lexer.next()
  if (first.kind === ']') return
  for (;;) {
    yield first
    const after = await lexer.next()
    if (after.kind === ']') return
    if (after.kind !== ',') throw new Dep7SyntaxError('a comma or the end of a list was expected')
    first = await lexer.next()
  }
}

async function text(lexer: Dep7Lexer, name: string): Promise<string> {
  const token = await lexer.next()
  if (token.kind !== 'string') throw new Dep7SyntaxError(`${name} is not text`)
  return token.value
}

async function texts(lexer: Dep7Lexer, name: string): Promise<readonly string[]> {
  const certificates: string[] = []
  if ((await lexer.next()).kind !== '[') throw new Dep7SyntaxError(`${name} is not a list`)
  for await (const token of elements(lexer)) {
    if (token.kind !== 'string') throw new Dep7SyntaxError(`${name} has an element that is not text`)
    if (certificates.length >= ISSUERS_MAX)
      throw new Dep7SyntaxError(`${name} has more than ${ISSUERS_MAX} certificates`)
    certificates.push(token.value)
  }
  return certificates
}

async function skip(lexer: Dep7Lexer, first: Token, depth: number): Promise<void> {
  if (depth > DEPTH_MAX) throw new Dep7SyntaxError('the file is nested too deeply')
  if (first.kind === '{') for await (const _name of members(lexer)) await skip(lexer, await lexer.next(), depth + 1)
  else if (first.kind === '[') for await (const token of elements(lexer)) await skip(lexer, token, depth + 1)
  else if (first.kind !== 'string' && first.kind !== 'literal') throw new Dep7SyntaxError('a value was expected')
}

async function expect(lexer: Dep7Lexer, kind: Token['kind']): Promise<void> {
  const token = await lexer.next()
  if (token.kind !== kind) throw new Dep7SyntaxError(`"${kind}" was expected, not "${token.kind}"`)
}
